//! The index against a model that is too simple to be wrong.

use proptest::prelude::*;
use zeef_proto::field::Field;
use zeef_proto::id::SubscriptionId;
use zeef_proto::time::DAY;
use zeef_proto::wire::Platform;

use super::super::query::{Kind, SILENT_AFTER, Sort, State};
use super::super::term::Term;
use super::*;
use crate::access::Reach;
use crate::store::Origin;
use crate::store::records::{Agent, Observation};

const NOW: UnixTime = UnixTime(1_780_000_000);

fn organisation(number: u8) -> OrganisationId {
    OrganisationId::from_bytes([number; 16])
}

/// A device of organisation 1 that reported an hour ago.
fn device(number: u8, values: &[(Field, &str)]) -> Device {
    let observations = values.iter().map(|(field, value)| Observation {
        field: *field,
        value: (*value).to_owned(),
        origin: Origin::Native,
        first_seen: NOW.plus(-DAY),
        expires_at: None,
    });
    Device {
        organisation: organisation(1),
        id: DeviceId::from_bytes([number; 16]),
        agent: Some(Agent {
            revoked: false,
            suspected_clone: false,
            speaks_for_site: false,
            platform: Platform::Linux,
            version: "0.1.0".to_owned(),
            policy: 1,
            sequence: 1,
            certificate: None,
        }),
        known_since: NOW.plus(-30 * DAY),
        last_contact: Some(NOW.plus(-3_600)),
        asked_at: None,
        links: 0,
        restricted: false,
        observations: observations.collect(),
    }
}

fn index(devices: &[Device]) -> Index {
    let mut index = Index::default();
    for device in devices {
        index.apply(device);
    }
    index
}

/// The devices' numbers, in order.
fn found(index: &mut Index, query: &Query, now: UnixTime) -> Vec<u8> {
    let all = Query {
        per_page: 1_000,
        ..query.clone()
    };
    let page = index.query(&all, now);
    assert_eq!(page.total, page.ids.len());
    page.ids.iter().map(|(_, device)| device.as_bytes()[0]).collect()
}

fn search(typed: &str) -> Query {
    Query {
        term: Term::parse(typed),
        ..Query::of(Reach::All)
    }
}

fn sorted(column: Column, reversed: bool) -> Query {
    Query {
        sort: Sort { column, reversed },
        ..Query::of(Reach::All)
    }
}

#[test]
fn a_search_looks_at_every_field() {
    let mut index = index(&[
        device(1, &[(Field::DeviceName, "LAP-17"), (Field::Username, "j.jansen")]),
        device(
            2,
            &[
                (Field::PrivateIp, "10.0.3.17"),
                (Field::MacAddress, "00:1a:2b:3c:4d:5e"),
            ],
        ),
        device(3, &[(Field::PublicIp, "203.0.113.7")]),
    ]);
    for (typed, expected) in [
        ("lap", vec![1]),
        ("Jansen", vec![1]),
        ("10.0.3.17", vec![2]),
        ("10.0.0.0/8", vec![2]),
        ("001A.2B3C.4D5E", vec![2]),
        ("203.0.113.7", vec![3]),
        ("17\nj", vec![]),
        ("nobody", vec![]),
    ] {
        assert_eq!(found(&mut index, &search(typed), NOW), expected, "{typed}");
    }
}

#[test]
fn only_devices_within_reach_are_found_or_counted() {
    let mut foreign = device(2, &[(Field::DeviceName, "LAP-18")]);
    foreign.organisation = organisation(9);
    let mut index = index(&[device(1, &[(Field::DeviceName, "LAP-17")]), foreign]);
    let own = index.query(&Query::of(Reach::All), NOW).ids[0].0;
    for (reach, expected) in [
        (Reach::All, vec![1, 2]),
        (Reach::of([own]), vec![1]),
        (Reach::of([organisation(9)]), vec![2]),
        (Reach::of([organisation(7)]), vec![]),
        (Reach::of([]), vec![]),
    ] {
        let query = Query {
            reach,
            ..search("lap")
        };
        assert_eq!(found(&mut index, &query, NOW), expected);
        let of_own = Query {
            organisation: Some(own),
            ..query
        };
        let expected: Vec<u8> = expected.into_iter().filter(|number| *number == 1).collect();
        assert_eq!(found(&mut index, &of_own, NOW), expected);
    }
}

