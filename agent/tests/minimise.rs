//! What the minimiser lets through, and what it never does.

#![allow(clippy::unwrap_used, reason = "helpers of tests fail like tests")]

use std::collections::BTreeSet;
use std::net::IpAddr;

use proptest::prelude::*;
use zeef_agent::facts::{
    Address, Facts, Interface, InterfaceKind, Routing, Sensitive, Session, SessionStanding,
};
use zeef_agent::minimise::{Outcome, Reason, minimise, sendable};
use zeef_proto::field::{Field, Rejection};
use zeef_proto::policy::{Permits, Policy, ProductId, Source, Treatment};

fn policy() -> Policy {
    Policy::parse(zeef_agent::policy::REFERENCE).unwrap()
}

fn permits(products: &[&str]) -> Permits {
    let products: Vec<ProductId> = products.iter().map(|id| id.parse().unwrap()).collect();
    Permits::new(&policy(), &products, Source::Agent)
}

fn interface(name: &str, kind: InterfaceKind, routing: Routing, last: u8, addresses: &[&str]) -> Interface {
    Interface {
        name: name.to_owned(),
        kind,
        routing,
        hardware: Some([0, 0x1a, 0x2b, 0x3c, 0x4d, last]),
        addresses: addresses
            .iter()
            .map(|ip| Address {
                ip: ip.parse().unwrap(),
                temporary: false,
            })
            .collect(),
    }
}

fn session(account: &str, standing: SessionStanding) -> Session {
    Session {
        account: Sensitive::new(account.to_owned()),
        source: "logind session",
        standing,
    }
}

fn laptop() -> Facts {
    use InterfaceKind as K;
    Facts {
        device_name: Some(Sensitive::new("lap-17.contoso.example".into())),
        sessions: vec![
            session("CONTOSO\\j.jansen", SessionStanding::SignedIn),
            session("p.pietersen", SessionStanding::Background),
            session("gdm", SessionStanding::SystemAccount),
        ],
        interfaces: vec![
            interface("docker0", K::Virtual, Routing::Network, 1, &["172.17.0.1"]),
            interface(
                "eth0",
                K::Physical,
                Routing::Default,
                2,
                &["192.168.1.20", "fe80::1", "203.0.113.9"],
            ),
            interface("eth1", K::Physical, Routing::None, 3, &["192.168.9.9"]),
            interface("lo", K::Loopback, Routing::None, 0, &["127.0.0.1"]),
            interface("wg0", K::Virtual, Routing::Default, 4, &["10.99.0.2"]),
        ],
    }
}

fn reasons(outcome: &Outcome, source: &str) -> BTreeSet<Reason> {
    let of_source = outcome.dropped.iter().filter(|dropped| dropped.source == source);
    of_source.map(|dropped| dropped.reason).collect()
}

fn values(outcome: &Outcome, field: Field) -> Vec<&str> {
    let of_field = outcome.kept.iter().filter(|kept| kept.field == field);
    of_field.map(|kept| kept.value.as_str()).collect()
}

#[test]
fn a_laptop_sends_its_documented_fields_and_accounts_for_the_rest() {
    let outcome = minimise(&laptop(), &permits(&["antivirus"]));
    assert_eq!(values(&outcome, Field::DeviceName), ["lap-17"]);
    assert_eq!(values(&outcome, Field::Username), ["j.jansen"]);
    assert_eq!(values(&outcome, Field::PrivateIp), ["192.168.1.20"]);
    assert_eq!(values(&outcome, Field::MacAddress), ["00:1a:2b:3c:4d:02"]);
    assert_eq!(
        reasons(&outcome, "interface docker0"),
        BTreeSet::from([Reason::VirtualInterface])
    );
    assert_eq!(
        reasons(&outcome, "interface wg0"),
        BTreeSet::from([Reason::VirtualInterface])
    );
    assert_eq!(
        reasons(&outcome, "interface eth1"),
        BTreeSet::from([Reason::NoRoute])
    );
    assert_eq!(
        reasons(&outcome, "interface lo"),
        BTreeSet::from([Reason::LoopbackInterface])
    );
    assert_eq!(
        reasons(&outcome, "interface eth0"),
        BTreeSet::from([Reason::Rejected(Rejection::NotPrivate)])
    );
    assert_eq!(
        reasons(&outcome, "logind session"),
        BTreeSet::from([
            Reason::BackgroundSession,
            Reason::Rejected(Rejection::ServiceAccount)
        ])
    );
}

