//! A store with several organisations, and what happens to them in rounds.

use std::sync::Arc;

use tokio::task::JoinSet;
use zeef_collector::retention;
use zeef_collector::store::Store;
use zeef_proto::UnixTime;

use super::member::{Difference, Member, same};
use super::organisation::{ANSWERED_WITHIN, Ending, Rules};
use super::policy::Policy;
use super::step::{Deed, Event, Turn};
use super::stored::stored;
use super::time::Time;
use crate::engine::Engine;
use crate::fixture::{START, signed};

/// The engine that is compared with the model.
fn open(engine: &Engine) -> Arc<dyn Store> {
    Arc::new(crate::fixture::open(engine, 7).unwrap())
}

/// A difference, and in whose history: the first's where it concerns all.
pub(super) struct Failure {
    pub(super) member: usize,
    pub(super) difference: Difference,
}

impl Failure {
    fn of(member: usize) -> impl FnOnce(Difference) -> Self {
        move |difference| Self { member, difference }
    }
}

pub(super) struct World {
    /// Closed while it is being opened again.
    store: Option<Arc<dyn Store>>,
    engine: Engine,
    rules: Rules,
    members: Vec<Member>,
}

impl World {
    pub(super) async fn new(members: usize) -> Self {
        let engine = Engine::in_memory();
        let store = open(&engine);
        let rules = Rules {
            time: Time::at(START),
            policy: Policy::Reference,
            version: 1,
        };
        store
            .publish_policy(signed(&rules.policy.document(rules.version)), START)
            .await
            .unwrap();
        store.observe_time(START).await.unwrap();
        let mut joined = Vec::new();
        for nth in 0..members {
            joined.push(Member::join(&*store, nth as u64 + 1).await);
        }
        Self {
            store: Some(store),
            engine,
            rules,
            members: joined,
        }
    }

    fn store(&self) -> &Arc<dyn Store> {
        self.store.as_ref().unwrap()
    }

    /// Each member's deeds, at the same time as the others', and a comparison.
    pub(super) async fn act(&mut self, deeds: Vec<Vec<Deed>>) -> Result<(), Failure> {
        let mut acting = JoinSet::new();
        for (nth, (mut member, deeds)) in self.members.drain(..).zip(deeds).enumerate() {
            let (store, rules) = (Arc::clone(self.store.as_ref().unwrap()), self.rules);
            acting.spawn(async move {
                let mut result = Ok(());
                for deed in &deeds {
                    if result.is_ok() {
                        let done = member.perform(&*store, deed, &rules).await;
                        result = done.map_err(|difference| format!("{difference}\nby {deed:?}"));
                    }
                }
                if result.is_ok() {
                    // What else can be seen follows from deeds more than from what happens to all.
                    let thorough = !deeds.is_empty();
                    result = member.compare(&*store, &rules, thorough).await;
                }
                (nth, member, result)
            });
        }
        let mut acted = acting.join_all().await;
        acted.sort_by_key(|(nth, ..)| *nth);
        let mut failure = Ok(());
        for (nth, member, result) in acted {
            self.members.push(member);
            failure = failure.and(result.map_err(Failure::of(nth)));
        }
        failure
    }

    /// What a turn comes down to here and now.
    pub(super) fn events(&self, turn: Turn) -> Vec<Event> {
        let Time { clock, believed, .. } = self.rules.time;
        match turn {
            Turn::Move(seconds) => vec![Event::ClockSays(clock.plus(seconds))],
            Turn::Confirmed(seconds) => vec![Event::ClockConfirmed(clock.max(believed).plus(seconds))],
            Turn::Mended => vec![Event::ClockSays(believed.plus(60))],
            Turn::NextEnd(ending) => {
                let models = self.members.iter().map(|member| &member.model);
                let Some(next) = models.filter_map(|model| model.next_end(ending, believed)).min() else {
                    return Vec::new();
                };
                // What is hidden is seen without a purge; what else ends, ends by it. Silence ends twice: in a
                // question, and when that was not answered.
                let purge = (ending != Ending::Value).then_some(Event::Purge);
                let unanswered = (ending == Ending::Silence).then(|| next.plus(ANSWERED_WITHIN));
                let ends = [Some(next), unanswered].into_iter().flatten();
                let moments =
                    ends.flat_map(|end| [-1, 0, 1].map(|step| Event::ClockConfirmed(end.plus(step))));
                moments
                    .flat_map(|moment| [Some(moment), purge])
                    .flatten()
                    .collect()
            }
            Turn::Other(event) => vec![event],
        }
    }

