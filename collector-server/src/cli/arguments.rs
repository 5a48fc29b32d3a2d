//! The commands and what they take.

use std::ffi::OsString;
use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::error::ErrorKind;
use clap::{Args, Parser, Subcommand, ValueEnum};
use zeef_proto::DeviceId;
use zeef_proto::id::{SubscriptionId, TokenId};
use zeef_proto::policy::ProductId;

use super::{access, api, api_token, erase, ledger, mail, receipt, request, retention, user};
use crate::config::duration::Length;

/// Takes in agents' reports and shows what is held.
#[derive(Parser)]
#[command(name = "zeef-collector", version, about, disable_help_subcommand = true)]
pub(super) struct Arguments {
    /// The configuration file.
    #[arg(
        long,
        global = true,
        env = "ZEEF_CONFIG",
        default_value = "collector.toml",
        value_name = "FILE"
    )]
    pub(super) config: PathBuf,
    #[command(subcommand)]
    pub(super) command: Command,
}

#[derive(Subcommand)]
pub(super) enum Command {
    /// Make an installation: configuration, authority, keys, database and first policy
    Init(Init),
    /// Run the collector until SIGTERM
    Serve,
    /// Back up the database, and the key store, while the collector runs
    Backup(Backup),
    /// Put a backup back, while the collector does not run; what was erased since stays erased
    Restore(Restore),
    /// Move the installation between its files and PostgreSQL, while no collector runs
    Migrate(Migrate),
    /// The key store and the key that wraps it
    #[command(subcommand)]
    Keys(Keys),
    /// The certificate authority
    #[command(subcommand)]
    Authority(Authority),
    /// Organisations: the provider's customers
    #[command(subcommand)]
    Organisation(Organisation),
    /// What an organisation or one device is subscribed to
    #[command(subcommand)]
    Subscription(Subscription),
    /// Tokens that enrol devices
    #[command(subcommand)]
    Token(Token),
    /// Devices and what is held of them
    #[command(subcommand)]
    Device(Device),
    /// Delete a device, a person or an organisation before its term, with a receipt
    #[command(subcommand)]
    Erase(erase::Command),
    /// Receipts of erasures
    #[command(subcommand)]
    Receipt(receipt::Command),
    /// Write what is held of an organisation, a device or a person to a signed package, for whoever asks for it
    Access(access::Access),
    /// Packages of what is held
    #[command(subcommand)]
    Package(access::Command),
    /// The policy
    #[command(subcommand)]
    Policy(Policy),
    /// Requests of people about their own data: access, rectification, erasure and the others
    #[command(subcommand)]
    Request(request::Command),
    /// What expires when, and whether what has expired is gone
    #[command(subcommand)]
    Retention(retention::Command),
    /// People who sign in to the pages
    #[command(subcommand)]
    User(user::Command),
    /// Tokens with which programs use the API
    #[command(subcommand)]
    ApiToken(api_token::Command),
    /// The API that programs use
    #[command(subcommand)]
    Api(api::Command),
    /// The record of what was done and who looked
    #[command(subcommand)]
    Ledger(ledger::Command),
    /// The mail server
    #[command(subcommand)]
    Mail(mail::Command),
    /// Show it all on this machine: a collector on loopback, an agent, and what they make of this machine
    Demo(Demo),
}

#[derive(Args)]
pub(super) struct Init {
    /// A new or empty directory
    #[arg(long, value_name = "DIR")]
    pub(super) directory: PathBuf,
    /// DNS names or addresses by which agents reach the collector
    #[arg(long = "name", required = true, value_delimiter = ',', value_name = "HOST")]
    pub(super) names: Vec<String>,
    /// A policy (TOML) to sign and publish instead of the reference policy
    #[arg(long, value_name = "FILE")]
    pub(super) policy: Option<PathBuf>,
}

#[derive(Args)]
pub(super) struct Backup {
    /// A new file for the database
    #[arg(long, value_name = "FILE")]
    pub(super) out: PathBuf,
    /// A new file for the key store, without which the other cannot be read; keep the two apart
    #[arg(long, value_name = "FILE")]
    pub(super) keys: Option<PathBuf>,
    /// How long the backup of the database can be restored; at most 366d
    #[arg(long, default_value = "30d", value_name = "TIME")]
    pub(super) keep: Length,
}

#[derive(Args)]
pub(super) struct Restore {
    /// The backup of the database; the database in place stays if left out
    #[arg(long, value_name = "FILE", required_unless_present = "keys")]
    pub(super) from: Option<PathBuf>,
    /// A backup of the key store, where the one in place is lost; made with the other or after it
    #[arg(long, value_name = "FILE")]
    pub(super) keys: Option<PathBuf>,
}

