//! One device in the index: its values in matching form, and its sort keys.

use std::net::IpAddr;

use zeef_proto::field::{Field, MacAddress, Parse, matching_form};
use zeef_proto::policy::ProductId;
use zeef_proto::{DeviceId, OrganisationId, UnixTime};

use super::natural;
use super::query::{Kind, State};
use super::term::{Term, holds_digits};
use crate::store::records::Device;

/// All text of a device lies in one piece of memory, so that a search of it walks few places.
pub(super) struct Entry {
    pub(super) organisation: OrganisationId,
    pub(super) device: DeviceId,
    /// Number of the organisation in the index.
    pub(super) tenant: u32,
    has_agent: bool,
    revoked: bool,
    suspected_clone: bool,
    known_since: UnixTime,
    pub(super) last_contact: Option<UnixTime>,
    /// Matching forms, each followed by a line feed, which no value and no term holds.
    text: Box<str>,
    values: Box<[Value]>,
    /// Of a device without an agent: the products under which its values are held.
    products: Box<[ProductId]>,
    pub(super) name: Option<Box<[u8]>>,
    pub(super) user: Option<Box<[u8]>>,
    pub(super) address: Option<IpAddr>,
    pub(super) mac: Option<MacAddress>,
}

/// Where a value stands in the text, and until when it may be known.
#[derive(Clone, Copy)]
struct Value {
    field: Field,
    /// Which of the entry's products it is held under, where there is one.
    product: Option<u8>,
    end: u32,
    expires: i64,
}

impl Entry {
    pub(super) fn new(device: &Device, tenant: u32) -> Self {
        let agent = device.agent.as_ref();
        let mut entry = Self {
            organisation: device.organisation,
            device: device.id,
            tenant,
            has_agent: agent.is_some(),
            revoked: agent.is_some_and(|agent| agent.revoked),
            suspected_clone: agent.is_some_and(|agent| agent.suspected_clone),
            known_since: device.known_since,
            last_contact: device.last_contact,
            text: Box::default(),
            values: Box::default(),
            products: match agent {
                Some(_) => Box::default(),
                None => device.products_of_sources().into(),
            },
            name: None,
            user: None,
            address: None,
            mac: None,
        };
        let values = device.observations.iter().map(|observation| {
            let product = observation.origin.product();
            let product = entry.products.iter().position(|one| one.as_str() == product);
            let value = Value {
                field: observation.field,
                product: product.and_then(|place| u8::try_from(place).ok()),
                end: 0,
                expires: observation.expires_at.map_or(i64::MAX, |at| at.0),
            };
            (value, matching_form(&observation.value))
        });
        let values: Vec<_> = values.collect();
        entry.set_values(values);
        entry
    }

    /// Forgets the values that are past their term.
    pub(super) fn expire(&mut self, now: UnixTime) {
        let kept: Vec<_> = self
            .values()
            .filter(|(value, _)| value.expires > now.0)
            .map(|(value, text)| (*value, text.to_owned()))
            .collect();
        if kept.len() < self.values.len() {
            self.set_values(kept);
        }
    }

    /// When the first value expires, in seconds since 1970; `i64::MAX` where none does.
    pub(super) fn next_expiry(&self) -> i64 {
        self.values
            .iter()
            .map(|value| value.expires)
            .min()
            .unwrap_or(i64::MAX)
    }

    /// Whether nothing is left that the device would be known by.
    pub(super) fn is_gone(&self) -> bool {
        !self.has_agent && self.values.is_empty()
    }

    pub(super) fn is_of(&self, kind: Kind, now: UnixTime) -> bool {
        match kind {
            Kind::In(state) => state == self.state(now),
            Kind::WithoutAgent => !self.has_agent,
        }
    }

    /// Whether a value is held under this product; `None` for a device with an agent, whose products are those that
    /// it is subscribed to.
    pub(super) fn is_said_for(&self, product: &ProductId) -> Option<bool> {
        let place = self.products.iter().position(|one| one == product);
        let is_held = |place| {
            self.values
                .iter()
                .any(|value| value.product.map(usize::from) == Some(place))
        };
        (!self.has_agent).then(|| place.is_some_and(is_held))
    }

    fn state(&self, now: UnixTime) -> State {
        let heard = self.last_contact.unwrap_or(self.known_since);
        State::decide(self.revoked, self.suspected_clone, heard, now)
    }

    pub(super) fn matches(&self, term: &Term) -> bool {
        // The whole text at once where that can decide: a term cannot span two values, for it holds no line feed.
        match term {
            Term::Text {
                text,
                mac_digits: None,
            } => self.text.contains(text.as_str()),
            Term::Address(address) if !self.text.contains(address.as_str()) => false,
            Term::Text {
                text,
                mac_digits: Some(digits),
            } => {
                self.text.contains(text.as_str())
                    || self
                        .values()
                        .any(|(value, text)| value.field == Field::MacAddress && holds_digits(text, digits))
            }
            Term::Address(_) | Term::Network(_) | Term::Mac { .. } => {
                self.values().any(|(value, text)| term.matches(value.field, text))
            }
        }
    }

    fn values(&self) -> impl Iterator<Item = (&Value, &str)> {
        let mut start = 0;
        self.values.iter().map(move |value| {
            let text = &self.text[start..value.end as usize];
            start = value.end as usize + 1;
            (value, text)
        })
    }

    fn set_values(&mut self, values: Vec<(Value, String)>) {
        let (mut text, mut kept) = (String::new(), Vec::new());
        self.name = None;
        self.user = None;
        self.address = None;
        self.mac = None;
        for (mut value, matching) in values {
            match value.field {
                Field::DeviceName => least(&mut self.name, Some(natural::key(&matching))),
                Field::Username => least(&mut self.user, Some(natural::key(&matching))),
                Field::PrivateIp => least(&mut self.address, matching.parse().ok()),
                Field::MacAddress => least(&mut self.mac, MacAddress::parse(&matching).ok()),
                Field::PublicIp | Field::ServiceId | Field::LineId => {}
            }
            text.push_str(&matching);
            value.end = u32::try_from(text.len()).unwrap_or(u32::MAX);
            text.push('\n');
            kept.push(value);
        }
        self.text = text.into_boxed_str();
        self.values = kept.into_boxed_slice();
    }
}

fn least<T: Ord>(held: &mut Option<T>, found: Option<T>) {
    if let Some(found) = found
        && held.as_ref().is_none_or(|held| found < *held)
    {
        *held = Some(found);
    }
}
