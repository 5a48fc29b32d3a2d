//! The documented fields of this machine at one moment.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use zeef_proto::field::{DeviceName, Field, MacAddress, PrivateIp, Username};
use zeef_proto::wire::Report;

/// Values in canonical form, lists sorted and distinct. A field that is `None` is not documented, or for the
/// device name not known.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fields {
    /// First label of the host's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device_name: Option<DeviceName>,
    /// Who is signed in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub usernames: Option<Vec<Username>>,
    /// Addresses inside the organisation's network.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub private_ips: Option<Vec<PrivateIp>>,
    /// Hardware addresses.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mac_addresses: Option<Vec<MacAddress>>,
}

impl Fields {
    /// Those of these fields that differ from `known`: what a report must say.
    #[must_use]
    pub fn changes_from(&self, known: &Self) -> Self {
        Self {
            device_name: changed(&self.device_name, &known.device_name),
            usernames: changed(&self.usernames, &known.usernames),
            private_ips: changed(&self.private_ips, &known.private_ips),
            mac_addresses: changed(&self.mac_addresses, &known.mac_addresses),
        }
    }

    /// These fields after a report was taken in.
    #[must_use]
    pub fn after(self, report: Report) -> Self {
        Self {
            device_name: report.device_name.or(self.device_name),
            usernames: report.usernames.or(self.usernames),
            private_ips: report.private_ips.or(self.private_ips),
            mac_addresses: report.mac_addresses.or(self.mac_addresses),
        }
    }

    /// Only the fields of `allowed`.
    #[must_use]
    pub fn only(self, allowed: &BTreeSet<Field>) -> Self {
        Self {
            device_name: self.device_name.filter(|_| allowed.contains(&Field::DeviceName)),
            usernames: self.usernames.filter(|_| allowed.contains(&Field::Username)),
            private_ips: self.private_ips.filter(|_| allowed.contains(&Field::PrivateIp)),
            mac_addresses: self
                .mac_addresses
                .filter(|_| allowed.contains(&Field::MacAddress)),
        }
    }

    /// Whether there is nothing to say.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

fn changed<T: Clone + PartialEq>(now: &Option<T>, known: &Option<T>) -> Option<T> {
    now.clone().filter(|value| known.as_ref() != Some(value))
}
