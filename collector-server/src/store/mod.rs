//! The store: one interface of named transactions, with an engine behind it.
//!
//! Nothing outside this folder touches SQL. Each method is one transaction: it happens whole or not at all, and
//! may be retried. Every read of observations carries the expiry predicate, so `now` is always an argument.
//! Organisation id leads every key and every query, so that the schema partitions unchanged.

pub mod api_tokens;
pub mod batch;
pub mod erasure;
mod error;
pub mod ledger;
mod origin;
pub mod people;
pub mod records;
pub mod requests;
pub mod retention;
pub mod sign_in;
pub mod snapshot;
pub mod sql;
pub mod views;

use async_trait::async_trait;
use zeef_proto::field::Field;
use zeef_proto::id::{SubscriptionId, TokenId};
use zeef_proto::policy::{ProductId, SignedPolicy};
use zeef_proto::{DeviceId, OrganisationId, UnixTime};

use crate::ledger::Actor;
use crate::seal::SharedSecret;
use api_tokens::ApiTokenStore;
use batch::{IncomingRecords, RecordsOutcome};
use erasure::ErasureStore;
pub use error::StoreError;
use ledger::LedgerStore;
pub use origin::Origin;
use people::PeopleStore;
use records::{
    Alike, Change, Device, Enrolled, Enrolment, IncomingReport, IssuedCertificate, NewToken, Organisation,
    PublishedPolicy, Purged, ReportOutcome, Standing, Subscription, Token,
};
use requests::RequestStore;
use retention::RetentionStore;
use sign_in::SignInStore;
use snapshot::SnapshotStore;
use views::ViewStore;

/// Result of a store transaction.
pub type Result<T> = std::result::Result<T, StoreError>;

/// What agents do.
#[async_trait]
pub trait AgentStore: Send + Sync {
    /// Decides about one report and, where it is accepted, stores it durably. Acknowledged means committed.
    async fn record_report(&self, report: IncomingReport) -> Result<ReportOutcome>;

    /// Decides about a batch of records and, where it is accepted, stores what counts of it durably, all in one.
    async fn record_batch(&self, records: IncomingRecords) -> Result<RecordsOutcome>;

    /// Spends one use of a token for a new device; the same key under the same token gets the same device.
    /// `None` where the token is unknown, used up, expired or revoked.
    async fn enrol(&self, enrolment: Enrolment) -> Result<Option<Enrolled>>;

    /// Notes the certificate that a device was given.
    async fn record_certificate(
        &self,
        organisation: OrganisationId,
        device: DeviceId,
        certificate: IssuedCertificate,
    ) -> Result<()>;

    /// Whether a device may use the service now.
    async fn standing(&self, organisation: OrganisationId, device: DeviceId) -> Result<Standing>;

    /// The secret that all collectors of an installation share, of the session tickets and challenges that agents get.
    async fn shared_secret(&self) -> Result<SharedSecret>;

    /// Deletes a device and all that is held of it, destroys its data key, and leaves a tombstone. Idempotent. Refuses
    /// with [`StoreError::OnHold`] where a legal hold keeps the data.
    async fn end_device(
        &self,
        organisation: OrganisationId,
        device: DeviceId,
        by: Actor,
        now: UnixTime,
    ) -> Result<bool>;
}

/// What administrators do.
#[async_trait]
pub trait AdministrationStore: Send + Sync {
    /// Makes an organisation; refuses a name that exists.
    async fn add_organisation(
        &self,
        id: OrganisationId,
        name: String,
        by: Actor,
        now: UnixTime,
    ) -> Result<()>;

    /// All organisations, by name.
    async fn organisations(&self) -> Result<Vec<Organisation>>;

    /// One organisation.
    async fn organisation(&self, id: OrganisationId) -> Result<Option<Organisation>>;

    /// Starts a subscription to a product.
    async fn add_subscription(&self, subscription: Subscription, by: Actor, now: UnixTime) -> Result<()>;

    /// Subscriptions of an organisation, ended ones too.
    async fn subscriptions(&self, organisation: OrganisationId) -> Result<Vec<Subscription>>;

    /// Sets when a subscription ends; what no other subscription documents expires with it.
    async fn end_subscription(
        &self,
        organisation: OrganisationId,
        subscription: SubscriptionId,
        ends: UnixTime,
        by: Actor,
        now: UnixTime,
    ) -> Result<()>;

    /// Stores a new token's hash.
    async fn add_token(&self, token: NewToken, by: Actor) -> Result<()>;

