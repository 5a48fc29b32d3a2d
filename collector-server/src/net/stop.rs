//! Stopping in order: no new connections, the present requests finished, then all closed.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};

/// Asks everything that holds a [`Stop`] to end.
pub struct Stopper(watch::Sender<bool>);

/// Told when to end.
#[derive(Clone)]
pub struct Stop(watch::Receiver<bool>);

impl Stopper {
    /// A stopper and what it stops.
    #[must_use]
    pub fn new() -> (Self, Stop) {
        let (sender, receiver) = watch::channel(false);
        (Self(sender), Stop(receiver))
    }

    /// Asks all to end.
    pub fn stop(&self) {
        self.0.send_replace(true);
    }
}

impl Stop {
    /// Resolves once the end was asked for, or once nobody can ask any more.
    pub async fn requested(&mut self) {
        // An error says that the stopper is gone, which is the end as well.
        drop(self.0.wait_for(|stop| *stop).await);
    }

    /// Whether the end was asked for.
    #[must_use]
    pub fn is_requested(&self) -> bool {
        *self.0.borrow()
    }
}

/// A bounded number of places for connections.
#[derive(Clone)]
pub struct Slots {
    free: Arc<Semaphore>,
    total: u32,
}

impl Slots {
    /// That many places.
    #[must_use]
    pub fn new(total: usize) -> Self {
        let total = total.min(Semaphore::MAX_PERMITS);
        Self {
            free: Arc::new(Semaphore::new(total)),
            total: u32::try_from(total).unwrap_or(u32::MAX),
        }
    }

    /// Takes a place, if there is one.
    #[must_use]
    pub fn take(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.free).try_acquire_owned().ok()
    }

    /// Resolves once all places are free again.
    pub async fn all_free(&self) {
        drop(self.free.acquire_many(self.total).await);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_place_that_is_taken_keeps_all_from_being_free() {
        let slots = Slots::new(1);
        let place = slots.take().unwrap();
        assert!(slots.take().is_none());
        let waiting = tokio::spawn({
            let slots = slots.clone();
            async move { slots.all_free().await }
        });
        drop(place);
        waiting.await.unwrap();
    }

    #[tokio::test]
    async fn a_stop_reaches_those_who_ask_before_and_after() {
        let (stopper, stop) = Stopper::new();
        let mut early = stop.clone();
        let waiting = tokio::spawn(async move { early.requested().await });
        stopper.stop();
        waiting.await.unwrap();
        stop.clone().requested().await;
        assert!(stop.is_requested());
    }
}
