//! From raw facts to what may be sent: a pure function of the facts and of what the policy permits.
//!
//! Everything that is not let through is accounted for by kind and reason, never by value.

mod fields;
mod interfaces;
mod outcome;
mod treat;

pub use fields::Fields;
pub use outcome::{Dropped, Kept, Outcome, Reason};

use std::collections::BTreeSet;

use zeef_proto::field::{DeviceName, Field, MAX_VALUES, MacAddress, PrivateIp, Rejection, Username};
use zeef_proto::policy::Permits;

use crate::facts::{Facts, Session, SessionStanding};
use interfaces::Choice;
use treat::Sieve;

/// Lets through what `permits` document, in canonical form, and says why the rest was dropped.
#[must_use]
pub fn minimise(facts: &Facts, permits: &Permits) -> Outcome {
    let mut names = Sieve::<DeviceName>::new(permits);
    let mut users = Sieve::<Username>::new(permits);
    let mut addresses = Sieve::<PrivateIp>::new(permits);
    let mut hardware = Sieve::<MacAddress>::new(permits);

    if let Some(name) = &facts.device_name {
        names.text(name, "hostname");
    }
    for session in &facts.sessions {
        match why_not_counted(session) {
            None => users.text(&session.account, session.source),
            Some(reason) => users.drop(session.source, reason),
        }
    }
    for (interface, choice) in interfaces::choose(&facts.interfaces) {
        let source = format!("interface {}", interface.name);
        match choice {
            Choice::Counts => {
                if let Some(bytes) = interface.hardware {
                    hardware.value(MacAddress::from_bytes(bytes), &source);
                }
                for address in &interface.addresses {
                    if address.temporary {
                        addresses.drop(&source, Reason::TemporaryAddress);
                    } else {
                        addresses.value(PrivateIp::from_ip(address.ip), &source);
                    }
                }
            }
            Choice::Not(reason) => {
                hardware.drop_each(usize::from(interface.hardware.is_some()), &source, reason);
                addresses.drop_each(interface.addresses.len(), &source, reason);
            }
        }
    }

    let mut outcome = Outcome::default();
    outcome.fields = Fields {
        device_name: names
            .finish(1, &mut outcome)
            .and_then(|names| names.into_iter().next()),
        usernames: users.finish(MAX_VALUES, &mut outcome),
        private_ips: addresses.finish(MAX_VALUES, &mut outcome),
        mac_addresses: hardware.finish(MAX_VALUES, &mut outcome),
    };
    outcome
}

const fn why_not_counted(session: &Session) -> Option<Reason> {
    match session.standing {
        SessionStanding::SignedIn => None,
        SessionStanding::Background => Some(Reason::BackgroundSession),
        SessionStanding::NotInteractive => Some(Reason::NotInteractive),
        SessionStanding::SystemAccount => Some(Reason::Rejected(Rejection::ServiceAccount)),
    }
}

/// The fields of which `permits` let at least something through as it is.
#[must_use]
pub fn sendable(permits: &Permits) -> BTreeSet<Field> {
    Field::OF_AGENT
        .into_iter()
        .filter(|field| treat::why_withheld(permits, *field).is_none())
        .collect()
}
