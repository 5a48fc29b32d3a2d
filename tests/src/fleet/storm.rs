//! All return at once, as after an outage: each has something new to tell, and tries until it is acknowledged.

use std::sync::Arc;

use tokio::task::JoinSet;
use tokio::time::Instant;

use super::agent::{Agent, End};
use super::run::Run;

/// Reports once from every agent, from the first `clones` twice; gives the agents that are left.
pub(super) async fn report(run: &Arc<Run>, agents: Vec<Agent>, clones: u32) -> Vec<Agent> {
    let due = Instant::now();
    let mut tasks = JoinSet::new();
    for (at, mut agent) in agents.into_iter().enumerate() {
        let run = Arc::clone(run);
        tasks.spawn(async move {
            agent.change();
            let end = if at < clones as usize {
                agent.report_beside_a_copy(&run, due).await
            } else {
                agent.report(&run, due).await
            };
            (end != End::Out).then_some(agent)
        });
    }
    tasks.join_all().await.into_iter().flatten().collect()
}