#[test]
fn a_value_past_its_term_neither_matches_nor_sorts_even_if_the_clock_goes_back() {
    let mut expiring = device(1, &[(Field::DeviceName, "a"), (Field::Username, "jan")]);
    expiring.observations[1].expires_at = Some(NOW);
    let mut index = index(&[
        expiring,
        device(2, &[(Field::DeviceName, "b"), (Field::Username, "piet")]),
    ]);
    let by_user = sorted(Column::User, false);
    assert_eq!(found(&mut index, &search("jan"), NOW.plus(-1)), [1]);
    assert_eq!(found(&mut index, &by_user, NOW.plus(-1)), [1, 2]);
    assert_eq!(found(&mut index, &search("jan"), NOW), [0; 0]);
    assert_eq!(found(&mut index, &by_user, NOW), [2, 1]);
    assert_eq!(found(&mut index, &search("jan"), NOW.plus(-1)), [0; 0]);
}

#[test]
fn a_later_term_that_is_brought_forward_holds() {
    let mut first = device(1, &[(Field::Username, "jan")]);
    first.observations[0].expires_at = Some(NOW.plus(1_000));
    let mut index = index(std::slice::from_ref(&first));
    first.observations[0].expires_at = Some(NOW.plus(10));
    index.apply(&first);
    assert_eq!(found(&mut index, &search("jan"), NOW.plus(9)), [1]);
    assert_eq!(found(&mut index, &search("jan"), NOW.plus(10)), [0; 0]);
}

#[test]
fn devices_without_a_value_come_last_both_ways() {
    let mut index = index(&[
        device(1, &[]),
        device(2, &[(Field::PrivateIp, "10.0.0.10")]),
        device(
            3,
            &[(Field::PrivateIp, "10.0.0.9"), (Field::PrivateIp, "192.168.1.1")],
        ),
    ]);
    assert_eq!(found(&mut index, &sorted(Column::Address, false), NOW), [3, 2, 1]);
    assert_eq!(found(&mut index, &sorted(Column::Address, true), NOW), [2, 3, 1]);
}

#[test]
fn states_are_told_apart_and_silence_starts_after_seven_days() {
    let mut all: Vec<Device> = (1..=5).map(|number| device(number, &[])).collect();
    all[1].last_contact = Some(NOW.plus(-SILENT_AFTER));
    let agent = |device: &mut Device, revoked| {
        let agent = device.agent.as_mut().unwrap();
        (agent.revoked, agent.suspected_clone) = (revoked, true);
    };
    agent(&mut all[2], true);
    agent(&mut all[3], false);
    all[4].last_contact = None;
    all[4].known_since = NOW.plus(1 - SILENT_AFTER);
    let mut index = index(&all);
    let mut of = |state| {
        let query = Query {
            kind: Some(Kind::In(state)),
            ..Query::of(Reach::All)
        };
        found(&mut index, &query, NOW)
    };
    assert_eq!(of(State::Reporting), [1, 5]);
    assert_eq!(of(State::Silent), [2]);
    assert_eq!(of(State::Revoked), [3]);
    assert_eq!(of(State::SuspectedClone), [4]);
    for kind in Kind::all() {
        assert_eq!(Kind::named(kind.name()), Some(kind));
    }
}

#[test]
fn a_product_filter_follows_the_subscription_and_the_device_it_is_for() {
    let subscription = |device: Option<u8>, product: &str, ends| Subscription {
        id: SubscriptionId::from_bytes([1; 16]),
        organisation: organisation(1),
        device: device.map(|number| DeviceId::from_bytes([number; 16])),
        product: product.parse().unwrap(),
        starts: NOW.plus(-DAY),
        ends,
    };
    let mut index = index(&[device(1, &[]), device(2, &[])]);
    index.set_subscriptions(
        organisation(1),
        vec![
            subscription(None, "rmm", Some(NOW)),
            subscription(Some(2), "antivirus", None),
        ],
    );
    let mut of = |product: &str, now| {
        let query = Query {
            product: Some(product.parse().unwrap()),
            ..Query::of(Reach::All)
        };
        found(&mut index, &query, now)
    };
    assert_eq!(of("rmm", NOW.plus(-1)), [1, 2]);
    assert_eq!(of("rmm", NOW), [0; 0]);
    assert_eq!(of("antivirus", NOW), [2]);
}

