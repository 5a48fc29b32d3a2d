//! What a stranger can make the collector keep in memory.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where")]

use std::sync::Arc;

use tokio::task::JoinSet;
use zeef_tests::Installation;

/// Each attempt takes 19 MiB for a moment, on any of many threads.
#[tokio::test(flavor = "multi_thread")]
async fn a_flood_of_passwords_leaves_no_memory_behind() {
    let collector = Arc::new(Installation::started());
    let mut flood = JoinSet::new();
    for number in 0..30 {
        let collector = Arc::clone(&collector);
        flood.spawn(async move {
            for attempt in 0..5 {
                let name = format!("nobody-{number}-{attempt}");
                collector
                    .try_password(&name, "vier-paarse-fietsen")
                    .await
                    .unwrap();
            }
        });
    }
    while let Some(ended) = flood.join_next().await {
        ended.unwrap();
    }
    let resident = collector.process().resident();
    assert!(resident < 256 * 1_024, "{resident} KiB");
}
