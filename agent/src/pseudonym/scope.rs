//! Within which bounds equal values have equal tokens.

use std::fmt;
use std::str::FromStr;

use serde::Serialize;

/// Who shares a key. It goes into every hash: the same secret under another scope gives other tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Scope {
    /// One device, on which the key is made and which it never leaves.
    Device,
    /// All devices of one organisation, whose administrator makes the key and hands it out.
    Organisation,
}

impl Scope {
    /// The word in key files and on the command line.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Device => "device",
            Self::Organisation => "organisation",
        }
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Scope {
    type Err = UnknownScope;

    fn from_str(text: &str) -> Result<Self, UnknownScope> {
        [Self::Device, Self::Organisation]
            .into_iter()
            .find(|scope| scope.as_str() == text)
            .ok_or(UnknownScope)
    }
}

/// A word that is no scope.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a scope is device or organisation")]
pub struct UnknownScope;
