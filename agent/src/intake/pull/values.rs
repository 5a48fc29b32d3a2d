//! Texts of a `[[pull]]`, parsed.

use std::path::PathBuf;

use data_encoding::HEXLOWER_PERMISSIVE;
use reqwest::Url;
use serde::Deserialize;
use zeef_proto::time::{DAY, HOUR};

use crate::sieve::definition::fits_in_path;
use crate::transport::bare_https;

/// A text of the configuration that is malformed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Malformed {
    /// The server.
    #[error(
        "not the address of a server: write it like https://console.example:8443, without path or password"
    )]
    Server,
    /// A parameter.
    #[error("a parameter has 1 to 64 letters, digits and the signs - _ . ~")]
    Parameter,
    /// A time.
    #[error("not a time between pulls: write it like 15m, 6h or 1d, from 1m to 7d")]
    Every,
    /// A file.
    #[error("path is not absolute; write it from the root on")]
    Path,
    /// A fingerprint.
    #[error("a SHA-256 has 64 hexadecimal digits, with or without colons between")]
    Fingerprint,
}

macro_rules! from_text {
    ($name:ident) => {
        impl TryFrom<String> for $name {
            type Error = Malformed;

            fn try_from(text: String) -> Result<Self, Malformed> {
                Self::read(&text)
            }
        }
    };
}

/// `https://HOST` or `https://HOST:PORT`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Server(Url);

from_text!(Server);

impl Server {
    /// The address of one of its paths.
    pub(super) fn at(&self, path: &str) -> Url {
        let mut url = self.0.clone();
        url.set_path(path);
        url
    }

    fn read(text: &str) -> Result<Self, Malformed> {
        bare_https(text).map(Self).ok_or(Malformed::Server)
    }
}

/// The value of a parameter, fit for a path as it is.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Parameter(pub(super) String);

from_text!(Parameter);

impl Parameter {
    fn read(text: &str) -> Result<Self, Malformed> {
        if text.len() <= 64 && fits_in_path(text) {
            Ok(Self(text.to_owned()))
        } else {
            Err(Malformed::Parameter)
        }
    }
}

/// Seconds from one round to the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Every(i64);

from_text!(Every);

impl Every {
    /// The seconds.
    #[must_use]
    pub const fn seconds(self) -> i64 {
        self.0
    }

    fn read(text: &str) -> Result<Self, Malformed> {
        let unit = match text.as_bytes().last() {
            Some(b'm') => 60,
            Some(b'h') => HOUR,
            Some(b'd') => DAY,
            _ => return Err(Malformed::Every),
        };
        let number: i64 = text[..text.len() - 1].parse().map_err(|_| Malformed::Every)?;
        let seconds = number.checked_mul(unit).ok_or(Malformed::Every)?;
        if (60..=7 * DAY).contains(&seconds) {
            Ok(Self(seconds))
        } else {
            Err(Malformed::Every)
        }
    }
}

/// A path that does not depend on where the agent was started.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct AbsolutePath(pub(super) PathBuf);

from_text!(AbsolutePath);

impl AbsolutePath {
    fn read(text: &str) -> Result<Self, Malformed> {
        let path = PathBuf::from(text);
        if path.has_root() {
            Ok(Self(path))
        } else {
            Err(Malformed::Path)
        }
    }
}

/// SHA-256 of a certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Fingerprint(pub(super) [u8; 32]);

from_text!(Fingerprint);

impl Fingerprint {
    fn read(text: &str) -> Result<Self, Malformed> {
        let digits = text.replace(':', "");
        let bytes = HEXLOWER_PERMISSIVE.decode(digits.as_bytes());
        let bytes = bytes.map_err(|_| Malformed::Fingerprint)?;
        bytes.try_into().map(Self).map_err(|_| Malformed::Fingerprint)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_between_pulls_is_a_minute_at_least_and_a_week_at_most() {
        for (text, seconds) in [("1m", 60), ("15m", 900), ("6h", 21_600), ("7d", 604_800)] {
            assert_eq!(Every::read(text), Ok(Every(seconds)), "{text}");
        }
        for text in [
            "",
            "m",
            "0m",
            "30s",
            "8d",
            "15",
            "-5m",
            "1.5h",
            "99999999999999999999d",
            "é",
        ] {
            assert_eq!(Every::read(text), Err(Malformed::Every), "{text}");
        }
    }

    #[test]
    fn a_parameter_cannot_leave_its_place_in_the_path() {
        assert!(Parameter::read("88f7af54-98f8-306a-a1c7-c9349722b1f6").is_ok());
        for text in [
            "",
            ".",
            "..",
            "a/b",
            "a?b",
            "a#b",
            "%2e%2e",
            "a b",
            &"a".repeat(65),
        ] {
            assert_eq!(Parameter::read(text), Err(Malformed::Parameter), "{text}");
        }
    }

    #[test]
    fn a_fingerprint_is_taken_as_tools_print_it() {
        let colons = ["AB"; 32].join(":");
        assert_eq!(Fingerprint::read(&colons), Ok(Fingerprint([0xab; 32])));
        assert_eq!(Fingerprint::read(&"ab".repeat(32)), Ok(Fingerprint([0xab; 32])));
        assert_eq!(Fingerprint::read("ab"), Err(Malformed::Fingerprint));
    }
}
