//! What goes into and comes out of the store, whatever the engine.

use std::collections::BTreeSet;

use zeef_proto::field::{Field, PublicIp, matching_form};
use zeef_proto::id::{SubscriptionId, TokenId};
use zeef_proto::policy::{ProductId, SignedPolicy};
use zeef_proto::wire::{AgentVersion, Platform, Refusal, Report};
use zeef_proto::{DeviceId, OrganisationId, UnixTime};

use super::Origin;

/// A customer of the provider.
#[derive(Debug, Clone)]
pub struct Organisation {
    /// Its id.
    pub id: OrganisationId,
    /// Its name, unique.
    pub name: String,
    /// Devices that have not ended, those without an agent too.
    pub devices: u64,
}

/// A policy that was published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublishedPolicy {
    /// Its text and signature.
    pub signed: SignedPolicy,
    /// When it took effect.
    pub published_at: UnixTime,
}

/// An organisation's, or one device's, period of a product.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subscription {
    /// Its id.
    pub id: SubscriptionId,
    /// Whose it is.
    pub organisation: OrganisationId,
    /// One device only, or all of the organisation.
    pub device: Option<DeviceId>,
    /// The product.
    pub product: ProductId,
    /// When it starts.
    pub starts: UnixTime,
    /// When it ends, if that is known.
    pub ends: Option<UnixTime>,
}

impl Subscription {
    /// Whether it runs at `now`.
    #[must_use]
    pub fn runs_at(&self, now: UnixTime) -> bool {
        self.starts <= now && self.ends.is_none_or(|ends| now < ends)
    }

    /// Whether it is for this device.
    #[must_use]
    pub fn covers(&self, device: DeviceId) -> bool {
        self.device.is_none_or(|only| only == device)
    }
}

/// A token to be stored.
pub struct NewToken {
    /// Its name in lists.
    pub id: TokenId,
    /// Whose devices it enrols.
    pub organisation: OrganisationId,
    /// SHA-256 of its secret.
    pub secret_hash: [u8; 32],
    /// How many devices it may enrol.
    pub uses: u32,
    /// Until when.
    pub expires_at: UnixTime,
    /// When it was made.
    pub created_at: UnixTime,
}

/// A token, as listed.
#[derive(Debug, Clone)]
pub struct Token {
    /// Its name in lists.
    pub id: TokenId,
    /// How many devices it was made for.
    pub uses: u32,
    /// How many it may still enrol.
    pub uses_left: u32,
    /// Until when.
    pub expires_at: UnixTime,
    /// Made worthless by hand.
    pub revoked: bool,
}

impl Token {
    /// Whether a device can enrol with it at `now`.
    #[must_use]
    pub fn is_good_at(&self, now: UnixTime) -> bool {
        !self.revoked && now < self.expires_at && self.uses_left > 0
    }
}

/// A device's request for a first certificate, proof of possession already checked.
pub struct Enrolment {
    /// SHA-256 of the secret that was shown.
    pub secret_hash: [u8; 32],
    /// SHA-256 of the key (SubjectPublicKeyInfo) that asks.
    pub key_hash: [u8; 32],
    /// Random id, used if the key is new.
    pub device: DeviceId,
    /// Kind of operating system.
    pub platform: Platform,
    /// Version of the agent.
    pub agent: AgentVersion,
    /// Time of the request.
    pub now: UnixTime,
}

/// A device that is enrolled, newly or again.
#[derive(Debug, Clone)]
pub struct Enrolled {
    /// The organisation that the token belongs to.
    pub organisation: OrganisationId,
    /// The device.
    pub device: DeviceId,
    /// Its products now.
    pub products: Vec<ProductId>,
}

/// A certificate that was issued.
#[derive(Debug, Clone)]
pub struct IssuedCertificate {
    /// Serial number, big endian.
    pub serial: Vec<u8>,
    /// Start of validity.
    pub not_before: UnixTime,
    /// End of validity.
    pub not_after: UnixTime,
}

/// Whether a device may use the service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It may.
    Active,
    /// An administrator refused it.
    Revoked,
    /// It was ended or erased; a tombstone remembers.
    Gone,
    /// Not known here.
    Unknown,
}

/// A report with what the connection says about it.
pub struct IncomingReport {
    /// From the certificate.
    pub organisation: OrganisationId,
    /// From the certificate.
    pub device: DeviceId,
    /// What was sent.
    pub report: Report,
    /// The body as received; only a keyed check value of it is stored.
    pub body: bytes::Bytes,
    /// The peer's address, where it is a public one.
    pub public_ip: Option<PublicIp>,
    /// Time of receipt.
    pub now: UnixTime,
}

