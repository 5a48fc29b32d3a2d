//! How a device gets its certificate, renews it, and gets it back after it lapsed.

use serde::{Deserialize, Serialize};

use super::refusal::{self, Refusal};
use super::report::AgentVersion;
use crate::policy::{ProductId, SignedPolicy};
use crate::{DeviceId, OrganisationId, UnixTime};

/// A new device asks for a certificate.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct EnrolmentRequest {
    /// Version of the wire contract, [`super::VERSION`].
    pub wire: u16,
    /// Version of the agent.
    pub agent: AgentVersion,
    /// Kind of operating system, to tell an administrator which installer was used.
    pub platform: Platform,
    /// The token's secret, base64url without padding.
    pub secret: String,
    /// PKCS#10 certification request (RFC 2986) in DER, base64url without padding. Its subject is ignored.
    pub request: String,
}

/// Kind of operating system.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum Platform {
    /// Linux.
    Linux,
    /// Windows.
    Windows,
    /// macOS.
    Macos,
}

/// The device's new identity.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct EnrolmentReply {
    /// The organisation that the token was bound to.
    #[cfg_attr(feature = "schema", schemars(with = "String"))]
    pub organisation: OrganisationId,
    /// The device's id: new, or the one that this key was given before.
    #[cfg_attr(feature = "schema", schemars(with = "String"))]
    pub device: DeviceId,
    /// Certificate of the device.
    pub certificate: RenewalReply,
    /// Products of the device now.
    pub products: Vec<ProductId>,
    /// The policy to obey, to be checked against the pinned key.
    pub policy: SignedPolicy,
}

/// A device with a valid certificate asks for its successor, for a key that may be new.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RenewalRequest {
    /// Version of the wire contract, [`super::VERSION`].
    pub wire: u16,
    /// PKCS#10 certification request in DER, base64url without padding. Its subject is ignored.
    pub request: String,
}

/// A certificate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RenewalReply {
    /// The device's certificate, then the issuing one, each DER in base64url without padding.
    pub chain: Vec<String>,
    /// From when the device should ask for the next one: half of the certificate's life.
    pub renew_after: UnixTime,
    /// When it lapses.
    pub not_after: UnixTime,
}

/// A fresh value to sign, so that a recorded recovery cannot be replayed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RecoveryChallenge {
    /// Opaque, base64url without padding, good for five minutes.
    pub nonce: String,
}

/// A device whose certificate lapsed while it was off proves its old key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RecoveryRequest {
    /// Version of the wire contract, [`super::VERSION`].
    pub wire: u16,
    /// The lapsed certificate in DER, base64url without padding.
    pub certificate: String,
    /// The collector's challenge.
    pub nonce: String,
    /// PKCS#10 certification request in DER, base64url without padding.
    pub request: String,
    /// ECDSA P-256 SHA-256 signature (ASN.1 form) by the old key over [`recovery_message`], base64url without
    /// padding.
    pub signature: String,
}

/// What the old key signs in a recovery.
#[must_use]
pub fn recovery_message(nonce: &str, request: &str) -> Vec<u8> {
    format!("zeef recovery v1\n{nonce}\n{request}").into_bytes()
}

macro_rules! readable {
    ($($name:ident),+) => {$(
        impl $name {
            /// Reads the message from a body.
            ///
            /// # Errors
            /// A [`Refusal`] of the whole body.
            pub fn read(body: &[u8]) -> Result<Self, Refusal> {
                refusal::read(body)
            }
        }
    )+};
}

readable!(
    EnrolmentRequest,
    EnrolmentReply,
    RenewalRequest,
    RenewalReply,
    RecoveryChallenge,
    RecoveryRequest
);

impl std::fmt::Debug for EnrolmentRequest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("EnrolmentRequest(…)")
    }
}