#[test]
fn a_page_past_the_end_is_the_last_one() {
    let devices: Vec<Device> = (0..25).map(|number| device(number, &[])).collect();
    let mut index = index(&devices);
    let mut page = |page| {
        index.query(
            &Query {
                page,
                per_page: 10,
                ..Query::of(Reach::All)
            },
            NOW,
        )
    };
    assert_eq!(page(0).ids.len(), 10);
    assert_eq!(page(2).ids.len(), 5);
    assert_eq!(page(99), page(2));
    assert_eq!(page(99).total, 25);
}

#[test]
fn a_device_without_an_agent_has_the_products_under_which_its_values_are_held() {
    let said = |value: &str, product: &str, expires_at| Observation {
        field: Field::DeviceName,
        value: value.to_owned(),
        origin: Origin::named("unifi", product).unwrap(),
        first_seen: NOW.plus(-DAY),
        expires_at,
    };
    let mut phone = device(1, &[]);
    phone.agent = None;
    phone.observations = vec![said("phone", "voip", None), said("tel", "wifi", Some(NOW))];
    let mut index = index(&[phone]);
    let mut of = |product: &str, now| {
        let query = Query {
            product: Some(product.parse().unwrap()),
            ..Query::of(Reach::All)
        };
        found(&mut index, &query, now)
    };
    assert_eq!(of("wifi", NOW.plus(-1)), [1]);
    assert_eq!(of("wifi", NOW), [0; 0]);
    assert_eq!(of("voip", NOW), [1]);
    assert_eq!(of("antivirus", NOW), [0; 0]);
}

/// One step of a random history.
#[derive(Debug, Clone)]
enum Step {
    Apply {
        number: u8,
        organisation: u8,
        name: Option<String>,
        address: Option<u8>,
        expires: Option<i64>,
        heard: i64,
        has_agent: bool,
    },
    Remove {
        number: u8,
        organisation: u8,
    },
}

fn step() -> impl Strategy<Value = Step> {
    let apply = (
        0..12_u8,
        1..3_u8,
        proptest::option::of("[abAB]{1,3}[0-9]{0,2}"),
        proptest::option::of(0..4_u8),
        proptest::option::of(-2..4_i64),
        0..12_i64,
        any::<bool>(),
    );
    let apply = apply.prop_map(
        |(number, organisation, name, address, expires, heard, has_agent)| Step::Apply {
            number,
            organisation,
            name,
            address,
            expires,
            heard,
            has_agent,
        },
    );
    let remove = (0..12_u8, 1..3_u8).prop_map(|(number, organisation)| Step::Remove { number, organisation });
    prop_oneof![4 => apply, 1 => remove]
}

fn made(
    number: u8,
    of: u8,
    name: Option<&str>,
    address: Option<u8>,
    expires: Option<i64>,
    heard: i64,
) -> Device {
    let address = address.map(|last| format!("10.0.0.{last}"));
    let values = [(Field::DeviceName, name), (Field::PrivateIp, address.as_deref())];
    let present: Vec<_> = values
        .iter()
        .filter_map(|(field, value)| Some((*field, (*value)?)))
        .collect();
    let mut made = device(number, &present);
    made.organisation = organisation(of);
    made.last_contact = (heard > 0).then(|| NOW.plus(-heard * DAY));
    for observation in &mut made.observations {
        observation.expires_at = expires.map(|after| NOW.plus(after));
    }
    made
}

/// Whether neither an agent nor a live value is left.
fn is_gone(device: &Device, now: UnixTime) -> bool {
    let mut live = device
        .observations
        .iter()
        .map(|o| o.expires_at.is_none_or(|at| at > now));
    device.agent.is_none() && !live.any(|is_live| is_live)
}

