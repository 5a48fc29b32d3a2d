//! One device in the list, and why it is in it.

use zeef_proto::UnixTime;
use zeef_proto::field::Field;

use super::super::locale::{Phrase, Texts};
use super::super::moment::{Moment, Moments};
use crate::index::{State, Term};
use crate::store::records::Device;

/// Values of a field that a row shows; the device's page shows all.
const MOST_SHOWN: usize = 2;

/// A row of the list.
pub(super) struct Row {
    pub(super) address: String,
    pub(super) organisation: String,
    pub(super) names: Cell,
    pub(super) users: Cell,
    pub(super) private: Cell,
    pub(super) public: Cell,
    /// A public address is why the row is shown.
    pub(super) public_matches: bool,
    pub(super) macs: Cell,
    pub(super) has_agent: bool,
    pub(super) contact: Option<Moment>,
    pub(super) state: &'static str,
    pub(super) state_name: &'static Phrase,
    pub(super) state_hint: &'static Phrase,
}

/// The values of one field.
pub(super) struct Cell {
    pub(super) values: Vec<Marked>,
    /// How many are not shown.
    pub(super) more: usize,
}

/// A value, cut where what was searched for begins and ends.
pub(super) struct Marked {
    pub(super) before: String,
    pub(super) hit: String,
    pub(super) after: String,
}

impl Row {
    pub(super) fn new(
        device: &Device,
        organisation: &str,
        term: Option<&Term>,
        texts: &'static Texts,
        moments: &Moments,
        now: UnixTime,
    ) -> Self {
        let state = State::of(device, now);
        let public = Cell::new(device, Field::PublicIp, term);
        let public_matches = public.values.iter().any(|value| !value.hit.is_empty());
        Self {
            address: format!("/devices/{}/{}", device.organisation, device.id),
            organisation: organisation.to_owned(),
            names: Cell::new(device, Field::DeviceName, term),
            users: Cell::new(device, Field::Username, term),
            private: Cell::new(device, Field::PrivateIp, term),
            public,
            public_matches,
            macs: Cell::new(device, Field::MacAddress, term),
            has_agent: device.agent.is_some(),
            contact: device.last_contact.map(|at| moments.time(at)),
            state: state.name(),
            state_name: texts.state_name(device, state),
            state_hint: texts.hint_of_state(state),
        }
    }
}

impl Cell {
    /// The field's values, those that match first.
    fn new(device: &Device, field: Field, term: Option<&Term>) -> Self {
        let mut values: Vec<Marked> = device
            .values(field)
            .map(|value| Marked::new(value, term.and_then(|term| term.span(field, value))))
            .collect();
        values.sort_by_key(|value| value.hit.is_empty());
        let more = values.len().saturating_sub(MOST_SHOWN);
        values.truncate(MOST_SHOWN);
        Self { values, more }
    }
}

impl Marked {
    fn new(value: &str, span: Option<std::ops::Range<usize>>) -> Self {
        let span = span.unwrap_or(0..0);
        Self {
            before: value[..span.start].to_owned(),
            hit: value[span.clone()].to_owned(),
            after: value[span.end..].to_owned(),
        }
    }
}