/// What became of a report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReportOutcome {
    /// Stored durably, now or before.
    Stored {
        /// The collector cannot know what was left out; the agent should send all.
        send_all: bool,
        /// It had been stored before.
        repeated: bool,
        /// Products of the device.
        products: Vec<ProductId>,
        /// Version of the published policy.
        policy: u64,
    },
    /// Refused whole.
    Refused(Refusal),
    /// Another report had this number.
    SequenceFork,
    /// The device may not report.
    NotAdmitted(Standing),
}

/// A device as pages show it.
#[derive(Debug, Clone)]
pub struct Device {
    /// Whose it is.
    pub organisation: OrganisationId,
    /// Its id.
    pub id: DeviceId,
    /// Its agent; `None` for a device of which records of other products alone speak.
    pub agent: Option<Agent>,
    /// When it was enrolled, or first spoken of, to the hour.
    pub known_since: UnixTime,
    /// Last contact, or last record where it has no agent, to the hour.
    pub last_contact: Option<UnixTime>,
    /// When it was asked about, not having been heard of for long.
    pub asked_at: Option<UnixTime>,
    /// Keyed hashes by which records of other products about it are known.
    pub links: u64,
    /// Somebody's request keeps it from those who work from the inventory (GDPR, article 18).
    pub restricted: bool,
    /// Values that are not expired, sorted by field and value; equal ones of several origins are neighbours.
    pub observations: Vec<Observation>,
}

/// What the protocol holds of a device's agent.
#[derive(Debug, Clone)]
pub struct Agent {
    /// Refused by an administrator.
    pub revoked: bool,
    /// The number of a report or batch came twice with different content.
    pub suspected_clone: bool,
    /// It may tell of other devices of its site.
    pub speaks_for_site: bool,
    /// Kind of operating system.
    pub platform: Platform,
    /// Its version.
    pub version: String,
    /// Version of the policy that it obeys.
    pub policy: u64,
    /// Number of the last report that was stored; 0 before the first.
    pub sequence: u64,
    /// Newest certificate.
    pub certificate: Option<IssuedCertificate>,
}

impl Device {
    /// The values of one field, each once.
    pub fn values(&self, field: Field) -> impl Iterator<Item = &str> {
        self.held(field).map(|alike| alike[0].value.as_str())
    }

    /// The products under which its sources speak of it, each once.
    #[must_use]
    pub fn products_of_sources(&self) -> Vec<ProductId> {
        let products = self.observations.iter().filter_map(|one| match &one.origin {
            Origin::Native => None,
            Origin::Source { product, .. } => Some(product.clone()),
        });
        products.collect::<BTreeSet<_>>().into_iter().collect()
    }

    /// The values of one field, each with all its origins: the agent's first, if it is one of them.
    pub fn held(&self, field: Field) -> impl Iterator<Item = &[Observation]> {
        self.observations
            .chunk_by(Observation::is_of_same_value)
            .filter(move |alike| alike[0].field == field)
    }
}

/// One value of one documented field of one device, as one origin said it.
#[derive(Clone)]
pub struct Observation {
    /// The field.
    pub field: Field,
    /// The value, opened.
    pub value: String,
    /// Who said it.
    pub origin: Origin,
    /// First seen, to the hour.
    pub first_seen: UnixTime,
    /// When it expires; `None` while a subscription without an end documents it.
    pub expires_at: Option<UnixTime>,
}

impl Observation {
    /// Whether two say the same, perhaps in another spelling.
    #[must_use]
    pub fn is_of_same_value(&self, other: &Self) -> bool {
        self.field == other.field
            && (self.value == other.value || matching_form(&self.value) == matching_form(&other.value))
    }
}

impl std::fmt::Debug for Observation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Observation({})", self.field)
    }
}

/// Another device that could be the same one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alike {
    /// The device.
    pub device: DeviceId,
    /// What both have, sorted.
    pub fields: Vec<Field>,
}

/// A device changed, appeared or went.
#[derive(Debug, Clone, Copy)]
pub struct Change {
    /// Number of the change; rises.
    pub sequence: u64,
    /// Whose device.
    pub organisation: OrganisationId,
    /// Which device.
    pub device: DeviceId,
}

/// What a purge deleted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Purged {
    /// Observations past their term.
    pub observations: u64,
    /// Sessions, links, tokens, tombstones and change marks past their use.
    pub other: u64,
    /// There is more to do.
    pub more: bool,
}
