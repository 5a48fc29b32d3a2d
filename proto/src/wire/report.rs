//! What an agent sends, and what it is told in return.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::form::{counted, present, sorted};
use super::refusal::{self, Refusal};
use crate::field::{DeviceName, Field, MacAddress, PrivateIp, Username};
use crate::log_safe_by_display;
use crate::policy::{Permits, ProductId};

/// The documented fields of one device, or those of them that changed.
///
/// A field that is absent has not changed since the last acknowledged report; an empty list says that there is
/// no value now. A report without any field is the daily heartbeat.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Report {
    /// Version of the wire contract, [`super::VERSION`].
    pub wire: u16,
    /// Rises by one with each new report; a retry repeats its number and its bytes.
    #[serde(deserialize_with = "counted")]
    #[cfg_attr(feature = "schema", schemars(range(max = super::form::MAX_COUNT)))]
    pub sequence: u64,
    /// Version of the policy that the agent obeyed.
    #[serde(deserialize_with = "counted")]
    #[cfg_attr(feature = "schema", schemars(range(max = super::form::MAX_COUNT)))]
    pub policy: u64,
    /// Version of the agent.
    pub agent: AgentVersion,
    /// First label of the host's name.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "present"
    )]
    pub device_name: Option<DeviceName>,
    /// Who is signed in, sorted, at most 16.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "sorted")]
    pub usernames: Option<Vec<Username>>,
    /// Addresses of the physical interfaces that carry a route, sorted, at most 16.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "sorted")]
    pub private_ips: Option<Vec<PrivateIp>>,
    /// Hardware addresses of those interfaces, sorted, at most 16.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "sorted")]
    pub mac_addresses: Option<Vec<MacAddress>>,
}

impl Report {
    /// Reads a report from a request's body.
    ///
    /// # Errors
    /// A [`Refusal`] of the whole report: an unknown, duplicate or wrong-case key, a value that is not in its
    /// field's canonical form, or anything else that this type does not say.
    pub fn read(body: &[u8]) -> Result<Self, Refusal> {
        refusal::read(body)
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
        serde_json::to_vec(self).expect("a report serialises")
    }

    /// The fields that this report says something about.
    pub fn fields(&self) -> impl Iterator<Item = Field> {
        [
            self.device_name.as_ref().map(|_| Field::DeviceName),
            self.usernames.as_ref().map(|_| Field::Username),
            self.private_ips.as_ref().map(|_| Field::PrivateIp),
            self.mac_addresses.as_ref().map(|_| Field::MacAddress),
        ]
        .into_iter()
        .flatten()
    }

    /// Refuses a report that says something about a field which the device's products do not document.
    ///
    /// # Errors
    /// [`refusal::Reason::NotDocumented`] with the field.
    pub fn check_documented(&self, permits: &Permits) -> Result<(), Refusal> {
        self.fields()
            .find(|field| !permits.documents(*field))
            .map_or(Ok(()), |f| Err(Refusal::not_documented(f)))
    }
}

/// What the collector says to a report that it holds durably.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ReportReply {
    /// The sequence number that is acknowledged.
    pub acknowledged: u64,
    /// The collector cannot know the fields that were left out: send them all next time.
    pub send_all: bool,
    /// Version of the policy that the collector publishes.
    pub policy: u64,
    /// Products of this device now. They can narrow what the agent sends within the signed policy, never widen
    /// it beyond.
    pub products: Vec<ProductId>,
    /// The collector's time, seconds since 1970, so that an agent can tell that its clock is off.
    pub time: crate::UnixTime,
}

/// The agent's version: digits, dots, and letters of a pre-release, at most 32 characters.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(with = "String"))]
pub struct AgentVersion(String);

impl AgentVersion {
    /// The version as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A text that is not a version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a version such as 1.2.3 or 1.2.3-rc.1")]
pub struct InvalidVersion;

impl FromStr for AgentVersion {
    type Err = InvalidVersion;

    fn from_str(text: &str) -> Result<Self, InvalidVersion> {
        let (numbers, suffix) = text
            .split_once('-')
            .map_or((text, None), |(numbers, rest)| (numbers, Some(rest)));
        let three_numbers = numbers.split('.').count() == 3
            && numbers
                .split('.')
                .all(|n| (1..=5).contains(&n.len()) && n.bytes().all(|b| b.is_ascii_digit()));
        // A closed set of words: a free suffix would be a place to put anything.
        let known_suffix = suffix.is_none_or(|suffix| {
            let (word, number) = suffix.split_once('.').unwrap_or((suffix, "0"));
            matches!(word, "alpha" | "beta" | "rc" | "dev")
                && (1..=3).contains(&number.len())
                && number.bytes().all(|b| b.is_ascii_digit())
        });
        if three_numbers && known_suffix {
            Ok(Self(text.to_owned()))
        } else {
            Err(InvalidVersion)
        }
    }
}

impl fmt::Display for AgentVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Serialize for AgentVersion {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for AgentVersion {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        <std::borrow::Cow<'de, str>>::deserialize(deserializer)?
            .parse()
            .map_err(serde::de::Error::custom)
    }
}

log_safe_by_display!(AgentVersion);
