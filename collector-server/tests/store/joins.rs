//! Which device a record of a site joins, by the store's own search.

use zeef_collector::ledger::Actor;
use zeef_collector::store::records::Alike;
use zeef_collector::store::{AdministrationStore, AgentStore, InventoryStore, Origin};
use zeef_proto::field::Field;
use zeef_proto::wire::SourceRecord;
use zeef_proto::{DeviceId, OrganisationId};

use crate::fixture::{Installation, START, counts, full, links, own, site, unique};

/// A site's device that collects for Wi-Fi, telephony, internet and the agents' products.
async fn site_of(zeef: &Installation) -> DeviceId {
    zeef.collecting(&["wifi", "voip", "internet", "rmm"]).await
}

/// Tells each record in a batch of its own; how many devices without an agent there are then.
async fn told(zeef: &Installation, device: DeviceId, records: &[SourceRecord]) -> usize {
    for (number, record) in records.iter().enumerate() {
        zeef.tell(device, number as u64 + 1, vec![record.clone()], START)
            .await;
    }
    zeef.spoken_of(START).await.len()
}

#[tokio::test]
async fn a_wifi_record_of_an_enrolled_laptop_joins_it_under_wifi_and_its_term() {
    let zeef = Installation::new().await;
    let device = site_of(&zeef).await;
    let laptop = zeef.device().await;
    zeef.send(laptop, full(1, "LAP-17", "j.jansen", "10.0.3.17"), START)
        .await;
    let record = site(
        "unifi",
        "wifi",
        r#""device_name":"lap-17","private_ips":["10.0.3.17"]"#,
    );
    assert_eq!(told(&zeef, device, &[record]).await, 0);
    let shown = zeef.look(laptop, START).await.unwrap();
    let wifi = Origin::named("unifi", "wifi").unwrap();
    let expiries: Vec<_> = shown
        .observations
        .iter()
        .filter(|one| one.origin == wifi)
        .map(|one| (one.field, one.expires_at))
        .collect();
    let july = Some("2026-07-05T08:00:00Z".parse().unwrap());
    assert_eq!(expiries, [(Field::PrivateIp, july), (Field::DeviceName, july)]);
    assert!(shown.values(Field::DeviceName).eq(["LAP-17"]));
}

