//! `access` and `package`.

use std::fs::File;
use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use data_encoding::HEXLOWER;
use serde_json::json;
use zeef_proto::field::{Parse, Username};
use zeef_proto::{DeviceId, UnixTime};

use super::arguments::{Form, Of};
use super::device::given;
use super::failure::Failure;
use super::{Context, Output, receipt};
use crate::ledger::{Actor, LedgerKey};
use crate::package::{self, Order, PackageError, Scope};
use crate::web::Language;

#[derive(Args)]
pub(super) struct Access {
    #[command(flatten)]
    organisation: Of,
    /// Only devices with this username, without the usernames of others; - reads it from standard input
    #[arg(long, conflicts_with = "device")]
    username: Option<String>,
    /// Only this device
    #[arg(long, value_name = "ID")]
    device: Option<DeviceId>,
    /// The language of the package
    #[arg(long, default_value = "nl")]
    language: Tongue,
    /// A new file
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    #[command(flatten)]
    form: Form,
}

#[derive(Clone, Copy, ValueEnum)]
enum Tongue {
    /// Dutch
    Nl,
    /// English
    En,
}

#[derive(Subcommand)]
pub(super) enum Command {
    /// Check that nothing in a package was changed; needs no installation
    Verify {
        /// The package
        file: PathBuf,
        /// The ledger's public key, as known from elsewhere
        #[arg(long, value_name = "KEY", value_parser = receipt::key, allow_hyphen_values = true)]
        key: Option<LedgerKey>,
        #[command(flatten)]
        form: Form,
    },
}

pub(super) async fn run(access: Access, context: Context) -> Result<(), Failure> {
    let organisation = context.organisation(&access.organisation.organisation).await?.id;
    let policy = match context.store.policy().await? {
        Some(signed) => {
            let policy = signed.verify(&context.config.policy_key)?;
            Some((signed, policy))
        }
        None => None,
    };
    let order = Order {
        organisation,
        scope: scope(access.username, access.device)?,
        language: match access.language {
            Tongue::Nl => Language::Dutch,
            Tongue::En => Language::English,
        },
        policy,
        by: Actor::Administrator,
        now: context.now,
    };
    let made = package::make(&*context.store, &order, &access.out)
        .await
        .map_err(|error| failure(error, &access.out))?;
    let (counts, file) = (made.facts.counts, access.out.display().to_string());
    let digest = HEXLOWER.encode(&made.facts.digest());
    Output::new(access.form).say(
        &json!({ "file": file, "counts": counts, "digest": digest, "entry": made.entry }),
        &format!(
            "The package of {} devices with {} values is in {file}; usernames of others that were left out: {}.\n",
            counts.devices, counts.values, counts.redacted
        ),
    )
}

fn scope(username: Option<String>, device: Option<DeviceId>) -> Result<Scope, Failure> {
    match (username, device) {
        (Some(username), _) => Username::parse(&given(username)?)
            .map(Scope::Person)
            .map_err(|_| {
                Failure::refused("that is not the form of a username; give it as `device show` shows it")
            }),
        (None, Some(device)) => Ok(Scope::Device(device)),
        (None, None) => Ok(Scope::Organisation),
    }
}

fn failure(error: PackageError, out: &std::path::Path) -> Failure {
    match error {
        PackageError::Store(error) => error.into(),
        PackageError::File(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
            Failure::refused(format!(
                "{} is there already, and no package is overwritten; name a new file",
                out.display()
            ))
        }
        other => Failure::failed(other.to_string()),
    }
}

pub(super) fn check(command: Command) -> Result<(), Failure> {
    let Command::Verify { file, key, form } = command;
    let named = file.display();
    let opened = File::open(&file)
        .map_err(|error| Failure::refused(format!("{named} cannot be read ({})", error.kind())))?;
    let manifest =
        package::verify(opened, key).map_err(|error| Failure::failed(format!("{named}: {error}")))?;
    let (facts, identity) = (&manifest.facts, manifest.head.identity);
    let installation = HEXLOWER.encode(&identity.installation);
    let ledger_key = identity.key.to_string();
    Output::new(form).say(
        &json!({ "facts": facts, "installation": installation, "key": ledger_key }),
        &format!(
            "The package is whole: {} devices with {} values, as of {}.\n\
             It is by the installation {installation} with the key {ledger_key}{}.\n",
            facts.counts.devices,
            facts.counts.values,
            UnixTime(facts.made_at),
            if key.is_some() {
                ""
            } else {
                "; compare it with the one that you know"
            },
        ),
    )
}
