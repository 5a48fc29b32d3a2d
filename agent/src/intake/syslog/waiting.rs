//! Lines that wait for more of them, or for room.

use std::time::Duration;

use tokio::sync::mpsc::Sender;
use tokio::sync::mpsc::error::TrySendError;
use tokio::time::{Instant, sleep_until};

use super::Gather;
use crate::intake::piece::{Content, Piece};

/// How long the first line waits for others.
const LONGEST_WAIT: Duration = Duration::from_secs(1);

/// Whoever took the pieces is gone.
pub(super) struct Closed;

/// What was gathered, and until when it may wait.
#[derive(Default)]
pub(super) struct Waiting {
    gather: Gather,
    until: Option<Instant>,
}

impl Waiting {
    /// Adds a message. False where there is no room for it beside what waits.
    pub(super) fn add(&mut self, message: &[u8]) -> bool {
        let added = self.gather.add(message);
        if self.until.is_none() && !self.gather.is_empty() {
            self.until = Some(Instant::now() + LONGEST_WAIT);
        }
        added
    }

    /// Hands on what waits when its time has come and there is room. Ends only then; may be dropped before.
    pub(super) async fn in_time(&mut self, out: &Sender<Piece>) -> Result<(), Closed> {
        match self.until {
            Some(until) => sleep_until(until).await,
            None => std::future::pending().await,
        }
        self.now(out).await
    }

    /// Hands on what waits as soon as there is room.
    pub(super) async fn now(&mut self, out: &Sender<Piece>) -> Result<(), Closed> {
        if !self.gather.is_empty() {
            out.reserve().await.map_err(|_| Closed)?.send(self.take());
        }
        Ok(())
    }

    /// Hands on what waits if there is room at this moment. False where there is none.
    pub(super) fn at_once(&mut self, out: &Sender<Piece>) -> Result<bool, Closed> {
        match out.try_reserve() {
            Ok(room) => {
                room.send(self.take());
                Ok(true)
            }
            Err(TrySendError::Full(())) => Ok(false),
            Err(TrySendError::Closed(())) => Err(Closed),
        }
    }

    fn take(&mut self) -> Piece {
        self.until = None;
        Piece {
            content: Content::Bytes(self.gather.take()),
            mark: None,
        }
    }
}
