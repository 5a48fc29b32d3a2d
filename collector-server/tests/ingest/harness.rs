//! A collector in this process, with a clock that the test moves.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use zeef_collector::config::Config;
use zeef_collector::installation::{self, Addresses};
use zeef_collector::ledger::Actor;
use zeef_collector::serve::Collector;
use zeef_collector::store::Store;
use zeef_collector::store::records::{Device, NewToken, Subscription};
use zeef_proto::id::{SubscriptionId, TokenId};
use zeef_proto::time::DAY;
use zeef_proto::{Clock, DeviceId, OrganisationId, UnixTime};

use crate::client::{Client, Trust};
use crate::device::Device as TestDevice;

/// Ten in the morning on 5 January 2026.
pub(crate) const START: UnixTime = UnixTime(1_767_603_600);

/// The time, as the test says.
#[derive(Debug)]
pub(crate) struct HandClock(AtomicI64);

impl HandClock {
    pub(crate) fn forward(&self, seconds: i64) {
        self.0.fetch_add(seconds, Ordering::SeqCst);
    }
}

impl Clock for HandClock {
    fn now(&self) -> UnixTime {
        UnixTime(self.0.load(Ordering::SeqCst))
    }
}

pub(crate) struct Harness {
    pub(crate) collector: Collector,
    pub(crate) clock: Arc<HandClock>,
    pub(crate) trust: Trust,
    config: Config,
    directory: tempfile::TempDir,
}

impl Harness {
    pub(crate) async fn new() -> Self {
        Self::with(|_| {}).await
    }

    /// A collector whose configuration `change` has changed.
    pub(crate) async fn with(change: impl FnOnce(&mut Config)) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let clock = Arc::new(HandClock(AtomicI64::new(START.0)));
        let config = install(&directory.path().join("zeef"), change).await;
        let root = std::fs::read(config.files.authority.join("root.pem")).unwrap();
        let collector = Collector::start(&config, clock.clone()).await.unwrap();
        Self {
            trust: Trust::new(&root, clock.clone()),
            collector,
            clock,
            config,
            directory,
        }
    }

    /// Another collector of the same installation.
    pub(crate) async fn another_collector(&self) -> Collector {
        Collector::start(&self.config, self.clock.clone()).await.unwrap()
    }

    pub(crate) fn store(&self) -> &dyn Store {
        self.collector.store.as_ref()
    }

    /// A file of the installation.
    pub(crate) fn file(&self, name: &str) -> std::path::PathBuf {
        self.directory.path().join("zeef").join(name)
    }

    pub(crate) async fn organisation(&self, name: &str, products: &[&str]) -> OrganisationId {
        let id = OrganisationId::from_random(random());
        self.store()
            .add_organisation(id, name.into(), START)
            .await
            .unwrap();
        for product in products {
            let subscription = Subscription {
                id: SubscriptionId::from_random(random()),
                organisation: id,
                device: None,
                product: product.parse().unwrap(),
                starts: START,
                ends: None,
            };
            self.store()
                .add_subscription(subscription, Actor::Administrator, START)
                .await
                .unwrap();
        }
        id
    }

    /// The secret of a new token, good for a year.
    pub(crate) async fn token(&self, organisation: OrganisationId, uses: u32) -> [u8; 32] {
        let secret = random();
        let token = NewToken {
            id: TokenId::from_random(random()),
            organisation,
            secret_hash: sha256(&secret),
            uses,
            expires_at: START.plus(365 * DAY),
            created_at: START,
        };
        self.store().add_token(token, Actor::Administrator).await.unwrap();
        secret
    }

    /// A device of a new organisation that has antivirus.
    pub(crate) async fn device(&self) -> TestDevice {
        let organisation = self.organisation(&hex(&random::<8>()), &["antivirus"]).await;
        let secret = self.token(organisation, 1).await;
        TestDevice::enrolled(self, &secret).await
    }

    /// A connection without a client certificate.
    pub(crate) async fn anonymous(&self) -> Client {
        Client::connect(self.collector.agents, &self.trust.anonymous())
            .await
            .unwrap()
    }

    pub(crate) async fn stored(&self, device: &TestDevice) -> Device {
        self.stored_as(device.organisation, device.id).await.unwrap()
    }

    pub(crate) async fn stored_as(&self, organisation: OrganisationId, id: DeviceId) -> Option<Device> {
        let now = self.clock.now();
        self.store().device(organisation, id, now).await.unwrap()
    }
}

/// A new installation on free ports of loopback.
pub(crate) async fn install(directory: &Path, change: impl FnOnce(&mut Config)) -> Config {
    let any = "127.0.0.1:0".parse().unwrap();
    let addresses = Addresses {
        agents: any,
        web: any,
        operations: any,
    };
    let names = ["localhost".to_owned()];
    let made = installation::create(directory, &names, &addresses, None, START)
        .await
        .unwrap();
    let mut config = Config::read(&made.config).unwrap();
    change(&mut config);
    config
}

pub(crate) fn random<const N: usize>() -> [u8; N] {
    zeef_collector::random::bytes()
}

pub(crate) fn sha256(bytes: &[u8]) -> [u8; 32] {
    ring::digest::digest(&ring::digest::SHA256, bytes)
        .as_ref()
        .try_into()
        .unwrap()
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    data_encoding::HEXLOWER.encode(bytes)
}