    pub(super) async fn happen(&mut self, event: Event) -> Result<(), Failure> {
        match event {
            Event::ClockSays(clock) => {
                self.rules.time.set(clock);
                let time = self.store().observe_time(clock).await.unwrap();
                let Time {
                    clock,
                    believed,
                    ahead_since,
                } = self.rules.time;
                let seen = (time.now, time.high_water, time.ahead_since);
                same("time", &seen, &(clock, believed, ahead_since)).map_err(Failure::of(0))?;
            }
            Event::ClockConfirmed(clock) => {
                // Nobody confirms a time that is past.
                if clock >= self.rules.time.believed {
                    self.rules.time.confirm(clock);
                    self.store().confirm_time(clock).await.unwrap();
                }
            }
            Event::Publish(policy) => {
                self.rules.policy = policy;
                self.rules.version += 1;
                let document = signed(&policy.document(self.rules.version));
                self.store()
                    .publish_policy(document, self.rules.time.clock)
                    .await
                    .unwrap();
                self.members
                    .iter_mut()
                    .for_each(|member| member.model.set_terms_anew(&self.rules));
            }
            Event::Purge => {
                let purge = retention::purge(&**self.store(), self.rules.time.clock)
                    .await
                    .unwrap();
                same("failure of a purge", &purge.failure, &None).map_err(Failure::of(0))?;
                let until = self.rules.time.believed;
                self.members
                    .iter_mut()
                    .for_each(|member| member.model.purge(until));
                let mut there = stored(&**self.store()).await;
                for (nth, member) in self.members.iter().enumerate() {
                    let there = there.remove(&member.id).unwrap_or_default();
                    let compared = member.compare_stored(&there);
                    compared.map_err(Failure::of(nth))?;
                }
                self.compare_backlog().await?;
            }
            Event::PurgeStep(limit) => {
                let until = self.rules.time.believed;
                self.store().purge(until, limit).await.unwrap();
                self.follow_step(until).await?;
            }
            Event::Restart => {
                self.store = None;
                self.store = Some(open(&self.engine));
            }
        }
        self.act(vec![Vec::new(); self.members.len()]).await
    }

    /// A step of a purge takes some of what is due, as it likes, and nothing else.
    async fn follow_step(&mut self, until: UnixTime) -> Result<(), Failure> {
        let store = Arc::clone(self.store());
        let mut there = stored(&*store).await;
        for (nth, member) in self.members.iter_mut().enumerate() {
            let devices = member.ids(&*store).await;
            let there = there.remove(&member.id).unwrap_or_default();
            let followed = member.follow_step(&devices, &there, until);
            followed.map_err(Failure::of(nth))?;
        }
        Ok(())
    }

    async fn compare_backlog(&self) -> Result<(), Failure> {
        let at = self.rules.time.shows();
        let seen = self.store().backlog(at).await.unwrap();
        let models = self.members.iter().map(|member| &member.model);
        let (overdue, held) = models.clone().fold((0, 0), |(overdue, held), model| {
            let (more_overdue, more_held) = model.backlog(at);
            (overdue + more_overdue, held + more_held)
        });
        let next = models
            .clone()
            .filter_map(|model| model.next_end(Ending::Value, at))
            .min();
        let asked = models
            .flat_map(|model| model.devices.values())
            .filter(|device| device.asked_at.is_some())
            .count() as u64;
        same("next expiry", &seen.next, &next).map_err(Failure::of(0))?;
        same("devices asked about", &seen.asked_about, &asked).map_err(Failure::of(0))?;
        same("backlog", &(seen.expired, seen.on_hold), &(overdue, held)).map_err(Failure::of(0))
    }
}
