//! The command line. A mistake in it is told in one line, with the nearest word that would be right.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::error::ErrorKind;
use clap::{Args, Parser, Subcommand};

use super::{Exit, Failure};
use crate::platform::STATE_DIRECTORY;
use crate::pseudonym::Scope;
use crate::sieve::MAX_RATIO;

/// Collects this machine's documented fields, minimises them here, and sends them to the collector.
///
/// Exit codes: 0 done, 1 failed, 2 wrong command line, 3 not enrolled, 4 refused by the collector, 5 collector not
/// reached.
#[derive(Debug, Parser)]
#[command(name = "zeef-agent", version, max_term_width = 100)]
pub struct Arguments {
    /// Directory that holds this device's identity and state.
    #[arg(long, global = true, env = "ZEEF_STATE_DIR", default_value = STATE_DIRECTORY, value_name = "DIR")]
    pub state_dir: PathBuf,
    /// Print JSON instead of text; for run, log JSON lines.
    #[arg(long, global = true)]
    pub json: bool,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Make this machine a device of the collector.
    Enroll(Enroll),
    /// Write a file with all that new devices need to enrol: address, token, and the organisation's key.
    Bundle(Bundle),
    /// Collect and report until told to stop.
    Run {
        /// Seconds between two looks at the machine.
        #[arg(long, value_name = "SECONDS", default_value_t = 60, value_parser = clap::value_parser!(u32).range(5..=86_400))]
        interval: u32,
    },
    /// Show what would be sent, to the byte, and why; and what was seen and is not sent.
    Preview,
    /// Show what was last acknowledged by the collector.
    Sent,
    /// Show how things stand with the collector.
    Status,
    /// Show what the collector holds of this device, why and until when, and how often people looked. The collector
    /// notes that it was asked.
    MyData,
    /// Show the policy that this device obeys.
    Policy,
    /// Let through only the documented fields of other products' records: JSON, CSV, CEF, LEEF or syslog in, JSON
    /// lines out.
    Minimise(Minimise),
    /// Make, rotate and show keys for pseudonyms and link tokens.
    #[command(subcommand, arg_required_else_help = false)]
    Key(KeyAction),
    /// Leave the collector, which deletes what it holds of this device, and forget it here.
    Unenroll {
        /// Only forget it here; the collector is not told.
        #[arg(long)]
        local_only: bool,
    },
}

/// Where to enrol, and with what.
#[derive(Debug, Args)]
pub struct Enroll {
    /// File of zeef-agent bundle, which holds all that is needed; - is standard input.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["url", "token", "token_file", "proxy"])]
    pub bundle: Option<PathBuf>,
    /// Address of the collector, such as https://zeef.example:8443.
    #[arg(long, value_name = "URL", required_unless_present = "bundle")]
    pub url: Option<String>,
    /// The token.
    #[command(flatten)]
    pub token: Token,
    /// HTTP proxy to go through, such as http://proxy.example:3128. A password in it can be seen by other accounts
    /// in the list of processes while this command runs.
    #[arg(long, value_name = "URL")]
    pub proxy: Option<String>,
}

/// An enrolment token.
#[derive(Debug, Args)]
pub struct Token {
    /// Enrolment token. Other accounts can see it in the list of processes: prefer --token-file or the variable
    /// ZEEF_ENROLL_TOKEN.
    #[arg(long, value_name = "TOKEN", conflicts_with = "token_file")]
    pub token: Option<String>,
    /// File that holds the enrolment token; - is standard input.
    #[arg(long, value_name = "FILE")]
    pub token_file: Option<PathBuf>,
}

/// What to put into a bundle.
#[derive(Debug, Args)]
pub struct Bundle {
    /// Address of the collector, such as https://zeef.example:8443.
    #[arg(long, value_name = "URL")]
    pub url: String,
    /// The token.
    #[command(flatten)]
    pub token: Token,
    /// HTTP proxy that the devices are to go through.
    #[arg(long, value_name = "URL")]
    pub proxy: Option<String>,
    /// Key file of zeef-agent key new --scope organisation, to be handed out with it.
    #[arg(long, value_name = "FILE")]
    pub organisation_key: Option<PathBuf>,
    /// File to write it to, which is not there yet.
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
}

