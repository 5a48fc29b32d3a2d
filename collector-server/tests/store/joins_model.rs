//! Random histories of records, against the rules of joining told once more, plainly.

use std::collections::{BTreeMap, BTreeSet};

use jiff::tz::TimeZone;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use zeef_collector::retention::{Expiry, expiry};
use zeef_collector::store::records::Subscription;
use zeef_collector::store::{InventoryStore, Origin};
use zeef_proto::field::{Field, Parse};
use zeef_proto::policy::{Permits, Policy};
use zeef_proto::time::DAY;
use zeef_proto::wire::{About, SourceRecord};
use zeef_proto::{DeviceId, UnixTime};

use crate::fixture::{Installation, REFERENCE_POLICY, START, counts, full, links, own, site};

#[derive(Debug, Clone)]
enum Step {
    /// One batch of the device of that number.
    Tell(usize, Vec<SourceRecord>),
    /// The agent of that device reports a name and an address.
    Report(usize, u8, u8),
    Wait(i64),
    Purge,
}

fn record() -> impl Strategy<Value = SourceRecord> {
    let some = |texts: &'static [&'static str]| prop_oneof![2 => Just(None), 3 => proptest::sample::select(texts).prop_map(Some)];
    (
        proptest::sample::select(
            &[
                ("unifi", "wifi"),
                ("zyxel-nebula", "wifi"),
                ("voip-csv", "voip"),
                ("added", "voip"),
            ][..],
        ),
        prop_oneof![5 => Just(true), 1 => Just(false)],
        some(&[
            r#""device_name":"lap-0""#,
            r#""device_name":"Lap-1""#,
            r#""device_name":"lap-1""#,
        ]),
        some(&[
            r#""private_ips":["10.0.0.0"]"#,
            r#""private_ips":["10.0.0.0","10.0.0.1"]"#,
            r#""private_ips":["10.0.0.1"]"#,
        ]),
        some(&[
            r#""mac_addresses":["00:1a:2b:3c:4d:5e"]"#,
            r#""mac_addresses":["02:1a:2b:3c:4d:5e"]"#,
            r#""mac_addresses":["00:1a:2b:3c:4d:5e","02:1a:2b:3c:4d:5e"]"#,
            r#""mac_addresses":["00:00:00:00:00:07"]"#,
        ]),
        proptest::sample::select(&["", "", "a", "b", "ab", "c"][..]),
    )
        .prop_map(|((source, product), about_site, name, addresses, macs, tokens)| {
            let linked = (!tokens.is_empty()).then(|| links(tokens));
            let mut fields: Vec<&str> = [name, addresses, macs].into_iter().flatten().collect();
            if fields.is_empty() {
                fields.push(r#""device_name":"lap-0""#);
            }
            fields.extend(linked.as_deref());
            let make = if about_site { site } else { own };
            make(source, product, &fields.join(","))
        })
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        8 => (0..2_usize, proptest::collection::vec(record(), 1..4)).prop_map(|(by, records)| Step::Tell(by, records)),
        1 => (0..2_usize, 0..2_u8, 0..2_u8).prop_map(|(by, name, address)| Step::Report(by, name, address)),
        3 => (20..200_i64).prop_map(Step::Wait),
        1 => Just(Step::Purge),
    ]
}

/// A value as one origin said it: field, matching form, origin.
type Said = (Field, String, Origin);

#[derive(Default)]
struct Known {
    has_agent: bool,
    /// With when they expire.
    values: BTreeMap<Said, i64>,
    links: BTreeSet<(Origin, String)>,
    apart: BTreeSet<(Origin, String)>,
    last_said: BTreeMap<Origin, SourceRecord>,
}

impl Known {
    fn speaks(&self, origin: &Origin, now: UnixTime) -> bool {
        self.values
            .iter()
            .any(|((_, _, by), expires)| by == origin && *expires > now.0)
    }

    fn has(&self, field: Field, form: &str, now: UnixTime) -> bool {
        self.values
            .iter()
            .any(|((of, held, _), expires)| *of == field && held == form && *expires > now.0)
    }
}

/// The rules, over devices that are looked through one by one.
struct Model {
    known: BTreeMap<DeviceId, Known>,
    policy: Policy,
    subscriptions: Vec<Subscription>,
}

enum Which {
    Known(DeviceId),
    New,
    Several,
}

