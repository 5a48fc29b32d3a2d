//! One text of a page, with named places for what is filled in.

use std::fmt;

use serde::Deserialize;

/// A text such as `{from}–{to} of {total}`. Escaped like any other text when a template shows it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub(crate) struct Phrase(String);

impl Phrase {
    /// The text with `value` in place of `{name}`.
    pub(crate) fn with(&self, name: &str, value: impl fmt::Display) -> Self {
        Self(self.0.replace(&format!("{{{name}}}"), &value.to_string()))
    }

    /// The text as it stands.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Phrase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<Phrase> for String {
    fn from(phrase: Phrase) -> Self {
        phrase.0
    }
}

impl From<&Phrase> for String {
    fn from(phrase: &Phrase) -> Self {
        phrase.0.clone()
    }
}
