//! The asynchronous runtime: one thread, and others only for as long as a name is looked up or an input is read.

use std::future::Future;
use std::time::Duration;

use super::{Exit, Failure};

/// A name that hangs and a folder that hangs must not keep each other, or the rest, from going on.
const MOST_BLOCKING: usize = 8;

/// Enough for the resolver of the C library and its modules.
const STACK: usize = 512 * 1024;

pub(super) fn block_on<F: Future>(future: F) -> Result<F::Output, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .max_blocking_threads(MOST_BLOCKING)
        .thread_keep_alive(Duration::from_millis(100))
        .thread_stack_size(STACK)
        .build()
        .map_err(|_| {
            Failure::new(
                Exit::Failed,
                "the operating system does not let the agent run its event loop",
            )
        })?;
    let output = runtime.block_on(future);
    // A look-up that hangs must not keep the process from ending.
    runtime.shutdown_background();
    Ok(output)
}
