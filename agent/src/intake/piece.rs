//! What an input hands on: raw bytes in memory, or an open file, and how far the input has come with them.

use std::fs::File;

use serde::{Deserialize, Serialize};
use zeef_proto::UnixTime;
use zeroize::Zeroizing;

use super::digest::Digest;

/// A part of an input that ends between two records.
#[derive(Debug)]
pub struct Piece {
    /// What is to be minimised.
    pub content: Content,
    /// Where the input stands after it; `None` where an input cannot go back, such as a socket.
    pub mark: Option<Mark>,
}

/// Raw records. `Debug` shows none.
pub enum Content {
    /// In memory, which is wiped afterwards.
    Bytes(Zeroizing<Vec<u8>>),
    /// Of a file, to be streamed.
    File(File),
}

impl std::fmt::Debug for Content {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Bytes(_) => "Bytes(…)",
            Self::File(_) => "File(…)",
        })
    }
}

/// How far an input has come. Made durable when what was read before it is acknowledged; holds no name and no value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub enum Mark {
    /// A pull was completed at this time.
    Pulled(UnixTime),
    /// A tailed file was read up to here.
    Line(Line),
    /// A file of a watched folder was read.
    File {
        /// That file, as it was then.
        read: Digest,
        /// Files that were read earlier and are not there any more.
        gone: Vec<Digest>,
    },
}

/// A place in a tailed file, between two lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Line {
    /// Which file it is, whatever its name is now.
    pub file: Digest,
    /// Bytes before it.
    pub offset: u64,
    /// The last of them, by which a file that was cut and written anew is noticed.
    pub before: Digest,
    /// Whether it stands within a line that is too long and is passed over.
    pub within: bool,
}
