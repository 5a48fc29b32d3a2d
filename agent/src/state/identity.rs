//! Who this device is to its collector.

use serde::{Deserialize, Serialize};
use zeef_proto::policy::PolicyKey;
use zeef_proto::wire::{EnrolmentToken, RenewalReply};
use zeef_proto::{DeviceId, OrganisationId, UnixTime};

use super::{Der, MachineMark, SecretKey};
use crate::transport::{CollectorUrl, ProxyUrl};

/// The collector, the way to it, and the token that admitted this device, kept for the day on which this state
/// turns out to be a copy.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Place {
    /// Where the collector is.
    pub url: CollectorUrl,
    /// The proxy to go through.
    pub proxy: Option<ProxyUrl>,
    /// The enrolment token's text.
    #[serde(with = "token_text")]
    pub token: EnrolmentToken,
}

impl Place {
    /// The policy key that the token pinned.
    #[must_use]
    pub const fn policy_key(&self) -> &PolicyKey {
        &self.token.policy_key
    }
}

/// The device's identity.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Identity {
    /// The collector.
    pub place: Place,
    /// Its root certificate, the only one that is trusted.
    pub root: Der,
    /// The customer that this device belongs to.
    pub organisation: OrganisationId,
    /// This device.
    pub device: DeviceId,
    /// The key of the certificate.
    pub key: SecretKey,
    /// The certificate.
    pub certificate: RenewalReply,
    /// When this identity was given.
    pub enrolled_at: UnixTime,
    /// How often this state turned out to be a copy since somebody enrolled it by hand.
    pub copies: u32,
    /// The machine that it was given on.
    pub machine: Option<MachineMark>,
}

mod token_text {
    use serde::{Deserialize, Deserializer, Serializer};
    use zeef_proto::wire::EnrolmentToken;
    use zeroize::Zeroizing;

    pub(super) fn serialize<S: Serializer>(token: &EnrolmentToken, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&Zeroizing::new(token.expose()))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<EnrolmentToken, D::Error> {
        Zeroizing::new(String::deserialize(deserializer)?)
            .parse()
            .map_err(serde::de::Error::custom)
    }
}

impl std::fmt::Debug for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Place(…)")
    }
}

impl std::fmt::Debug for Identity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Identity")
            .field("device", &self.device)
            .finish_non_exhaustive()
    }
}
