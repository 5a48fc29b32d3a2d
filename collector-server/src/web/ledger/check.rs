//! A check of the whole ledger, and what it found in words.

use crate::ledger::read::{self, CheckError};
use crate::ledger::{Checked, Fault, HeadError};
use crate::web::failure::Failure;
use crate::web::locale::{Phrase, Texts};
use crate::web::state::App;

/// Checks the whole ledger, for one person at a time; what is wrong with it is an answer too.
pub(in crate::web) async fn check(app: &App) -> Result<Result<Checked, CheckError>, Failure> {
    let _only = app.checking.try_acquire().map_err(|_| Failure::Busy)?;
    match read::check(app.store.as_ref(), Vec::new()).await {
        Err(CheckError::Store(error)) => Err(error.into()),
        checked => Ok(checked),
    }
}

/// Says what a check found: that all is well, or what is wrong.
pub(in crate::web) fn verdict(
    checked: &Result<Checked, CheckError>,
    texts: &Texts,
) -> Result<Phrase, Phrase> {
    let words = &texts.ledger;
    match checked {
        Ok(checked) => Ok(words
            .verified
            .with("size", checked.size)
            .with("root", checked.root)),
        Err(error) => Err(words.broken.with("fault", wrong(error, texts))),
    }
}

fn wrong(error: &CheckError, texts: &Texts) -> Phrase {
    let words = &texts.fault;
    match error {
        // Is answered as a failure before it comes here.
        CheckError::Store(_) => texts.failure.store.clone(),
        CheckError::Newest(HeadError::Foreign) => words.foreign.clone(),
        CheckError::Newest(HeadError::Signature) => words.signature.clone(),
        CheckError::Fault(fault) => match *fault {
            Fault::Dropped(index) => words.dropped.with("index", index),
            Fault::Changed(index) => words.changed.with("index", index),
            Fault::Moved(index) => words.moved.with("index", index),
            Fault::Unreadable(index) => words.unreadable.with("index", index),
            Fault::Unchained(index) => words.unchained.with("index", index),
            Fault::Rewritten { first, last } => words.rewritten.with("first", first).with("last", last),
            Fault::CutOff { first, last } => words.cut_off.with("first", first).with("last", last),
            Fault::Unsigned(index) => words.unsigned.with("index", index),
        },
    }
}
