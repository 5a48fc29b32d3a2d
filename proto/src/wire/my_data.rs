//! What a device is told of itself: all that is held of it, and on what account.
//!
//! A reply of the collector, which speaks of the asking device alone. Texts that the policy states come in its
//! languages; all else is of closed types.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::Platform;
use crate::field::Field;
use crate::policy::{Ground, ProductId, Responsible, Term, Text};
use crate::{DeviceId, SourceName, UnixTime};

/// All that is held of one device at one moment.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct MyData {
    /// The moment, by the collector's clock.
    pub at: UnixTime,
    /// The device.
    #[cfg_attr(feature = "schema", schemars(with = "String"))]
    pub device: DeviceId,
    /// Name of the organisation that it belongs to.
    pub organisation: String,
    /// When it was enrolled, or first spoken of, to the hour.
    pub known_since: UnixTime,
    /// The policy under which this is held; `None` before the first is published.
    pub policy: Option<HeldUnder>,
    /// The values, sorted by field and value; one that several sources gave comes once for each.
    pub values: Vec<HeldValue>,
    /// What the protocol itself holds.
    pub protocol: HeldByProtocol,
    /// Why the protocol holds that.
    pub protocol_reasons: Vec<ProtocolReason>,
    /// How often people looked.
    pub looks: LooksCounted,
}

/// The policy, and whom to turn to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct HeldUnder {
    /// Its title.
    pub title: String,
    /// Its version.
    pub version: u64,
    /// Name of the controller.
    pub controller: String,
    /// The controller's address for requests.
    pub email: String,
    /// The controller's telephone number.
    pub phone: String,
    /// Whom to turn to with a complaint, in that order.
    pub complaints: Vec<String>,
}

/// One value of one documented field, as one source gave it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct HeldValue {
    /// The field.
    pub field: Field,
    /// The value, in canonical form.
    pub value: String,
    /// Whose records it comes from; `None` for the device's own agent.
    pub source: Option<SourceName>,
    /// First seen, to the hour.
    pub since: UnixTime,
    /// Until when it is held; `None` while the service runs.
    pub until: Option<UnixTime>,
    /// The rows of the policy that allow it; none where no running product documents it any more.
    pub reasons: Vec<HeldReason>,
}

/// A row of the policy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct HeldReason {
    /// The product, by its stable name.
    pub product: ProductId,
    /// What people call it.
    pub product_name: Text,
    /// Why.
    pub purpose: Text,
    /// Legal grounds (GDPR, article 6(1)).
    pub grounds: Vec<Ground>,
    /// Who answers for the processing.
    pub responsible: Vec<Responsible>,
    /// How long.
    pub term: Term,
    /// Sub-processors with whom the product's data is shared.
    pub recipients: Vec<String>,
}

/// What the protocol holds of a device. An agent's parts are absent for a device without one.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct HeldByProtocol {
    /// The newest certificate.
    pub certificate: Option<HeldCertificate>,
    /// Version of the agent.
    pub agent: Option<String>,
    /// Kind of operating system.
    pub platform: Option<Platform>,
    /// Version of the policy that the agent obeys.
    pub policy: Option<u64>,
    /// Number of the last report.
    pub sequence: Option<u64>,
    /// Last contact, to the hour.
    pub last_contact: Option<UnixTime>,
    /// Keyed hashes by which records of other products about it are known again.
    pub links: u64,
}

/// A certificate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct HeldCertificate {
    /// Its number, in hexadecimal.
    pub serial: String,
    /// From when it is good.
    pub not_before: UnixTime,
    /// Until when.
    pub not_after: UnixTime,
}

/// Why the protocol holds something.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ProtocolReason {
    /// Its stable name in the policy.
    pub id: String,
    /// What it is.
    pub data: Text,
    /// Why it is needed.
    pub purpose: Text,
    /// How long it is held.
    pub term: Term,
}

/// How often people looked, as far back as the collector counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct LooksCounted {
    /// Since when.
    pub since: UnixTime,
    /// Times that somebody opened all that is held of this device.
    pub of_device: u64,
    /// When that was last.
    pub last_of_device: Option<UnixTime>,
    /// Times that devices of the organisation stood in a list or in what a search found, perhaps this one.
    pub of_lists: u64,
    /// Times that the device itself asked before.
    pub by_device: u64,
}

impl fmt::Debug for MyData {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MyData(…)")
    }
}

impl fmt::Debug for HeldValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "HeldValue({})", self.field)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_output_of_a_held_value_shows_its_field_alone() {
        let held = HeldValue {
            field: Field::Username,
            value: "j.jansen".to_owned(),
            source: None,
            since: UnixTime(0),
            until: None,
            reasons: Vec::new(),
        };
        assert_eq!(format!("{held:?}"), "HeldValue(username)");
    }
}
