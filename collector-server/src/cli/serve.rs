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
    let ended = runtime.block_on(serve::run(&config, Arc::new(SystemClock)));
    // A read or a commit that a server does not answer would be waited for without end.
    runtime.shutdown_timeout(serve::CLOSE);
    Ok(ended?)
}
