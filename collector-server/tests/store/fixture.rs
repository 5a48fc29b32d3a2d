//! An installation with one organisation, and builders for what happens to it.

use std::cell::Cell;
use std::path::PathBuf;

use ring::rand::SystemRandom;
use ring::signature::Ed25519KeyPair;
use zeef_collector::access::{Reach, Role};
use zeef_collector::ledger::Actor;
use zeef_collector::seal::KeyEncryptionKey;
use zeef_collector::store::batch::{IncomingRecords, RecordsOutcome};
use zeef_collector::store::people::NewUser;
use zeef_collector::store::records::{
    Device, Enrolled, Enrolment, IncomingReport, NewToken, ReportOutcome, Subscription,
};
use zeef_collector::store::sql::SqlStore;
use zeef_collector::store::{AdministrationStore, AgentStore, InventoryStore, StoreError};
use zeef_proto::field::{DeviceName, Field, Parse, PrivateIp, Username};
use zeef_proto::id::{SubscriptionId, TokenId, UserId};
use zeef_proto::policy::{PolicySigningKey, SignedPolicy};
use zeef_proto::time::DAY;
use zeef_proto::wire::{Platform, RecordBatch, Report, SourceRecord};
use zeef_proto::{DeviceId, OrganisationId, UnixTime};

use crate::engine::{Engine, Part};

/// Ten in the morning on 5 January 2026, on the hour.
pub(crate) const START: UnixTime = UnixTime(1_767_603_600);

pub(crate) const REFERENCE_POLICY: &str = include_str!("../../../proto/policies/vokus-1.1.toml");

pub(crate) struct Installation {
    pub(crate) store: SqlStore,
    pub(crate) organisation: OrganisationId,
    engine: Engine,
}

/// An installation that nobody has open.
pub(crate) struct Stopped {
    organisation: OrganisationId,
    engine: Engine,
}

impl Stopped {
    pub(crate) fn started(self) -> Installation {
        let store = open(&self.engine, 7).unwrap();
        self.opened_as(store)
    }

    /// Opened by other means.
    pub(crate) fn opened_as(self, store: SqlStore) -> Installation {
        Installation {
            store,
            organisation: self.organisation,
            engine: self.engine,
        }
    }

    /// The databases, past the store.
    pub(crate) const fn engine(&self) -> &Engine {
        &self.engine
    }
}

/// A number that none of the last 254 calls of this test gave, to tell ids and secrets apart. Never 0, which is no id.
pub(crate) fn unique() -> u8 {
    thread_local!(static LAST: Cell<u8> = const { Cell::new(0) });
    LAST.set(LAST.get().checked_add(1).unwrap_or(1));
    LAST.get()
}

/// A policy in which antivirus values are held for six months.
pub(crate) fn six_months() -> String {
    let antivirus = REFERENCE_POLICY.find("id = \"antivirus-device\"").unwrap();
    let (head, tail) = REFERENCE_POLICY.split_at(antivirus);
    head.replacen("version = 1\n", "version = 2\n", 1)
        + &tail.replacen("term = \"service\"", "term = { months = 6 }", 1)
}

pub(crate) fn signed(document: &str) -> SignedPolicy {
    let der = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).unwrap();
    PolicySigningKey::from_pkcs8(der.as_ref())
        .unwrap()
        .sign(document)
        .unwrap()
}

impl Installation {
    /// One organisation, subscribed to antivirus without an end, under the reference policy.
    pub(crate) async fn new() -> Self {
        let installation = Self::without_subscription().await;
        installation.subscribe("antivirus", None).await;
        installation
    }

    /// The same, where antivirus values are kept for six months.
    pub(crate) async fn keeping_six_months() -> Self {
        let installation = Self::new().await;
        let policy = signed(&six_months());
        installation.store.publish_policy(policy, START).await.unwrap();
        installation
    }

    pub(crate) async fn without_subscription() -> Self {
        let engine = Engine::new();
        let store = open(&engine, 7).unwrap();
        let organisation = OrganisationId::from_bytes([unique(); 16]);
        store
            .add_organisation(organisation, "Bakkerij Jansen".into(), START)
            .await
            .unwrap();
        store
            .publish_policy(signed(REFERENCE_POLICY), START)
            .await
            .unwrap();
        Self {
            store,
            organisation,
            engine,
        }
    }

    /// The same databases, opened by another process.
    pub(crate) fn opened_beside(&self) -> SqlStore {
        open(&self.engine, 7).unwrap()
    }

