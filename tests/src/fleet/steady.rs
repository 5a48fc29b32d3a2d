//! Reports over time: whoever was idle longest is next, at a rate that does not wait for the collector.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::{Instant, MissedTickBehavior, interval, sleep_until};

use super::agent::{Agent, End};
use super::arguments::Steady;
use super::enrolment::replace;
use super::run::Run;
use super::share::Share;

/// What an agent does when it is its turn.
#[derive(Clone, Copy)]
enum Turn {
    Heartbeat,
    Change,
    /// Reports from two copies of its state.
    Clone,
    /// Leaves, and a new one comes and reports.
    Replace,
}

/// Which turn is next.
struct Plan {
    clones: u32,
    churn: Share,
    changed: Share,
}

impl Plan {
    const fn next(&mut self) -> Turn {
        if self.clones > 0 {
            self.clones -= 1;
            Turn::Clone
        } else if self.churn.takes_next() {
            Turn::Replace
        } else if self.changed.takes_next() {
            Turn::Change
        } else {
            Turn::Heartbeat
        }
    }
}

/// Reports until a bound is reached, at first from `clones` agents and a copy of each; gives the agents that are left.
pub(super) async fn report(run: &Arc<Run>, agents: Vec<Agent>, options: &Steady, clones: u32) -> Vec<Agent> {
    let mut plan = Plan {
        clones,
        churn: Share::of(options.churn),
        changed: Share::of(options.changed),
    };
    let mut idle = VecDeque::from(agents);
    let mut busy: JoinSet<Option<Agent>> = JoinSet::new();
    let mut ticks = interval(Duration::from_secs(1) / options.rate);
    // What the collector's slowness held up is made up for.
    ticks.set_missed_tick_behavior(MissedTickBehavior::Burst);
    let mut left = options.reports;
    while left > 0 && !(idle.is_empty() && busy.is_empty()) {
        tokio::select! {
            () = sleep_until(run.until) => break,
            Some(ended) = busy.join_next() => idle.extend(ended.expect("an agent does not panic")),
            due = ticks.tick(), if !idle.is_empty() => {
                if let Some(agent) = idle.pop_front() {
                    left -= 1;
                    busy.spawn(take(Arc::clone(run), agent, plan.next(), due));
                }
            }
        }
    }
    for ended in busy.join_all().await {
        idle.extend(ended);
    }
    idle.into()
}

/// One turn; gives the agent that there is after it.
async fn take(run: Arc<Run>, mut agent: Agent, turn: Turn, mut due: Instant) -> Option<Agent> {
    match turn {
        Turn::Heartbeat => {}
        Turn::Change | Turn::Clone => agent.change(),
        Turn::Replace if agent.leave(&run).await => {
            agent = replace(&run, agent.number()).await?;
            due = Instant::now();
        }
        Turn::Replace => return Some(agent),
    }
    let end = match turn {
        Turn::Clone => agent.report_beside_a_copy(&run, due).await,
        _ => agent.report(&run, due).await,
    };
    (end != End::Out).then_some(agent)
}
