//! An installation in a temporary directory, with made-up organisations, devices and people.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU32, Ordering};
use std::time::Duration;

use ring::rand::SystemRandom;
use ring::signature::Ed25519KeyPair;
use zeef_collector::access::{Reach, Role};
use zeef_collector::config::SecondFactor;
use zeef_collector::enrolment::Invitations;
use zeef_collector::erasure::Subject;
use zeef_collector::ledger::Actor;
use zeef_collector::openid::Provider;
use zeef_collector::requests::{Details, Kind, Line, Officer, Text};
use zeef_collector::retention::Lags;
use zeef_collector::seal::KeyEncryptionKey;
use zeef_collector::store::batch::{IncomingRecords, RecordsOutcome};
use zeef_collector::store::erasure::ErasureStore;
use zeef_collector::store::people::{NewUser, PeopleStore};
use zeef_collector::store::records::{
    Enrolment, IncomingReport, IssuedCertificate, NewToken, ReportOutcome, Subscription,
};
use zeef_collector::store::requests::{NewRequest, RequestStore};
use zeef_collector::store::sql::{Place, Server, SqlStore};
use zeef_collector::store::{AdministrationStore, AgentStore, InventoryStore};
use zeef_collector::web::WebState;
use zeef_proto::field::Parse;
use zeef_proto::id::{ReceiptId, RequestId, SubscriptionId, TokenId, UserId};
use zeef_proto::policy::PolicySigningKey;
use zeef_proto::time::{DAY, HOUR};
use zeef_proto::wire::{Platform, RecordBatch, Report};
use zeef_proto::{Clock, DeviceId, OrganisationId, UnixTime};
use zeef_tests::postgres;

pub(crate) const POLICY: &str = include_str!("../../../proto/policies/vokus-1.1.toml");

/// A clock that stands still until it is moved.
pub(crate) struct FakeClock(AtomicI64);

impl FakeClock {
    pub(crate) fn move_by(&self, seconds: i64) {
        self.0.fetch_add(seconds, Ordering::SeqCst);
    }
}

impl Clock for FakeClock {
    fn now(&self) -> UnixTime {
        UnixTime(self.0.load(Ordering::SeqCst))
    }
}

pub(crate) struct Installation {
    pub(crate) store: Arc<SqlStore>,
    pub(crate) clock: Arc<FakeClock>,
    pub(crate) signing: PolicySigningKey,
    pub(crate) second_factor: SecondFactor,
    pub(crate) provider: Option<Arc<Provider>>,
    next: AtomicU32,
    pub(crate) directory: tempfile::TempDir,
    _server: Option<postgres::Server>,
}

/// What a made-up device reports.
#[derive(Default, Clone, Copy)]
pub(crate) struct MadeUp<'a> {
    pub(crate) name: &'a str,
    pub(crate) users: &'a [&'a str],
    pub(crate) private: &'a [&'a str],
    pub(crate) macs: &'a [&'a str],
    pub(crate) public: Option<&'a str>,
}

