//! The store's interface on this engine: each method is one transaction of the writer or one snapshot of a reader.

use async_trait::async_trait;
use zeef_proto::field::Field;
use zeef_proto::id::{SubscriptionId, TokenId, UserId};
use zeef_proto::policy::{ProductId, SignedPolicy};
use zeef_proto::{DeviceId, OrganisationId, UnixTime};

use super::place::{Access, Kind, Place};
use super::{
    SqlStore, administration, batch, cache, columns, device, inventory, ledger, people, postgres, purge,
    report, retention,
};
use crate::access::{Reach, Role};
use crate::failpoint::{Point, reached};
use crate::ledger::{Actor, DeviceMark, Identity, SignedHead, StoredEntry};
use crate::seal::SharedSecret;
use crate::store::batch::{IncomingRecords, RecordsOutcome};
use crate::store::ledger::{LedgerStore, Look, PackageMade};
use crate::store::people::{NewSession, NewUser, PeopleStore, Session, User};
use crate::store::records::{
    Alike, Change, Device, Enrolled, Enrolment, IncomingReport, IssuedCertificate, NewToken, Organisation,
    PublishedPolicy, Purged, ReportOutcome, Standing, Subscription, Token,
};
use crate::store::{AdministrationStore, AgentStore, InventoryStore, Result, StoreError};

#[async_trait]
impl AgentStore for SqlStore {
    async fn record_report(&self, incoming: IncomingReport) -> Result<ReportOutcome> {
        let incoming = IncomingReport {
            now: self.high_water.at(incoming.now),
            ..incoming
        };
        self.writer
            .run(move |writing| report::record(writing, &incoming))
            .await
    }

    async fn record_batch(&self, incoming: IncomingRecords) -> Result<RecordsOutcome> {
        let incoming = IncomingRecords {
            now: self.high_water.at(incoming.now),
            ..incoming
        };
        self.writer
            .run(move |writing| batch::record(writing, &incoming))
            .await
    }

    async fn enrol(&self, enrolment: Enrolment) -> Result<Option<Enrolled>> {
        let enrolment = Enrolment {
            now: self.high_water.at(enrolment.now),
            ..enrolment
        };
        self.writer
            .run(move |writing| device::enrol(writing, &enrolment))
            .await
    }

    async fn record_certificate(
        &self,
        organisation: OrganisationId,
        device: DeviceId,
        certificate: IssuedCertificate,
    ) -> Result<()> {
        self.writer
            .run(move |writing| device::record_certificate(writing, organisation, device, &certificate))
            .await
    }

    async fn standing(&self, organisation: OrganisationId, device: DeviceId) -> Result<Standing> {
        self.readers
            .run(move |reading| device::standing(reading, organisation, device))
            .await
    }

    async fn shared_secret(&self) -> Result<SharedSecret> {
        self.readers.run(|reading| reading.keys.shared_secret()).await
    }

    async fn end_device(
        &self,
        organisation: OrganisationId,
        device: DeviceId,
        by: Actor,
        now: UnixTime,
    ) -> Result<bool> {
        let (now, believed) = (self.high_water.at(now), self.high_water.believed(now));
        self.writer
            .run_alone(move |writing| {
                retention::check_hold(&writing.db, organisation, device, believed)?;
                device::end(writing, organisation, device, by, now)
            })
            .await
    }
}

#[async_trait]
impl AdministrationStore for SqlStore {
    async fn add_organisation(&self, id: OrganisationId, name: String, now: UnixTime) -> Result<()> {
        self.writer
            .run_alone(move |writing| administration::add_organisation(writing, id, &name, now))
            .await
    }

    async fn organisations(&self) -> Result<Vec<Organisation>> {
        self.readers.run(administration::organisations).await
    }

    async fn add_subscription(&self, subscription: Subscription, by: Actor, now: UnixTime) -> Result<()> {
        let times = (self.high_water.at(now), self.high_water.believed(now));
        self.writer
            .run_alone(move |writing| administration::add_subscription(writing, &subscription, by, times))
            .await
    }

    async fn subscriptions(&self, organisation: OrganisationId) -> Result<Vec<Subscription>> {
        self.readers
            .run(move |reading| columns::subscriptions(&reading.db, organisation))
            .await
    }

    async fn end_subscription(
        &self,
        organisation: OrganisationId,
        subscription: SubscriptionId,
        ends: UnixTime,
        by: Actor,
        now: UnixTime,
    ) -> Result<()> {
        let times = (self.high_water.at(now), self.high_water.believed(now));
        self.writer
            .run_alone(move |writing| {
                administration::end_subscription(writing, organisation, subscription, ends, by, times)
            })
            .await
    }

    async fn add_token(&self, token: NewToken, by: Actor) -> Result<()> {
        self.writer
            .run(move |writing| administration::add_token(writing, &token, by))
            .await
    }

    async fn tokens(&self, organisation: OrganisationId) -> Result<Vec<Token>> {
        self.readers
            .run(move |reading| administration::tokens(reading, organisation))
            .await
    }

