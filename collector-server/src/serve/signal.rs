//! The signals that end a service in order.

use tokio::signal::unix::{Signal, SignalKind, signal};

/// Waits for SIGTERM or SIGINT from its making on.
pub struct StopSignal([Option<Signal>; 2]);

/// Starts listening: a signal that comes from now on ends the service in order, and no longer at once.
#[must_use]
pub fn stop_signal() -> StopSignal {
    StopSignal([SignalKind::terminate(), SignalKind::interrupt()].map(|kind| signal(kind).ok()))
}

impl StopSignal {
    /// Resolves at the first of them.
    pub async fn received(&mut self) {
        let [terminate, interrupt] = &mut self.0;
        tokio::select! {
            () = one(terminate) => {}
            () = one(interrupt) => {}
        }
    }
}

async fn one(signal: &mut Option<Signal>) {
    match signal {
        Some(signal) => drop(signal.recv().await),
        None => std::future::pending().await,
    }
}
