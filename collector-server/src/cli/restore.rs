//! `restore`.

use std::path::Path;

use zeef_proto::Clock;

use super::arguments::Restore;
use super::failure::Failure;
use super::output::print;
use super::progress::Bar;
use crate::backup::{self, Restored, Wanted};
use crate::clock::SystemClock;
use crate::config::Config;
use crate::installation;

pub(super) fn run(command: &Restore, config: &Path) -> Result<(), Failure> {
    let config = Config::read(config)?;
    let key = installation::key_encryption_key(&config.files)?;
    let wanted = match (&command.from, &command.keys) {
        (Some(database), None) => Wanted::Database(database),
        (Some(database), Some(keys)) => Wanted::Both(database, keys),
        (None, Some(keys)) => Wanted::KeyStore(keys),
        (None, None) => return Err(Failure::refused("name a backup with --from or --keys")),
    };
    let restored = backup::restore(&config.files, key, wanted, SystemClock.now(), &mut Bar::new())?;
    match restored {
        Some(restored) => print(&told(&restored)),
        None => print(
            "The key store was put back. Where it is older than the database, go on with it by `zeef-collector keys accept`.\n",
        ),
    }
}

fn told(restored: &Restored) -> String {
    let erased = &restored.caught_up;
    format!(
        "\
The database of {made_at} was put back. What was erased or revoked since is so again:
  devices ended: {devices}
  devices revoked: {revoked}
  devices with an erased username: {usernames}
  devices whose values were sealed anew since, and are asked for: {unreadable}
  organisations erased: {organisations}
  accounts removed: {users}
Start the collector. Devices are asked for all their values at their next report; those that were enrolled since must
enrol again. Tokens of that time are worthless: make new ones. Everybody signs in again.
",
        made_at = restored.made_at,
        devices = erased.devices,
        revoked = erased.revoked,
        usernames = erased.usernames,
        unreadable = erased.unreadable,
        organisations = erased.organisations,
        users = erased.users,
    )
}
