//! Random identifiers, one type each, so that they cannot be mixed up.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use uuid::Uuid;

use crate::log_safe_by_display;

/// An identifier that is not a UUID in its hyphenated lower-case form (RFC 9562, section 4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an identifier: expected 36 characters such as 6f1b0c7e-0d4f-4a7e-9b62-1d8f0a3c5e21")]
pub struct InvalidId;

macro_rules! typed_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(Uuid);

        impl $name {
            /// Makes a version 4 UUID of 16 random bytes.
            #[must_use]
            pub fn from_random(bytes: [u8; 16]) -> Self {
                Self(uuid::Builder::from_random_bytes(bytes).into_uuid())
            }

            /// Takes the 16 bytes that [`Self::as_bytes`] gave.
            #[must_use]
            pub const fn from_bytes(bytes: [u8; 16]) -> Self {
                Self(Uuid::from_bytes(bytes))
            }

            /// The 16 bytes, as stored.
            #[must_use]
            pub const fn as_bytes(&self) -> &[u8; 16] {
                self.0.as_bytes()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&self.0.hyphenated(), f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self.0.hyphenated())
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;

            fn from_str(text: &str) -> Result<Self, InvalidId> {
                let id = Uuid::try_parse(text).map_err(|_| InvalidId)?;
                // One spelling only: what is compared as text elsewhere must not have two forms.
                let mut buffer = Uuid::encode_buffer();
                if *id.hyphenated().encode_lower(&mut buffer) == *text { Ok(Self(id)) } else { Err(InvalidId) }
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }

        log_safe_by_display!($name);
    };
}

typed_id! {
    /// A customer of the provider; the tenant. Leads every key of the store.
    OrganisationId
}
typed_id! {
    /// An endpoint: random, kept in its certificate, never derived from the hardware.
    DeviceId
}
typed_id! {
    /// An organisation's (or device's) period of a product.
    SubscriptionId
}
typed_id! {
    /// An enrolment token, as named in lists; not its secret.
    TokenId
}
typed_id! {
    /// A legal hold.
    HoldId
}
typed_id! {
    /// A receipt of an erasure.
    ReceiptId
}
typed_id! {
    /// A request of somebody whose data is held.
    RequestId
}
typed_id! {
    /// A person who signs in.
    UserId
}
typed_id! {
    /// A token for the API, as named in lists and in the ledger; not its secret.
    ApiTokenId
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_survives_text_and_bytes() {
        let id = DeviceId::from_random([7; 16]);
        assert_eq!(id.to_string().parse(), Ok(id));
        assert_eq!(DeviceId::from_bytes(*id.as_bytes()), id);
    }

    #[test]
    fn only_the_hyphenated_lower_case_form_is_an_id() {
        let id = DeviceId::from_random([0xab; 16]).to_string();
        assert!(id.to_uppercase().parse::<DeviceId>().is_err());
        assert!(id.replace('-', "").parse::<DeviceId>().is_err());
        assert!(format!("{{{id}}}").parse::<DeviceId>().is_err());
        assert!("".parse::<DeviceId>().is_err());
    }
}
