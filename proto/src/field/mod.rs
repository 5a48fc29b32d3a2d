//! The documented fields: closed types whose values are in canonical form by construction.
//!
//! Every type parses leniently from what operating systems and products write ([`Parse`]), prints one
//! canonical form, and is read from the wire only in that form. None of them can be logged: `Debug` shows the
//! type's name alone, and the value is reached by the explicit `expose`.

mod address;
mod line;
mod mac;
mod name;
mod wire_form;

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

pub use address::{PrivateIp, PublicIp, parse_ip};
pub use line::{LineId, ServiceId};
pub use mac::MacAddress;
pub use name::{DeviceName, Username, matching_form};

use crate::log_safe_by_display;

/// Values of one field that a report may hold at most.
pub const MAX_VALUES: usize = 16;

/// A documented field of a device. Nothing outside this list can be sent or stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum Field {
    /// The address from which the device reaches the collector.
    PublicIp,
    /// Addresses inside the organisation's network (RFC 1918, RFC 4193).
    PrivateIp,
    /// Addresses of the physical interfaces (IEEE 802 EUI-48).
    MacAddress,
    /// The host's own name, first label.
    DeviceName,
    /// Who is signed in interactively.
    Username,
    /// The provider's number of an internet connection.
    ServiceId,
    /// The carrier's number of a line.
    LineId,
}

impl Field {
    /// All documented fields, in the order in which people are shown them.
    pub const ALL: [Self; 7] = [
        Self::DeviceName,
        Self::Username,
        Self::PrivateIp,
        Self::MacAddress,
        Self::PublicIp,
        Self::ServiceId,
        Self::LineId,
    ];

    /// The fields that an agent can collect itself. The public address is seen by the collector, never sent.
    pub const OF_AGENT: [Self; 4] = [
        Self::DeviceName,
        Self::Username,
        Self::PrivateIp,
        Self::MacAddress,
    ];

    /// The name in policies, tables and messages, such as `private_ip`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::PublicIp => "public_ip",
            Self::PrivateIp => "private_ip",
            Self::MacAddress => "mac_address",
            Self::DeviceName => "device_name",
            Self::Username => "username",
            Self::ServiceId => "service_id",
            Self::LineId => "line_id",
        }
    }
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Field {
    type Err = UnknownField;

    fn from_str(text: &str) -> Result<Self, UnknownField> {
        Self::ALL
            .into_iter()
            .find(|field| field.name() == text)
            .ok_or(UnknownField)
    }
}

log_safe_by_display!(Field);

/// A name that is not one of the documented fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a documented field")]
pub struct UnknownField;

/// Why a value was not taken. Says what is wrong with its shape, never what it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, thiserror::Error)]
#[serde(rename_all = "kebab-case")]
pub enum Rejection {
    /// Nothing there.
    #[error("empty")]
    Empty,
    /// Longer than the field's bound.
    #[error("too long")]
    TooLong,
    /// Not of the field's form.
    #[error("malformed")]
    Malformed,
    /// An address outside RFC 1918 and RFC 4193 where a private one is documented.
    #[error("not a private address")]
    NotPrivate,
    /// An address that is not reachable from the internet where a public one is documented.
    #[error("not a public address")]
    NotPublic,
    /// All zero, broadcast or multicast: names no single interface.
    #[error("not the address of one interface")]
    NotUnicast,
    /// An eight-byte EUI-64 address.
    #[error("an EUI-64 address, not a MAC address")]
    Eui64,
    /// Control, direction-changing or invisible characters.
    #[error("made unsafe by control or invisible characters")]
    ForbiddenCharacter,
    /// A Windows security identifier in place of a name.
    #[error("a security identifier, not a name")]
    SecurityIdentifier,
    /// An account that belongs to a service, not to a person.
    #[error("a service account")]
    ServiceAccount,
    /// On the wire, another spelling than the canonical one.
    #[error("not in canonical form")]
    NotCanonical,
    /// On the wire, another JSON type than the field has.
    #[error("of the wrong JSON type")]
    WrongType,
    /// More values than a report may hold.
    #[error("more than 16 values")]
    TooMany,
    /// The same value twice, or values out of order.
    #[error("not sorted and distinct")]
    NotSorted,
}

log_safe_by_display!(Rejection);

/// Lenient reading of a field from whatever form a source uses; the result is canonical.
pub trait Parse: Sized {
    /// Which documented field this type is the value of.
    const FIELD: Field;

    /// Reads one value.
    ///
    /// # Errors
    /// The [`Rejection`] that says what is wrong with the value's shape.
    fn parse(text: &str) -> Result<Self, Rejection>;

    /// Writes the canonical text, as sent and shown, behind what `out` holds. Named so that every use is easy to find
    /// and to question.
    fn expose_to(&self, out: &mut String);

    /// The canonical text by itself.
    fn expose(&self) -> String {
        let mut text = String::new();
        self.expose_to(&mut text);
        text
    }

    /// The form under which two spellings are the same value; input of blind indexes and of search.
    fn matching_form(&self) -> String {
        self.expose()
    }
}