    async fn revoke_token(
        &self,
        organisation: OrganisationId,
        token: TokenId,
        by: Actor,
        now: UnixTime,
    ) -> Result<bool> {
        self.writer
            .run(move |writing| administration::revoke_token(writing, organisation, token, by, now))
            .await
    }

    async fn revoke_device(
        &self,
        organisation: OrganisationId,
        device: DeviceId,
        by: Actor,
        now: UnixTime,
    ) -> Result<bool> {
        self.writer
            .run(move |writing| device::revoke(writing, organisation, device, by, now))
            .await
    }

    async fn allow_site(
        &self,
        organisation: OrganisationId,
        device: DeviceId,
        allowed: bool,
        by: Actor,
        now: UnixTime,
    ) -> Result<bool> {
        self.writer
            .run(move |writing| device::allow_site(writing, organisation, device, allowed, by, now))
            .await
    }

    async fn policy(&self) -> Result<Option<SignedPolicy>> {
        self.readers.run(|reading| columns::policy(&reading.db)).await
    }

    async fn policies(&self) -> Result<Vec<PublishedPolicy>> {
        self.readers.run(|reading| columns::policies(&reading.db)).await
    }

    async fn publish_policy(&self, policy: SignedPolicy, now: UnixTime) -> Result<()> {
        let times = (self.high_water.at(now), self.high_water.believed(now));
        self.writer
            .run_alone(move |writing| administration::publish_policy(writing, &policy, times))
            .await
    }
}

#[async_trait]
impl InventoryStore for SqlStore {
    async fn device(
        &self,
        organisation: OrganisationId,
        device: DeviceId,
        now: UnixTime,
    ) -> Result<Option<Device>> {
        let now = self.high_water.at(now);
        self.readers
            .run(move |reading| inventory::device(reading, organisation, device, now))
            .await
    }

    async fn devices(&self, ids: Vec<(OrganisationId, DeviceId)>, now: UnixTime) -> Result<Vec<Device>> {
        let now = self.high_water.at(now);
        self.readers
            .run(move |reading| {
                let one = |(organisation, device)| inventory::device(reading, organisation, device, now);
                ids.iter().filter_map(|id| one(*id).transpose()).collect()
            })
            .await
    }

    async fn device_ids(
        &self,
        organisation: Option<OrganisationId>,
        after: Option<(OrganisationId, DeviceId)>,
        limit: usize,
    ) -> Result<Vec<(OrganisationId, DeviceId)>> {
        self.readers
            .run(move |reading| inventory::device_ids(reading, organisation, after, limit))
            .await
    }

    async fn devices_with(
        &self,
        organisation: OrganisationId,
        field: Field,
        matching_form: String,
        now: UnixTime,
    ) -> Result<Vec<DeviceId>> {
        let now = self.high_water.at(now);
        self.readers
            .run(move |reading| inventory::devices_with(reading, organisation, field, &matching_form, now))
            .await
    }

    async fn alike(
        &self,
        organisation: OrganisationId,
        device: DeviceId,
        now: UnixTime,
        limit: usize,
    ) -> Result<Vec<Alike>> {
        let now = self.high_water.at(now);
        self.readers
            .run(move |reading| inventory::alike(reading, organisation, device, now, limit))
            .await
    }

    async fn find_device(&self, device: DeviceId) -> Result<Option<OrganisationId>> {
        self.readers
            .run(move |reading| inventory::find_device(reading, device))
            .await
    }

    async fn changes_after(&self, sequence: u64, limit: usize) -> Result<Vec<Change>> {
        self.readers
            .run(move |reading| inventory::changes_after(reading, sequence, limit))
            .await
    }

    async fn newest_change(&self) -> Result<u64> {
        self.readers.run(inventory::newest_change).await
    }

    async fn products(
        &self,
        organisation: OrganisationId,
        device: DeviceId,
        now: UnixTime,
    ) -> Result<Vec<ProductId>> {
        let now = self.high_water.at(now);
        self.readers
            .run(move |reading| {
                let subscriptions = columns::subscriptions(&reading.db, organisation)?;
                Ok(cache::products(&subscriptions, device, now))
            })
            .await
    }

    async fn purge(&self, now: UnixTime, limit: usize) -> Result<Purged> {
        self.writer
            .run(move |writing| purge::step(writing, now, limit))
            .await
    }

    async fn checkpoint(&self) -> Result<bool> {
        match &self.database {
            Place::File(_) => self.writer.checkpoint().await,
            // Beside the writer: it takes its time, and is in nobody's way.
            Place::Server(_) => {
                let (database, key_store) = (self.database.clone(), self.key_store.clone());
                let lingering = self.lingering.clone();
                let vacuumed = tokio::task::spawn_blocking(move || {
                    let emptied = postgres::vacuum(&database.open(Access::Write)?, Kind::Database)?;
                    reached(Point::DatabaseSettled);
                    let keys = key_store.open(Access::Write)?;
                    let emptied = postgres::vacuum(&keys, Kind::KeyStore)? && emptied;
                    let rewritten = !lingering.take() || {
                        let rewritten = postgres::rewrite_keys(&keys);
                        if rewritten != Ok(true) {
                            lingering.say();
                        }
                        rewritten?
                    };
                    reached(Point::KeyStoreSettled);
                    Ok(emptied && rewritten)
                });
                vacuumed.await.map_err(|_| StoreError::Stopping)?
            }
        }
    }
}

