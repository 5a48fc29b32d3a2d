//! What `status`, `preview` and `sent` tell of records of other products.

use serde_json::{Value, json};
use zeef_proto::UnixTime;
use zeef_proto::wire::About;

use super::output;
use crate::intake::shown::{Doing, InputShown, Shown};
use crate::intake::spool;
use crate::state::{StateDirectory, StateError};

/// The batches that wait, and what the running agent wrote last of its inputs.
pub(super) struct Seen {
    waiting: u64,
    shown: Option<Shown>,
}

/// Looks; `None` where nothing of other products was ever read here.
pub(super) fn see(directory: &StateDirectory) -> Result<Option<Seen>, StateError> {
    let waiting = spool::waiting(directory)?;
    let shown = Shown::read(directory)?;
    let there = waiting > 0 || shown.is_some();
    Ok(there.then_some(Seen { waiting, shown }))
}

/// Adds what was seen to the lines of `status`.
pub(super) fn rows(seen: &Seen, table: &mut output::Table) {
    table.row(["Records waiting", &batches(seen.waiting)]);
    let Some(shown) = &seen.shown else { return };
    for (place, input) in shown.inputs.iter().enumerate() {
        table.row([&format!("Input {}", place + 1), &input_in_words(input)]);
    }
    for (count, what) in [
        (shown.spool.damaged, "batches were damaged and passed over"),
        (
            shown.spool.foreign,
            "files in the spool are not the agent's and were left alone",
        ),
        (shown.given_up, "batches were refused by the collector for good"),
        (
            shown.not_documented,
            "records were not stored, because they are not documented",
        ),
        (
            shown.ambiguous,
            "records fitted several devices, and became a device of their own",
        ),
    ] {
        if count > 0 {
            table.row(["Records", &format!("{count} {what}")]);
        }
    }
    if let Some(text) = &shown.links {
        table.row(["Link tokens", &format!("none: {text}")]);
    }
}

/// The same for `--json`.
pub(super) fn as_json(seen: Option<&Seen>) -> Value {
    let Some(seen) = seen else { return Value::Null };
    let shown = seen.shown.as_ref();
    json!({
        "waiting": seen.waiting,
        "inputs": shown.map(|shown| &shown.inputs),
        "spool": shown.map(|shown| shown.spool),
        "given_up": shown.map(|shown| shown.given_up),
        "not_documented": shown.map(|shown| shown.not_documented),
        "ambiguous": shown.map(|shown| shown.ambiguous),
        "no_links": shown.and_then(|shown| shown.links.as_ref()),
    })
}

/// How many batches wait, in words.
pub(super) fn batches(count: u64) -> String {
    match count {
        0 => "none".to_owned(),
        1 => "1 batch".to_owned(),
        more => format!("{more} batches"),
    }
}

/// The last batch for `sent --json`.
pub(super) fn last_as_json(last: Option<&(String, UnixTime)>) -> Value {
    last.map_or(
        Value::Null,
        |(body, at)| json!({ "at": at.to_string(), "body": body }),
    )
}

fn input_in_words(input: &InputShown) -> String {
    let about = match input.about {
        About::ThisDevice => "this device",
        About::SiteDevice => "the site",
    };
    let doing = match &input.doing {
        Doing::Reading => "reading".to_owned(),
        Doing::WaitingForRoom(why) => format!("waiting for room: {why}"),
        Doing::NotDocumented => {
            "not read: its product is not one of this device's, or the policy documents none of its fields"
                .to_owned()
        }
        Doing::Trouble(what) => what.clone(),
    };
    let read = input.last_read.map_or("never".to_owned(), |at| at.to_string());
    let mut words = format!(
        "{} of {}, about {about}: {doing}; {} records passed ({} said nothing new), {} refused, last read {read}",
        input.kind, input.source, input.passed, input.repeated, input.refused
    );
    for (count, what) in [
        (input.unrecognised, "files fit no source or several"),
        (
            input.untransportable,
            "values are dropped, because the policy wants them shortened or hashed",
        ),
        (input.lost, "lines, messages or files were lost"),
    ] {
        if count > 0 {
            words.push_str(&format!(", {count} {what}"));
        }
    }
    words
}
