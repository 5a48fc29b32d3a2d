//! G2: months are calendar months from receipt and do not slide; a service ends with the last subscription.

use zeef_collector::retention;
use zeef_collector::store::retention::RetentionStore;
use zeef_proto::UnixTime;
use zeef_proto::field::{Field, Parse};
use zeef_proto::time::DAY;

use crate::fixture::{Installation, START, full, heartbeat};

fn at(text: &str) -> UnixTime {
    text.parse().unwrap()
}

#[tokio::test]
async fn six_months_after_receipt_is_that_day_of_the_month_or_the_months_last() {
    for (received, ends) in [
        // 31 August: February has no 31st, and in 2028 it has a 29th.
        ("2026-08-31T10:00:00Z", "2027-02-28T11:00:00Z"),
        ("2027-08-31T10:00:00Z", "2028-02-29T11:00:00Z"),
        ("2027-08-29T10:00:00Z", "2028-02-29T11:00:00Z"),
        ("2026-08-29T10:00:00Z", "2027-02-28T11:00:00Z"),
        // From the leap day, and over the year's end.
        ("2028-02-29T10:00:00Z", "2028-08-29T09:00:00Z"),
        ("2026-10-31T23:00:00Z", "2027-04-30T22:00:00Z"),
        // Two in the night does not exist on the day on which summer time begins, and exists twice when it ends.
        ("2026-09-28T00:00:00Z", "2027-03-28T01:00:00Z"),
        ("2026-04-25T00:00:00Z", "2026-10-25T00:00:00Z"),
    ] {
        let zeef = Installation::keeping_six_months().await;
        let device = zeef.device().await;
        let (received, ends) = (at(received), at(ends));
        zeef.send(device, full(1, "lap-17", "j.jansen", "10.0.3.17"), received)
            .await;
        for (now, seen) in [(ends.plus(-1), true), (ends, false), (ends.plus(1), false)] {
            let shown = zeef.values(device, Field::Username, now).await;
            assert_eq!(!shown.is_empty(), seen, "received {received}, seen at {now}");
        }
    }
}

#[tokio::test]
async fn a_value_that_keeps_being_reported_still_ends_six_months_after_its_first_receipt() {
    let zeef = Installation::keeping_six_months().await;
    let device = zeef.device().await;
    for month in 0..6 {
        let received = START.plus(month * 30 * DAY);
        let sequence = u64::try_from(month).unwrap() + 1;
        zeef.send(
            device,
            full(sequence, "lap-17", "j.jansen", "10.0.3.17"),
            received,
        )
        .await;
    }
    let ends = at("2026-07-05T08:00:00Z");
    zeef.send(device, heartbeat(7), ends.plus(-60)).await;
    assert_eq!(
        zeef.values(device, Field::Username, ends.plus(-1)).await,
        ["j.jansen"]
    );
    assert!(zeef.values(device, Field::Username, ends).await.is_empty());
}

#[tokio::test]
async fn of_overlapping_subscriptions_the_last_to_end_decides() {
    let zeef = Installation::without_subscription().await;
    let (first, second) = (START.plus(40 * DAY), START.plus(70 * DAY));
    zeef.subscribe("antivirus", Some(second)).await;
    zeef.subscribe("rmm", Some(first)).await;
    let device = zeef.device().await;
    zeef.send(device, full(1, "lap-17", "j.jansen", "10.0.3.17"), START)
        .await;
    for (now, seen) in [
        (first.plus(1), true),
        (second.plus(-1), true),
        (second, false),
        (second.plus(1), false),
    ] {
        let shown = zeef.values(device, Field::Username, now).await;
        assert_eq!(!shown.is_empty(), seen, "at {now}");
    }
}

#[tokio::test]
async fn pages_of_what_is_held_leave_nothing_out_and_count_nothing_twice() {
    let zeef = Installation::without_subscription().await;
    let ends = START.plus(40 * DAY);
    zeef.subscribe("antivirus", Some(ends)).await;
    for _ in 0..3 {
        let device = zeef.device().await;
        let mut report = full(1, "lap-17", "j.jansen", "10.0.3.17");
        let addresses = (0..16).map(|last| Parse::parse(&format!("10.0.3.{}", 100 + last)).unwrap());
        report.private_ips = Some(addresses.collect());
        zeef.send(device, report, START).await;
    }
    for limit in 17..60 {
        let (mut due, mut held) = (Vec::new(), Vec::new());
        loop {
            let page = zeef.store.due(ends, due.last().cloned(), limit).await.unwrap();
            let other = zeef.store.held(held.last().cloned(), limit).await.unwrap();
            if page.is_empty() && other.is_empty() {
                break;
            }
            due.extend(page);
            held.extend(other);
        }
        for found in [&due, &held] {
            assert_eq!(found.len(), 12, "three devices with four fields");
            assert_eq!(found.iter().map(|one| one.values).sum::<u64>(), 3 * 19, "{limit}");
        }
    }
}

#[tokio::test]
async fn the_plan_counts_what_falls_due_by_day_and_names_the_row_that_says_so() {
    let zeef = Installation::without_subscription().await;
    zeef.subscribe("antivirus", Some(START.plus(40 * DAY))).await;
    zeef.subscribe("rmm", Some(START.plus(70 * DAY))).await;
    let (device, _) = (zeef.device().await, zeef.device().await);
    zeef.send(device, full(1, "lap-17", "j.jansen", "10.0.3.17"), START)
        .await;
    let policy = zeef_proto::policy::Policy::parse(crate::fixture::REFERENCE_POLICY).unwrap();
    let lines = async |until| -> Vec<String> {
        let plan = retention::plan(&zeef.store, &policy, START, until).await.unwrap();
        plan.lines()
            .map(|(line, count, _)| {
                let row = match &line.subject {
                    retention::Subject::Values { field, row } => {
                        format!("{field} {}", row.as_ref().unwrap().1)
                    }
                    other => format!("{other:?}"),
                };
                format!("{} {row} {count}", line.day)
            })
            .collect()
    };
    assert!(lines(START.plus(70 * DAY - 1)).await.is_empty());
    assert_eq!(
        lines(START.plus(70 * DAY)).await,
        [
            "2026-03-16 private_ip rmm-device 1",
            "2026-03-16 mac_address rmm-device 1",
            "2026-03-16 device_name rmm-device 1",
            "2026-03-16 username rmm-device 1",
            "2026-03-16 Devices 2",
        ]
    );
}
