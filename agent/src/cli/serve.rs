//! `run`: the service.

use std::path::Path;
use std::sync::Arc;

use tracing::info;
use zeef_proto::Clock;

use super::{Exit, Failure, runtime};
use crate::log;
use crate::run::{Ending, Service};
use crate::state::StateDirectory;

pub(super) fn run(state_dir: &Path, json: bool, interval: u32, clock: Arc<dyn Clock>) -> Result<(), Failure> {
    log::start(json);
    let directory = StateDirectory::to_write(state_dir)?;
    let service = Service::new(directory, interval, clock)?;
    match runtime::block_on(Box::pin(service.run()))?? {
        Ending::Asked => {
            info!("the agent ends because it was asked to");
            Ok(())
        }
        Ending::Gone => Err(Failure::new(
            Exit::Refused,
            "the collector removed this device; its state was wiped and the agent stops",
        )),
        Ending::NotEnrolled => Err(Failure::not_enrolled()),
    }
}
