//! What the model knows of one device.

use std::collections::{BTreeMap, BTreeSet};

use zeef_collector::store::Origin;
use zeef_proto::UnixTime;
use zeef_proto::field::Field;

/// A value's place: its field, its matching form and who said it.
pub(super) type Place = (Field, String, Origin);

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Value {
    /// As spelled.
    pub(super) text: String,
    /// To the hour.
    pub(super) first_seen: UnixTime,
    /// [`super::policy::NEVER`] while its service has no end.
    pub(super) expires_at: UnixTime,
}

/// How far the numbers of a device's messages have come.
#[derive(Debug, Clone, Default)]
pub(super) struct Numbers {
    pub(super) last: u64,
    pub(super) body: Option<Vec<u8>>,
}

/// How a message's number stands to the last one's.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Order {
    New { gap: bool },
    Repeated,
    Fork,
}

impl Numbers {
    pub(super) fn order(&self, number: u64, body: &[u8]) -> Order {
        if number > self.last {
            Order::New {
                gap: number > self.last + 1,
            }
        } else if number == self.last && self.body.as_deref() == Some(body) {
            Order::Repeated
        } else {
            Order::Fork
        }
    }

    pub(super) fn take(&mut self, number: u64, body: Vec<u8>) {
        (self.last, self.body) = (number, Some(body));
    }
}

#[derive(Debug, Clone)]
pub(super) struct Agent {
    /// By what the key enrolled.
    pub(super) token: usize,
    pub(super) key: usize,
    pub(super) revoked: bool,
    pub(super) suspected_clone: bool,
    pub(super) speaks_for_site: bool,
    pub(super) reports: Numbers,
    pub(super) batches: Numbers,
}

#[derive(Debug, Clone)]
pub(super) struct Device {
    /// The how manieth of its organisation.
    pub(super) nth: usize,
    pub(super) agent: Option<Agent>,
    pub(super) known_since: UnixTime,
    pub(super) last_contact: Option<UnixTime>,
    pub(super) kept_at: Option<UnixTime>,
    pub(super) asked_at: Option<UnixTime>,
    /// Expired ones too, until a purge or another value takes them.
    pub(super) values: BTreeMap<Place, Value>,
    pub(super) links: BTreeSet<(Origin, char)>,
}

impl Device {
    pub(super) fn new(nth: usize, known_since: UnixTime) -> Self {
        Self {
            nth,
            agent: None,
            known_since: known_since.to_the_hour(),
            last_contact: None,
            kept_at: None,
            asked_at: None,
            values: BTreeMap::new(),
            links: BTreeSet::new(),
        }
    }

    /// Whether a value of this origin is live.
    pub(super) fn speaks(&self, origin: &Origin, at: UnixTime) -> bool {
        let mut of_origin = self.values.iter().filter(|((.., by), _)| by == origin);
        of_origin.any(|(_, value)| value.expires_at > at)
    }

    pub(super) fn is_live(&self, at: UnixTime) -> bool {
        self.values.values().any(|value| value.expires_at > at)
    }

    /// It was heard of.
    pub(super) fn contact(&mut self, at: UnixTime) {
        self.last_contact = Some(at.to_the_hour());
        self.asked_at = None;
    }

    /// When it was last heard of, or somebody said that it is there.
    pub(super) fn heard(&self) -> UnixTime {
        let contact = self.last_contact.unwrap_or(self.known_since);
        self.kept_at.map_or(contact, |kept| kept.max(contact))
    }

    /// Makes these all that an origin says of a field. What stays keeps its first sight and its term; what comes after
    /// its term is new.
    pub(super) fn replace(
        &mut self,
        field: Field,
        origin: &Origin,
        said: &[(String, String)],
        (at, expires_at): (UnixTime, UnixTime),
    ) {
        self.values.retain(|(of, form, by), value| {
            let stays = said.iter().any(|(said, _)| said == form) && value.expires_at > at;
            *of != field || by != origin || stays
        });
        for (form, text) in said {
            let new = Value {
                text: String::new(),
                first_seen: at.to_the_hour(),
                expires_at,
            };
            let value = self
                .values
                .entry((field, form.clone(), origin.clone()))
                .or_insert(new);
            value.text.clone_from(text);
        }
    }
}
