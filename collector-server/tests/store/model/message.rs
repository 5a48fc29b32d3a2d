//! What an organisation's agents send, and what comes of it.

use zeef_collector::store::Origin;
use zeef_collector::store::batch::{RecordCounts, RecordsOutcome};
use zeef_collector::store::records::{ReportOutcome, Standing};
use zeef_proto::DeviceId;
use zeef_proto::field::{Field, Parse, PublicIp};
use zeef_proto::policy::ProductId;
use zeef_proto::wire::{About, RecordBatch, Refusal, Report, SourceRecord};

use super::device::{Device, Order};
use super::organisation::{Organisation, Rules};

/// A field with its values: matching form and spelling.
type Says = (Field, Vec<(String, String)>);

fn says<'a, T: Parse + 'a>(values: impl IntoIterator<Item = &'a T>) -> Says {
    // Names of the model are ASCII, and addresses have one spelling.
    let both = |value: &T| (value.expose().to_lowercase(), value.expose());
    (T::FIELD, values.into_iter().map(both).collect())
}

/// The letters of a record's link tokens.
fn letters(record: &SourceRecord) -> Vec<char> {
    let letter = |text: &str| {
        text.split(':')
            .nth(1)
            .and_then(|token| token.chars().next())
            .unwrap()
    };
    record.links.iter().map(|token| letter(token.as_str())).collect()
}

impl Organisation {
    fn products_sent(&self, device: DeviceId, rules: &Rules) -> Vec<ProductId> {
        let products = self.products(device, rules.time.shows());
        products
            .into_iter()
            .map(|product| product.parse().unwrap())
            .collect()
    }

    pub(super) fn report(
        &mut self,
        id: DeviceId,
        report: &Report,
        public_ip: Option<&PublicIp>,
        rules: &Rules,
    ) -> ReportOutcome {
        let standing = self.standing(id);
        if standing != Standing::Active {
            return ReportOutcome::NotAdmitted(standing);
        }
        let products = self.products_sent(id, rules);
        let policy = rules.version;
        let agent = self.agent(id).unwrap();
        let body = report.to_bytes();
        let gap = match agent.reports.order(report.sequence, &body) {
            Order::New { gap } => gap,
            Order::Repeated => {
                return ReportOutcome::Stored {
                    send_all: false,
                    repeated: true,
                    products,
                    policy,
                };
            }
            Order::Fork => {
                agent.suspected_clone = true;
                return ReportOutcome::SequenceFork;
            }
        };
        let rows = rules.policy.rows();
        let documented = |field: Field| {
            let runs = |product: &str| products.iter().any(|one| one.as_str() == product);
            rows.iter()
                .any(|row| row.of_agents && runs(row.product) && row.fields.contains(&field))
        };
        if let Some(field) = report.fields().find(|field| !documented(*field)) {
            return ReportOutcome::Refused(Refusal::not_documented(field));
        }
        agent.reports.take(report.sequence, body);
        let mut said: Vec<Says> = Vec::new();
        said.extend(report.device_name.as_ref().map(|name| says([name])));
        said.extend(report.usernames.as_ref().map(says));
        said.extend(report.private_ips.as_ref().map(says));
        said.extend(report.mac_addresses.as_ref().map(says));
        // Seen and not sent: an address that is not seen any more is not held any more.
        said.push(says(public_ip.filter(|_| documented(Field::PublicIp))));
        self.say(id, &Origin::Native, &said, rules);
        self.devices.get_mut(&id).unwrap().contact(rules.time.shows());
        ReportOutcome::Stored {
            send_all: gap,
            repeated: false,
            products,
            policy,
        }
    }

    fn say(&mut self, id: DeviceId, origin: &Origin, said: &[Says], rules: &Rules) {
        let at = rules.time.shows();
        for (field, values) in said {
            let expires_at = self.expiry(rules.policy, id, (*field, origin), at.to_the_hour());
            let device = self.devices.get_mut(&id).unwrap();
            // Without values there is no term to know.
            device.replace(*field, origin, values, (at, expires_at.unwrap_or(at)));
        }
    }

