//! Those who send mutated reports, and what must be held of them afterwards.

use std::collections::{BTreeMap, BTreeSet};

use tokio::runtime::Runtime;
use zeef_proto::field::{DeviceName, MacAddress, Parse, PrivateIp, Username};
use zeef_proto::wire::{ProblemCode, Report};
use zeef_tests::Installation;
use zeef_tests::device::{Answer, RawDevice};

use crate::mutation::Mutation;
use crate::{MARK, whole};

/// Devices that send what no agent would, and what each should be held to have.
pub(crate) struct Senders {
    pub(crate) runtime: Runtime,
    pub(crate) collector: Installation,
    token: String,
    pub(crate) current: RawDevice,
    sequence: u64,
    held: BTreeMap<String, BTreeMap<&'static str, BTreeSet<String>>>,
}

impl Senders {
    pub(crate) fn new() -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let collector = Installation::started();
        collector.secrets().add(MARK);
        let token = collector.customer("Bakkerij Jansen", 100_000);
        let current = runtime.block_on(RawDevice::enrol(&collector.contact(), &token));
        Self {
            runtime,
            collector,
            token,
            current,
            sequence: 0,
            held: BTreeMap::new(),
        }
    }

    pub(crate) fn send(&mut self, body: Vec<u8>) -> Answer {
        // The connection is kept whatever was sent before: a refused report breaks nothing.
        self.runtime.block_on(self.current.send(body)).unwrap()
    }

    pub(crate) fn try_one(&mut self, mutation: &Mutation) {
        let body = mutation.of(&whole(self.sequence + 1));
        let answer = self.send(body.clone());
        if answer.status == 200 {
            let report = Report::read(&body).expect("only a report is acknowledged");
            self.sequence = report.sequence;
            self.note(&report);
            return;
        }
        let problem = answer.problem();
        assert!(!answer.text().contains(MARK), "{}", answer.text());
        let detail = problem.detail.clone().unwrap_or_default();
        assert!(detail.is_ascii() && detail.len() < 160, "{detail}");
        match problem.code {
            ProblemCode::InvalidMessage => assert!(Report::read(&body).is_err(), "{answer:?}"),
            ProblemCode::WireVersion => assert!(Report::read(&body).is_ok_and(|report| report.wire != 1)),
            // A number that was not risen by one: the next ones are another device's.
            ProblemCode::SequenceFork => {
                let contact = self.collector.contact();
                self.current = self.runtime.block_on(RawDevice::enrol(&contact, &self.token));
                self.sequence = 0;
            }
            code => panic!("{code} for {}", String::from_utf8_lossy(&body)),
        }
    }

    /// What an acknowledged report says of the device.
    fn note(&mut self, report: &Report) {
        let held = self.held.entry(self.current.id.to_string()).or_default();
        let mut note = |field: &'static str, forms: Option<BTreeSet<String>>| {
            if let Some(forms) = forms {
                held.insert(field, forms);
            }
        };
        let Report {
            device_name,
            usernames,
            private_ips,
            mac_addresses,
            ..
        } = report;
        note(
            "device_name",
            device_name.as_ref().map(|name| forms(std::slice::from_ref(name))),
        );
        note("username", usernames.as_deref().map(forms));
        note("private_ip", private_ips.as_deref().map(forms));
        note("mac_address", mac_addresses.as_deref().map(forms));
    }

    /// Held is what was acknowledged, and nothing else.
    pub(crate) fn check_held(&self) {
        for device in self.collector.devices() {
            let mut held: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
            for one in device.0["observations"].as_array().unwrap() {
                let (field, value) = (one["field"].as_str().unwrap(), one["value"].as_str().unwrap());
                let first = held.entry(field).or_default().insert(form_of(field, value));
                assert!(first, "one value is held twice");
            }
            let mut expected = self.held.get(device.id()).cloned().unwrap_or_default();
            expected.retain(|_, values| !values.is_empty());
            assert_eq!(held, expected);
        }
    }
}

/// Spellings of one value are one value, of which the collector keeps the first.
fn forms<T: Parse>(values: &[T]) -> BTreeSet<String> {
    values.iter().map(Parse::matching_form).collect()
}

fn form_of(field: &str, value: &str) -> String {
    fn form<T: Parse>(value: &str) -> String {
        T::parse(value).expect("a value of its field").matching_form()
    }
    match field {
        "device_name" => form::<DeviceName>(value),
        "username" => form::<Username>(value),
        "private_ip" => form::<PrivateIp>(value),
        "mac_address" => form::<MacAddress>(value),
        other => panic!("{other} is held, and no report can hold it"),
    }
}
