//! What an agent's sources said: minimised records of other products, about this device or others of its site.

use serde::{Deserialize, Deserializer, Serialize};

use super::form::{ascending, counted, present, some_sorted};
use super::link::LinkToken;
use super::refusal::{self, Reason, Refusal};
use super::report::AgentVersion;
use crate::field::{DeviceName, Field, LineId, MacAddress, PrivateIp, PublicIp, ServiceId, Username};
use crate::policy::{Permits, ProductId};
use crate::source::SourceName;

/// Records in one message, at most.
pub const MAX_RECORDS: usize = 64;

/// Link tokens of one record, at most: each id may be hashed under two epochs.
pub const MAX_LINKS: usize = 8;

/// Records that wait on an agent, sent together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RecordBatch {
    /// Version of the wire contract, [`super::VERSION`].
    pub wire: u16,
    /// Rises with each new batch, in a count of its own beside the reports'; a retry repeats its number and its
    /// bytes.
    #[serde(deserialize_with = "counted")]
    #[cfg_attr(feature = "schema", schemars(range(max = super::form::MAX_COUNT)))]
    pub sequence: u64,
    /// Version of the policy under which they were minimised.
    #[serde(deserialize_with = "counted")]
    #[cfg_attr(feature = "schema", schemars(range(max = super::form::MAX_COUNT)))]
    pub policy: u64,
    /// Version of the agent.
    pub agent: AgentVersion,
    /// The records, oldest first: 1 to [`MAX_RECORDS`].
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = MAX_RECORDS)))]
    pub records: Vec<SourceRecord>,
}

/// What one record said of one device. A field that is absent was not said anything about; one that is there is
/// all that the source says of it now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SourceRecord {
    /// Whose record it was.
    pub source: SourceName,
    /// The product whose policy rows govern it.
    pub product: ProductId,
    /// Which device it is about.
    pub about: About,
    /// First label of the host's name.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "present"
    )]
    pub device_name: Option<DeviceName>,
    /// Who is signed in, sorted, at most 16.
    #[serde(
        default,
        skip_serializing_if = "Vec::is_empty",
        deserialize_with = "some_sorted"
    )]
    pub usernames: Vec<Username>,
    /// Addresses inside the organisation's network, sorted, at most 16.
    #[serde(
        default,
        skip_serializing_if = "Vec::is_empty",
        deserialize_with = "some_sorted"
    )]
    pub private_ips: Vec<PrivateIp>,
    /// Hardware addresses, sorted, at most 16.
    #[serde(
        default,
        skip_serializing_if = "Vec::is_empty",
        deserialize_with = "some_sorted"
    )]
    pub mac_addresses: Vec<MacAddress>,
    /// Addresses on the internet, sorted, at most 16.
    #[serde(
        default,
        skip_serializing_if = "Vec::is_empty",
        deserialize_with = "some_sorted"
    )]
    pub public_ips: Vec<PublicIp>,
    /// The provider's number of a connection.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "present"
    )]
    pub service_id: Option<ServiceId>,
    /// The carrier's number of a line.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "present"
    )]
    pub line_id: Option<LineId>,
    /// What it has in common with other records of the device, sorted, at most [`MAX_LINKS`].
    #[serde(default, skip_serializing_if = "Vec::is_empty", deserialize_with = "links")]
    #[cfg_attr(feature = "schema", schemars(length(max = MAX_LINKS)))]
    pub links: Vec<LinkToken>,
}

/// Which device a record is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum About {
    /// The one that sends it.
    ThisDevice,
    /// Some device of the same organisation, perhaps this one.
    SiteDevice,
}

impl RecordBatch {
    /// Reads a batch from a request's body.
    ///
    /// # Errors
    /// A [`Refusal`] of the whole batch, as for [`super::Report::read`]; also where it holds no record or too many,
    /// or a record says nothing of a device.
    pub fn read(body: &[u8]) -> Result<Self, Refusal> {
        let batch: Self = refusal::read(body)?;
        let sound = (1..=MAX_RECORDS).contains(&batch.records.len())
            && batch
                .records
                .iter()
                .all(|record| record.fields().next().is_some());
        if sound {
            Ok(batch)
        } else {
            Err(Refusal {
                reason: Reason::WrongForm,
                field: None,
                line: 0,
                column: 0,
            })
        }
    }

    /// The exact bytes to send.
    ///
    /// # Panics
    /// Never: the type holds nothing that JSON cannot.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        #[expect(
            clippy::expect_used,
            reason = "strings, numbers and lists of them always serialise"
        )]
        serde_json::to_vec(self).expect("a batch serialises")
    }
}

impl SourceRecord {
    /// The exact bytes of it in a batch, in canonical form.
    ///
    /// # Panics
    /// Never: the type holds nothing that JSON cannot.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        #[expect(
            clippy::expect_used,
            reason = "strings, numbers and lists of them always serialise"
        )]
        serde_json::to_vec(self).expect("a record serialises")
    }

    /// The fields that the record says something about.
    pub fn fields(&self) -> impl Iterator<Item = Field> {
        let said = |field: Field| match field {
            Field::DeviceName => self.device_name.is_some(),
            Field::Username => !self.usernames.is_empty(),
            Field::PrivateIp => !self.private_ips.is_empty(),
            Field::MacAddress => !self.mac_addresses.is_empty(),
            Field::PublicIp => !self.public_ips.is_empty(),
            Field::ServiceId => self.service_id.is_some(),
            Field::LineId => self.line_id.is_some(),
        };
        Field::ALL.into_iter().filter(move |field| said(*field))
    }

    /// The first field that `permits` do not document.
    #[must_use]
    pub fn undocumented(&self, permits: &Permits) -> Option<Field> {
        self.fields().find(|field| !permits.documents(*field))
    }
}

/// What the collector says to a batch that it holds durably.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RecordsReply {
    /// The sequence number that is acknowledged.
    pub acknowledged: u64,
    /// Records that are held. In the answer to a retry, of a batch that is held already, all three are 0.
    pub stored: u32,
    /// Records that were not stored, because the policy does not document one of their fields for their product, or
    /// the organisation does not have the product.
    pub not_documented: u32,
    /// Records that fitted several devices, and so became a device of their own.
    pub ambiguous: u32,
    /// Version of the policy that the collector publishes.
    pub policy: u64,
    /// Products of this device now.
    pub products: Vec<ProductId>,
}

fn links<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<LinkToken>, D::Error> {
    ascending(deserializer, MAX_LINKS, |_| {
        "link tokens out of order or too many".to_owned()
    })
}