fn forms(record: &SourceRecord) -> Vec<(Field, String)> {
    fn of<T: Parse>(value: &T) -> (Field, String) {
        (T::FIELD, value.matching_form())
    }
    record
        .device_name
        .iter()
        .map(of)
        .chain(record.private_ips.iter().map(of))
        .chain(record.mac_addresses.iter().map(of))
        .collect()
}

impl Model {
    fn those(&self, holds: impl Fn(&Known) -> bool) -> Vec<DeviceId> {
        let found = self.known.iter().filter(|(_, known)| holds(known));
        found.map(|(id, _)| *id).collect()
    }

    fn which(&self, record: &SourceRecord, origin: &Origin, now: UnixTime) -> Which {
        let again = self.those(|known| {
            let kept_apart = record
                .links
                .iter()
                .any(|token| known.apart.contains(&(origin.clone(), token.as_str().to_owned())));
            let said_so = record.links.is_empty() && known.last_said.get(origin) == Some(record);
            known.speaks(origin, now) && (kept_apart || said_so)
        });
        if let Some(first) = again.first() {
            return Which::Known(*first);
        }
        let linked = self.those(|known| {
            known.links.iter().any(|(by, token)| {
                known.speaks(by, now) && record.links.iter().any(|one| one.as_str() == token)
            })
        });
        let found = if linked.is_empty() {
            self.those(|known| self.is_alike(record, origin, known, now))
        } else {
            linked
        };
        match found.as_slice() {
            [] => Which::New,
            [one] => Which::Known(*one),
            _ => Which::Several,
        }
    }

    fn is_alike(&self, record: &SourceRecord, origin: &Origin, known: &Known, now: UnixTime) -> bool {
        let known_otherwise = known.speaks(origin, now) && known.links.iter().any(|(by, _)| by == origin);
        if !record.links.is_empty() && known_otherwise {
            return false;
        }
        let has = |(field, form): &(Field, String)| known.has(*field, form, now);
        let all = forms(record);
        let of = |field: Field| all.iter().filter(move |(found, _)| *found == field);
        let assigned = |(_, mac): &&(Field, String)| mac.starts_with("00:");
        of(Field::MacAddress).filter(assigned).any(has)
            || (of(Field::DeviceName).any(has) && of(Field::PrivateIp).any(has))
    }

    /// Whether the record was documented, and whether it fitted several.
    fn take(
        &mut self,
        sender: DeviceId,
        record: &SourceRecord,
        new: &[DeviceId],
        now: UnixTime,
    ) -> (u32, u32, u32) {
        let origin = Origin::named(record.source.as_str(), record.product.as_str()).unwrap();
        let permits = Permits::of_records(&self.policy, &record.product);
        if record.undocumented(&permits).is_some() {
            return (0, 1, 0);
        }
        let which = match record.about {
            About::ThisDevice => Which::Known(sender),
            About::SiteDevice => self.which(record, &origin, now),
        };
        let several = matches!(which, Which::Several);
        let id = match which {
            Which::Known(id) => id,
            // The store made it: it is the one that the model does not know yet and that says this.
            Which::New | Which::Several => *new
                .iter()
                .find(|id| !self.known.contains_key(id))
                .expect("the store made a device"),
        };
        let is_site = record.about == About::SiteDevice;
        let known = self.known.entry(id).or_default();
        let was_apart = record
            .links
            .iter()
            .any(|token| known.apart.contains(&(origin.clone(), token.as_str().to_owned())));
        let apart = is_site && (several || (was_apart && known.speaks(&origin, now)));
        if !known.speaks(&origin, now) {
            known.links.retain(|(by, _)| *by != origin);
            known.apart.retain(|(by, _)| *by != origin);
            known.last_said.remove(&origin);
        }
        let said = forms(record);
        let mentioned: BTreeSet<Field> = said.iter().map(|(field, _)| *field).collect();
        known.values.retain(|(field, form, by), expires| {
            let stays = said.contains(&(*field, form.clone())) && *expires > now.0;
            *by != origin || !mentioned.contains(field) || stays
        });
        for (field, form) in said {
            let received = now.to_the_hour();
            let zone = TimeZone::get(&self.policy.timezone).unwrap();
            let term = expiry(&permits, &self.subscriptions, &zone, id, field, received).map(Expiry::stored);
            known
                .values
                .entry((field, form, origin.clone()))
                .or_insert(term.unwrap());
        }
        for token in &record.links {
            let held = (origin.clone(), token.as_str().to_owned());
            known.links.insert(held.clone());
            if apart {
                known.apart.insert(held);
            }
        }
        if is_site && record.links.is_empty() {
            known.last_said.insert(origin, record.clone());
        }
        (1, 0, several.into())
    }

