//! The program: from its command line to its printed summary.

use std::ffi::OsString;
use std::io::Write;
use std::process::ExitCode;

use clap::Parser;
use clap::error::ErrorKind;

use super::arguments::Arguments;
use super::error::FleetError;
use super::session;
use super::summary::Summary;

/// Runs the fleet that `arguments` ask for, prints what came of it, and gives the exit code.
pub fn main(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let arguments = match Arguments::try_parse_from(arguments) {
        Ok(arguments) => arguments,
        Err(error) if matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) => {
            print(&format!("{}\n", error.to_string().trim_end()));
            return ExitCode::SUCCESS;
        }
        Err(error) => {
            say(&one_line(&error));
            return ExitCode::from(2);
        }
    };
    match run(&arguments) {
        Ok(summary) => {
            let text = if arguments.mode.fleet().json {
                serde_json::to_string_pretty(&summary).unwrap_or_default() + "\n"
            } else {
                summary.to_string()
            };
            print(&text);
            ExitCode::from(u8::from(!summary.troubles.is_empty()))
        }
        Err(error) => {
            say(&error.to_string());
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &Arguments) -> Result<Summary, FleetError> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| FleetError::Threads(error.kind()))?;
    runtime.block_on(session::run(&arguments.mode))
}

/// A reader that has seen enough and closed the pipe is no failure.
fn print(text: &str) {
    drop(std::io::stdout().write_all(text.as_bytes()));
}

fn say(text: &str) {
    drop(writeln!(std::io::stderr(), "zeef-fleet-sim: {text}"));
}

/// What is wrong, without the usage that follows.
fn one_line(error: &clap::Error) -> String {
    if error.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand {
        return "say what the fleet does: steady or storm; --help tells more".to_owned();
    }
    let text = error.to_string();
    let said = text.split("\n\nUsage:").next().unwrap_or_default();
    let said = said.split("\n\nFor more information").next().unwrap_or_default();
    let words: Vec<&str> = said.trim_start_matches("error: ").split_whitespace().collect();
    format!("{}; zeef-fleet-sim --help tells more", words.join(" "))
}
