//! A state directory, folders beside it, a clock that stands still, and an intake over them.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use zeef_agent::intake::Intake;
use zeef_agent::intake::shown::InputShown;
use zeef_agent::intake::spool::Batch;
use zeef_agent::policy::REFERENCE;
use zeef_agent::state::StateDirectory;
use zeef_proto::field::Parse;
use zeef_proto::policy::{Policy, ProductId};
use zeef_proto::wire::{RecordBatch, RecordsReply};
use zeef_proto::{Clock, DeviceId, UnixTime};

pub(crate) const NOW: UnixTime = UnixTime(1_800_000_000);

/// Longer than any input waits, by a clock that jumps.
const PATIENCE: Duration = Duration::from_secs(300);

pub(crate) struct FakeClock(AtomicI64);

impl Clock for FakeClock {
    fn now(&self) -> UnixTime {
        UnixTime(self.0.load(Ordering::SeqCst))
    }
}

pub(crate) struct Bench {
    root: tempfile::TempDir,
    pub(crate) directory: Arc<StateDirectory>,
    pub(crate) clock: Arc<FakeClock>,
}

impl Bench {
    pub(crate) fn new() -> Self {
        let root = tempfile::tempdir().unwrap();
        std::fs::create_dir(root.path().join("in")).unwrap();
        Self {
            directory: Arc::new(StateDirectory::to_write(&root.path().join("state")).unwrap()),
            root,
            clock: Arc::new(FakeClock(AtomicI64::new(NOW.0))),
        }
    }

    /// With a folder that is watched for records of osquery about this device.
    pub(crate) fn watching(more: &str) -> Self {
        let bench = Self::new();
        let folder = bench.folder().display().to_string();
        bench.configure(&format!(
            "[[folder]]\npath = '{folder}'\nsource = 'osquery'\nabout = 'this-device'\n{more}"
        ));
        bench
    }

    /// With a file that is tailed for such records.
    pub(crate) fn tailing(more: &str) -> Self {
        let bench = Self::new();
        let file = bench.path("log").display().to_string();
        bench.configure(&format!(
            "[[tail]]\npath = '{file}'\nsource = 'osquery'\nabout = 'this-device'\n{more}"
        ));
        bench
    }

    pub(crate) fn configure(&self, text: &str) {
        std::fs::write(self.state().join("intake.toml"), text).unwrap();
    }

    pub(crate) fn state(&self) -> PathBuf {
        self.root.path().join("state")
    }

    pub(crate) fn folder(&self) -> PathBuf {
        self.root.path().join("in")
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder().join(name)
    }

    pub(crate) fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        std::fs::write(self.path(name), content).unwrap();
    }

    pub(crate) fn add(&self, name: &str, content: impl AsRef<[u8]>) {
        use std::io::Write;
        let file = std::fs::OpenOptions::new()
            .append(true)
            .create(true)
            .open(self.path(name));
        file.unwrap().write_all(content.as_ref()).unwrap();
    }

    pub(crate) fn pass(&self, seconds: i64) {
        self.clock.0.fetch_add(seconds, Ordering::SeqCst);
    }

    /// An intake that has started and obeys nothing yet.
    pub(crate) fn open(&self) -> Intake {
        let clock: Arc<dyn Clock> = self.clock.clone();
        let mut intake = Intake::open(&self.directory, &clock).unwrap().unwrap();
        intake.start();
        intake
    }

    /// An intake that reads.
    pub(crate) async fn start(&self) -> Intake {
        let mut intake = self.open();
        obey(&mut intake, 1, &["rmm", "wifi"]).await;
        intake
    }
}

pub(crate) fn policy() -> Policy {
    Policy::parse(REFERENCE).unwrap()
}

pub(crate) fn products(names: &[&str]) -> Vec<ProductId> {
    names.iter().map(|name| name.parse().unwrap()).collect()
}

pub(crate) async fn obey(intake: &mut Intake, device: u8, names: &[&str]) {
    let device = DeviceId::from_random([device; 16]);
    intake.obey(device, &policy(), &products(names)).await.unwrap();
}

/// A line of osquery's that says the host's name and more that nobody may hold.
pub(crate) fn line(host: &str) -> String {
    format!(
        "{{\"name\":\"pack\",\"hostIdentifier\":\"{host}\",\"action\":\"added\",\"columns\":{{\"uid\":\"17\"}}}}\n"
    )
}

/// The batch that waits in front, once one does.
pub(crate) async fn front(intake: &Intake) -> Batch {
    loop {
        if let Some(batch) = intake.front().unwrap() {
            return batch;
        }
        tokio::time::timeout(PATIENCE, intake.news()).await.unwrap();
    }
}

pub(crate) fn acknowledge(intake: &Intake, batch: &Batch) {
    let reply = RecordsReply {
        acknowledged: batch.number,
        stored: 1,
        not_documented: 0,
        ambiguous: 0,
        policy: 1,
        products: Vec::new(),
    };
    intake.acknowledged(batch.number, &reply).unwrap();
}

/// The hosts' names in a batch, which has the number that it waits under.
pub(crate) fn hosts_in(batch: &Batch) -> Vec<String> {
    let read = RecordBatch::read(&batch.body).unwrap();
    assert_eq!(read.sequence, batch.number);
    let names = read
        .records
        .iter()
        .map(|record| record.device_name.as_ref().unwrap().expose());
    names.collect()
}

/// Takes and acknowledges batches until so many records came.
pub(crate) async fn hosts(intake: &Intake, count: usize) -> Vec<String> {
    let mut hosts = Vec::new();
    while hosts.len() < count {
        let batch = front(intake).await;
        hosts.append(&mut hosts_in(&batch));
        acknowledge(intake, &batch);
    }
    hosts
}

/// Nothing is read, however often an input looks.
pub(crate) async fn nothing_comes(intake: &Intake) {
    tokio::time::sleep(Duration::from_secs(10)).await;
    assert_eq!(intake.front().unwrap().map(|batch| hosts_in(&batch)), None);
}

/// How the first input fares once something is so.
pub(crate) async fn once(intake: &Intake, is_so: impl Fn(&InputShown) -> bool) -> InputShown {
    poll(|| Some(intake.shown().inputs.remove(0)).filter(&is_so)).await
}

/// Waits until something is so of one of the inputs.
pub(crate) async fn any(intake: &Intake, is_so: impl Fn(&InputShown) -> bool) {
    poll(|| intake.shown().inputs.iter().any(&is_so).then_some(())).await;
}

/// Asks until there is an answer. The clock goes on by hand here, for while an input waits for room it does not jump.
async fn poll<T>(question: impl Fn() -> Option<T>) -> T {
    for _ in 0..20_000 {
        if let Some(answer) = question() {
            return answer;
        }
        tokio::time::advance(Duration::from_millis(500)).await;
        std::thread::park_timeout(Duration::from_millis(1));
    }
    panic!("it never came to that");
}