#[test]
fn without_products_nothing_is_sent() {
    let outcome = minimise(&laptop(), &permits(&[]));
    assert!(outcome.fields.is_empty());
    assert!(outcome.kept.is_empty());
    assert!(outcome.dropped.iter().any(|d| d.reason == Reason::NotDocumented));
    assert!(sendable(&permits(&[])).is_empty());
}

#[test]
fn a_field_without_a_value_is_said_to_be_empty_and_an_undocumented_one_is_not_mentioned() {
    let empty = minimise(&Facts::default(), &permits(&["rmm"]));
    assert_eq!(empty.fields.usernames, Some(Vec::new()));
    let undocumented = minimise(&Facts::default(), &permits(&["wifi"]));
    assert_eq!(undocumented.fields.usernames, None);
}

#[test]
fn in_a_container_the_interface_with_the_default_route_counts() {
    let mut facts = laptop();
    facts
        .interfaces
        .retain(|interface| interface.kind != InterfaceKind::Physical);
    let outcome = minimise(&facts, &permits(&["rmm"]));
    assert_eq!(values(&outcome, Field::PrivateIp), ["10.99.0.2"]);
    assert_eq!(values(&outcome, Field::MacAddress), ["00:1a:2b:3c:4d:04"]);
}

#[test]
fn a_bridge_over_hardware_carries_the_address_of_the_machine() {
    let mut facts = laptop();
    facts.interfaces = vec![
        interface("eth0", InterfaceKind::Physical, Routing::None, 2, &[]),
        interface(
            "br0",
            InterfaceKind::OverPhysical,
            Routing::Default,
            2,
            &["10.1.1.1"],
        ),
    ];
    let outcome = minimise(&facts, &permits(&["rmm"]));
    assert_eq!(values(&outcome, Field::PrivateIp), ["10.1.1.1"]);
    assert_eq!(values(&outcome, Field::MacAddress), ["00:1a:2b:3c:4d:02"]);
}

#[test]
fn temporary_addresses_are_not_sent() {
    let mut facts = laptop();
    facts.interfaces[1].addresses[0].temporary = true;
    let outcome = minimise(&facts, &permits(&["rmm"]));
    assert!(values(&outcome, Field::PrivateIp).is_empty());
    assert!(reasons(&outcome, "interface eth0").contains(&Reason::TemporaryAddress));
}

#[test]
fn at_most_sixteen_values_are_sent_and_the_others_are_counted() {
    let mut facts = laptop();
    facts.sessions = (0..20)
        .map(|n| session(&format!("user{n:02}"), SessionStanding::SignedIn))
        .collect();
    let outcome = minimise(&facts, &permits(&["rmm"]));
    assert_eq!(values(&outcome, Field::Username).len(), 16);
    let beyond = outcome.dropped.iter().filter(|d| d.reason == Reason::TooMany);
    assert_eq!(beyond.count(), 4);
}

#[test]
fn a_treatment_that_a_report_cannot_carry_drops_and_never_passes() {
    for (treatment, reason) in [
        (Treatment::Pseudonymise, Reason::Pseudonymise),
        (Treatment::Truncate, Reason::Truncate),
        (Treatment::Drop, Reason::NotDocumented),
    ] {
        let mut policy = policy();
        for product in &mut policy.products {
            for row in product.data.iter_mut().filter(|row| row.source == Source::Agent) {
                row.treatment.insert(Field::Username, treatment);
            }
        }
        let permits = Permits::of_any_agent(&policy);
        let outcome = minimise(&laptop(), &permits);
        assert!(values(&outcome, Field::Username).is_empty());
        assert_eq!(outcome.fields.usernames, None);
        assert!(reasons(&outcome, "logind session").contains(&reason));
        assert!(!sendable(&permits).contains(&Field::Username));
    }
}