    /// `fresh` is the device that the store made of it, if it made one.
    pub(super) fn tell(
        &mut self,
        sender: DeviceId,
        batch: &RecordBatch,
        fresh: Option<DeviceId>,
        rules: &Rules,
    ) -> RecordsOutcome {
        let standing = self.standing(sender);
        if standing != Standing::Active {
            return RecordsOutcome::NotAdmitted(standing);
        }
        let products = self.products_sent(sender, rules);
        let stored = |counts, repeated| RecordsOutcome::Stored {
            counts,
            repeated,
            products,
            policy: rules.version,
        };
        let agent = self.agent(sender).unwrap();
        let body = batch.to_bytes();
        match agent.batches.order(batch.sequence, &body) {
            Order::New { .. } => {}
            Order::Repeated => return stored(RecordCounts::default(), true),
            Order::Fork => {
                agent.suspected_clone = true;
                return RecordsOutcome::SequenceFork;
            }
        }
        let of_others = batch
            .records
            .iter()
            .any(|record| record.about == About::SiteDevice);
        if of_others && !agent.speaks_for_site {
            return RecordsOutcome::SiteNotAllowed;
        }
        agent.batches.take(batch.sequence, body);
        let mut counts = RecordCounts::default();
        for record in &batch.records {
            if self.take(sender, record, fresh, rules) {
                counts.stored += 1;
            } else {
                counts.not_documented += 1;
            }
        }
        self.devices.get_mut(&sender).unwrap().contact(rules.time.shows());
        stored(counts, false)
    }

    /// Whether the record counts. Those of the model are known by one link token, or are about the sender.
    fn take(
        &mut self,
        sender: DeviceId,
        record: &SourceRecord,
        fresh: Option<DeviceId>,
        rules: &Rules,
    ) -> bool {
        let at = rules.time.shows();
        let rows = rules.policy.rows();
        let documented = |field: Field| {
            rows.iter()
                .any(|row| record.product.as_str() == row.product && row.fields.contains(&field))
        };
        if !record.fields().all(documented) {
            return false;
        }
        let origin = Origin::named(record.source.as_str(), record.product.as_str()).unwrap();
        let letters = letters(record);
        let known = if record.about == About::ThisDevice {
            Some(sender)
        } else {
            let has = |device: &Device| {
                device
                    .links
                    .iter()
                    .any(|(by, letter)| letters.contains(letter) && device.speaks(by, at))
            };
            self.devices
                .iter()
                .find(|(_, device)| has(device))
                .map(|(id, _)| *id)
        };
        let serves = |subscription: &super::organisation::Subscription| {
            subscription.product == record.product.as_str()
                && subscription.runs(at)
                && known.map_or(subscription.only.is_none(), |id| subscription.covers(id))
        };
        if !self.subscriptions.values().any(serves) {
            return false;
        }
        let id = known.unwrap_or_else(|| {
            // The store's own choice; where it made none, the difference shows.
            let id = fresh.unwrap_or(DeviceId::from_bytes([0xff; 16]));
            self.ever += 1;
            self.devices.insert(id, Device::new(self.ever, at));
            id
        });
        let device = self.devices.get_mut(&id).unwrap();
        if !device.speaks(&origin, at) {
            device.links.retain(|(by, _)| *by != origin);
        }
        device
            .links
            .extend(letters.into_iter().map(|letter| (origin.clone(), letter)));
        if device.agent.is_none() {
            device.contact(at);
        }
        let mut said: Vec<Says> = Vec::new();
        said.extend(record.device_name.as_ref().map(|name| says([name])));
        said.extend((!record.usernames.is_empty()).then(|| says(&record.usernames)));
        said.extend((!record.private_ips.is_empty()).then(|| says(&record.private_ips)));
        said.extend((!record.mac_addresses.is_empty()).then(|| says(&record.mac_addresses)));
        self.say(id, &origin, &said, rules);
        true
    }
}
