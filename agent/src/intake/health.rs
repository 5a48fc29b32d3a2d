//! What an input says about itself: a handle that the input writes to and `status` reads from. Holds no value.

use std::sync::{Arc, Mutex, PoisonError};

use serde::{Deserialize, Serialize};
use zeef_proto::UnixTime;

/// How one input fares.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct State {
    /// What is wrong, until something goes right: one sentence of ours, without any value.
    pub trouble: Option<String>,
    /// When something was last read.
    pub last_read: Option<UnixTime>,
    /// What was lost before it could be minimised: datagrams without room, lines above the bound, files
    /// that the disk did not give to their end.
    pub lost: u64,
}

/// A handle on it.
#[derive(Debug, Clone, Default)]
pub struct Health(Arc<Mutex<State>>);

impl Health {
    /// How it stands now.
    #[must_use]
    pub fn state(&self) -> State {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Something is wrong. True where it is news.
    pub fn trouble(&self, text: String) -> bool {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let news = state.trouble.as_ref() != Some(&text);
        state.trouble = Some(text);
        news
    }

    /// Something was read, so that nothing is wrong.
    pub fn read(&self, now: UnixTime) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        state.trouble = None;
        state.last_read = Some(now);
    }

    /// Nothing is wrong, whether something was read or not.
    pub fn well(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).trouble = None;
    }

    /// So much was lost.
    pub fn lost(&self, count: u64) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        state.lost = state.lost.saturating_add(count);
    }
}