/// What the index should say, by looking at everything.
fn model(devices: &[Device], query: &Query, now: UnixTime) -> Vec<(OrganisationId, DeviceId)> {
    let live = |device: &Device, field| -> Option<String> {
        let observation = device.observations.iter().find(|o| o.field == field)?;
        (observation.expires_at.is_none_or(|at| at > now)).then(|| matching_form(&observation.value))
    };
    let mut kept: Vec<&Device> = devices
        .iter()
        .filter(|d| query.organisation.is_none_or(|only| only == d.organisation))
        .filter(|d| match query.kind {
            None => true,
            Some(Kind::In(state)) => state == State::of(d, now),
            Some(Kind::WithoutAgent) => d.agent.is_none(),
        })
        .filter(|d| {
            let fields = [Field::DeviceName, Field::PrivateIp];
            query.term.as_ref().is_none_or(|term| {
                fields
                    .iter()
                    .any(|f| live(d, *f).is_some_and(|value| term.matches(*f, &value)))
            })
        })
        .collect();
    let name = |d: &Device| live(d, Field::DeviceName).map(|name| natural::key(&name));
    let address = |d: &Device| live(d, Field::PrivateIp);
    kept.sort_by(|a, b| {
        let by_name = || {
            (name(a).is_none(), name(a), a.id, a.organisation).cmp(&(
                name(b).is_none(),
                name(b),
                b.id,
                b.organisation,
            ))
        };
        if query.sort.column == Column::Address {
            let by_address = (address(a).is_none(), address(a)).cmp(&(address(b).is_none(), address(b)));
            by_address.then_with(by_name)
        } else {
            by_name()
        }
    });
    let has = |d: &&Device| match query.sort.column {
        Column::Address => address(d).is_some(),
        _ => name(d).is_some(),
    };
    if query.sort.reversed {
        let (mut with, without): (Vec<&Device>, Vec<&Device>) = kept.into_iter().partition(has);
        with.reverse();
        kept = with.into_iter().chain(without).collect();
    }
    kept.iter().map(|d| (d.organisation, d.id)).collect()
}

proptest! {
    #[test]
    fn the_index_says_what_the_model_says(
        history in proptest::collection::vec((step(), any::<bool>()), 1..60),
        typed in prop_oneof![Just(""), Just("a"), Just("B1"), Just("10.0.0.1"), Just("10.0.0.0/31"), Just("0.0.")],
        only in proptest::option::of(1..3_u8),
        kind in proptest::option::of(0..5_usize),
        by_address in any::<bool>(),
        reversed in any::<bool>(),
    ) {
        let mut query = Query {
            organisation: only.map(organisation),
            kind: kind.and_then(|at| Kind::all().nth(at)),
            ..search(typed)
        };
        query.sort = Sort { column: if by_address { Column::Address } else { Column::Name }, reversed };
        query.per_page = 100;
        let mut index = Index::default();
        let mut held: Vec<Device> = Vec::new();
        let mut now = NOW.plus(-3);
        for (step, ask) in history {
            match step {
                Step::Apply { number, organisation, name, address, expires, heard, has_agent } => {
                    let mut made = made(number, organisation, name.as_deref(), address, expires, heard);
                    made.agent.take_if(|_| !has_agent);
                    // As from the store: nothing that is gone.
                    if is_gone(&made, now) {
                        continue;
                    }
                    held.retain(|d| (d.organisation, d.id) != (made.organisation, made.id));
                    index.apply(&made);
                    held.push(made);
                }
                Step::Remove { number, organisation: of } => {
                    let id = (organisation(of), DeviceId::from_bytes([number; 16]));
                    held.retain(|d| (d.organisation, d.id) != id);
                    index.remove(id.0, id.1);
                }
            }
            if ask {
                now = now.plus(1);
                held.retain(|d| !is_gone(d, now));
                let page = index.query(&query, now);
                prop_assert_eq!(&page.ids, &model(&held, &query, now));
                prop_assert_eq!(page.total, page.ids.len());
                prop_assert_eq!(index.len(), held.len());
            }
        }
    }
}
