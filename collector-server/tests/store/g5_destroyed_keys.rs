//! G5: what was erased cannot be read in an earlier copy of the database that is put back beside today's key store.

use zeef_collector::ledger::Actor;
use zeef_collector::store::AgentStore;
use zeef_collector::store::records::{ReportOutcome, Standing};
use zeef_proto::field::Field;

use crate::engine::Part;
use crate::fixture::{Installation, START, full, heartbeat};

#[tokio::test]
async fn rows_of_an_earlier_copy_that_are_put_back_open_nothing_and_go_at_the_next_start() {
    let zeef = Installation::new().await;
    let (erased, other) = (zeef.device().await, zeef.device().await);
    for device in [erased, other] {
        zeef.send(device, full(1, "lap-17", "j.jansen", "10.0.3.17"), START)
            .await;
    }
    let database = zeef.engine().raw(Part::Database);
    for table in ["device", "observation", "tombstone", "installation"] {
        database.execute(&format!("CREATE TABLE former_{table} AS SELECT * FROM {table}"));
    }
    zeef.store
        .end_device(zeef.organisation, erased, Actor::Administrator, START)
        .await
        .unwrap();
    database.execute("DELETE FROM tombstone");
    for table in ["device", "observation"] {
        let put_back = format!("INSERT INTO {table} SELECT * FROM former_{table} ON CONFLICT DO NOTHING");
        // SQLite takes the clause after a condition alone.
        assert!(database.execute(&put_back.replace(" ON", " WHERE true ON")) > 0);
    }
    database.execute("UPDATE installation SET generation = (SELECT generation FROM former_installation)");
    let shown = zeef.look(erased, START).await.unwrap();
    assert!(shown.observations.is_empty(), "its key is gone");
    assert_eq!(zeef.values(other, Field::Username, START).await, ["j.jansen"]);
    for table in ["device", "observation", "tombstone", "installation"] {
        database.execute(&format!("DROP TABLE former_{table}"));
    }
    drop(database);

    let zeef = zeef.reopened();
    assert!(zeef.look(erased, START).await.is_none());
    let late = zeef.send(erased, heartbeat(2), START).await;
    assert!(matches!(late, ReportOutcome::NotAdmitted(Standing::Gone)));
    assert_eq!(zeef.values(other, Field::Username, START).await, ["j.jansen"]);
}
