//! A `[[pull]]` of the configuration, and what it comes to together with the source's definition.

use std::collections::BTreeMap;
use std::path::PathBuf;

use reqwest::Url;
use serde::Deserialize;

use super::values::{AbsolutePath, Every, Fingerprint, Parameter, Server};
use crate::sieve::definition::{Authenticate, Definition, HeaderName, Name, Paging, Pull};
use crate::transport::ProxyUrl;

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
    /// The first page, without what the paging adds.
    pub(super) first: Url,
    pub(super) paging: Paging,
    pub(super) access: Access,
    pub(super) every: Every,
    pub(super) token_file: PathBuf,
    pub(super) trust: Trust,
    pub(super) proxy: Option<ProxyUrl>,
}

/// What a request shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Access {
    /// The token, in this header.
    Header(HeaderName),
    /// A bearer token, which is bought.
    Bearer(Grant),
}

/// Where a bearer token is bought, and as which client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Grant {
    pub(super) url: Url,
    pub(super) client: String,
    pub(super) client_password: String,
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
        let path = pull
            .path
            .filled(value)
            .map_err(|parameter| SettingsError::Missing {
                pull: table.pull.clone(),
                parameter: parameter.clone(),
            })?;
        let known = |name: &&Name| pull.path.parameters().any(|parameter| parameter == *name);
        if let Some(parameter) = table.parameters.keys().find(|name| !known(name)) {
            return Err(SettingsError::Unknown {
                pull: table.pull,
                parameter: parameter.clone(),
            });
        }
        let mut first = table.url.at(&path);
        if !pull.query.is_empty() {
            first.query_pairs_mut().extend_pairs(&pull.query);
        }
        let access = match pull.authenticate {
            Authenticate::Header(name) => Access::Header(name),
            Authenticate::PasswordGrant(grant) => Access::Bearer(Grant {
                url: table.url.at(grant.path.as_str()),
                client: grant.client,
                client_password: grant.client_password,
            }),
        };
        let trust = match (table.roots, table.certificate_sha256) {
            (None, None) => Trust::System,
            (Some(roots), None) => Trust::Roots(roots.0),
            (None, Some(fingerprint)) => Trust::Pinned(fingerprint),
            (Some(_), Some(_)) => return Err(SettingsError::TwoTrusts),
        };
        Ok(Self {
            first,
            paging: pull.paging,
            access,
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