#[derive(Args)]
pub(super) struct Migrate {
    /// Where to; the configuration names the files and the server
    #[arg(long)]
    pub(super) to: Engine,
    /// Where from: the other one
    #[arg(long)]
    pub(super) from: Option<Engine>,
    /// Delete what the installation was moved from, now or when it was moved earlier
    #[arg(long)]
    pub(super) delete_source: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Engine {
    /// Files
    Sqlite,
    /// A server
    Postgres,
}

#[derive(Subcommand)]
pub(super) enum Keys {
    /// Wrap all keys by a new key-encryption key, while the collector does not run; no data is touched
    Rotate {
        /// A file with the new key, base64 of 32 bytes; one is made if left out
        #[arg(long, value_name = "FILE")]
        new: Option<PathBuf>,
    },
    /// Back up the key store alone
    Backup {
        /// A new file
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
    /// Go on with a key store that is older than the database: values whose keys are lost are deleted
    Accept,
}

#[derive(Args)]
pub(super) struct Demo {
    /// Where collector and agent keep what they hold; used again the next time
    #[arg(long, value_name = "DIR")]
    pub(super) directory: PathBuf,
    /// End once the inventory is printed
    #[arg(long)]
    pub(super) once: bool,
    /// The agent's program; the one beside this program if left out
    #[arg(long, value_name = "FILE")]
    pub(super) agent: Option<PathBuf>,
}

#[derive(Subcommand)]
pub(super) enum Authority {
    /// Make a new issuing authority, signed by the root; the collector must be started again after it
    Renew {
        /// The root's private key, from the medium that it is kept on
        #[arg(long, value_name = "FILE")]
        root_key: PathBuf,
    },
}

#[derive(Subcommand)]
pub(super) enum Organisation {
    /// Make an organisation and print its id
    Add {
        /// Its name
        name: String,
        #[command(flatten)]
        form: Form,
    },
    /// List organisations
    List {
        #[command(flatten)]
        form: Form,
    },
    /// Set after how many days without contact a device is asked about; thirty days later it counts as ended
    Silence {
        /// The organisation, by name or id
        organisation: String,
        /// So many days
        #[arg(long, value_parser = clap::value_parser!(u16).range(7..=3650), value_name = "N", required_unless_present = "never")]
        days: Option<u16>,
        /// Not at all
        #[arg(long, conflicts_with = "days")]
        never: bool,
    },
}

#[derive(Subcommand)]
pub(super) enum Subscription {
    /// Subscribe an organisation, or one device of it, to a product
    Add {
        #[command(flatten)]
        organisation: Of,
        /// A product of the policy, such as antivirus
        product: ProductId,
        /// When it starts: a day or an instant; now if left out
        #[arg(long, value_name = "WHEN")]
        from: Option<String>,
        /// When it ends, if that is known
        #[arg(long, value_name = "WHEN")]
        until: Option<String>,
        /// One device only
        #[arg(long, value_name = "ID")]
        device: Option<DeviceId>,
        #[command(flatten)]
        form: Form,
    },
    /// List an organisation's subscriptions
    List {
        #[command(flatten)]
        organisation: Of,
        #[command(flatten)]
        form: Form,
    },
    /// End a subscription; what no other one documents is deleted then
    End {
        #[command(flatten)]
        organisation: Of,
        /// The subscription
        id: SubscriptionId,
        /// When: a day or an instant; now if left out
        #[arg(long, value_name = "WHEN")]
        at: Option<String>,
    },
}

#[derive(Subcommand)]
pub(super) enum Token {
    /// Make a token and show it, this once
    Create {
        #[command(flatten)]
        organisation: Of,
        /// How many devices it may enrol
        #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=100_000), value_name = "N")]
        uses: u32,
        /// How long it may be used
        #[arg(long, default_value = "7d", value_name = "TIME")]
        valid: Length,
        #[command(flatten)]
        form: Form,
    },
    /// List an organisation's tokens
    List {
        #[command(flatten)]
        organisation: Of,
        #[command(flatten)]
        form: Form,
    },
    /// Make a token worthless
    Revoke {
        #[command(flatten)]
        organisation: Of,
        /// The token's id
        id: TokenId,
    },
}

#[derive(Subcommand)]
pub(super) enum Device {
    /// List devices
    List {
        /// Only those of this organisation, by name or id
        #[arg(long, value_name = "ORGANISATION")]
        organisation: Option<String>,
        /// Only those with exactly this value of a field; - reads it from standard input
        #[arg(long, value_name = "VALUE")]
        with: Option<String>,
        #[command(flatten)]
        form: Form,
    },
    /// Show all that is held of a device
    Show {
        /// The device
        id: DeviceId,
        #[command(flatten)]
        form: Form,
    },
    /// Refuse a device from its next request on; what is held stays for its term
    Revoke {
        /// The device
        id: DeviceId,
    },
    /// Answer for a silent device: it is still there
    Keep {
        /// The device
        id: DeviceId,
    },
    /// Say whether a device may tell of other devices of its site; it may not unless allowed
    Site {
        /// The device
        id: DeviceId,
        #[command(flatten)]
        given: Permission,
    },
}

#[derive(Subcommand)]
pub(super) enum Policy {
    /// Sign a policy with the provider's key; needs no installation
    Sign {
        /// The policy, TOML
        file: PathBuf,
        /// The private key, from the medium that it is kept on
        #[arg(long, value_name = "FILE")]
        key: PathBuf,
        /// Where to write the signed policy; beside FILE as .signed.json if left out
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
    /// Show the published policy
    Show {
        #[command(flatten)]
        form: Form,
    },
    /// Write the privacy notice (GDPR, articles 13 and 14)
    Notice(Told),
    /// Write the register of processing activities (GDPR, article 30)
    Register(Told),
    /// Publish a signed policy; its version must be higher than the published one's
    Publish {
        /// The signed policy
        file: PathBuf,
        /// Show what it would delete sooner, and change nothing
        #[arg(long, conflicts_with_all = ["yes", "accept_shorter_minimum"])]
        plan: bool,
        /// Do not ask before values that are held are deleted sooner
        #[arg(long)]
        yes: bool,
        /// Publish also where a row is kept for less than the minimum that the published policy gives it
        #[arg(long)]
        accept_shorter_minimum: bool,
    },
}

/// A text that is made from a policy.
#[derive(Args)]
pub(super) struct Told {
    /// The policy, TOML; needs no installation
    #[arg(value_name = "FILE", required_unless_present = "published")]
    pub(super) file: Option<PathBuf>,
    /// The published policy
    #[arg(long, conflicts_with = "file")]
    published: bool,
    /// In which language
    #[arg(long, default_value = "nl")]
    pub(super) language: Tongue,
    /// As what
    #[arg(long, default_value = "markdown")]
    pub(super) format: Format,
}

#[derive(Clone, Copy, ValueEnum)]
pub(super) enum Tongue {
    /// Dutch
    Nl,
    /// English
    En,
}

#[derive(Clone, Copy, ValueEnum)]
pub(super) enum Format {
    /// CommonMark with tables
    Markdown,
    /// A page without style, for the provider's own site
    Html,
    /// JSON
    Json,
}

/// One of the two.
#[derive(Args)]
#[group(required = true, multiple = false)]
pub(super) struct Permission {
    /// Allow it
    #[arg(long)]
    pub(super) allow: bool,
    /// Allow it no longer
    #[arg(long)]
    deny: bool,
}

/// Which organisation.
#[derive(Args)]
pub(super) struct Of {
    /// The organisation, by name or id
    #[arg(long = "organisation", value_name = "ORGANISATION")]
    pub(super) organisation: String,
}

/// How to print.
#[derive(Args, Clone, Copy)]
pub(super) struct Form {
    /// Print JSON
    #[arg(long)]
    pub(super) json: bool,
}

/// Reads the command line. Help goes to standard output with exit code 0, a mistake to standard error in one line
/// with exit code 2.
pub(super) fn read(arguments: impl IntoIterator<Item = OsString>) -> Result<Arguments, ExitCode> {
    Arguments::try_parse_from(arguments).map_err(|error| {
        let shown = match error.kind() {
            ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => write!(std::io::stdout(), "{error}"),
            _ => writeln!(std::io::stderr(), "zeef-collector: {}", one_line(&error)),
        };
        // Nobody is left to tell where the stream is closed.
        drop(shown);
        ExitCode::from(if error.use_stderr() { 2 } else { 0 })
    })
}

/// What clap says over several lines, in one.
fn one_line(error: &clap::Error) -> String {
    if matches!(
        error.kind(),
        ErrorKind::MissingSubcommand | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand
    ) {
        return "a command is missing; see --help".to_owned();
    }
    let text = error.to_string();
    let mut line = String::new();
    for part in text.lines().map(str::trim).filter(|part| !part.is_empty()) {
        if part.starts_with("Usage:") || part.starts_with("For more information") {
            break;
        }
        let part = part.trim_start_matches("error: ").trim_start_matches("tip: ");
        if !line.is_empty() {
            line.push_str(if line.ends_with(':') { " " } else { "; " });
        }
        line.push_str(part);
    }
    line + "; see --help"
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mistake(arguments: &[&str]) -> String {
        let all = std::iter::once("zeef-collector").chain(arguments.iter().copied());
        one_line(&Arguments::try_parse_from(all).err().unwrap())
    }

    #[test]
    fn a_mistake_is_one_line_that_says_what_to_do() {
        for (arguments, said) in [
            (&["polcy"][..], "policy"),
            (&[], "a command is missing"),
            (&["token"], "a command is missing"),
            (&["token", "create"], "--organisation"),
            (&["token", "create", "--organistion", "x"], "--organisation"),
            (
                &["token", "create", "--organisation", "x", "--uses", "0"],
                "1..=100000",
            ),
            (
                &["token", "create", "--organisation", "x", "--valid", "soon"],
                "30s, 10m, 12h or 7d",
            ),
            (&["device", "show", "12"], "identifier"),
        ] {
            let line = mistake(arguments);
            assert!(!line.contains('\n') && line.contains(said), "{line}");
            assert!(line.ends_with("see --help"), "{line}");
        }
    }

    #[test]
    fn the_command_line_is_consistent() {
        use clap::CommandFactory;
        Arguments::command().debug_assert();
    }
}