#[tokio::test]
async fn records_with_a_link_token_in_common_are_of_one_device_whoever_sent_them() {
    let zeef = Installation::new().await;
    let device = site_of(&zeef).await;
    let of = |name: &str, tokens: &str| format!(r#""device_name":"{name}",{}"#, links(tokens));
    let records = [
        site("unifi", "wifi", &of("phone", "a")),
        // The key was renewed: both epochs, then the new one alone.
        site("unifi", "wifi", &of("phone", "ab")),
        site("unifi", "wifi", &of("phone-of-jan", "b")),
        site("zyxel-nebula", "wifi", &of("another-name", "b")),
        site("unifi", "wifi", &of("phone", "c")),
    ];
    assert_eq!(told(&zeef, device, &records).await, 2);
    // The tokens are nowhere; their marks are.
    let bytes = zeef.engine().bytes_on_disk();
    let token = crate::fixture::token('a');
    assert!(
        !bytes
            .windows(token.len())
            .any(|window| window == token.as_bytes())
    );
}

#[tokio::test]
async fn an_assigned_mac_address_joins_and_a_made_up_one_never() {
    let zeef = Installation::new().await;
    let device = site_of(&zeef).await;
    let laptop = zeef.device().await;
    zeef.send(laptop, full(1, "lap-17", "j.jansen", "10.0.3.17"), START)
        .await;
    let of = |mac: &str| site("voip-csv", "voip", &format!(r#""mac_addresses":["{mac}"]"#));
    assert_eq!(told(&zeef, device, &[of("00:1a:2b:3c:4d:5e")]).await, 0);
    assert!(
        zeef.look(laptop, START)
            .await
            .unwrap()
            .observations
            .iter()
            .any(|one| one.origin == Origin::named("voip-csv", "voip").unwrap())
    );

    let zeef = Installation::new().await;
    let device = site_of(&zeef).await;
    let made_up = |source, product| {
        site(
            source,
            product,
            r#""device_name":"phone","mac_addresses":["02:1a:2b:3c:4d:5e"]"#,
        )
    };
    let records = [
        made_up("voip-csv", "voip"),
        made_up("datto-rmm", "rmm"),
        made_up("added", "voip"),
    ];
    assert_eq!(told(&zeef, device, &records).await, 3);
}

#[tokio::test]
async fn a_name_alone_or_an_address_alone_never_joins() {
    let zeef = Installation::new().await;
    let device = site_of(&zeef).await;
    let records = [
        site(
            "unifi",
            "wifi",
            r#""device_name":"phone","private_ips":["10.0.0.1"]"#,
        ),
        site("zyxel-nebula", "wifi", r#""device_name":"phone""#),
        site("zyxel-nebula", "wifi", r#""private_ips":["10.0.0.1"]"#),
        site(
            "voip-csv",
            "voip",
            r#""device_name":"phone","private_ips":["10.0.0.2"]"#,
        ),
        site(
            "added",
            "wifi",
            r#""device_name":"tablet","private_ips":["10.0.0.1"]"#,
        ),
        site(
            "internet-csv",
            "internet",
            r#""public_ips":["203.0.113.7"],"line_id":"L-1""#,
        ),
        site("added", "internet", r#""public_ips":["203.0.113.7"]"#),
    ];
    assert_eq!(told(&zeef, device, &records).await, 7);
}

#[tokio::test]
async fn a_source_that_says_the_same_again_makes_no_second_device() {
    let zeef = Installation::new().await;
    let device = site_of(&zeef).await;
    let named = |name: &str| site("voip-csv", "voip", &format!(r#""device_name":"{name}""#));
    let records = [
        named("phone-1"),
        named("phone-2"),
        named("phone-1"),
        named("phone-2"),
    ];
    assert_eq!(told(&zeef, device, &records).await, 2);
}

#[tokio::test]
async fn numbers_of_lines_and_connections_join() {
    let zeef = Installation::new().await;
    let device = site_of(&zeef).await;
    let records = [
        site(
            "internet-csv",
            "internet",
            r#""service_id":"SRV-1","line_id":"L-1""#,
        ),
        site(
            "added",
            "internet",
            r#""public_ips":["203.0.113.7"],"line_id":"L-1""#,
        ),
        site(
            "draytek",
            "internet",
            r#""private_ips":["10.0.0.1"],"service_id":"SRV-1""#,
        ),
        site("draytek", "internet", r#""service_id":"SRV-2""#),
    ];
    assert_eq!(told(&zeef, device, &records).await, 2);
}

#[tokio::test]
async fn a_device_that_a_source_knows_by_another_token_is_another_device() {
    let zeef = Installation::new().await;
    let device = site_of(&zeef).await;
    let of = |source, tokens: &str| {
        let fields = format!(
            r#""device_name":"phone","private_ips":["10.0.0.1"],{}"#,
            links(tokens)
        );
        site(source, "wifi", &fields)
    };
    // The address was given to another phone of the same name.
    assert_eq!(
        told(&zeef, device, &[of("unifi", "a"), of("unifi", "b")]).await,
        2
    );
    // A source that knows neither cannot tell which is meant: a third, once.
    let zeef = Installation::new().await;
    let device = site_of(&zeef).await;
    let records = [
        of("unifi", "a"),
        of("unifi", "b"),
        of("zyxel-nebula", "c"),
        of("zyxel-nebula", "c"),
    ];
    assert_eq!(told(&zeef, device, &records).await, 3);
}

#[tokio::test]
async fn what_fits_several_devices_is_a_device_of_its_own_and_is_counted_once() {
    let zeef = Installation::new().await;
    let device = site_of(&zeef).await;
    let (one, other) = (zeef.device().await, zeef.device().await);
    for laptop in [one, other] {
        zeef.send(laptop, full(1, "lap-17", "j.jansen", "10.0.3.17"), START)
            .await;
    }
    let fields = r#""device_name":"lap-17","private_ips":["10.0.3.17"]"#;
    let plain = || vec![site("voip-csv", "wifi", fields)];
    let linked = || vec![site("unifi", "wifi", &format!("{fields},{}", links("a")))];
    assert_eq!(counts(&zeef.tell(device, 1, plain(), START).await), (1, 0, 1));
    assert_eq!(counts(&zeef.tell(device, 2, plain(), START).await), (1, 0, 0));
    assert_eq!(counts(&zeef.tell(device, 3, linked(), START).await), (1, 0, 1));
    assert_eq!(counts(&zeef.tell(device, 4, linked(), START).await), (1, 0, 0));
    let apart = zeef.spoken_of(START).await;
    assert_eq!(apart.len(), 2);
    for laptop in [one, other] {
        let shown = zeef.look(laptop, START).await.unwrap();
        assert!(
            shown
                .observations
                .iter()
                .all(|said| said.origin == Origin::Native)
        );
    }
    // And the pages can say so.
    let mut expected: Vec<_> = zeef.all(START).await.iter().map(|known| known.id).collect();
    expected.retain(|id| *id != apart[0].id && *id != device);
    let alike = zeef
        .store
        .alike(zeef.organisation, apart[0].id, START, 10)
        .await
        .unwrap();
    assert!(alike.iter().map(|other| other.device).eq(expected));
    assert!(alike.iter().all(|other| other.fields == [Field::DeviceName]));
}

#[tokio::test]
async fn a_token_that_two_devices_hold_leads_to_a_third_and_always_to_that_one() {
    let zeef = Installation::new().await;
    let device = site_of(&zeef).await;
    let other = zeef.collecting(&[]).await;
    let fields = |name: &str| format!(r#""device_name":"{name}",{}"#, links("a"));
    zeef.tell(
        device,
        1,
        vec![own("eset-protect", "antivirus", &fields("lap-1"))],
        START,
    )
    .await;
    zeef.tell(
        other,
        1,
        vec![own("eset-protect", "antivirus", &fields("lap-2"))],
        START,
    )
    .await;
    for (number, ambiguous) in [(2, 1), (3, 0), (4, 0)] {
        let record = vec![site(
            "eset-protect",
            "antivirus",
            &fields(&format!("lap-{number}")),
        )];
        assert_eq!(
            counts(&zeef.tell(device, number, record, START).await),
            (1, 0, ambiguous)
        );
    }
    let apart = zeef.spoken_of(START).await;
    assert_eq!(apart.len(), 1);
    assert!(apart[0].values(Field::DeviceName).eq(["lap-4"]));
    // Once it is gone, and one of the two as well, the token is that of the one that is left.
    for gone in [apart[0].id, other] {
        zeef.store
            .end_device(zeef.organisation, gone, Actor::Administrator, START)
            .await
            .unwrap();
    }
    zeef.tell(device, 5, vec![site("unifi", "wifi", &fields("lap-1"))], START)
        .await;
    assert!(zeef.spoken_of(START).await.is_empty());
}

#[tokio::test]
async fn records_of_one_organisation_never_join_a_device_of_another() {
    let zeef = Installation::new().await;
    let device = site_of(&zeef).await;
    let record = || {
        let fields =
            r#""device_name":"lap-17","mac_addresses":["00:1a:2b:3c:4d:5e"],"private_ips":["10.0.3.17"]"#;
        vec![site("datto-rmm", "rmm", &format!("{fields},{}", links("a")))]
    };
    zeef.tell(device, 1, record(), START).await;
    let first = (zeef.organisation, zeef.all(START).await);

    let mut zeef = zeef;
    zeef.organisation = OrganisationId::from_bytes([unique(); 16]);
    zeef.store
        .add_organisation(
            zeef.organisation,
            "Garage De Vries".into(),
            Actor::Administrator,
            START,
        )
        .await
        .unwrap();
    let device = site_of(&zeef).await;
    zeef.tell(device, 1, record(), START).await;
    assert_eq!(zeef.spoken_of(START).await.len(), 1);
    zeef.organisation = first.0;
    let shown = |devices: &[zeef_collector::store::records::Device]| {
        devices
            .iter()
            .map(|known| (known.id, known.observations.len()))
            .collect::<Vec<_>>()
    };
    assert_eq!(shown(&zeef.all(START).await), shown(&first.1));
    let alike = zeef.store.alike(first.0, first.1[0].id, START, 10).await.unwrap();
    assert_eq!(alike, Vec::<Alike>::new());
}

#[tokio::test]
async fn a_token_of_a_source_whose_values_have_expired_is_forgotten_whenever_the_purge_comes() {
    for purged in [false, true] {
        let zeef = Installation::new().await;
        let device = site_of(&zeef).await;
        let laptop = zeef.device().await;
        zeef.send(laptop, full(1, "lap-17", "j.jansen", "10.0.3.17"), START)
            .await;
        let of = |tokens: &str| {
            let fields = r#""device_name":"lap-17","private_ips":["10.0.3.17"]"#;
            vec![site("unifi", "wifi", &format!("{fields},{}", links(tokens)))]
        };
        let july = "2026-07-05T08:00:00Z".parse().unwrap();
        zeef.tell(device, 1, of("a"), START).await;
        if purged {
            zeef.store.purge(july, 100).await.unwrap();
        }
        // The laptop is joined by its name and address again, now under another token.
        zeef.tell(device, 2, of("b"), july).await;
        assert!(zeef.spoken_of(july).await.is_empty());
        zeef.tell(device, 3, of("a"), july).await;
        assert_eq!(zeef.spoken_of(july).await.len(), 1, "purged: {purged}");
    }
}

#[tokio::test]
async fn what_has_expired_joins_nothing() {
    let zeef = Installation::new().await;
    let device = site_of(&zeef).await;
    let fields = format!(
        r#""device_name":"phone","private_ips":["10.0.0.1"],{}"#,
        links("a")
    );
    zeef.tell(device, 1, vec![site("unifi", "wifi", &fields)], START)
        .await;
    let before = zeef.spoken_of(START).await[0].id;
    let july = "2026-07-05T08:00:00Z".parse().unwrap();
    // Not purged yet; the source says it again at that very second.
    zeef.tell(device, 2, vec![site("unifi", "wifi", &fields)], july)
        .await;
    let after = zeef.spoken_of(july).await;
    assert_eq!(after.len(), 1);
    assert_ne!(after[0].id, before);
}
