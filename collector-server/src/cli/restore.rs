//! `restore`.

use std::path::Path;

use zeef_proto::Clock;

use super::arguments::Restore;
use super::failure::Failure;
use super::output::print;
use super::progress::Bar;
use crate::backup::{self, Restored};
use crate::clock::SystemClock;
use crate::config::Config;
use crate::installation;

pub(super) fn run(command: &Restore, config: &Path) -> Result<(), Failure> {
    let config = Config::read(config)?;
    let key = installation::key_encryption_key(&config.files)?;
    let restored = backup::restore(
        &config.files,
        key,
        &command.from,
        command.keys.as_deref(),
        SystemClock.now(),
        &mut Bar::new(),
    )?;
    print(&told(&restored))
}

fn told(restored: &Restored) -> String {
    let erased = &restored.caught_up;
    format!(
        "\
The database of {made_at} was put back. What was erased or revoked since is so again:
  devices ended: {devices}
  devices revoked: {revoked}
  organisations erased: {organisations}
  accounts removed: {users}
Start the collector. Devices are asked for all their values at their next report; those that were enrolled since must
enrol again. Tokens of that time are worthless: make new ones. Everybody signs in again.
",
        made_at = restored.made_at,
        devices = erased.devices,
        revoked = erased.revoked,
        organisations = erased.organisations,
        users = erased.users,
    )
}
