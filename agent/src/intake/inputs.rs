//! What is read: each input with whose records it has and about whom, and a name that says neither.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use tokio::sync::mpsc::Sender;
use zeef_proto::Clock;
use zeef_proto::wire::About;

use super::digest::{Digest, Digester};
use super::health::Health;
use super::piece::Piece;
use super::position::Position;
use super::{folder, pull, syslog, tail};
use crate::sieve::definition::Definition;

/// Which input it is: a keyed digest of what it reads, the same after each start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct InputId(Digest);

impl InputId {
    /// The id of an input of this kind that reads records of `source` at `place`.
    #[must_use]
    pub fn of(digester: &Digester, kind: &str, source: &str, place: &str) -> Self {
        Self(digester.digest(&[b"input", kind.as_bytes(), source.as_bytes(), place.as_bytes()]))
    }
}

/// One thing that is read.
#[derive(Debug, Clone)]
pub struct Input {
    /// How it is read.
    pub kind: Kind,
    /// Whose records it has.
    pub source: Source,
    /// Which devices they are about.
    pub about: About,
}

/// Whose records an input has.
#[derive(Debug, Clone)]
pub enum Source {
    /// One source's.
    One(Box<Definition>),
    /// Those of the definition that a file fits best.
    Auto(Vec<Definition>),
}

/// How an input is read.
#[derive(Debug, Clone)]
pub enum Kind {
    /// A watched folder.
    Folder(folder::Settings),
    /// A tailed file.
    Tail(tail::Settings),
    /// Messages that are sent here.
    Syslog(syslog::Settings),
    /// Records that are fetched.
    Pull(Box<pull::Settings>),
}

/// What every input is given.
pub struct Surroundings {
    /// Where it stands.
    pub position: Position,
    /// Where its pieces go.
    pub out: Sender<Piece>,
    /// What it says about itself.
    pub health: Health,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// What it recognises files by.
    pub digester: Digester,
}

impl Input {
    /// Its id.
    #[must_use]
    pub fn id(&self, digester: &Digester) -> InputId {
        InputId::of(digester, self.kind.name(), self.source.name(), &self.kind.place())
    }
}

impl Source {
    /// The word in `intake.toml`.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::One(definition) => definition.name.as_str(),
            Self::Auto(_) => super::config::AUTO,
        }
    }

    /// The definitions.
    #[must_use]
    pub fn definitions(&self) -> &[Definition] {
        match self {
            Self::One(definition) => std::slice::from_ref(definition),
            Self::Auto(definitions) => definitions,
        }
    }
}

impl Kind {
    /// Reads until nobody takes its pieces any more.
    pub async fn run(self, surroundings: Surroundings) {
        match self {
            Self::Folder(settings) => folder::run(settings, surroundings).await,
            Self::Tail(settings) => tail::run(settings, surroundings).await,
            Self::Syslog(settings) => {
                let Surroundings {
                    out, clock, health, ..
                } = surroundings;
                syslog::run(settings, out, clock, health).await;
            }
            Self::Pull(settings) => {
                let Surroundings {
                    position,
                    out,
                    clock,
                    health,
                    ..
                } = surroundings;
                pull::run(*settings, position.last().cloned(), out, clock, health).await;
            }
        }
    }

    /// The word in `intake.toml`.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Folder(_) => "folder",
            Self::Tail(_) => "tail",
            Self::Syslog(_) => "syslog",
            Self::Pull(_) => "pull",
        }
    }

    /// Whether it reads what `other` reads.
    #[must_use]
    pub fn same_place(&self, other: &Self) -> bool {
        self.name() == other.name() && self.place() == other.place()
    }

    /// What tells it from others of its kind.
    fn place(&self) -> String {
        match self {
            Self::Folder(settings) => settings.path.to_string_lossy().into_owned(),
            Self::Tail(settings) => settings.path.to_string_lossy().into_owned(),
            Self::Syslog(settings) => format!("{} {}", settings.transport.name(), settings.listen),
            Self::Pull(settings) => settings.place().to_owned(),
        }
    }
}
