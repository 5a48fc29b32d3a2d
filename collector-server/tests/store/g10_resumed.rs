//! G10: what was cut off goes on at the next start, and doing it again changes nothing.

use zeef_collector::retention::purge;
use zeef_collector::store::InventoryStore;
use zeef_proto::time::DAY;

use crate::fixture::{Installation, START, full};

#[tokio::test]
async fn a_purge_that_was_cut_off_goes_on_at_the_next_start_and_ends_where_it_would_have() {
    let zeef = Installation::without_subscription().await;
    let ends = START.plus(DAY);
    zeef.subscribe("antivirus", Some(ends)).await;
    zeef.subscribe("voip", None).await;
    let devices = [zeef.device().await, zeef.device().await, zeef.device().await];
    for device in devices {
        zeef.send(device, full(1, "lap-17", "j.jansen", "10.0.3.17"), START)
            .await;
    }
    let first = zeef.store.purge(ends, 5).await.unwrap();
    assert_eq!((first.observations, first.more), (5, true));
    let zeef = zeef.reopened();
    let rest = purge(&zeef.store, ends).await.unwrap();
    assert_eq!((rest.failure, rest.run.observations), (None, 7));
    for device in devices {
        assert!(zeef.look(device, START).await.unwrap().observations.is_empty());
    }
    let again = purge(&zeef.store, ends).await.unwrap();
    assert_eq!((again.run.observations, again.run.other), (0, 0));
}
