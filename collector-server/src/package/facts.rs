//! What a package tells of itself: what it is of, and the hash of everything in it. The ledger holds its digest.

use ring::digest::{Context, SHA256};
use serde::{Deserialize, Serialize};
use zeef_proto::{DeviceId, OrganisationId};

/// What a package is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase", tag = "kind")]
pub enum Asked {
    /// Everything of the organisation.
    Organisation,
    /// One device.
    Device {
        /// It.
        device: DeviceId,
    },
    /// The devices that hold a username, which stands in the package's files and not here.
    Person,
}

/// How much is in a package.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Counts {
    /// Devices.
    pub devices: u64,
    /// Entries about who looked.
    pub looks: u64,
    /// Usernames of others, in whose place a mark stands.
    pub redacted: u64,
    /// Values, those in whose place a mark stands too.
    pub values: u64,
}

/// A file of a package.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileFacts {
    /// Its length once it is taken out.
    pub bytes: u64,
    /// Its name.
    pub name: String,
    /// SHA-256 of it, in hex.
    pub sha256: String,
}

/// The archive up to the manifest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Archive {
    /// How long it is.
    pub bytes: u64,
    /// SHA-256 of it, in hex.
    pub sha256: String,
}

/// The policy that was in force.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PolicyFacts {
    /// SHA-256 of its text, in hex.
    pub sha256: String,
    /// Its version.
    pub version: u64,
}

/// What a package tells of itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Facts {
    /// The archive before the manifest.
    pub archive: Archive,
    /// What it is of.
    pub asked: Asked,
    /// How much is in it.
    pub counts: Counts,
    /// The files, in the order in which they stand.
    pub files: Vec<FileFacts>,
    /// As of when, in seconds since 1970.
    pub made_at: i64,
    /// Of which organisation.
    pub organisation: OrganisationId,
    /// The policy that was in force, if one was published.
    pub policy: Option<PolicyFacts>,
}

impl Facts {
    /// What the ledger holds of it.
    #[must_use]
    pub fn digest(&self) -> [u8; 32] {
        let mut context = Context::new(&SHA256);
        context.update(b"zeef package v1\0");
        context.update(&crate::erasure::canonical(self));
        let mut hash = [0; 32];
        hash.copy_from_slice(context.finish().as_ref());
        hash
    }
}