    /// The databases, past the store.
    pub(crate) const fn engine(&self) -> &Engine {
        &self.engine
    }

    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.engine.directory().join(name)
    }

    /// Closes the store and opens it again, as a restart does.
    pub(crate) fn reopened(self) -> Self {
        self.reopened_after(|_| {})
    }

    /// The same, with something done to the databases meanwhile.
    pub(crate) fn reopened_after(self, meanwhile: impl FnOnce(&Engine)) -> Self {
        let stopped = self.stopped();
        meanwhile(stopped.engine());
        stopped.started()
    }

    /// Closes the store and leaves its databases.
    pub(crate) fn stopped(self) -> Stopped {
        Stopped {
            organisation: self.organisation,
            engine: self.engine,
        }
    }

    /// Closes the store and leaves its files.
    pub(crate) fn close(self) -> tempfile::TempDir {
        self.engine.into_directory()
    }

    pub(crate) async fn subscribe(&self, product: &str, ends: Option<UnixTime>) -> SubscriptionId {
        self.subscribe_from(product, START, ends).await
    }

    pub(crate) async fn subscribe_from(
        &self,
        product: &str,
        starts: UnixTime,
        ends: Option<UnixTime>,
    ) -> SubscriptionId {
        let id = SubscriptionId::from_bytes([unique(); 16]);
        let subscription = Subscription {
            id,
            organisation: self.organisation,
            device: None,
            product: product.parse().unwrap(),
            starts,
            ends,
        };
        self.store
            .add_subscription(subscription, Actor::Administrator, START)
            .await
            .unwrap();
        id
    }

    /// A token's secret hash, good for `uses` devices and thirty days.
    pub(crate) async fn token(&self, uses: u32) -> [u8; 32] {
        let secret_hash = [unique(); 32];
        let token = NewToken {
            id: TokenId::from_bytes([unique(); 16]),
            organisation: self.organisation,
            secret_hash,
            uses,
            expires_at: START.plus(30 * DAY),
            created_at: START,
        };
        self.store.add_token(token, Actor::Administrator).await.unwrap();
        secret_hash
    }

    pub(crate) async fn enrol(&self, secret_hash: [u8; 32], key: u8, now: UnixTime) -> Option<Enrolled> {
        let enrolment = Enrolment {
            secret_hash,
            key_hash: [key; 32],
            device: DeviceId::from_bytes([unique(); 16]),
            platform: Platform::Linux,
            agent: "0.1.0".parse().unwrap(),
            now,
        };
        self.store.enrol(enrolment).await.unwrap()
    }

    /// A newly enrolled device.
    pub(crate) async fn device(&self) -> DeviceId {
        let token = self.token(1).await;
        self.enrol(token, unique(), START).await.unwrap().device
    }

    /// A newly enrolled device that has reported all its fields.
    pub(crate) async fn reporting(&self) -> DeviceId {
        let device = self.device().await;
        let report = full(1, "lap-17", "j.jansen", "10.0.3.17");
        assert!(stored(&self.send(device, report, START).await));
        device
    }

    /// An administrator ends a device.
    pub(crate) async fn end(&self, device: DeviceId) {
        let ended = self
            .store
            .end_device(self.organisation, device, Actor::Administrator, START);
        assert!(ended.await.unwrap());
    }

    pub(crate) async fn send(&self, device: DeviceId, report: Report, now: UnixTime) -> ReportOutcome {
        self.send_from(device, report, None, now).await
    }

    pub(crate) async fn send_from(
        &self,
        device: DeviceId,
        report: Report,
        public_ip: Option<&str>,
        now: UnixTime,
    ) -> ReportOutcome {
        let incoming = IncomingReport {
            organisation: self.organisation,
            device,
            body: report.to_bytes().into(),
            report,
            public_ip: public_ip.map(|text| Parse::parse(text).unwrap()),
            now,
        };
        self.store.record_report(incoming).await.unwrap()
    }

    /// A newly enrolled device that may tell of others, in an organisation that has these products as well.
    pub(crate) async fn collecting(&self, products: &[&str]) -> DeviceId {
        for product in products {
            self.subscribe(product, None).await;
        }
        let device = self.device().await;
        assert!(
            self.store
                .allow_site(self.organisation, device, true, Actor::Administrator, START)
                .await
                .unwrap()
        );
        device
    }

    pub(crate) async fn tell(
        &self,
        device: DeviceId,
        sequence: u64,
        records: Vec<SourceRecord>,
        now: UnixTime,
    ) -> RecordsOutcome {
        let incoming = incoming_records(self.organisation, device, sequence, records, now);
        self.store.record_batch(incoming).await.unwrap()
    }

    /// All devices that are there at `now`, in order of id.
    pub(crate) async fn all(&self, now: UnixTime) -> Vec<Device> {
        let ids = self
            .store
            .device_ids(Some(self.organisation), None, 1_000)
            .await
            .unwrap();
        self.store.devices(ids, now).await.unwrap()
    }

    /// Those of them without an agent.
    pub(crate) async fn spoken_of(&self, now: UnixTime) -> Vec<Device> {
        let mut all = self.all(now).await;
        all.retain(|device| device.agent.is_none());
        all
    }

    pub(crate) async fn look(&self, device: DeviceId, now: UnixTime) -> Option<Device> {
        self.store.device(self.organisation, device, now).await.unwrap()
    }

    /// The values of one field, as a page would show them.
    pub(crate) async fn values(&self, device: DeviceId, field: Field, now: UnixTime) -> Vec<String> {
        let device = self.look(device, now).await.unwrap();
        device.values(field).map(str::to_owned).collect()
    }
}

