//! Records of other products: stored once, under their product alone, and only where the policy documents all of it.

use zeef_collector::ledger::Actor;
use zeef_collector::store::batch::RecordsOutcome;
use zeef_collector::store::records::Standing;
use zeef_collector::store::{AdministrationStore, AgentStore, InventoryStore, Origin};
use zeef_proto::field::Field;
use zeef_proto::time::{DAY, HOUR};
use zeef_proto::wire::SourceRecord;
use zeef_proto::{DeviceId, UnixTime};

use crate::engine::Part;
use crate::fixture::{Installation, START, counts, full, heartbeat, links, own, signed, site, stored};

const NAMED: &str = r#""device_name":"phone-3","private_ips":["10.0.4.3"]"#;

/// A phone that is known by its token is seen under that address.
fn sight(address: &str) -> Vec<SourceRecord> {
    let fields = format!(
        r#""device_name":"phone-3","private_ips":["{address}"],{}"#,
        links("p")
    );
    vec![site("unifi", "wifi", &fields)]
}

fn origin(source: &str, product: &str) -> Origin {
    Origin::named(source, product).unwrap()
}

#[tokio::test]
async fn a_record_about_the_device_that_sends_it_stands_beside_what_its_agent_said() {
    let zeef = Installation::new().await;
    let device = zeef.device().await;
    zeef.send(device, full(1, "LAP-17", "j.jansen", "10.0.3.17"), START)
        .await;
    let eset = own(
        "eset-protect",
        "antivirus",
        r#""device_name":"lap-17","usernames":["p.bakker"]"#,
    );
    let later = START.plus(DAY);
    assert_eq!(counts(&zeef.tell(device, 1, vec![eset], later).await), (1, 0, 0));

    let shown = zeef.look(device, later).await.unwrap();
    // One name, shown once as the agent spells it, with both that said it.
    assert!(shown.values(Field::DeviceName).eq(["LAP-17"]));
    let said: Vec<_> = shown
        .held(Field::DeviceName)
        .flatten()
        .map(|one| (&one.origin, one.first_seen))
        .collect();
    let (eset, native) = (origin("eset-protect", "antivirus"), Origin::Native);
    assert_eq!(said, [(&native, START), (&eset, later)]);
    assert!(shown.values(Field::Username).eq(["j.jansen", "p.bakker"]));
    assert_eq!(shown.last_contact, Some(later));
}

