//! What is erased, and what is told of it: counts, keyed digests and hashes, never a value.

use std::collections::BTreeMap;

use data_encoding::HEXLOWER;
use ring::digest::{Context, SHA256, digest};
use serde::{Deserialize, Serialize};
use zeef_proto::field::Username;
use zeef_proto::id::ReceiptId;
use zeef_proto::{DeviceId, OrganisationId};

/// What is to be erased of an organisation.
#[derive(Debug, Clone)]
pub enum Subject {
    /// A device with all that is held of it.
    Device(DeviceId),
    /// A username, on whichever of its devices it is held.
    Person(Username),
    /// All of it.
    Organisation,
}

/// The same without saying who.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// A device.
    Device,
    /// A username within an organisation.
    Person,
    /// An organisation.
    Organisation,
}

impl Subject {
    /// Which kind it is.
    #[must_use]
    pub const fn kind(&self) -> Kind {
        match self {
            Self::Device(_) => Kind::Device,
            Self::Person(_) => Kind::Person,
            Self::Organisation => Kind::Organisation,
        }
    }
}

/// How much an erasure deletes or destroys, by where it is held.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Counts {
    /// Data keys, of devices. The values that stay of them are sealed anew under other keys.
    pub device_keys: u64,
    /// Devices.
    pub devices: u64,
    /// Legal holds that have ended.
    pub holds: u64,
    /// Devices whose entries in the search index are dropped or made anew.
    pub index_entries: u64,
    /// Marks by which the next record of a device would be known.
    pub links: u64,
    /// Values, by the field's name.
    pub observations: BTreeMap<String, u64>,
    /// Keys for blind indexes.
    pub organisation_keys: u64,
    /// Silent devices that were asked about, and answers for them.
    pub questions: u64,
    /// Requests of people. A receipt that is older than these, or has none, does not name them.
    #[serde(default, skip_serializing_if = "is_none")]
    pub requests: u64,
    /// Subscriptions.
    pub subscriptions: u64,
    /// Enrolment tokens.
    pub tokens: u64,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands it over so")]
const fn is_none(count: &u64) -> bool {
    *count == 0
}

impl Counts {
    /// Values of all fields.
    #[must_use]
    pub fn values(&self) -> u64 {
        self.observations.values().sum()
    }
}

/// Names a key without telling anything of it, as lower-case hex: half of a SHA-256 over the key's 32 random bytes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct KeyId(String);

impl KeyId {
    /// Of a key's bytes.
    #[must_use]
    pub fn of(key: &[u8; 32]) -> Self {
        let mut context = Context::new(&SHA256);
        context.update(b"zeef key v1\0");
        context.update(key);
        Self(HEXLOWER.encode(&context.finish().as_ref()[..16]))
    }
}

/// What keeps something erased from coming back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Tombstone {
    /// 0 a device with an agent; else as the store's table `erased`.
    pub kind: u8,
    /// Its mark.
    pub mark: [u8; 16],
    /// Until when it stands, in seconds since 1970.
    pub expires_at: i64,
}

/// A commitment to tombstones.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tombstones {
    /// How many.
    pub count: u64,
    /// SHA-256 over all of them, in order.
    pub digest: String,
}

impl Tombstones {
    /// Commits to them, in whichever order they are given.
    #[must_use]
    pub fn of(mut tombstones: Vec<Tombstone>) -> Self {
        tombstones.sort_unstable();
        let mut context = Context::new(&SHA256);
        context.update(b"zeef tombstones v1\0");
        for one in &tombstones {
            context.update(&[one.kind]);
            context.update(&one.mark);
            context.update(&one.expires_at.to_be_bytes());
        }
        Self {
            count: tombstones.len() as u64,
            digest: HEXLOWER.encode(context.finish().as_ref()),
        }
    }
}

/// What a receipt tells.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Facts {
    /// Who or what was asked to be erased, as a keyed digest under the organisation's key: 32 digits of hex.
    pub asked: String,
    /// How much that was.
    pub counts: Counts,
    /// When, in seconds since 1970.
    pub erased_at: i64,
    /// The ids of the keys that were destroyed, in order.
    pub keys: Vec<KeyId>,
    /// What kind of erasure it was.
    pub kind: Kind,
    /// Of which organisation.
    pub organisation: OrganisationId,
    /// SHA-256 of the policy that was in force, if one was published.
    pub policy: Option<String>,
    /// The receipt.
    pub receipt: ReceiptId,
    /// What keeps it from coming back.
    pub tombstones: Tombstones,
}

impl Facts {
    /// The one form.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        canonical(self)
    }

    /// What the ledger holds of it.
    #[must_use]
    pub fn digest(&self) -> [u8; 32] {
        let mut context = Context::new(&SHA256);
        context.update(b"zeef receipt v1\0");
        context.update(&self.to_bytes());
        let mut hash = [0; 32];
        hash.copy_from_slice(context.finish().as_ref());
        hash
    }

    /// The hash of a policy's text.
    #[must_use]
    pub fn policy_hash(document: &str) -> String {
        HEXLOWER.encode(digest(&SHA256, document.as_bytes()).as_ref())
    }
}

/// JSON in one form: members in the order of their names, no spaces, whole numbers alone.
pub(crate) fn canonical(value: &impl Serialize) -> Vec<u8> {
    // Strings, numbers and maps of them always serialise.
    let value = serde_json::to_value(value).unwrap_or_default();
    serde_json::to_vec(&value).unwrap_or_default()
}
