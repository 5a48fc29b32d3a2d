//! `key`: makes, rotates and shows keys. What is printed never holds a secret.

use std::io::Write;

use serde_json::json;
use zeef_proto::Clock;

use super::arguments::KeyAction;
use super::{Failure, output};
use crate::pseudonym::{self, Key, KeyId, Secret};

pub(super) fn run(
    json: bool,
    action: &KeyAction,
    clock: &dyn Clock,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    let key = match action {
        KeyAction::New { scope, out: file } => {
            let key = Key::new(KeyId::random(), *scope, Secret::random(), clock.now());
            pseudonym::create(file, &key)?;
            key
        }
        KeyAction::Rotate { file } => {
            let key = pseudonym::read(file)?.rotated(Secret::random(), clock.now());
            pseudonym::replace(file, &key)?;
            key
        }
        KeyAction::Show { file } => pseudonym::read(file)?,
    };
    if json {
        return output::json(out, &as_json(&key));
    }
    output::table(out, &as_table(&key))
}

fn as_table(key: &Key) -> output::Table {
    let mut table = output::Table::default();
    table.row(["Key", &key.id().to_string()]);
    table.row(["Scope", key.scope().as_str()]);
    for (name, epoch) in ["Current epoch", "Previous epoch"].into_iter().zip(key.shown()) {
        let told = format!(
            "{}, since {}; its tokens begin with {}:",
            epoch.number, epoch.made, epoch.kid
        );
        table.row([name, &told]);
    }
    table
}

fn as_json(key: &Key) -> serde_json::Value {
    let epochs: Vec<_> = key
        .shown()
        .map(|epoch| json!({ "epoch": epoch.number, "since": epoch.made.to_string(), "kid": epoch.kid }))
        .collect();
    json!({ "id": key.id().to_string(), "scope": key.scope(), "epochs": epochs })
}
