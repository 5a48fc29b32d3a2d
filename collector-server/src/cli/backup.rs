//! `backup`.

use std::path::Path;

use zeef_proto::{Clock, UnixTime};

use super::arguments::Backup;
use super::failure::Failure;
use super::output::print;
use super::progress::Bar;
use crate::backup;
use crate::clock::SystemClock;
use crate::config::Config;
use crate::installation;

pub(super) async fn run(command: Backup, config: &Path) -> Result<(), Failure> {
    let config = Config::read(config)?;
    let now = SystemClock.now();
    let until = now.plus(command.keep.seconds());
    let store = installation::store(&config.files)?;
    let saved =
        backup::save_database(&config.files, &store, &command.out, until, now, &mut Bar::new()).await?;
    drop(store);
    tell_database(&command.out, saved.bytes, until)?;
    match &command.keys {
        Some(out) => save_keys(&config, out, now),
        None => print("It opens with the key store as it is now or later: `zeef-collector keys backup`.\n"),
    }
}

fn tell_database(out: &Path, bytes: u64, until: UnixTime) -> Result<(), Failure> {
    print(&format!(
        "The database was backed up into {} ({bytes} bytes), and read again. It can be restored until {until}.\n",
        out.display()
    ))
}

/// Backs up the key store.
pub(super) fn save_keys(config: &Config, out: &Path, now: UnixTime) -> Result<(), Failure> {
    let key = installation::key_encryption_key(&config.files)?;
    let saved = backup::save_keys(&config.files, &key, out, now, &mut Bar::new())?;
    print(&format!(
        "The key store was backed up into {} ({} bytes), and read again. It opens with the key-encryption key of now. \
         Keep it apart from the database's backups, and delete it within days: keys that are destroyed later are \
         still in it.\n",
        out.display(),
        saved.bytes
    ))
}