    fn report(&mut self, device: DeviceId, said: Vec<(Field, String)>) {
        let known = self.known.entry(device).or_default();
        known.has_agent = true;
        known.values.retain(|(_, _, by), _| *by != Origin::Native);
        let said = said
            .into_iter()
            .map(|(field, form)| ((field, form, Origin::Native), i64::MAX));
        known.values.extend(said);
    }

    /// What is there at `now`, by device.
    fn shown(&mut self, now: UnixTime) -> BTreeMap<DeviceId, BTreeSet<Said>> {
        self.known
            .retain(|_, known| known.has_agent || known.values.values().any(|expires| *expires > now.0));
        let live = |known: &Known| {
            let live = known.values.iter().filter(|(_, expires)| **expires > now.0);
            live.map(|(said, _)| said.clone()).collect()
        };
        self.known.iter().map(|(id, known)| (*id, live(known))).collect()
    }
}

async fn held(zeef: &Installation, now: UnixTime) -> BTreeMap<DeviceId, BTreeSet<Said>> {
    let said = |one: &zeef_collector::store::records::Observation| {
        (
            one.field,
            zeef_proto::field::matching_form(&one.value),
            one.origin.clone(),
        )
    };
    let all = zeef.all(now).await;
    all.iter()
        .map(|known| (known.id, known.observations.iter().map(said).collect()))
        .collect()
}

async fn agrees(history: Vec<Step>) -> Result<(), TestCaseError> {
    let zeef = Installation::new().await;
    let senders = [
        zeef.collecting(&["wifi", "voip"]).await,
        zeef.collecting(&[]).await,
    ];
    let mut model = Model {
        known: BTreeMap::new(),
        policy: Policy::parse(REFERENCE_POLICY).unwrap(),
        subscriptions: zeef_collector::store::AdministrationStore::subscriptions(
            &zeef.store,
            zeef.organisation,
        )
        .await
        .unwrap(),
    };
    for sender in senders {
        model.report(sender, Vec::new());
    }
    let (mut now, mut numbers) = (START, [[0; 2]; 2]);
    let mut next = |by: usize, kind: usize| {
        numbers[by][kind] += 1;
        numbers[by][kind]
    };
    for step in history {
        match step {
            Step::Wait(days) => now = now.plus(days * DAY),
            Step::Purge => while zeef.store.purge(now, 3).await.unwrap().more {},
            Step::Report(by, name, address) => {
                let (name, address) = (format!("lap-{name}"), format!("10.0.0.{address}"));
                let mut report = full(next(by, 0), &name, "j.jansen", &address);
                report.usernames = None;
                report.mac_addresses = None;
                zeef.send(senders[by], report, now).await;
                model.report(
                    senders[by],
                    vec![(Field::DeviceName, name), (Field::PrivateIp, address)],
                );
            }
            // One record a batch, so that the device that it makes can be told by being new.
            Step::Tell(by, records) => {
                for record in records {
                    model.shown(now);
                    let outcome = zeef
                        .tell(senders[by], next(by, 1), vec![record.clone()], now)
                        .await;
                    let there: Vec<DeviceId> = held(&zeef, now).await.into_keys().collect();
                    let expected = model.take(senders[by], &record, &there, now);
                    prop_assert_eq!(counts(&outcome), expected, "{:?}", record.source);
                    prop_assert_eq!(held(&zeef, now).await, model.shown(now));
                }
            }
        }
        prop_assert_eq!(held(&zeef, now).await, model.shown(now));
    }
    Ok(())
}

#[test]
fn any_history_of_records_joins_as_the_rules_say() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let mut runner = TestRunner::new(Config {
        cases: 40,
        failure_persistence: None,
        ..Config::default()
    });
    runner
        .run(&proptest::collection::vec(step(), 1..24), |history| {
            runtime.block_on(agrees(history))
        })
        .unwrap();
}
