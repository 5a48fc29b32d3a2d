//! A `[[pull]]` of the configuration, and what it comes to together with the source's definition.

use std::collections::BTreeMap;
use std::path::PathBuf;

use data_encoding::HEXLOWER_PERMISSIVE;
use reqwest::Url;
use serde::Deserialize;
use zeef_proto::time::{DAY, HOUR};

use crate::sieve::definition::{Authenticate, Definition, Name, Pull, fits_in_path};
use crate::transport::{ProxyUrl, bare_https};

/// The table as it is written. Its records are always those of a site's devices.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Table {
    /// The source whose definition says how to fetch.
    pub source: Name,
    /// Which of the definition's pulls.
    pub pull: Name,
    /// The server.
    pub url: Server,
    /// Values for the parameters of the pull's path.
    #[serde(default)]
    pub parameters: BTreeMap<Name, Parameter>,
    /// Time from one round to the next.
    pub every: Every,
    /// The file with the token, this account's alone.
    pub token_file: AbsolutePath,
    /// PEM file with the roots to believe, instead of the system's.
    pub roots: Option<AbsolutePath>,
    /// SHA-256 of the one certificate to believe, instead of any root.
    pub certificate_sha256: Option<Fingerprint>,
    /// The proxy on the way.
    pub proxy: Option<ProxyUrl>,
}

/// A table that can be acted on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    pub(super) pull: Pull,
    /// The first page, without what the paging adds.
    pub(super) first: Url,
    /// Where a bearer token is bought, where it is.
    pub(super) grant: Option<Url>,
    pub(super) every: Every,
    pub(super) token_file: PathBuf,
    pub(super) trust: Trust,
    pub(super) proxy: Option<ProxyUrl>,
}

/// Whom to believe.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Trust {
    System,
    Roots(PathBuf),
    Pinned(Fingerprint),
}

/// Why a table cannot be acted on. A configuration names no person, so that names are quoted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SettingsError {
    /// No such pull.
    #[error("the source {source_name} has no pull \"{pull}\"; it has {known}")]
    UnknownPull {
        /// The source.
        source_name: Name,
        /// What was asked for.
        pull: Name,
        /// What there is.
        known: String,
    },
    /// A parameter without a value.
    #[error("the pull \"{pull}\" needs {parameter}; write parameters = {{ {parameter} = \"…\" }}")]
    Missing {
        /// The pull.
        pull: Name,
        /// The parameter.
        parameter: Name,
    },
    /// A value without a parameter.
    #[error("the pull \"{pull}\" has no parameter {parameter}; leave it out")]
    Unknown {
        /// The pull.
        pull: Name,
        /// The parameter.
        parameter: Name,
    },
    /// Two things to believe.
    #[error("roots and certificate_sha256 exclude each other; name the one that you mean")]
    TwoTrusts,
}

impl Settings {
    /// Joins the table with the definition of its source.
    ///
    /// # Errors
    /// [`SettingsError`].
    pub fn new(table: Table, definition: &Definition) -> Result<Self, SettingsError> {
        let pull = find(&table, definition)?;
        let value = |name: &Name| table.parameters.get(name).map(|value| value.0.as_str());
        if let Some(parameter) = pull.path.parameters().find(|name| value(name).is_none()) {
            return Err(SettingsError::Missing {
                pull: table.pull,
                parameter: parameter.clone(),
            });
        }
        let known = |name: &&Name| pull.path.parameters().any(|parameter| parameter == *name);
        if let Some(parameter) = table.parameters.keys().find(|name| !known(name)) {
            return Err(SettingsError::Unknown {
                pull: table.pull,
                parameter: parameter.clone(),
            });
        }
        let at = |path: Option<String>| {
            let mut url = table.url.0.clone();
            url.set_path(&path.unwrap_or_default());
            url
        };
        let mut first = at(pull.path.filled(value));
        if !pull.query.is_empty() {
            first.query_pairs_mut().extend_pairs(&pull.query);
        }
        let grant = match &pull.authenticate {
            Authenticate::Header(_) => None,
            Authenticate::PasswordGrant(grant) => Some(at(grant.path.filled(|_| None))),
        };
        let trust = match (table.roots, table.certificate_sha256) {
            (None, None) => Trust::System,
            (Some(roots), None) => Trust::Roots(roots.0),
            (None, Some(fingerprint)) => Trust::Pinned(fingerprint),
            (Some(_), Some(_)) => return Err(SettingsError::TwoTrusts),
        };
        Ok(Self {
            first,
            grant,
            pull,
            every: table.every,
            token_file: table.token_file.0,
            trust,
            proxy: table.proxy,
        })
    }

    /// What tells it from other pulls: where its first page is.
    #[must_use]
    pub fn place(&self) -> &str {
        self.first.as_str()
    }
}

fn find(table: &Table, definition: &Definition) -> Result<Pull, SettingsError> {
    let found = definition.pulls.iter().find(|pull| pull.name == table.pull);
    found.cloned().ok_or_else(|| {
        let names: Vec<&str> = definition.pulls.iter().map(|pull| pull.name.as_str()).collect();
        SettingsError::UnknownPull {
            source_name: table.source.clone(),
            pull: table.pull.clone(),
            known: if names.is_empty() {
                "none".to_owned()
            } else {
                names.join(", ")
            },
        }
    })
}

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
    fn read(text: &str) -> Result<Self, Malformed> {
        bare_https(text).map(Self).ok_or(Malformed::Server)
    }
}

/// The value of a parameter, fit for a path as it is.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Parameter(String);

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
pub struct AbsolutePath(PathBuf);

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
