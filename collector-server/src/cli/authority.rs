//! `authority`.

use std::path::Path;

use zeef_proto::Clock;

use super::arguments::Authority;
use super::failure::Failure;
use super::output::print;
use crate::clock::SystemClock;
use crate::config::Config;
use crate::installation;

pub(super) fn run(command: &Authority, config: &Path) -> Result<(), Failure> {
    let Authority::Renew { root_key } = command;
    let config = Config::read(config)?;
    let renewed = installation::renew_authority(&config.files, root_key, SystemClock.now())?;
    print(&format!(
        "The issuing authority was renewed and holds until {}. Start the collector again for it to take effect.\n",
        renewed.validity().not_after
    ))
}
