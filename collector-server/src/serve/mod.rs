//! The running collector: its listeners and tasks, started together and ended in order.

mod collector;
mod forwarded;
mod pages;
mod signal;

use std::sync::Arc;

use zeef_proto::{Clock, Logged};

pub use collector::{CLOSE, Collector, StartError};
pub use signal::{StopSignal, stop_signal};

use crate::config::Config;

/// Runs the collector until SIGTERM or SIGINT.
///
/// # Errors
/// [`StartError`].
pub async fn run(config: &Config, clock: Arc<dyn Clock>) -> Result<(), StartError> {
    let mut stopping = stop_signal();
    let collector = Collector::start(config, clock).await?;
    tracing::info!(
        agents = %Logged(&collector.agents.port()),
        web = %Logged(&collector.web.port()),
        operations = %Logged(&collector.operations.port()),
        "the collector is ready"
    );
    stopping.received().await;
    tracing::info!("stopping: requests in progress are finished");
    collector.stop().await;
    tracing::info!("stopped");
    Ok(())
}