    /// Tokens of an organisation.
    async fn tokens(&self, organisation: OrganisationId) -> Result<Vec<Token>>;

    /// Makes a token worthless.
    async fn revoke_token(
        &self,
        organisation: OrganisationId,
        token: TokenId,
        by: Actor,
        now: UnixTime,
    ) -> Result<bool>;

    /// Refuses a device from its next request on; its data stays for its term. `false` where there is no such device
    /// or it has no agent.
    async fn revoke_device(
        &self,
        organisation: OrganisationId,
        device: DeviceId,
        by: Actor,
        now: UnixTime,
    ) -> Result<bool>;

    /// Allows a device to tell of other devices of its site, or no longer. `false` where there is no such device or it
    /// has no agent.
    async fn allow_site(
        &self,
        organisation: OrganisationId,
        device: DeviceId,
        allowed: bool,
        by: Actor,
        now: UnixTime,
    ) -> Result<bool>;

    /// The published policy, or `None` before the first.
    async fn policy(&self) -> Result<Option<SignedPolicy>>;

    /// All policies that were published, the newest first.
    async fn policies(&self) -> Result<Vec<PublishedPolicy>>;

    /// Publishes a policy that was verified against the policy key and is newer than the published one;
    /// recomputes the terms of what is held.
    async fn publish_policy(&self, policy: SignedPolicy, now: UnixTime) -> Result<()>;
}

/// What pages, exports and the index read, and what the purge deletes.
#[async_trait]
pub trait InventoryStore: Send + Sync {
    /// One device with the values that are not expired at `now`; `None` where there is none.
    async fn device(
        &self,
        organisation: OrganisationId,
        device: DeviceId,
        now: UnixTime,
    ) -> Result<Option<Device>>;

    /// Those of the named devices that exist, in the order named.
    async fn devices(&self, ids: Vec<(OrganisationId, DeviceId)>, now: UnixTime) -> Result<Vec<Device>>;

    /// Ids of all devices of an organisation, or of all organisations, after `after`, in order of id.
    async fn device_ids(
        &self,
        organisation: Option<OrganisationId>,
        after: Option<(OrganisationId, DeviceId)>,
        limit: usize,
    ) -> Result<Vec<(OrganisationId, DeviceId)>>;

    /// Devices of an organisation that have exactly this value (in its matching form) of a field, by blind index.
    async fn devices_with(
        &self,
        organisation: OrganisationId,
        field: Field,
        matching_form: String,
        now: UnixTime,
    ) -> Result<Vec<DeviceId>>;

    /// Devices of the same organisation that could be this one: they hold its name, an assigned MAC address, or a
    /// number of a line or connection. With the fields in question, at most `limit` devices.
    async fn alike(
        &self,
        organisation: OrganisationId,
        device: DeviceId,
        now: UnixTime,
        limit: usize,
    ) -> Result<Vec<Alike>>;

    /// Finds a device by its id alone, for commands that name no organisation.
    async fn find_device(&self, device: DeviceId) -> Result<Option<OrganisationId>>;

    /// The newest change of each device that changed, appeared or went after `sequence`, oldest first, at most
    /// `limit`.
    async fn changes_after(&self, sequence: u64, limit: usize) -> Result<Vec<Change>>;

    /// The newest change's sequence number, 0 before the first.
    async fn newest_change(&self) -> Result<u64>;

    /// Products that a device has at `now`.
    async fn products(
        &self,
        organisation: OrganisationId,
        device: DeviceId,
        now: UnixTime,
    ) -> Result<Vec<ProductId>>;

    /// Deletes at most `limit` expired observations and what else is past its use.
    async fn purge(&self, now: UnixTime, limit: usize) -> Result<Purged>;

    /// Empties the write-ahead logs into their files, so that what was deleted does not linger in them; `false` where a
    /// reader was in the way.
    async fn checkpoint(&self) -> Result<bool>;
}

/// All of it.
pub trait Store:
    AgentStore
    + AdministrationStore
    + InventoryStore
    + PeopleStore
    + LedgerStore
    + RetentionStore
    + ErasureStore
    + RequestStore
    + SignInStore
    + SnapshotStore
    + ApiTokenStore
    + ViewStore
{
}

impl<T> Store for T where
    T: AgentStore
        + AdministrationStore
        + InventoryStore
        + PeopleStore
        + SignInStore
        + LedgerStore
        + RetentionStore
        + ErasureStore
        + RequestStore
        + SnapshotStore
        + ApiTokenStore
        + ViewStore
{
}