#[test]
fn debug_output_of_facts_and_outcome_shows_no_value() {
    let facts = laptop();
    let shown = format!("{facts:?} {:?}", minimise(&facts, &permits(&["rmm"])));
    for value in ["lap-17", "jansen", "192.168", "203.0", "1a", "26, 43"] {
        assert!(!shown.contains(value), "{value} in {shown}");
    }
}

fn any_facts() -> impl Strategy<Value = Facts> {
    let account = prop_oneof!["[a-z.\\\\@$ -]{0,12}", any::<String>()];
    let standing = prop_oneof![
        3 => Just(SessionStanding::SignedIn),
        1 => Just(SessionStanding::Background),
        1 => Just(SessionStanding::NotInteractive),
        1 => Just(SessionStanding::SystemAccount),
    ];
    let kind = prop_oneof![
        3 => Just(InterfaceKind::Physical),
        1 => Just(InterfaceKind::OverPhysical),
        1 => Just(InterfaceKind::Loopback),
        2 => Just(InterfaceKind::Virtual),
    ];
    let routing = prop_oneof![
        Just(Routing::None),
        Just(Routing::Network),
        Just(Routing::Default)
    ];
    let address = (any::<IpAddr>(), any::<bool>()).prop_map(|(ip, temporary)| Address { ip, temporary });
    let interface = (
        kind,
        routing,
        any::<Option<[u8; 6]>>(),
        prop::collection::vec(address, 0..4),
    )
        .prop_map(|(kind, routing, hardware, addresses)| Interface {
            name: "eth0".to_owned(),
            kind,
            routing,
            hardware,
            addresses,
        });
    (
        prop::option::of(any::<String>()),
        prop::collection::vec((account, standing), 0..20),
        prop::collection::vec(interface, 0..6),
    )
        .prop_map(|(name, sessions, interfaces)| Facts {
            device_name: name.map(Sensitive::new),
            sessions: sessions
                .into_iter()
                .map(|(account, standing)| session(&account, standing))
                .collect(),
            interfaces,
        })
}

/// The facts of a machine on which exactly the outcome's values were seen.
fn facts_of(outcome: &Outcome) -> Facts {
    let of = |field| values(outcome, field).into_iter();
    let mut interfaces: Vec<Interface> = of(Field::PrivateIp)
        .map(|ip| interface("eth0", InterfaceKind::Physical, Routing::Default, 0, &[ip]))
        .collect();
    for interface in &mut interfaces {
        interface.hardware = None;
    }
    for (n, mac) in of(Field::MacAddress).enumerate() {
        let bytes: Vec<u8> = mac
            .split(':')
            .map(|b| u8::from_str_radix(b, 16).unwrap())
            .collect();
        let name = format!("eth{n}");
        let mut with_mac = interface(&name, InterfaceKind::Physical, Routing::Default, 0, &[]);
        with_mac.hardware = Some(bytes.try_into().unwrap());
        interfaces.push(with_mac);
    }
    Facts {
        device_name: of(Field::DeviceName)
            .next()
            .map(|name| Sensitive::new(name.to_owned())),
        sessions: of(Field::Username)
            .map(|name| session(name, SessionStanding::SignedIn))
            .collect(),
        interfaces,
    }
}

proptest! {
    #[test]
    fn minimising_what_was_minimised_changes_nothing(facts in any_facts()) {
        let permits = permits(&["antivirus", "rmm"]);
        let once = minimise(&facts, &permits);
        let twice = minimise(&facts_of(&once), &permits);
        prop_assert_eq!(once.fields, twice.fields);
    }

    #[test]
    fn fewer_products_never_send_more(facts in any_facts()) {
        let all = minimise(&facts, &Permits::of_any_agent(&policy()));
        for products in [&["antivirus"][..], &["rmm"], &["wifi"], &[]] {
            let some = minimise(&facts, &permits(products));
            prop_assert!(some.kept.iter().all(|kept| all.kept.contains(kept)));
        }
    }

    #[test]
    fn what_is_sent_is_always_a_report_that_the_wire_takes(facts in any_facts()) {
        let fields = minimise(&facts, &permits(&["rmm"])).fields;
        let report = zeef_agent::report::report_of(1, 1, fields);
        prop_assert!(zeef_proto::wire::Report::read(&report.to_bytes()).is_ok());
    }
}
