//! `serve`.

use std::path::Path;
use std::sync::Arc;

use super::failure::Failure;
use crate::clock::SystemClock;
use crate::config::Config;
use crate::{log, serve};

pub(super) fn run(config: &Path) -> Result<(), Failure> {
    let config = Config::read(config)?;
    log::start(config.log);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::failed(format!("the runtime did not start ({})", error.kind())))?;
    Ok(runtime.block_on(serve::run(&config, Arc::new(SystemClock)))?)
}
