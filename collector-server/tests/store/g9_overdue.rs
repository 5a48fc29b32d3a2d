//! G9: what should be gone and is not, is seen. What follows from it stands in the tests of the agents' port.

use zeef_collector::retention::{look, purge};
use zeef_collector::store::InventoryStore;
use zeef_proto::time::{DAY, HOUR};

use crate::engine::{ON_POSTGRES, Part, Raw};
use crate::fixture::{Installation, START, full};

/// Values that end at once, on a database that another program has open.
async fn expired() -> (Installation, Raw) {
    let zeef = Installation::without_subscription().await;
    zeef.subscribe("antivirus", Some(START.plus(HOUR))).await;
    zeef.subscribe("voip", None).await;
    let device = zeef.device().await;
    zeef.send(device, full(1, "lap-17", "j.jansen", "10.0.3.17"), START)
        .await;
    let other = zeef.engine().raw(Part::Database);
    (zeef, other)
}

#[tokio::test]
async fn a_purge_that_fails_leaves_word_of_it_and_what_is_due() {
    let (zeef, other) = expired().await;
    other.run(if ON_POSTGRES {
        "CREATE FUNCTION stuck() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'stuck'; END $$;
         CREATE TRIGGER stuck BEFORE DELETE ON observation FOR EACH ROW EXECUTE FUNCTION stuck()"
    } else {
        "CREATE TRIGGER stuck BEFORE DELETE ON observation BEGIN SELECT RAISE(ABORT, 'stuck'); END"
    });
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

    other.run(if ON_POSTGRES {
        "DROP TRIGGER stuck ON observation"
    } else {
        "DROP TRIGGER stuck"
    });
    assert!(purge(&zeef.store, now).await.unwrap().failure.is_none());
    let found = look(&zeef.store, now).await.unwrap();
    assert_eq!((found.due_since, found.backlog.expired), (None, 0));
    assert!(found.last.unwrap().completed);
}

#[tokio::test]
async fn what_a_reader_keeps_in_the_log_is_due_since_the_first_purge_that_it_was_in_the_way_of() {
    let (zeef, reader) = expired().await;
    reader.run(if ON_POSTGRES {
        "BEGIN ISOLATION LEVEL REPEATABLE READ"
    } else {
        "BEGIN"
    });
    assert_eq!(reader.number("SELECT count(*) FROM observation"), 4);
    let first = START.plus(2 * HOUR);
    for now in [first, START.plus(3 * HOUR)] {
        assert!(purge(&zeef.store, now).await.unwrap().failure.is_none());
        let found = look(&zeef.store, now).await.unwrap();
        assert_eq!((found.backlog.expired, found.due_since), (0, Some(first)));
    }
    let zeef = zeef.reopened();
    reader.run("COMMIT");
    let now = START.plus(4 * HOUR);
    assert!(purge(&zeef.store, now).await.unwrap().failure.is_none());
    assert_eq!(look(&zeef.store, now).await.unwrap().due_since, None);
    assert!(zeef.store.checkpoint().await.unwrap());
}
