//! What all agents of one run share.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use rustls::pki_types::CertificateDer;
use tokio::sync::Semaphore;
use tokio::time::Instant;
use zeef_proto::wire::EnrolmentToken;

use super::acknowledged::Acknowledged;
use super::error::FleetError;
use super::state::{Kept, State};
use super::tally::Tally;
use crate::device::{Contact, Dial, Identity};

/// What all agents of one run share.
pub(super) struct Run {
    /// Where collectors listen, in turn.
    pub(super) addresses: Vec<SocketAddr>,
    /// The name in their certificates.
    pub(super) name: String,
    /// Their authority.
    pub(super) root: CertificateDer<'static>,
    /// How many addresses the agents come from.
    pub(super) sources: u8,
    /// Buys certificates.
    pub(super) token: Option<EnrolmentToken>,
    /// As many as there may be connections.
    pub(super) slots: Semaphore,
    /// Where new agents are kept.
    pub(super) state: Mutex<State>,
    /// When it ends, whatever is in hand.
    pub(super) until: Instant,
    /// What happened.
    pub(super) tally: Tally,
    /// What the collector must hold.
    pub(super) acknowledged: Acknowledged,
    /// Whose turn it is.
    pub(super) turn: AtomicUsize,
}

impl Run {
    /// The same with another end, and nothing counted yet.
    pub(super) fn anew(self, until: Instant) -> Self {
        Self {
            until,
            tally: Tally::default(),
            ..self
        }
    }

    /// How agent `number` connects, to the collector whose turn it is.
    pub(super) fn dial(&self, number: u32, identity: Option<&Identity>) -> Dial {
        let turn = self.turn.fetch_add(1, Ordering::Relaxed) % self.addresses.len();
        let contact = Contact {
            address: self.addresses[turn],
            name: self.name.clone(),
            root: self.root.clone(),
        };
        let dial = Dial::new(&contact, identity);
        match contact.address.ip() {
            IpAddr::V4(_) if self.sources > 1 => {
                let last = number % u32::from(self.sources) + 1;
                dial.from(Ipv4Addr::from(0x7f01_0000 | last).into())
            }
            _ => dial,
        }
    }

    /// Whether its time is over.
    pub(super) fn is_over(&self) -> bool {
        Instant::now() >= self.until
    }

    /// Keeps an agent that was enrolled, before it is used.
    pub(super) fn keep(&self, agent: &Kept) -> Result<(), FleetError> {
        self.state
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .append(agent)
    }
}
