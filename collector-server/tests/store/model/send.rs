//! What machines send, to both; and how a step's words become a message.

use zeef_collector::store::Store;
use zeef_collector::store::batch::IncomingRecords;
use zeef_collector::store::records::IncomingReport;
use zeef_proto::DeviceId;
use zeef_proto::field::{Parse, PublicIp};
use zeef_proto::wire::{RecordBatch, Report, SourceRecord};

use super::device::Numbers;
use super::member::{Difference, Member, same};
use super::organisation::Rules;
use super::step::{Number, Said, Told};
use crate::fixture::{heartbeat, links, own, site};

impl Member {
    pub(super) async fn report(
        &mut self,
        store: &dyn Store,
        device: DeviceId,
        (machine, number, says): (usize, Number, &Said),
        is_public: bool,
        rules: &Rules,
    ) -> Result<(), Difference> {
        let numbers = self.model.agent(device).map(|agent| &agent.reports);
        let report = report(number_of(numbers, number), says, machine);
        let public_ip = is_public.then(|| format!("203.0.113.{}", machine + 1));
        self.send(store, device, (report, public_ip), rules).await
    }

    /// The last report that was taken comes again.
    pub(super) async fn replay(
        &mut self,
        store: &dyn Store,
        device: DeviceId,
        rules: &Rules,
    ) -> Result<(), Difference> {
        match self.reports.get(&device).cloned() {
            Some(report) => self.send(store, device, report, rules).await,
            None => Ok(()),
        }
    }

    async fn send(
        &mut self,
        store: &dyn Store,
        device: DeviceId,
        (report, public_ip): (Report, Option<String>),
        rules: &Rules,
    ) -> Result<(), Difference> {
        let seen = public_ip.as_deref().map(|text| PublicIp::parse(text).unwrap());
        let expected = self.model.report(device, &report, seen.as_ref(), rules);
        let incoming = IncomingReport {
            organisation: self.id,
            device,
            body: report.to_bytes().into(),
            report: report.clone(),
            public_ip: seen,
            now: rules.time.clock,
        };
        let outcome = store.record_report(incoming).await.unwrap();
        if crate::fixture::stored(&expected) {
            self.reports.insert(device, (report, public_ip));
        }
        same("a report", &outcome, &expected)
    }

    pub(super) async fn tell(
        &mut self,
        store: &dyn Store,
        device: DeviceId,
        (machine, number, records): (usize, Number, &[Told]),
        rules: &Rules,
    ) -> Result<(), Difference> {
        let numbers = self.model.agent(device).map(|agent| &agent.batches);
        let batch = RecordBatch {
            wire: 1,
            sequence: number_of(numbers, number),
            policy: 1,
            agent: "0.1.0".parse().unwrap(),
            records: records.iter().map(|told| record(told, machine)).collect(),
        };
        self.send_batch(store, device, batch, rules).await
    }

    /// The last batch that was taken comes again.
    pub(super) async fn tell_again(
        &mut self,
        store: &dyn Store,
        device: DeviceId,
        rules: &Rules,
    ) -> Result<(), Difference> {
        match self.batches.get(&device).cloned() {
            Some(batch) => self.send_batch(store, device, batch, rules).await,
            None => Ok(()),
        }
    }

    async fn send_batch(
        &mut self,
        store: &dyn Store,
        device: DeviceId,
        batch: RecordBatch,
        rules: &Rules,
    ) -> Result<(), Difference> {
        let incoming = IncomingRecords {
            organisation: self.id,
            device,
            body: batch.to_bytes().into(),
            batch: batch.clone(),
            now: rules.time.clock,
        };
        let outcome = store.record_batch(incoming).await.unwrap();
        // Which id a new device has is the store's choice.
        let mut there = self.ids(store).await.into_iter();
        let fresh = there.find(|id| !self.model.devices.contains_key(id));
        let expected = self.model.tell(device, &batch, fresh, rules);
        self.batches.insert(device, batch);
        same("a batch of records", &outcome, &expected)
    }
}

fn number_of(numbers: Option<&Numbers>, number: Number) -> u64 {
    let last = numbers.map_or(0, |numbers| numbers.last);
    match number {
        Number::Next => last + 1,
        Number::Skipped => last + 2,
        Number::Same => last.max(1),
        Number::Earlier => last.saturating_sub(1).max(1),
    }
}

const USERS: [&str; 2] = ["J.Jansen", "p.bakker"];

fn parsed<T: Parse>(texts: impl IntoIterator<Item = String>) -> Vec<T> {
    texts.into_iter().map(|text| T::parse(&text).unwrap()).collect()
}

fn name(of: &str, spelling: usize) -> String {
    match spelling {
        0 => format!("lap-{of}"),
        1 => format!("LAP-{of}"),
        _ => format!("tower-{of}"),
    }
}

fn report(sequence: u64, says: &Said, machine: usize) -> Report {
    Report {
        device_name: says
            .name
            .map(|spelling| Parse::parse(&name(&machine.to_string(), spelling)).unwrap()),
        usernames: says
            .users
            .map(|count| parsed(USERS.map(str::to_owned).into_iter().take(count))),
        private_ips: says
            .addresses
            .map(|count| parsed((0..count).map(|last| format!("10.0.{machine}.{last}")))),
        mac_addresses: says
            .macs
            .map(|count| parsed((0..count).map(|_| format!("00:1a:2b:3c:4d:0{machine}")))),
        ..heartbeat(sequence)
    }
}

fn record(told: &Told, machine: usize) -> SourceRecord {
    // What is said of different devices never has a value in common, so that tokens alone join.
    let (of, net) = match told.about {
        None => (machine.to_string(), machine),
        Some(letter) => (letter.to_string(), 100 + letter as usize),
    };
    let quoted = |key: &str, values: Vec<String>| format!(r#""{key}":["{}"]"#, values.join("\",\""));
    let says = &told.says;
    let mut fields = Vec::new();
    fields.extend(
        says.name
            .map(|spelling| format!(r#""device_name":"{}""#, name(&of, spelling))),
    );
    fields.extend(says.users.map(|count| {
        quoted(
            "usernames",
            USERS[..count].iter().map(|&user| user.to_owned()).collect(),
        )
    }));
    fields.extend(says.addresses.map(|count| {
        quoted(
            "private_ips",
            (0..count).map(|last| format!("10.1.{net}.{last}")).collect(),
        )
    }));
    fields.extend(
        says.macs
            .map(|_| quoted("mac_addresses", vec![format!("00:1a:2b:3c:4e:{net:02x}")])),
    );
    match told.about {
        None => own(told.source, told.product, &fields.join(",")),
        Some(letter) => {
            fields.push(links(&letter.to_string()));
            site(told.source, told.product, &fields.join(","))
        }
    }
}
