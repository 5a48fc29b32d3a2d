//! G9: what should be gone and is not, is seen. What follows from it stands in the tests of the agents' port.

use rusqlite::Connection;
use zeef_collector::retention::{look, purge};
use zeef_collector::store::InventoryStore;
use zeef_proto::time::{DAY, HOUR};

use crate::fixture::{Installation, START, full};

/// Values that end at once, on a database that another program has open.
async fn expired() -> (Installation, Connection) {
    let zeef = Installation::without_subscription().await;
    zeef.subscribe("antivirus", Some(START.plus(HOUR))).await;
    zeef.subscribe("voip", None).await;
    let device = zeef.device().await;
    zeef.send(device, full(1, "lap-17", "j.jansen", "10.0.3.17"), START)
        .await;
    let other = Connection::open(zeef.file("zeef.db")).unwrap();
    (zeef, other)
}

#[tokio::test]
async fn a_purge_that_fails_leaves_word_of_it_and_what_is_due() {
    let (zeef, other) = expired().await;
    other
        .execute_batch(
            "CREATE TRIGGER stuck BEFORE DELETE ON observation BEGIN SELECT RAISE(ABORT, 'stuck'); END",
        )
        .unwrap();
    let now = START.plus(DAY);
    let failed = purge(&zeef.store, now).await.unwrap();
    assert!(failed.failure.is_some());
    let found = look(&zeef.store, now).await.unwrap();
    let last = found.last.unwrap();
    assert_eq!(
        (last.completed, last.observations, last.ended_at),
        (false, 0, now)
    );
    assert_eq!(found.due_since, Some(START.plus(HOUR)));

    other.execute_batch("DROP TRIGGER stuck").unwrap();
    assert!(purge(&zeef.store, now).await.unwrap().failure.is_none());
    let found = look(&zeef.store, now).await.unwrap();
    assert_eq!((found.due_since, found.backlog.expired), (None, 0));
    assert!(found.last.unwrap().completed);
}

#[tokio::test]
async fn what_a_reader_keeps_in_the_log_is_due_since_the_first_purge_that_it_was_in_the_way_of() {
    let (zeef, reader) = expired().await;
    reader.execute_batch("BEGIN").unwrap();
    let seen: i64 = reader
        .query_row("SELECT count(*) FROM observation", [], |row| row.get(0))
        .unwrap();
    assert_eq!(seen, 4);
    let first = START.plus(2 * HOUR);
    for now in [first, START.plus(3 * HOUR)] {
        assert!(purge(&zeef.store, now).await.unwrap().failure.is_none());
        let found = look(&zeef.store, now).await.unwrap();
        assert_eq!((found.backlog.expired, found.due_since), (0, Some(first)));
    }
    let zeef = zeef.reopened();
    reader.execute_batch("COMMIT").unwrap();
    let now = START.plus(4 * HOUR);
    assert!(purge(&zeef.store, now).await.unwrap().failure.is_none());
    assert_eq!(look(&zeef.store, now).await.unwrap().due_since, None);
    assert!(zeef.store.checkpoint().await.unwrap());
}
