//! Link tokens: what records of one device have in common, without the id that the source knows it by.

use std::fmt;
use std::str::FromStr;

use data_encoding::{BASE64URL_NOPAD, HEXLOWER};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Bytes of a key's id.
const KEY_ID: usize = 6;
/// Bytes of the hash.
const HASH: usize = 16;
/// Digits of an epoch's number.
const MOST_DIGITS: usize = 10;

/// A keyed hash, such as `1c7f0d07a2b3.2:XykOR8JeD9J86b_2UNTRkg`: the key's id, its epoch, and 128 bits in
/// base64url. Whoever has no key learns from it only that two records are of one device. `Debug` does not show it.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct LinkToken(String);

/// A text that is not a link token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a link token")]
pub struct InvalidLink;

impl LinkToken {
    /// The token as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for LinkToken {
    type Err = InvalidLink;

    fn from_str(text: &str) -> Result<Self, InvalidLink> {
        let (kid, hash) = text.split_once(':').ok_or(InvalidLink)?;
        let (id, epoch) = kid.split_once('.').ok_or(InvalidLink)?;
        let is_id = HEXLOWER.decode(id.as_bytes()).is_ok_and(|id| id.len() == KEY_ID);
        let is_epoch = (1..=MOST_DIGITS).contains(&epoch.len())
            && epoch.bytes().all(|b| b.is_ascii_digit())
            && !epoch.starts_with('0');
        let is_hash = BASE64URL_NOPAD
            .decode(hash.as_bytes())
            .is_ok_and(|hash| hash.len() == HASH);
        if is_id && is_epoch && is_hash {
            Ok(Self(text.to_owned()))
        } else {
            Err(InvalidLink)
        }
    }
}

impl fmt::Debug for LinkToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LinkToken(…)")
    }
}

impl Serialize for LinkToken {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for LinkToken {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        <std::borrow::Cow<'de, str>>::deserialize(deserializer)?
            .parse()
            .map_err(serde::de::Error::custom)
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for LinkToken {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "LinkToken".into()
    }
    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": "string",
            "pattern": "^[0-9a-f]{12}[.][1-9][0-9]{0,9}:[A-Za-z0-9_-]{22}$",
            "description": "keyed hash of the id by which a source knows a device"
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_keyed_hash_is_a_link_token() {
        let token = "1c7f0d07a2b3.2:XykOR8JeD9J86b_2UNTRkg";
        assert_eq!(token.parse::<LinkToken>().unwrap().as_str(), token);
        for text in [
            "",
            "jan",
            "1c7f0d07a2b3:XykOR8JeD9J86b_2UNTRkg",
            "1c7f0d07a2b3.0:XykOR8JeD9J86b_2UNTRkg",
            "1c7f0d07a2b3.02:XykOR8JeD9J86b_2UNTRkg",
            "1C7F0D07A2B3.2:XykOR8JeD9J86b_2UNTRkg",
            "1c7f0d07a2b3.2:XykOR8JeD9J86b_2UNTRkh",
            "1c7f0d07a2b3.2:XykOR8JeD9J86b_2UNTR",
            "jan-de-vries.2:XykOR8JeD9J86b_2UNTRkg",
        ] {
            assert!(text.parse::<LinkToken>().is_err(), "{text:?}");
        }
    }
}