/// Opens the databases of an installation under a key-encryption key of such bytes.
pub(crate) fn open(engine: &Engine, key: u8) -> Result<SqlStore, StoreError> {
    let key = KeyEncryptionKey::from_bytes(&[key; 32]);
    SqlStore::open(engine.place(Part::Database), engine.place(Part::KeyStore), key)
}

/// A batch of records as it comes from a device.
pub(crate) fn incoming_records(
    organisation: OrganisationId,
    device: DeviceId,
    sequence: u64,
    records: Vec<SourceRecord>,
    now: UnixTime,
) -> IncomingRecords {
    let batch = RecordBatch {
        wire: 1,
        sequence,
        policy: 1,
        agent: "0.1.0".parse().unwrap(),
        records,
    };
    IncomingRecords {
        organisation,
        device,
        body: batch.to_bytes().into(),
        batch,
        now,
    }
}

/// A heartbeat of that number.
pub(crate) fn heartbeat(sequence: u64) -> Report {
    Report {
        wire: 1,
        sequence,
        policy: 1,
        agent: "0.1.0".parse().unwrap(),
        device_name: None,
        usernames: None,
        private_ips: None,
        mac_addresses: None,
    }
}

/// A report with all fields.
pub(crate) fn full(sequence: u64, device_name: &str, username: &str, address: &str) -> Report {
    Report {
        device_name: Some(DeviceName::parse(device_name).unwrap()),
        usernames: Some(vec![Username::parse(username).unwrap()]),
        private_ips: Some(vec![PrivateIp::parse(address).unwrap()]),
        mac_addresses: Some(vec![Parse::parse("00:1a:2b:3c:4d:5e").unwrap()]),
        ..heartbeat(sequence)
    }
}

/// A record of a source for a product about some device of the site; `fields` as on the wire.
pub(crate) fn site(source: &str, product: &str, fields: &str) -> SourceRecord {
    record(source, product, "site-device", fields)
}

/// The same about the device that sends it.
pub(crate) fn own(source: &str, product: &str, fields: &str) -> SourceRecord {
    record(source, product, "this-device", fields)
}

fn record(source: &str, product: &str, about: &str, fields: &str) -> SourceRecord {
    let text = format!(r#"{{"source":"{source}","product":"{product}","about":"{about}",{fields}}}"#);
    serde_json::from_str(&text).unwrap()
}

/// The member of a record that links it by these tokens, each named by a letter.
pub(crate) fn links(names: &str) -> String {
    let tokens: Vec<String> = names.chars().map(token).collect();
    format!(r#""links":["{}"]"#, tokens.join("\",\""))
}

/// A link token that is the same for the same letter.
pub(crate) fn token(name: char) -> String {
    format!("1c7f0d07a2b3.1:{}", name.to_string().repeat(21) + "A")
}

/// What became of the records of a batch that was taken in: stored, not documented, ambiguous.
pub(crate) fn counts(outcome: &RecordsOutcome) -> (u32, u32, u32) {
    match outcome {
        RecordsOutcome::Stored {
            counts,
            repeated: false,
            ..
        } => (counts.stored, counts.not_documented, counts.ambiguous),
        other => panic!("not stored now: {other:?}"),
    }
}

pub(crate) fn stored(outcome: &ReportOutcome) -> bool {
    matches!(outcome, ReportOutcome::Stored { repeated: false, .. })
}

pub(crate) fn repeated(outcome: &ReportOutcome) -> bool {
    matches!(outcome, ReportOutcome::Stored { repeated: true, .. })
}

/// An account that may do everything.
pub(crate) fn administrator(id: UserId, name: &str) -> NewUser {
    NewUser {
        id,
        name: name.to_owned(),
        role: Role::Administrator,
        reach: Reach::All,
    }
}
