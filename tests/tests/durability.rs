//! What was acknowledged survives `kill -9` in the middle of load, once.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a test that cannot go on says where"
)]

use std::collections::BTreeMap;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinHandle;
use zeef_proto::wire::{EnrolmentReply, ReportReply};
use zeef_tests::Installation;
use zeef_tests::device::{Contact, DeviceKey, Dial, Fields, RawDevice};

const KILLS: u64 = 200;
const DEVICES: u32 = 12;
const ANSWER: Duration = Duration::from_secs(20);

/// What the clients of a collector that comes and goes have in common.
#[derive(Clone)]
struct Load {
    /// Whether it is worth trying to connect.
    up: watch::Receiver<bool>,
    /// Whether to end after the report in hand.
    over: watch::Receiver<bool>,
    /// Acknowledgements so far.
    acknowledged: watch::Sender<u64>,
}

impl Load {
    async fn until_up(&mut self) {
        self.up.wait_for(|up| *up).await.unwrap();
    }

    /// Reports number after number, each until it is acknowledged, and gives the last.
    async fn report(mut self, mut device: RawDevice) -> (String, u64) {
        for number in 1.. {
            let body = Fields::numbered(number).report(number);
            let reply = self.until_acknowledged(&mut device, &body).await;
            assert_eq!(reply.acknowledged, number);
            assert!(
                !reply.send_all,
                "the collector lost a report that it had acknowledged before {number}"
            );
            self.acknowledged.send_modify(|count| *count += 1);
            if *self.over.borrow() {
                return (device.id.to_string(), number);
            }
        }
        unreachable!("numbers do not end")
    }

    async fn until_acknowledged(&mut self, device: &mut RawDevice, body: &[u8]) -> ReportReply {
        loop {
            let answer = tokio::time::timeout(ANSWER, device.send(body.to_vec()))
                .await
                .expect("an answer in time");
            match answer {
                Ok(answer) if answer.status == 200 => return answer.json(),
                Ok(answer) => panic!("a repeated report was refused: {}", answer.text()),
                Err(_) => self.until_up().await,
            }
        }
    }

    /// Enrols one device after the other, each key until it has its device; gives key by key what came of it.
    async fn enrol(mut self, contact: Contact, token: String) -> Vec<String> {
        let mut devices = Vec::new();
        while !*self.over.borrow() {
            let key = DeviceKey::generate();
            let first = self.until_enrolled(&contact, &token, &key).await;
            // A lost answer looks to the device like this.
            let again = self.until_enrolled(&contact, &token, &key).await;
            assert_eq!(first.device, again.device, "the same key is the same device");
            devices.push(first.device.to_string());
            self.acknowledged.send_modify(|count| *count += 1);
        }
        devices
    }

    async fn until_enrolled(&mut self, contact: &Contact, token: &str, key: &DeviceKey) -> EnrolmentReply {
        let dial = Dial::new(contact, None);
        loop {
            let asked = RawDevice::try_enrol(&dial, token, key);
            match tokio::time::timeout(ANSWER, asked)
                .await
                .expect("an answer in time")
            {
                Ok(answer) if answer.status == 200 => return answer.json(),
                Ok(answer) => panic!("an enrolment was refused: {}", answer.text()),
                Err(_) => self.until_up().await,
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_acknowledged_report_is_there_once_after_two_hundred_kills_in_the_middle_of_load() {
    let mut collector = Installation::started();
    let token = collector.customer("Bakkerij Jansen", 100_000);
    let contact = collector.contact();
    let (set_up, up) = watch::channel(true);
    let (set_over, over) = watch::channel(false);
    let (acknowledged, mut count) = watch::channel(0);
    let load = Load {
        up,
        over,
        acknowledged,
    };
    let mut reporting = Vec::new();
    for _ in 0..DEVICES {
        let device = RawDevice::enrol(&contact, &token).await;
        reporting.push(tokio::spawn(load.clone().report(device)));
    }
    let enrolling = tokio::spawn(load.clone().enrol(contact, token));

    for round in 0..KILLS {
        // From the very first acknowledgement after a start to well into the load.
        let target = *count.borrow_and_update() + 1 + round * 7 % 40;
        let reached = tokio::time::timeout(ANSWER, count.wait_for(|count| *count >= target)).await;
        assert!(reached.is_ok(), "nothing was acknowledged in round {round}");
        if reporting.iter().any(JoinHandle::is_finished) {
            break; // One of them found something missing, and says so below.
        }
        set_up.send_replace(false);
        collector.kill();
        collector.start();
        set_up.send_replace(true);
    }
    set_over.send_replace(true);

    let mut last = BTreeMap::new();
    for task in reporting {
        last.extend([task.await.unwrap()]);
    }
    let enrolled = enrolling.await.unwrap();
    // What the running collector knows must be what is on its disk.
    collector.stop();
    for (id, number) in &last {
        let device = collector.device(id);
        let Fields {
            device_name,
            usernames,
            private_ips,
            mac_addresses,
        } = Fields::numbered(*number);
        assert_eq!(device.values("device_name"), [device_name.unwrap()]);
        assert_eq!(device.values("username"), usernames.unwrap());
        assert_eq!(device.values("private_ip"), private_ips.unwrap());
        assert_eq!(device.values("mac_address"), mac_addresses.unwrap());
        assert_eq!(device.state(), "reporting", "no report was taken for another's");
    }
    let devices = collector.devices();
    assert_eq!(devices.len(), last.len() + enrolled.len());
    assert!(
        enrolled
            .iter()
            .all(|id| devices.iter().any(|device| device.id() == id))
    );
    let tokens = collector
        .run(&["token", "list", "--organisation", "Bakkerij Jansen", "--json"])
        .json();
    assert_eq!(
        tokens[0]["uses_left"],
        100_000 - devices.len(),
        "each device cost one use"
    );
    // An entry for each device, and none that is torn from the others.
    drop(collector.run(&["ledger", "verify"]).done());
    let shown = collector
        .run(&["ledger", "show", "--last", "100000", "--json"])
        .json();
    let entries = shown.as_array().unwrap().iter();
    let enrolments = entries.filter(|entry| entry["event"] == "device_enrolled");
    assert_eq!(enrolments.count(), devices.len());
}
