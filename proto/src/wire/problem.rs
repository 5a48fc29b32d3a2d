//! Refusals as RFC 9457 problem details, with codes that stay.

use serde::{Deserialize, Serialize};

use crate::log_safe_by_display;

/// The body of every refusal, `application/problem+json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Problem {
    /// Stable code; what programs act on.
    pub code: ProblemCode,
    /// HTTP status.
    pub status: u16,
    /// One sentence: what happened and what to do.
    pub title: String,
    /// Where in the request, without any of its values.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
}

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $status:literal, $text:literal, $title:literal;)+) => {
        /// Everything that a collector can refuse an agent for.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
        pub enum ProblemCode {
            $($(#[$doc])* #[serde(rename = $text)] $name,)+
        }

        impl ProblemCode {
            /// All codes.
            pub const ALL: &[Self] = &[$(Self::$name),+];

            /// HTTP status that goes with the code.
            #[must_use]
            pub const fn status(self) -> u16 {
                match self { $(Self::$name => $status),+ }
            }

            /// The code as text.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text),+ }
            }

            /// One sentence that says what happened and what to do.
            #[must_use]
            pub const fn title(self) -> &'static str {
                match self { $(Self::$name => $title),+ }
            }
        }
    };
}

codes! {
    /// The body is not a message of the wire contract.
    InvalidMessage = 400, "invalid-message", "The message was refused whole and nothing of it was stored; send only documented keys and values.";
    /// The certification request cannot be used.
    InvalidRequest = 400, "invalid-certification-request", "The certification request cannot be used; send a self-signed PKCS#10 request for an ECDSA P-256 key.";
    /// The wire version is not spoken.
    WireVersion = 400, "wire-version", "This collector does not speak the agent's wire version; upgrade the older of the two.";
    /// No client certificate where one is needed.
    CertificateRequired = 401, "certificate-required", "A client certificate is required; enrol this device first.";
    /// The certificate is not one that this collector issued to a device it knows.
    CertificateUnknown = 403, "certificate-unknown", "This certificate is not known here; enrol this device again.";
    /// The device was revoked.
    Revoked = 403, "revoked", "This device was revoked; an administrator must enrol it again with a new token.";
    /// The token is unknown, used up, expired or revoked: deliberately not told apart.
    TokenRefused = 403, "token-refused", "The enrolment token is unknown, used up or expired; ask for a new one.";
    /// The recovery's proof does not hold.
    RecoveryRefused = 403, "recovery-refused", "The lapsed certificate or its proof was refused; enrol this device again.";
    /// The device uses a field that its products do not document.
    NotDocumented = 403, "not-documented", "The report holds a field that none of the device's products document; it was refused whole.";
    /// The device speaks of others, which nobody has allowed it.
    SiteNotAllowed = 403, "site-not-allowed", "This device may not tell of other devices; an administrator can allow it with zeef-collector device site.";
    /// Nothing there.
    NotFound = 404, "not-found", "There is nothing at this address; the agent and the collector may be of different versions.";
    /// Wrong method.
    MethodNotAllowed = 405, "method-not-allowed", "This address does not take this method.";
    /// Another report had this number.
    SequenceFork = 409, "sequence-fork", "Another report with this number was received; this device's state was copied or restored, and it must enrol again.";
    /// The device's data was erased or its service ended.
    Gone = 410, "gone", "This device was removed; wipe the agent's state and stop.";
    /// Too large.
    TooLarge = 413, "too-large", "The message is larger than 16 KiB and was not read.";
    /// Too often.
    TooManyRequests = 429, "too-many-requests", "Too many requests; wait for the time in Retry-After.";
    /// A failure in the collector.
    Internal = 500, "internal", "The collector could not do this; nothing was stored. Try again later.";
    /// The collector has no room or is stopping.
    Unavailable = 503, "unavailable", "The collector cannot store anything now; nothing was lost. Try again after the time in Retry-After.";
}

impl std::fmt::Display for ProblemCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

log_safe_by_display!(ProblemCode);

impl Problem {
    /// The problem of that code, with a place in the request.
    #[must_use]
    pub fn new(code: ProblemCode, detail: Option<String>) -> Self {
        Self {
            code,
            status: code.status(),
            title: code.title().to_owned(),
            detail,
        }
    }
}
