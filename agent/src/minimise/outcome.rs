//! What came through, and what did not and why.

use std::fmt;

use serde::Serialize;
use zeef_proto::field::{Field, Rejection};
use zeef_proto::log_safe_by_display;

use super::Fields;

/// The result of minimising.
#[derive(Debug, Default)]
pub struct Outcome {
    /// What may be sent.
    pub fields: Fields,
    /// Each value of it, with where it comes from.
    pub kept: Vec<Kept>,
    /// What was seen and is not sent.
    pub dropped: Vec<Dropped>,
}

/// A value that may be sent.
#[derive(PartialEq, Eq)]
pub struct Kept {
    /// Its field.
    pub field: Field,
    /// Its canonical text, for the person at this machine who asks to see it.
    pub value: String,
    /// Where it was read, such as `interface eth0`.
    pub source: String,
}

impl fmt::Debug for Kept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Kept")
            .field("field", &self.field)
            .finish_non_exhaustive()
    }
}

/// Something that was seen and is not sent. Holds no value.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Dropped {
    /// The field that it could have been.
    pub field: Field,
    /// Where it was read.
    pub source: String,
    /// Why it is not sent.
    pub reason: Reason,
}

/// Why something is not sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reason {
    /// No product of this device documents the field.
    NotDocumented,
    /// The policy asks for a keyed hash, which a report cannot carry.
    Pseudonymise,
    /// The policy asks for a shortened value, which a report cannot carry.
    Truncate,
    /// Not of the field's form.
    Rejected(Rejection),
    /// A session that was switched away from or disconnected.
    BackgroundSession,
    /// A session without terminal or desktop.
    NotInteractive,
    /// The machine to itself.
    LoopbackInterface,
    /// Of containers, virtual machines, tunnels and VPNs.
    VirtualInterface,
    /// A physical interface over which nothing is routed.
    NoRoute,
    /// Made up for outgoing connections and dropped soon.
    TemporaryAddress,
    /// Beyond the sixteen that a report may hold.
    TooMany,
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotDocumented => "no product of this device documents this field",
            Self::Pseudonymise => {
                "the policy asks to pseudonymise it, which this version cannot do for this field"
            }
            Self::Truncate => "the policy asks to truncate it, which this version cannot do for this field",
            Self::Rejected(rejection) => return write!(f, "it is {rejection}"),
            Self::BackgroundSession => "the session is in the background, disconnected or closing",
            Self::NotInteractive => "the session has no terminal or desktop",
            Self::LoopbackInterface => "the interface is the machine to itself",
            Self::VirtualInterface => {
                "the interface is virtual: of a container, a virtual machine, a tunnel or a VPN"
            }
            Self::NoRoute => "nothing is routed over the interface",
            Self::TemporaryAddress => "it is a temporary address",
            Self::TooMany => "a report holds at most 16 values of a field",
        })
    }
}

impl Serialize for Reason {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

log_safe_by_display!(Reason);
