//! G2 for records of other products: the term is that of their product alone, and the plan says so.

use zeef_collector::retention::{self, LegalHold, Reason, purge, shortened_values};
use zeef_collector::store::InventoryStore;
use zeef_collector::store::retention::RetentionStore;
use zeef_proto::UnixTime;
use zeef_proto::field::Field;
use zeef_proto::id::HoldId;
use zeef_proto::policy::Policy;
use zeef_proto::time::DAY;

use crate::fixture::{Installation, REFERENCE_POLICY, START, counts, full, links, site};

const PHONE: &str = r#""device_name":"phone-3","private_ips":["10.0.4.3"]"#;

/// START and six months: ten in the morning in Amsterdam.
fn half_a_year_on() -> UnixTime {
    "2026-07-05T08:00:00Z".parse().unwrap()
}

/// A phone that the wireless network tells of, through a device that may.
async fn with_phone() -> Installation {
    let zeef = Installation::new().await;
    let collecting = zeef.collecting(&["wifi"]).await;
    zeef.send(collecting, full(1, "lap-17", "j.jansen", "10.0.3.17"), START)
        .await;
    let seen = site("unifi", "wifi", &format!("{PHONE},{}", links("p")));
    assert_eq!(
        counts(&zeef.tell(collecting, 1, vec![seen], START).await),
        (1, 0, 0)
    );
    zeef
}

#[tokio::test]
async fn a_record_is_seen_until_its_products_term_ends_and_the_plan_names_that_row() {
    let zeef = with_phone().await;
    let ends = half_a_year_on();
    let policy = Policy::parse(REFERENCE_POLICY).unwrap();
    let rows = async |until| {
        let plan = retention::plan(&zeef.store, &policy, START, until).await.unwrap();
        let rows: Vec<_> = plan
            .lines()
            .map(|(line, count, _)| match &line.subject {
                retention::Subject::Values { field, row } => {
                    let row = row.as_ref().map(|(product, _)| product.as_str());
                    format!("{} {field} {} {count}", line.day, row.unwrap_or("none"))
                }
                other => format!("{} {other:?} {count}", line.day),
            })
            .collect();
        rows
    };
    assert!(rows(ends.plus(-1)).await.is_empty());
    let planned = rows(ends).await;
    assert_eq!(
        planned,
        ["2026-07-05 private_ip wifi 1", "2026-07-05 device_name wifi 1"]
    );
    for (now, seen) in [(ends.plus(-1), 1), (ends, 0), (ends.plus(1), 0)] {
        assert_eq!(zeef.spoken_of(now).await.len(), seen, "at {now}");
    }
}

#[tokio::test]
async fn a_shorter_term_of_one_product_is_counted_for_its_records_alone() {
    let zeef = with_phone().await;
    let published = Policy::parse(REFERENCE_POLICY).unwrap();
    let shorter = REFERENCE_POLICY.replace("term = { months = 6 }", "term = { months = 1 }");
    let offered = Policy::parse(&shorter).unwrap();
    let sooner = shortened_values(&zeef.store, &published, &offered, START)
        .await
        .unwrap();
    let counted: Vec<_> = sooner
        .iter()
        .map(|((product, _), counted)| (product.as_str(), counted.values, counted.at_once))
        .collect();
    assert_eq!(counted, [("wifi", 2, 0)]);
}

#[tokio::test]
async fn a_device_without_an_agent_is_kept_by_a_hold_unseen_and_goes_after_it() {
    let zeef = with_phone().await;
    let phone = zeef.spoken_of(START).await[0].id;
    let ends = half_a_year_on().plus(30 * DAY);
    let hold = LegalHold {
        id: HoldId::from_bytes([1; 16]),
        organisation: zeef.organisation,
        device: Some(phone),
        reason: Reason::parse("a case before the court").unwrap(),
        starts: START,
        ends,
    };
    zeef.store.add_hold(hold).await.unwrap();
    let count = async |now| {
        let backlog = zeef.store.backlog(now).await.unwrap();
        (backlog.expired, backlog.on_hold)
    };
    let purged = async |now| {
        zeef.store.confirm_time(now).await.unwrap();
        purge(&zeef.store, now).await.unwrap().run.observations
    };
    let expired = half_a_year_on();
    assert_eq!(purged(expired).await, 0);
    assert!(zeef.look(phone, expired).await.is_none(), "nobody is shown it");
    assert_eq!(count(expired).await, (0, 2));
    let named = zeef
        .store
        .devices_with(zeef.organisation, Field::DeviceName, "phone-3".into(), expired)
        .await;
    assert_eq!(named.unwrap(), []);
    assert_eq!(purged(ends).await, 2);
    assert_eq!(count(ends).await, (0, 0));
}
