//! `receipt`.

use std::path::{Path, PathBuf};

use clap::Subcommand;
use data_encoding::BASE64URL_NOPAD;
use serde_json::json;
use zeef_proto::id::ReceiptId;

use super::arguments::Form;
use super::failure::Failure;
use super::output::print;
use super::{Context, Output};
use crate::erasure::Receipt;
use crate::files;
use crate::ledger::{LedgerKey, read};
use crate::store::erasure::Erased;

#[derive(Subcommand)]
pub(super) enum Command {
    /// Check that a receipt is whole; needs no installation
    Verify {
        /// The receipt
        file: PathBuf,
        /// The ledger's public key, as known from elsewhere
        #[arg(long, value_name = "KEY", value_parser = key, allow_hyphen_values = true)]
        key: Option<LedgerKey>,
        #[command(flatten)]
        form: Form,
    },
    /// Write the receipt of an erasure again
    Write {
        /// The receipt
        id: ReceiptId,
        /// A new file
        file: PathBuf,
    },
}

/// A receipt that is larger is none: an organisation of a million devices has one of 40 MB.
const MOST_BYTES: u64 = 256 << 20;

pub(super) async fn run(command: Command, config: &Path) -> Result<(), Failure> {
    match command {
        Command::Verify { file, key, form } => {
            let receipt = verify(&file, key)?;
            let (facts, identity) = (&receipt.facts, receipt.head.identity);
            let installation = data_encoding::HEXLOWER.encode(&identity.installation);
            let ledger_key = identity.key.to_string();
            let json = json!({ "facts": facts, "installation": installation, "key": ledger_key });
            let text = format!(
                "The receipt {} is whole: {} values and {} devices were erased at {}, and {} keys destroyed.\n\
                 It is by the installation {installation} with the key {ledger_key}{}.\n",
                facts.receipt,
                facts.counts.values(),
                facts.counts.devices,
                zeef_proto::UnixTime(facts.erased_at),
                facts.keys.len(),
                if key.is_some() {
                    ""
                } else {
                    "; compare it with the one that you know"
                },
            );
            Output::new(form).say(&json, &text)
        }
        Command::Write { id, file } => {
            let context = Context::open(config)?;
            let erased = context.store.erased(id).await?;
            let erased = erased.ok_or_else(|| {
                Failure::refused(
                    "there is no such receipt; see `zeef-collector ledger show` for what was erased",
                )
            })?;
            write(&context, erased, &file).await.map_err(Failure::failed)?;
            print(&format!("The receipt is in {}.\n", file.display()))
        }
    }
}

fn verify(file: &Path, key: Option<LedgerKey>) -> Result<Receipt, Failure> {
    let unreadable = |error: std::io::Error| {
        Failure::refused(format!("{} cannot be read ({})", file.display(), error.kind()))
    };
    if std::fs::metadata(file).map_err(unreadable)?.len() > MOST_BYTES {
        return Err(Failure::failed(format!(
            "{}: it is too large for a receipt",
            file.display()
        )));
    }
    let bytes = std::fs::read(file).map_err(unreadable)?;
    Receipt::verify(&bytes, key).map_err(|error| Failure::failed(format!("{}: {error}", file.display())))
}

/// The public half of a ledger's key, as text.
pub(super) fn key(text: &str) -> Result<LedgerKey, String> {
    let bytes = BASE64URL_NOPAD.decode(text.as_bytes()).ok();
    bytes
        .and_then(|bytes| bytes.try_into().ok())
        .map(LedgerKey)
        .ok_or_else(|| "not a ledger's key: expected 43 characters of base64url".to_owned())
}

pub(super) fn default_name(id: ReceiptId) -> PathBuf {
    format!("zeef-receipt-{id}.json").into()
}

/// Refuses a file that is there already.
pub(super) fn check_new(file: &Path) -> Result<(), Failure> {
    if file.exists() {
        return Err(Failure::refused(format!(
            "{} is there already, and no receipt is overwritten; nothing was changed",
            file.display()
        )));
    }
    Ok(())
}

/// Writes a new file with the receipt; the reason where that cannot be done.
pub(super) async fn write(context: &Context, erased: Erased, file: &Path) -> Result<(), String> {
    let proven = read::inclusion(&*context.store, erased.entry)
        .await
        .map_err(|error| error.to_string())?;
    let receipt = Receipt::new(erased.facts, proven);
    files::write_new_private(file, &receipt.to_bytes())
        .map_err(|error| format!("{} cannot be written ({})", file.display(), error.kind()))
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Line {
        #[command(subcommand)]
        command: Command,
    }

    #[test]
    fn a_key_may_begin_with_a_hyphen_as_base64url_does() {
        let key = "-".repeat(42) + "8";
        let line = ["receipt", "verify", "receipt.json", "--key", &key];
        let refused = Line::try_parse_from(line).err().map(|error| error.kind());
        assert_ne!(refused, Some(clap::error::ErrorKind::UnknownArgument));
    }
}