#[tokio::test]
async fn what_a_source_says_replaces_what_it_said_of_that_field_and_nothing_else() {
    let zeef = Installation::new().await;
    zeef.subscribe("rmm", None).await;
    let device = zeef.device().await;
    zeef.send(device, full(1, "lap-17", "j.jansen", "10.0.3.17"), START)
        .await;
    let users = |source, product, name| own(source, product, &format!(r#""usernames":["{name}"]"#));
    let first = vec![
        users("eset-protect", "antivirus", "eset.first"),
        own("eset-protect", "antivirus", r#""private_ips":["10.0.3.18"]"#),
        users("eset-protect", "rmm", "other.product"),
        users("datto-rmm", "rmm", "other.source"),
    ];
    zeef.tell(device, 1, first, START).await;
    zeef.tell(
        device,
        2,
        vec![users("eset-protect", "antivirus", "eset.second")],
        START,
    )
    .await;
    assert_eq!(
        zeef.values(device, Field::Username, START).await,
        ["eset.second", "j.jansen", "other.product", "other.source"]
    );
    assert_eq!(
        zeef.values(device, Field::PrivateIp, START).await,
        ["10.0.3.17", "10.0.3.18"]
    );
    // Nor does the agent touch what sources say.
    zeef.send(device, full(2, "lap-17", "p.bakker", "10.0.3.19"), START)
        .await;
    assert_eq!(
        zeef.values(device, Field::Username, START).await,
        ["eset.second", "other.product", "other.source", "p.bakker"]
    );
}

#[tokio::test]
async fn a_repeated_batch_is_acknowledged_and_stored_once_and_another_of_its_number_is_a_fork() {
    let zeef = Installation::new().await;
    let device = zeef.collecting(&["wifi"]).await;
    let batch = || vec![site("unifi", "wifi", NAMED)];
    assert_eq!(counts(&zeef.tell(device, 3, batch(), START).await), (1, 0, 0));
    let newest = zeef.store.newest_change().await.unwrap();
    let again = zeef.tell(device, 3, batch(), START.plus(2 * HOUR)).await;
    assert!(
        matches!(&again, RecordsOutcome::Stored { repeated: true, counts, policy: 1, products }
            if counts.stored == 0 && products.len() == 2),
        "{again:?}"
    );
    assert_eq!(zeef.store.newest_change().await.unwrap(), newest);
    // The numbers of reports are counted apart.
    assert!(stored(&zeef.send(device, heartbeat(1), START).await));
    for (sequence, records) in [
        (3, vec![site("unifi", "wifi", r#""device_name":"x1""#)]),
        (2, batch()),
    ] {
        let outcome = zeef.tell(device, sequence, records, START).await;
        assert_eq!(outcome, RecordsOutcome::SequenceFork);
    }
    assert!(
        zeef.look(device, START)
            .await
            .unwrap()
            .agent
            .unwrap()
            .suspected_clone
    );
    assert_eq!(zeef.spoken_of(START).await.len(), 1);
}

#[tokio::test]
async fn who_may_not_send_records_is_told_why() {
    let zeef = Installation::new().await;
    let device = zeef.device().await;
    let batch = || vec![own("eset-protect", "antivirus", r#""device_name":"lap-17""#)];
    let stranger = DeviceId::from_bytes([250; 16]);
    assert_eq!(
        zeef.tell(stranger, 1, batch(), START).await,
        RecordsOutcome::NotAdmitted(Standing::Unknown)
    );
    zeef.store
        .revoke_device(zeef.organisation, device, Actor::Administrator, START)
        .await
        .unwrap();
    assert_eq!(
        zeef.tell(device, 1, batch(), START).await,
        RecordsOutcome::NotAdmitted(Standing::Revoked)
    );
    zeef.store
        .end_device(zeef.organisation, device, Actor::Administrator, START)
        .await
        .unwrap();
    assert_eq!(
        zeef.tell(device, 1, batch(), START).await,
        RecordsOutcome::NotAdmitted(Standing::Gone)
    );
}

#[tokio::test]
async fn a_device_that_nobody_allowed_tells_of_no_other() {
    let zeef = Installation::new().await;
    zeef.subscribe("wifi", None).await;
    let device = zeef.device().await;
    let mixed = || {
        vec![
            own("eset-protect", "antivirus", r#""device_name":"lap-17""#),
            site("unifi", "wifi", NAMED),
        ]
    };
    assert_eq!(
        zeef.tell(device, 1, mixed(), START).await,
        RecordsOutcome::SiteNotAllowed
    );
    assert!(zeef.look(device, START).await.unwrap().observations.is_empty());
    assert!(zeef.spoken_of(START).await.is_empty());

    // The number was not used up, so that the same bytes are taken once it is allowed.
    let allow = |allowed| {
        zeef.store
            .allow_site(zeef.organisation, device, allowed, Actor::Administrator, START)
    };
    assert!(allow(true).await.unwrap());
    assert_eq!(counts(&zeef.tell(device, 1, mixed(), START).await), (2, 0, 0));
    assert!(allow(false).await.unwrap());
    assert_eq!(
        zeef.tell(device, 2, mixed(), START).await,
        RecordsOutcome::SiteNotAllowed
    );
    let own_alone = vec![own("eset-protect", "antivirus", r#""device_name":"lap-18""#)];
    assert_eq!(counts(&zeef.tell(device, 2, own_alone, START).await), (1, 0, 0));
    // Whoever enrols it again after it was revoked decides anew.
    assert!(allow(true).await.unwrap());
    zeef.store
        .revoke_device(zeef.organisation, device, Actor::Administrator, START)
        .await
        .unwrap();
    let agent = zeef.look(device, START).await.unwrap().agent.unwrap();
    assert!(agent.revoked && !agent.speaks_for_site);
}

#[tokio::test]
async fn a_wifi_record_with_a_mac_address_or_a_username_is_left_out_whole() {
    let zeef = Installation::new().await;
    let device = zeef.collecting(&["wifi"]).await;
    let batch = vec![
        site(
            "unifi",
            "wifi",
            r#""device_name":"phone-1","mac_addresses":["00:1a:2b:3c:4d:5e"]"#,
        ),
        site(
            "unifi",
            "wifi",
            r#""device_name":"phone-2","usernames":["j.jansen"]"#,
        ),
        site("unifi", "wifi", NAMED),
        own(
            "unifi",
            "wifi",
            r#""device_name":"lap-17","usernames":["j.jansen"]"#,
        ),
    ];
    assert_eq!(counts(&zeef.tell(device, 1, batch, START).await), (1, 3, 0));
    let known: Vec<_> = zeef.all(START).await;
    let values: Vec<_> = known
        .iter()
        .flat_map(|one| &one.observations)
        .map(|one| one.value.as_str())
        .collect();
    assert_eq!(values, ["10.0.4.3", "phone-3"]);
}

#[tokio::test]
async fn a_record_counts_only_while_its_product_runs_for_the_device_it_is_about() {
    let zeef = Installation::new().await;
    let device = zeef.collecting(&[]).await;
    zeef.subscribe("wifi", Some(START.plus(DAY))).await;
    let records = || {
        vec![
            site("unifi", "wifi", NAMED),
            // No such product in the policy; one that nobody has; one without fields.
            site("unifi", "telepathy", NAMED),
            site("voip-csv", "voip", NAMED),
            site("added", "general", NAMED),
        ]
    };
    assert_eq!(counts(&zeef.tell(device, 1, records(), START).await), (1, 3, 0));
    assert_eq!(
        counts(&zeef.tell(device, 2, records(), START.plus(DAY)).await),
        (0, 4, 0)
    );
    // Its term runs on.
    assert_eq!(zeef.spoken_of(START.plus(30 * DAY)).await.len(), 1);
}

#[tokio::test]
async fn a_subscription_of_one_device_lets_records_of_that_device_in_alone() {
    let zeef = Installation::new().await;
    let device = zeef.collecting(&[]).await;
    let only = zeef_collector::store::records::Subscription {
        id: zeef_proto::id::SubscriptionId::from_bytes([crate::fixture::unique(); 16]),
        organisation: zeef.organisation,
        device: Some(device),
        product: "rmm".parse().unwrap(),
        starts: START,
        ends: None,
    };
    zeef.store
        .add_subscription(only, Actor::Administrator, START)
        .await
        .unwrap();
    let batch = vec![
        own("datto-rmm", "rmm", r#""device_name":"lap-17""#),
        site("datto-rmm", "rmm", NAMED),
    ];
    assert_eq!(counts(&zeef.tell(device, 1, batch, START).await), (1, 1, 0));
    assert!(zeef.spoken_of(START).await.is_empty());
}

#[tokio::test]
async fn a_wifi_client_goes_whole_six_months_after_its_last_new_sight() {
    let zeef = Installation::new().await;
    let device = zeef.collecting(&["wifi"]).await;
    zeef.tell(device, 1, sight("10.0.4.3"), START).await;
    let phone = zeef.spoken_of(START).await[0].id;
    // Seen again: the name is not new and its term does not slide, the address is.
    let march: UnixTime = "2026-03-01T09:30:00Z".parse().unwrap();
    zeef.tell(device, 2, sight("10.0.4.4"), march).await;
    let july: UnixTime = "2026-07-05T08:00:00Z".parse().unwrap();
    let september: UnixTime = "2026-09-01T08:00:00Z".parse().unwrap();
    assert_eq!(
        zeef.values(phone, Field::DeviceName, july.plus(-1)).await,
        ["phone-3"]
    );
    assert!(zeef.values(phone, Field::DeviceName, july).await.is_empty());
    let purge = async |now| while zeef.store.purge(now, 100).await.unwrap().more {};
    purge(september.plus(-1)).await;
    assert_eq!(
        zeef.values(phone, Field::PrivateIp, september.plus(-1)).await,
        ["10.0.4.4"]
    );
    assert_eq!(
        zeef.look(phone, september.plus(-1)).await.unwrap().last_contact,
        Some("2026-03-01T09:00:00Z".parse().unwrap())
    );

    // Gone from view at that second, and from the disk with the purge: the row, its links, its key.
    assert!(zeef.look(phone, september).await.is_none());
    let count = |part, table: &str| {
        zeef.engine()
            .raw(part)
            .number(&format!("SELECT count(*) FROM {table}"))
    };
    let left = || {
        let tables = ["device", "observation", "link", "tombstone"];
        (
            tables.map(|table| count(Part::Database, table)),
            count(Part::KeyStore, "device_key"),
        )
    };
    assert_eq!(left(), ([2, 1, 1, 0], 2));
    purge(september).await;
    assert_eq!(left(), ([1, 0, 0, 0], 1));
    // What comes after is a device that was not known.
    zeef.tell(device, 3, sight("10.0.4.4"), september).await;
    assert_ne!(zeef.spoken_of(september).await[0].id, phone);
}

#[tokio::test]
async fn a_wifi_clients_term_runs_on_when_the_service_ends() {
    let zeef = Installation::without_subscription().await;
    let ends = START.plus(DAY);
    zeef.subscribe("wifi", Some(ends)).await;
    let device = zeef.collecting(&[]).await;
    zeef.tell(device, 1, vec![site("unifi", "wifi", NAMED)], START)
        .await;
    zeef.store.purge(ends, 100).await.unwrap();
    let left: Vec<_> = zeef.all(ends).await;
    assert!(left.len() == 1 && left[0].agent.is_none());
    let july: UnixTime = "2026-07-05T08:00:00Z".parse().unwrap();
    zeef.store.purge(july.plus(-1), 100).await.unwrap();
    assert_eq!(zeef.all(july.plus(-1)).await.len(), 1);
    zeef.store.purge(july, 100).await.unwrap();
    assert!(zeef.all(START).await.is_empty());
}

#[tokio::test]
async fn a_value_whose_term_ends_while_its_device_is_seen_is_received_anew() {
    let zeef = Installation::new().await;
    let device = zeef.collecting(&["wifi"]).await;
    let (march, july): (UnixTime, UnixTime) = (START.plus(60 * DAY), "2026-07-05T08:00:00Z".parse().unwrap());
    zeef.tell(device, 1, sight("10.0.4.3"), START).await;
    zeef.tell(device, 2, sight("10.0.4.4"), march).await;
    zeef.tell(device, 3, sight("10.0.4.4"), july).await;
    let phones = zeef.spoken_of(july).await;
    assert_eq!(phones.len(), 1);
    let seen: Vec<_> = phones[0]
        .observations
        .iter()
        .map(|one| (one.field, one.first_seen))
        .collect();
    assert_eq!(seen, [(Field::PrivateIp, march), (Field::DeviceName, july)]);
}

#[tokio::test]
async fn terms_of_records_follow_their_own_product_alone() {
    let zeef = Installation::without_subscription().await;
    zeef.subscribe("antivirus", None).await;
    let rmm = zeef.subscribe("rmm", None).await;
    let device = zeef.device().await;
    zeef.send(device, full(1, "lap-17", "j.jansen", "10.0.3.17"), START)
        .await;
    let batch = vec![own("datto-rmm", "rmm", r#""usernames":["from.rmm"]"#)];
    zeef.tell(device, 1, batch, START).await;
    let ends = START.plus(DAY);
    zeef.store
        .end_subscription(zeef.organisation, rmm, ends, Actor::Administrator, START)
        .await
        .unwrap();
    assert_eq!(
        zeef.values(device, Field::Username, ends.plus(-1)).await,
        ["from.rmm", "j.jansen"]
    );
    assert_eq!(zeef.values(device, Field::Username, ends).await, ["j.jansen"]);

    // A policy that documents less takes effect on what sources said.
    let device_rows =
        "fields = [\"public_ip\", \"private_ip\", \"mac_address\", \"device_name\", \"username\"]";
    let narrower = crate::fixture::REFERENCE_POLICY
        .replacen("version = 1\n", "version = 2\n", 1)
        .replace(device_rows, "fields = [\"public_ip\", \"private_ip\"]");
    let zeef = Installation::new().await;
    let device = zeef.device().await;
    let batch = vec![own(
        "eset-protect",
        "antivirus",
        r#""device_name":"lap-17","private_ips":["10.0.3.17"]"#,
    )];
    zeef.tell(device, 1, batch, START).await;
    zeef.store.publish_policy(signed(&narrower), START).await.unwrap();
    let left = zeef.look(device, START).await.unwrap();
    assert!(
        left.observations
            .iter()
            .map(|one| one.field)
            .eq([Field::PrivateIp])
    );
}

#[tokio::test]
async fn a_device_without_an_agent_has_no_standing_and_ends_like_another() {
    let zeef = Installation::new().await;
    let device = zeef.collecting(&["wifi"]).await;
    let record = || vec![site("unifi", "wifi", &format!("{NAMED},{}", links("p")))];
    zeef.tell(device, 1, record(), START).await;
    let phone = zeef.spoken_of(START).await[0].clone();
    assert_eq!((phone.known_since, phone.last_contact), (START, Some(START)));
    assert_eq!(zeef.store.organisations().await.unwrap()[0].devices, 2);

    let (store, organisation) = (&zeef.store, zeef.organisation);
    assert_eq!(
        store.standing(organisation, phone.id).await.unwrap(),
        Standing::Unknown
    );
    assert_eq!(
        zeef.tell(phone.id, 1, record(), START).await,
        RecordsOutcome::NotAdmitted(Standing::Unknown)
    );
    assert!(
        !store
            .revoke_device(organisation, phone.id, Actor::Administrator, START)
            .await
            .unwrap()
    );
    assert!(
        !store
            .allow_site(organisation, phone.id, true, Actor::Administrator, START)
            .await
            .unwrap()
    );
    assert!(
        store
            .end_device(organisation, phone.id, Actor::Administrator, START)
            .await
            .unwrap()
    );
    assert!(zeef.look(phone.id, START).await.is_none());
    let marks = "SELECT (SELECT count(*) FROM link) + (SELECT count(*) FROM tombstone)";
    let db = zeef.engine().raw(Part::Database);
    assert_eq!(db.number(marks), 0);
    // The links of an enrolled device go with it too.
    let own = vec![own("unifi", "wifi", &format!("{NAMED},{}", links("p")))];
    zeef.tell(device, 2, own, START).await;
    assert!(
        store
            .end_device(organisation, device, Actor::Administrator, START)
            .await
            .unwrap()
    );
    assert_eq!(db.number("SELECT count(*) FROM link"), 0);
}

#[tokio::test]
async fn acknowledged_records_are_there_after_a_restart() {
    let zeef = Installation::new().await;
    let device = zeef.collecting(&["wifi"]).await;
    zeef.tell(device, 1, vec![site("unifi", "wifi", NAMED)], START)
        .await;
    let zeef = zeef.reopened();
    assert!(
        zeef.spoken_of(START).await[0]
            .values(Field::DeviceName)
            .eq(["phone-3"])
    );
    let again = zeef
        .tell(device, 1, vec![site("unifi", "wifi", NAMED)], START)
        .await;
    assert!(matches!(again, RecordsOutcome::Stored { repeated: true, .. }));
}
