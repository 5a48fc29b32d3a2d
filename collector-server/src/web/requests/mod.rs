//! Requests of people: the queue, intake, and the page of one request with the steps that may follow.

mod case;
mod intake;
mod letter;
mod queue;
mod step;
mod words;

pub(super) use case::{review, show, take};
pub(super) use intake::{open, show as show_intake};
pub(super) use queue::show as show_queue;

use std::collections::BTreeMap;

use zeef_proto::OrganisationId;
use zeef_proto::id::RequestId;

use super::locale::Phrase;

/// The fields of a form as they were typed, so that a page can show them again.
type Typed = BTreeMap<String, String>;

/// What is wrong with a form, and at which field.
struct Mistake {
    field: &'static str,
    says: Phrase,
}

/// Something to choose from.
struct Choice {
    value: String,
    name: String,
    chosen: bool,
}

fn field<'a>(typed: &'a Typed, name: &str) -> &'a str {
    typed.get(name).map_or("", String::as_str)
}

fn address(organisation: OrganisationId, request: RequestId) -> String {
    format!("/requests/{organisation}/{request}")
}
