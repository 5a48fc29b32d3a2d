//! Batches on disk until they are acknowledged: encrypted, each written whole before it counts, bounded in bytes.
//!
//! A batch gets its number when it is written, and keeps its bytes under it. Once it is acknowledged the ledger says
//! so durably, with how far its input has come; only then its file goes. So a crash between any two steps loses
//! nothing: what was not written is read again, and what was not settled is sent again as it was.

mod files;
mod key;
mod ledger;
mod queue;
mod sealed;

use std::sync::Arc;

use zeef_proto::UnixTime;

use crate::state::{StateDirectory, StateError};
use files::Files;
use ledger::Ledger;

pub use ledger::LastSent;
pub use queue::{AppendError, Batch, Shown, Spool};
pub use sealed::{Entry, Head};

/// How many batches wait in a state directory.
///
/// # Errors
/// Those of the state.
pub fn waiting(directory: &StateDirectory) -> Result<u64, StateError> {
    let found = Files::within(directory.path()).find(false).map_err(unreadable)?;
    let settled = Ledger::read(directory)?.map_or(0, |ledger| ledger.settled);
    let waiting = found.batches.iter().filter(|(number, _)| *number > settled);
    Ok(waiting.count() as u64)
}

/// The exact bytes of the batch that was acknowledged last, and when that was. `None` where there is none, or it
/// cannot be opened.
///
/// # Errors
/// Those of the state.
pub fn last_sent(directory: &StateDirectory) -> Result<Option<(String, UnixTime)>, StateError> {
    let Some(LastSent { number, at }) = Ledger::read(directory)?.and_then(|ledger| ledger.last) else {
        return Ok(None);
    };
    let Some(keys) = key::read(directory)? else {
        return Ok(None);
    };
    let files = Files::within(directory.path());
    // Acknowledged, and by a crash not put aside yet.
    let sealed = files.read(number).or_else(|_| files.read_last());
    let entry = sealed.ok().and_then(|sealed| keys.seal.open(number, sealed));
    let text = entry.and_then(|entry| String::from_utf8(entry.body.to_vec()).ok());
    Ok(text.map(|text| (text, at)))
}

/// Where no input is configured any more: what waits is not sent, and goes. The inputs have not moved on from it, so
/// that it is read again should they come back.
///
/// # Errors
/// Those of the state.
pub fn discard(directory: Arc<StateDirectory>, now: UnixTime) -> Result<(), StateError> {
    if Files::within(directory.path()).exists() {
        Spool::open(directory, 0, now, |_| {})?.discard(None)?;
    }
    Ok(())
}

#[expect(clippy::needless_pass_by_value, reason = "the form that map_err wants")]
fn unreadable(error: std::io::Error) -> StateError {
    StateError::Read {
        file: "spool",
        kind: error.kind(),
    }
}
