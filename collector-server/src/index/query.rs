//! What a list of devices can be asked for.

use zeef_proto::policy::ProductId;
use zeef_proto::time::DAY;
use zeef_proto::{DeviceId, OrganisationId, UnixTime};

use super::Term;
use crate::access::Reach;
use crate::store::records::Device;

/// A device that was not heard of for this long is silent, in seconds. It reports once a day at least.
pub const SILENT_AFTER: i64 = 7 * DAY;

/// How a device stands, as lists show it. Earlier ones win where several hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum State {
    /// Refused by an administrator.
    Revoked,
    /// Two devices seem to use its identity.
    SuspectedClone,
    /// Not heard of for [`SILENT_AFTER`].
    Silent,
    /// Heard of lately, or newly enrolled.
    Reporting,
}

impl State {
    /// All states, in the order in which a filter offers them.
    pub const ALL: [Self; 4] = [Self::Reporting, Self::Silent, Self::Revoked, Self::SuspectedClone];

    /// The stable name, as in addresses.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Reporting => "reporting",
            Self::Silent => "silent",
            Self::Revoked => "revoked",
            Self::SuspectedClone => "suspected-clone",
        }
    }

    /// How this device stands at `now`.
    #[must_use]
    pub fn of(device: &Device, now: UnixTime) -> Self {
        let heard = device.last_contact.unwrap_or(device.known_since);
        let agent = device.agent.as_ref();
        let revoked = agent.is_some_and(|agent| agent.revoked);
        let suspected_clone = agent.is_some_and(|agent| agent.suspected_clone);
        Self::decide(revoked, suspected_clone, heard, now)
    }

    pub(super) const fn decide(revoked: bool, suspected_clone: bool, heard: UnixTime, now: UnixTime) -> Self {
        if revoked {
            Self::Revoked
        } else if suspected_clone {
            Self::SuspectedClone
        } else if now.since(heard) >= SILENT_AFTER {
            Self::Silent
        } else {
            Self::Reporting
        }
    }
}

/// Which devices a list is narrowed to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Those in this state.
    In(State),
    /// Those of which records of other products alone speak, whatever their state.
    WithoutAgent,
}

impl Kind {
    /// All of them, in the order in which a filter offers them.
    pub fn all() -> impl Iterator<Item = Self> {
        State::ALL.into_iter().map(Self::In).chain([Self::WithoutAgent])
    }

    /// The stable name, as in addresses.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::In(state) => state.name(),
            Self::WithoutAgent => "no-agent",
        }
    }

    /// The kind of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::all().find(|kind| kind.name() == name)
    }
}

/// By what a list is sorted. Devices without a value come last, whichever way it runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Column {
    /// Device name, numbers by size.
    #[default]
    Name,
    /// Name of the organisation.
    Organisation,
    /// First user.
    User,
    /// Lowest private address.
    Address,
    /// Lowest MAC address.
    Mac,
    /// Last contact, latest first.
    LastContact,
}

impl Column {
    /// All columns, in the order in which a list shows them.
    pub const ALL: [Self; 6] = [
        Self::Name,
        Self::Organisation,
        Self::User,
        Self::Address,
        Self::Mac,
        Self::LastContact,
    ];

    /// The stable name, as in addresses.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Organisation => "organisation",
            Self::User => "user",
            Self::Address => "address",
            Self::Mac => "mac",
            Self::LastContact => "contact",
        }
    }

    /// The column of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|column| column.name() == name)
    }
}

/// The order of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Sort {
    /// By what.
    pub column: Column,
    /// The other way round.
    pub reversed: bool,
}

/// What to list.
#[derive(Debug, Clone)]
pub struct Query {
    /// Of these organisations only.
    pub reach: Reach,
    /// Of one organisation only.
    pub organisation: Option<OrganisationId>,
    /// With this product now.
    pub product: Option<ProductId>,
    /// Of this kind.
    pub kind: Option<Kind>,
    /// With a value that matches.
    pub term: Option<Term>,
    /// In this order.
    pub sort: Sort,
    /// Which page, from 0. A page past the end is the last one.
    pub page: usize,
    /// Devices on a page, at least 1.
    pub per_page: usize,
}

impl Query {
    /// The first page of everything within reach.
    #[must_use]
    pub fn of(reach: Reach) -> Self {
        Self {
            reach,
            organisation: None,
            product: None,
            kind: None,
            term: None,
            sort: Sort::default(),
            page: 0,
            per_page: 1,
        }
    }
}

/// One page of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// The devices, in order.
    pub ids: Vec<(OrganisationId, DeviceId)>,
    /// Devices on all pages.
    pub total: usize,
    /// Which page this is, from 0.
    pub page: usize,
}
