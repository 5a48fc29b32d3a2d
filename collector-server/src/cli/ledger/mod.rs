//! `ledger`.

mod arguments;
mod export;
mod show;

use std::path::Path;

use serde_json::json;

pub(super) use arguments::Command;

use super::failure::Failure;
use super::output::print;
use super::policy::read_text;
use super::{Context, Output};
use crate::ledger::read::{self, CheckError, ProofError};
use crate::ledger::{HeadError, SignedHead};

pub(super) async fn run(command: Command, context: Context) -> Result<(), Failure> {
    match command {
        Command::Verify { heads, form } => {
            let mut kept = Vec::new();
            for file in heads {
                kept.push(kept_head(&context, &file).await?.head);
            }
            let checked = read::check(&*context.store, kept).await?;
            let json = json!({ "size": checked.size, "root": checked.root, "kept_heads": checked.kept });
            let text = format!(
                "All {} entries are as they were written, under the root {}.\nHeads that were kept and agree: {}\n",
                checked.size, checked.root, checked.kept
            );
            Output::new(form).say(&json, &text)
        }
        Command::Head { .. } => print_json(&newest(&context).await?),
        Command::Proof { index, .. } => {
            let proof = read::inclusion(&*context.store, index).await?;
            let entry = export::hex(&proof.entry.bytes);
            print_json(&json!({ "index": index, "entry": entry, "path": proof.path, "head": proof.head }))
        }
        Command::Consistency { head, .. } => {
            let (old, newest) = (kept_head(&context, &head).await?, newest(&context).await?);
            let path = read::consistency(&*context.store, &old.head, &newest.head).await?;
            print_json(&json!({ "old": old, "path": path, "head": newest }))
        }
        Command::Show {
            organisation,
            device,
            last,
            form,
        } => show::run(&context, organisation, device, last, Output::new(form)).await,
        Command::BeginAnew => match context.store.begin_ledger_anew(context.now).await? {
            Some(dropped) => print(&format!(
                "A new ledger was begun, and {dropped} entries were dropped. No head that was kept agrees with it.\n"
            )),
            None => Err(Failure::refused(
                "the ledger can be continued, so it is not begun anew",
            )),
        },
        Command::Export => export::run(&context, &newest(&context).await?).await,
    }
}

async fn newest(context: &Context) -> Result<SignedHead, Failure> {
    let newest = context.store.ledger_head().await?;
    newest.ok_or_else(|| Failure::refused("nothing was done yet, so the ledger has no head"))
}

/// A head that was kept, if this ledger's key signed it.
async fn kept_head(context: &Context, file: &Path) -> Result<SignedHead, Failure> {
    let signed: SignedHead = serde_json::from_str(&read_text(file)?).map_err(|_| {
        Failure::refused(format!(
            "{} is not a head of a ledger; keep one with `zeef-collector ledger head`",
            file.display()
        ))
    })?;
    let identity = context.store.ledger_identity().await?;
    if let Err(error) = signed.verify(&identity) {
        let message = format!("{}: {error}", file.display());
        return Err(match error {
            HeadError::Foreign => Failure::refused(message),
            HeadError::Signature => Failure::failed(message),
        });
    }
    Ok(signed)
}

fn print_json(json: &impl serde::Serialize) -> Result<(), Failure> {
    let text = serde_json::to_string_pretty(json)
        .map_err(|_| Failure::failed("the result cannot be written as JSON"))?;
    print(&(text + "\n"))
}

impl From<CheckError> for Failure {
    fn from(error: CheckError) -> Self {
        match error {
            CheckError::Store(error) => error.into(),
            _ => Self::failed(error.to_string()),
        }
    }
}

impl From<ProofError> for Failure {
    fn from(error: ProofError) -> Self {
        match error {
            ProofError::Store(error) => error.into(),
            ProofError::NotThere(_) => Self::refused(error.to_string()),
            ProofError::Broken => Self::failed(error.to_string()),
        }
    }
}
