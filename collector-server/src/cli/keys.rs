//! `keys`.

use std::path::Path;
use std::sync::Arc;

use zeef_proto::Clock;

use super::arguments::Keys;
use super::backup::save_keys;
use super::failure::Failure;
use super::output::print;
use super::progress::Bar;
use crate::clock::SystemClock;
use crate::config::Config;
use crate::installation;
use crate::store::sql;

pub(super) fn run(command: Keys, config: &Path) -> Result<(), Failure> {
    let config = Config::read(config)?;
    match command {
        Keys::Rotate { new } => rotate(&config, new.as_deref()),
        Keys::Backup { out } => save_keys(&config, &out, SystemClock.now()),
        Keys::Accept => accept(&config),
    }
}

fn rotate(config: &Config, new: Option<&Path>) -> Result<(), Failure> {
    let rotated = installation::rotate(&config.files, new, &mut Bar::new())?;
    let then = if rotated.in_place {
        "The new key is in its place."
    } else {
        "Hand the new key over from now on: the former one opens nothing any more."
    };
    print(&format!(
        "{} keys were wrapped anew. {then} Back up the key store and the new key, and destroy all copies of the \
         former key: with it, earlier copies of the key store become worthless.\n",
        rotated.keys
    ))
}

fn accept(config: &Config) -> Result<(), Failure> {
    let files = &config.files;
    let key = Arc::new(installation::key_encryption_key(files)?);
    installation::check_present(files)?;
    let (database, key_store) = installation::places(files)?;
    let _alone = sql::Exclusive::take(&database)?;
    let accepted = sql::accept_older_keys(database, key_store, &key, SystemClock.now())?;
    print(&format!(
        "The collector goes on with this key store. Devices whose values could not be opened any more: {}; they are \
         asked for them again. Keys that had been destroyed and were so again: {}.\n",
        accepted.devices, accepted.destroyed
    ))
}
