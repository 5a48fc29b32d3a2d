//! An enrolment that is not completed: kept, because a retry with the same key gets the same device.

use serde::{Deserialize, Serialize};

use super::{Place, SecretKey};

/// What is needed to enrol, or to try it again.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Enrolment {
    /// The collector and the token for it.
    pub place: Place,
    /// The key that is to be certified.
    pub key: SecretKey,
    /// Why.
    pub cause: Cause,
    /// How often this state turned out to be a copy.
    pub copies: u32,
}

/// Why a device enrols.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Cause {
    /// Somebody asked for it.
    Asked,
    /// Another device reports under the same identity.
    SequenceFork,
    /// The state was made on another machine.
    OtherMachine,
}

impl Cause {
    /// The cause in words.
    #[must_use]
    pub const fn in_words(self) -> &'static str {
        match self {
            Self::Asked => "somebody asked for it",
            Self::SequenceFork => "another machine reports under the same identity",
            Self::OtherMachine => "the state was copied from another machine",
        }
    }
}

impl std::fmt::Debug for Enrolment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Enrolment")
            .field("cause", &self.cause)
            .finish_non_exhaustive()
    }
}
