//! Many callers of the store at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use tokio::task::JoinSet;
use zeef_collector::store::AgentStore;
use zeef_collector::store::records::{IncomingReport, ReportOutcome};
use zeef_collector::store::sql::SqlStore;

/// Callers that wait for the store at a time.
pub(super) const AT_A_TIME: u32 = 256;

/// Does the work for each number below `count`, many at a time.
pub(super) async fn each<F>(count: u32, work: impl Fn(u32) -> F + Clone + Send + Sync + 'static)
where
    F: Future<Output = ()> + Send,
{
    let next = Arc::new(AtomicU32::new(0));
    let mut callers = JoinSet::new();
    for _ in 0..AT_A_TIME {
        let (next, work) = (Arc::clone(&next), work.clone());
        callers.spawn(async move {
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                if number >= count {
                    return;
                }
                work(number).await;
            }
        });
    }
    callers.join_all().await;
}

/// Sends reports that were made beforehand, so that making them is not measured. The callers take turns: those of one
/// device must be a multiple of [`AT_A_TIME`] apart, for they have to come in their order.
pub(super) async fn send(store: &Arc<SqlStore>, reports: Vec<IncomingReport>) {
    let mut shares: Vec<Vec<IncomingReport>> = (0..AT_A_TIME).map(|_| Vec::new()).collect();
    for (at, report) in reports.into_iter().enumerate() {
        shares[at % AT_A_TIME as usize].push(report);
    }
    let mut callers = JoinSet::new();
    for share in shares {
        let store = Arc::clone(store);
        callers.spawn(async move {
            for report in share {
                record(&store, report).await;
            }
        });
    }
    callers.join_all().await;
}

/// Stores one report, which must be a new one.
pub(super) async fn record(store: &SqlStore, report: IncomingReport) {
    let outcome = store.record_report(report).await.expect("the store answers");
    assert!(
        matches!(outcome, ReportOutcome::Stored { repeated: false, .. }),
        "{outcome:?}"
    );
}