/// What to minimise, and how.
#[derive(Debug, Args)]
pub struct Minimise {
    /// Whose records they are; auto finds out for each input.
    #[arg(long, value_name = "NAME")]
    pub source: Option<String>,
    /// A source definition of your own.
    #[arg(long, value_name = "FILE", conflicts_with = "source")]
    pub source_file: Option<PathBuf>,
    /// Show the sources that are known, and stop.
    #[arg(long, conflicts_with_all = ["source", "source_file", "files"])]
    pub list: bool,
    /// Print what became of each path of each record instead of the records. Never shows a dropped value.
    #[arg(long)]
    pub explain: bool,
    /// End with exit code 1 where a record was refused.
    #[arg(long)]
    pub strict: bool,
    /// Key file of zeef-agent key new, for pseudonyms and link tokens; without it there are no link tokens.
    #[arg(long, value_name = "FILE")]
    pub key: Option<PathBuf>,
    /// Refuse gzip that grows to more than this many times its size.
    #[arg(long, value_name = "TIMES", default_value_t = MAX_RATIO, value_parser = clap::value_parser!(u32).range(1..))]
    pub gzip_ratio: u32,
    /// Files to read, gzip or plain; standard input where none is named.
    #[arg(value_name = "FILE")]
    pub files: Vec<PathBuf>,
}

/// What to do with a key. Its secret is never printed.
#[derive(Debug, Subcommand)]
pub enum KeyAction {
    /// Make a key, in a file that is yours alone.
    New {
        /// Who shares it: device, which it never leaves, or organisation.
        #[arg(long, value_enum)]
        scope: Scope,
        /// File to write it to, which is not there yet.
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
    /// Begin a new epoch, keep the one before it, and forget older ones.
    Rotate {
        /// The key's file.
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
    /// Show a key's id, scope and epochs.
    Show {
        /// The key's file.
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
}

/// A command line that was understood.
#[derive(Debug)]
pub(super) enum Parsed {
    Command(Arguments),
    /// Help or version.
    Information(String),
}

pub(super) fn parse(arguments: impl IntoIterator<Item = OsString>) -> Result<Parsed, Failure> {
    match Arguments::try_parse_from(arguments) {
        Ok(arguments) => Ok(Parsed::Command(arguments)),
        Err(error) if matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) => {
            Ok(Parsed::Information(error.to_string()))
        }
        Err(error) => Err(Failure::new(Exit::Usage, one_line(&error))),
    }
}

/// What is wrong and the tip, without the usage that follows; a token that was put in the wrong place is not
/// repeated.
fn one_line(error: &clap::Error) -> String {
    if error.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand {
        return "say what to do: enroll, run, preview, sent, status, my-data, policy, minimise, key, bundle or unenroll; --help tells more"
            .to_owned();
    }
    let text = error.to_string();
    let said = text.split("\n\nUsage:").next().unwrap_or_default();
    let said = said.trim_start_matches("error: ");
    let words: Vec<&str> = said
        .split_whitespace()
        .filter(|word| !word.contains("zeef1."))
        .collect();
    let line = words.join(" ").replace(" tip: ", "; ");
    let line = line.split(" For more information").next().unwrap_or_default();
    format!("{line}; zeef-agent --help tells more")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failure(line: &str) -> Failure {
        let words = ["zeef-agent"]
            .into_iter()
            .chain(line.split(' '))
            .map(OsString::from);
        parse(words).unwrap_err()
    }

    #[test]
    fn the_arguments_are_consistent() {
        use clap::CommandFactory;
        Arguments::command().debug_assert();
    }

    #[test]
    fn a_mistake_is_one_line_with_the_nearest_right_word() {
        for (line, expected) in [
            ("previw", "preview"),
            ("status --jsn", "--json"),
            ("enroll --token x", "--url"),
            ("enroll --bundle x --url https://y", "--bundle"),
            ("bundle --url https://y", "--out"),
            ("run --interval 1", "5..=86400"),
            ("run --interval often", "often"),
            ("key", "rotate"),
            ("key new --out x.key", "--scope"),
            ("key new --out x.key --scope house", "organisation"),
        ] {
            let failure = failure(line);
            assert_eq!(failure.exit, Exit::Usage);
            let said = failure.to_string();
            assert!(said.contains(expected), "{said}");
            assert!(!said.contains('\n'), "{said}");
        }
    }

    #[test]
    fn without_a_command_the_commands_are_named() {
        let failure = parse([OsString::from("zeef-agent")]).unwrap_err();
        assert_eq!(failure.exit, Exit::Usage);
        assert!(failure.to_string().contains("unenroll"));
    }

    #[test]
    fn a_token_in_the_wrong_place_is_not_repeated() {
        assert!(!failure("enroll zeef1.c2VjcmV0").to_string().contains("c2VjcmV0"));
    }
}