impl Installation {
    /// Nothing but the reference policy, on 5 August 2026 at noon in Amsterdam.
    pub(crate) async fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let places = ["zeef.db", "keys.db"].map(|name| Place::File(directory.path().join(name)));
        Self::at(places, directory, None).await
    }

    /// The same on PostgreSQL, which is started for it and ends with it.
    pub(crate) async fn on_a_server() -> Self {
        let server = postgres::Server::start();
        let places = [postgres::DATABASE, postgres::KEY_STORE].map(|name| {
            let address = server.superuser_connection_to(name);
            Place::Server(Arc::new(Server::new(&address, None, None).unwrap()))
        });
        Self::at(places, tempfile::tempdir().unwrap(), Some(server)).await
    }

    async fn at(
        [database, keys]: [Place; 2],
        directory: tempfile::TempDir,
        server: Option<postgres::Server>,
    ) -> Self {
        let key = KeyEncryptionKey::from_bytes(&[7; 32]);
        let store = SqlStore::open(database, keys, key).unwrap();
        let installation = Self {
            store: Arc::new(store),
            clock: Arc::new(FakeClock(AtomicI64::new(
                "2026-08-05T10:00:00Z".parse::<UnixTime>().unwrap().0,
            ))),
            signing: signing_key(),
            second_factor: SecondFactor::Optional,
            provider: None,
            next: AtomicU32::new(1),
            directory,
            _server: server,
        };
        let signed = installation.signing.sign(POLICY).unwrap();
        installation
            .store
            .publish_policy(signed, installation.now())
            .await
            .unwrap();
        installation
    }

    pub(crate) fn state(&self, public_url: &str) -> WebState {
        WebState {
            store: Arc::clone(&self.store) as _,
            clock: Arc::clone(&self.clock) as _,
            public_url: public_url.to_owned(),
            policy_key: self.signing.public(),
            requests: zeef_collector::requests::Rules { four_eyes: true },
            second_factor: self.second_factor,
            provider: self.provider.clone(),
            lags: Lags {
                overdue: Duration::from_secs(24 * 3_600),
                stop: Duration::from_secs(72 * 3_600),
            },
            invitations: Invitations {
                url: "https://zeef.example:8443".to_owned(),
                root_fingerprint: [3; 32],
                policy_key: self.signing.public(),
            },
        }
    }

    /// A file beside the databases.
    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    pub(crate) fn now(&self) -> UnixTime {
        self.clock.now()
    }

    /// Bytes that are new at each call.
    fn unique<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0x5a; N];
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        bytes[..4].copy_from_slice(&number.wrapping_mul(0x9e37_79b9).to_be_bytes());
        bytes
    }

    /// An organisation with running subscriptions.
    pub(crate) async fn organisation(&self, name: &str, products: &[&str]) -> OrganisationId {
        let id = OrganisationId::from_random(self.unique());
        self.store
            .add_organisation(id, name.to_owned(), Actor::Administrator, self.now())
            .await
            .unwrap();
        for product in products {
            self.subscribe(id, product).await;
        }
        id
    }

    pub(crate) async fn subscribe(&self, organisation: OrganisationId, product: &str) -> SubscriptionId {
        let id = SubscriptionId::from_random(self.unique());
        let subscription = Subscription {
            id,
            organisation,
            device: None,
            product: product.parse().unwrap(),
            starts: self.now().plus(-300 * DAY),
            ends: None,
        };
        self.store
            .add_subscription(subscription, Actor::Administrator, self.now())
            .await
            .unwrap();
        id
    }

    /// A device that enrols, gets a certificate and reports now.
    pub(crate) async fn device(&self, organisation: OrganisationId, made_up: MadeUp<'_>) -> DeviceId {
        let now = self.now();
        let secret_hash = self.unique();
        let token = NewToken {
            id: TokenId::from_random(self.unique()),
            organisation,
            secret_hash,
            uses: 1,
            expires_at: now.plus(DAY),
            created_at: now,
        };
        self.store.add_token(token, Actor::Administrator).await.unwrap();
        let enrolment = Enrolment {
            secret_hash,
            key_hash: self.unique(),
            device: DeviceId::from_random(self.unique()),
            platform: Platform::Windows,
            agent: "0.1.0".parse().unwrap(),
            now,
        };
        let device = self.store.enrol(enrolment).await.unwrap().unwrap().device;
        let certificate = IssuedCertificate {
            serial: self.unique::<16>().to_vec(),
            not_before: now.plus(-300),
            not_after: now.plus(90 * DAY),
        };
        self.store
            .record_certificate(organisation, device, certificate)
            .await
            .unwrap();
        self.report(organisation, device, 1, made_up).await;
        device
    }

    pub(crate) async fn report(
        &self,
        organisation: OrganisationId,
        device: DeviceId,
        sequence: u64,
        made_up: MadeUp<'_>,
    ) -> ReportOutcome {
        let report = Report {
            wire: 1,
            sequence,
            policy: 1,
            agent: "0.1.0".parse().unwrap(),
            device_name: Parse::parse(made_up.name).ok(),
            usernames: Some(parsed(made_up.users)),
            private_ips: Some(parsed(made_up.private)),
            mac_addresses: Some(parsed(made_up.macs)),
        };
        let incoming = IncomingReport {
            organisation,
            device,
            body: report.to_bytes().into(),
            report,
            public_ip: made_up.public.map(|text| Parse::parse(text).unwrap()),
            now: self.now(),
        };
        self.store.record_report(incoming).await.unwrap()
    }

    /// A device that may tell of others tells this, each a record as it stands on the wire.
    pub(crate) async fn tell(&self, organisation: OrganisationId, device: DeviceId, records: &[&str]) {
        let number = u64::from(self.next.fetch_add(1, Ordering::Relaxed));
        let allowed = self
            .store
            .allow_site(organisation, device, true, Actor::Administrator, self.now())
            .await
            .unwrap();
        assert!(allowed);
        let records = records.join(",");
        let body =
            format!(r#"{{"wire":1,"sequence":{number},"policy":1,"agent":"0.1.0","records":[{records}]}}"#);
        let incoming = IncomingRecords {
            organisation,
            device,
            batch: RecordBatch::read(body.as_bytes()).unwrap(),
            body: body.into(),
            now: self.now(),
        };
        let outcome = self.store.record_batch(incoming).await.unwrap();
        assert!(matches!(outcome, RecordsOutcome::Stored { repeated: false, .. }));
    }

    /// The devices of an organisation without an agent.
    pub(crate) async fn spoken_of(&self, organisation: OrganisationId) -> Vec<DeviceId> {
        let ids = self
            .store
            .device_ids(Some(organisation), None, 100)
            .await
            .unwrap();
        let devices = self.store.devices(ids, self.now()).await.unwrap();
        let without = devices.iter().filter(|device| device.agent.is_none());
        without.map(|device| device.id).collect()
    }

    /// Erases a device; the receipt of that.
    pub(crate) async fn erase(&self, organisation: OrganisationId, device: DeviceId) -> ReceiptId {
        let (receipt, by) = (ReceiptId::from_random(self.unique()), Actor::Administrator);
        let subject = Subject::Device(device);
        self.store
            .erase(organisation, subject, receipt, by, self.now())
            .await
            .unwrap();
        receipt
    }

    /// Spoils every stored value, as a broken disk could.
    pub(crate) fn spoil_values(&self) {
        let database = rusqlite::Connection::open(self.directory.path().join("zeef.db")).unwrap();
        database
            .execute("UPDATE observation SET sealed = zeroblob(40)", [])
            .unwrap();
    }

    /// Makes the ledger one that cannot be added to.
    pub(crate) fn spoil_ledger(&self) {
        let database = rusqlite::Connection::open(self.directory.path().join("zeef.db")).unwrap();
        database
            .execute("UPDATE ledger_head SET signature = zeroblob(64)", [])
            .unwrap();
    }

    /// An administrator.
    /// Somebody asks what is held of them.
    pub(crate) async fn request(&self, organisation: OrganisationId, id: RequestId) {
        let request = NewRequest {
            id,
            organisation,
            kind: Kind::Erasure,
            received: self.now(),
            details: Details {
                name: Line::parse("Needle de Vries").unwrap(),
                contact: Line::parse("needle@example.test").unwrap(),
                asked: Text::parse("<b>all</b> of it").ok(),
                explanation: None,
            },
        };
        let by = Officer::CommandLine;
        self.store.open_request(request, by, self.now()).await.unwrap();
    }

    pub(crate) async fn person(&self, name: &str) -> UserId {
        self.person_as(name, Role::Administrator, Reach::All).await
    }

    pub(crate) async fn person_as(&self, name: &str, role: Role, reach: Reach) -> UserId {
        let id = UserId::from_random(self.unique());
        self.store
            .add_user(
                NewUser {
                    id,
                    name: name.to_owned(),
                    role,
                    reach,
                },
                Actor::Administrator,
                self.now(),
            )
            .await
            .unwrap();
        id
    }

    /// Moves the clock on by hours.
    pub(crate) fn hours_pass(&self, hours: i64) {
        self.clock.move_by(hours * HOUR);
    }
}

pub(crate) fn signing_key() -> PolicySigningKey {
    let der = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).unwrap();
    PolicySigningKey::from_pkcs8(der.as_ref()).unwrap()
}

fn parsed<T: Parse + Ord>(texts: &[&str]) -> Vec<T> {
    let mut values: Vec<T> = texts.iter().map(|text| T::parse(text).unwrap()).collect();
    values.sort();
    values
}