#[async_trait]
impl PeopleStore for SqlStore {
    async fn add_user(&self, user: NewUser, by: Actor, now: UnixTime) -> Result<()> {
        self.writer
            .run(move |writing| people::add_user(writing, &user, by, now))
            .await
    }

    async fn set_role(&self, user: UserId, role: Role, reach: Reach, by: Actor, now: UnixTime) -> Result<()> {
        self.writer
            .run(move |writing| people::set_role(writing, user, role, &reach, by, now))
            .await
    }

    async fn users(&self) -> Result<Vec<User>> {
        self.readers.run(|reading| people::users(&reading.db)).await
    }

    async fn user(&self, id: UserId) -> Result<Option<User>> {
        self.readers
            .run(move |reading| people::user(&reading.db, id))
            .await
    }

    async fn user_by_name(&self, name: String) -> Result<Option<User>> {
        self.readers
            .run(move |reading| people::user_by_name(&reading.db, &name))
            .await
    }

    async fn set_password(
        &self,
        user: UserId,
        password_hash: String,
        keep: Option<[u8; 32]>,
        by: Actor,
        now: UnixTime,
    ) -> Result<()> {
        self.writer
            .run(move |writing| people::set_password(writing, user, &password_hash, keep, by, now))
            .await
    }

    async fn remove_user(&self, user: UserId, now: UnixTime) -> Result<bool> {
        self.writer
            .run(move |writing| people::remove_user(writing, user, now))
            .await
    }

    async fn add_link(
        &self,
        secret_hash: [u8; 32],
        user: UserId,
        expires_at: UnixTime,
        now: UnixTime,
    ) -> Result<()> {
        self.writer
            .run(move |writing| people::add_link(writing, secret_hash, user, expires_at, now))
            .await
    }

    async fn spend_link(&self, secret_hash: [u8; 32], now: UnixTime) -> Result<Option<UserId>> {
        self.writer
            .run(move |writing| people::spend_link(&writing.db, secret_hash, now))
            .await
    }

    async fn add_session(&self, session: NewSession) -> Result<()> {
        self.writer
            .run(move |writing| people::add_session(writing, &session))
            .await
    }

    async fn session(&self, token_hash: [u8; 32], now: UnixTime) -> Result<Option<Session>> {
        self.readers
            .run(move |reading| people::session(&reading.db, token_hash, now))
            .await
    }

    async fn touch_session(&self, token_hash: [u8; 32], idle_until: UnixTime) -> Result<()> {
        self.writer
            .run(move |writing| people::touch_session(&writing.db, token_hash, idle_until))
            .await
    }

    async fn end_session(&self, token_hash: [u8; 32]) -> Result<()> {
        self.writer
            .run(move |writing| people::end_session(&writing.db, token_hash))
            .await
    }
}

#[async_trait]
impl LedgerStore for SqlStore {
    async fn record_look(&self, look: Look, now: UnixTime) -> Result<()> {
        self.writer
            .run(move |writing| ledger::record_look(writing, &look, now))
            .await
    }

    async fn record_package(&self, made: PackageMade, now: UnixTime) -> Result<u64> {
        self.writer
            .run_alone(move |writing| ledger::record_package(writing, &made, now))
            .await
    }

    async fn begin_ledger_anew(&self, now: UnixTime) -> Result<Option<u64>> {
        self.writer
            .run_alone(move |writing| ledger::begin_anew(writing, now))
            .await
    }

    async fn ledger_identity(&self) -> Result<Identity> {
        self.readers.run(ledger::identity).await
    }

    async fn ledger_head(&self) -> Result<Option<SignedHead>> {
        self.readers.run(ledger::head).await
    }

    async fn ledger_from(&self, index: u64, limit: usize) -> Result<Vec<StoredEntry>> {
        self.readers
            .run(move |reading| ledger::from(reading, index, limit))
            .await
    }

    async fn ledger_before(
        &self,
        organisation: Option<OrganisationId>,
        index: u64,
        limit: usize,
    ) -> Result<Vec<StoredEntry>> {
        self.readers
            .run(move |reading| ledger::before(reading, organisation, index, limit))
            .await
    }

    async fn ledger_of_device(
        &self,
        organisation: OrganisationId,
        device: DeviceId,
        index: u64,
        limit: usize,
    ) -> Result<Vec<StoredEntry>> {
        self.readers
            .run(move |reading| ledger::of_device(reading, (organisation, device), index, limit))
            .await
    }

    async fn device_mark(
        &self,
        organisation: OrganisationId,
        device: DeviceId,
    ) -> Result<Option<DeviceMark>> {
        self.readers
            .run(move |reading| ledger::device_mark(reading, organisation, device))
            .await
    }
}
