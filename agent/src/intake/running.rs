//! The intake at work: a task for each input, one piece at a time through the sieve, and the spool behind it.

use std::collections::BTreeSet;
use std::io::ErrorKind;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Mutex, mpsc, watch};
use tokio::task::JoinSet;
use tracing::warn;
use zeef_proto::policy::{Policy, ProductId};
use zeef_proto::wire::RecordsReply;
use zeef_proto::{Clock, DeviceId, Logged, log_safe_by_display};

use super::config::{ConfigError, Configuration};
use super::inputs::{Input, InputId, Surroundings};
use super::minimise::{Desk, Origin};
use super::piece::Piece;
use super::rules::Rules;
use super::shown::{Count, Doing, InputShown, Shown, Tally, Wrong};
use super::spool::{self, Batch, Spool};
use crate::pseudonym::{Key, KeyFileError, Scope};
use crate::state::{StateDirectory, StateError};

/// How long an input rests that stopped.
const REST: Duration = Duration::from_secs(60);

/// Time between two looks at whether there is something new to show.
const SHOW: Duration = Duration::from_secs(5);

/// Why the intake does not start.
#[derive(Debug, thiserror::Error)]
pub enum IntakeError {
    /// What the administrator wrote.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The state.
    #[error(transparent)]
    State(#[from] StateError),
}

/// All inputs, and what they have brought that waits.
pub struct Intake {
    shared: Arc<Shared>,
    rules: watch::Sender<Arc<Rules>>,
    obeyed: Option<Obeyed>,
    tasks: JoinSet<()>,
}

/// What the rules were made of.
#[derive(PartialEq, Eq)]
struct Obeyed {
    device: DeviceId,
    policy: u64,
    products: BTreeSet<ProductId>,
}

struct Shared {
    directory: Arc<StateDirectory>,
    clock: Arc<dyn Clock>,
    inputs: Vec<Input>,
    ids: Vec<InputId>,
    tallies: Vec<Tally>,
    spool: Spool,
    desk: Arc<Mutex<Desk>>,
    rules: watch::Receiver<Arc<Rules>>,
    given_up: Count,
    not_documented: Count,
    ambiguous: Count,
    links: std::sync::Mutex<Option<NoLinks>>,
}

/// Why there are no link tokens although there is a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
enum NoLinks {
    /// It cannot be used.
    #[error("organisation.key: {0}")]
    File(#[from] KeyFileError),
    /// It is not the organisation's.
    #[error("organisation.key is not a key of scope organisation; put the organisation's key there")]
    Scope,
}

log_safe_by_display!(NoLinks);

impl Intake {
    /// Reads what is to be read, and opens the spool. `None` where nothing is configured; what waits from earlier
    /// goes then. Nothing is read before [`Self::start`] and [`Self::obey`].
    ///
    /// # Errors
    /// [`IntakeError`].
    pub fn open(
        directory: &Arc<StateDirectory>,
        clock: &Arc<dyn Clock>,
    ) -> Result<Option<Self>, IntakeError> {
        let now = clock.now();
        let Some(configuration) = Configuration::read(directory.path())? else {
            spool::discard(directory.clone(), now)?;
            return Ok(None);
        };
        let mut desk = Desk::new();
        let most_bytes = configuration.most_bytes;
        let spool = Spool::open(directory.clone(), most_bytes, now, |entry| desk.learn(entry, now))?;
        let inputs = configuration.inputs;
        let ids: Vec<InputId> = inputs.iter().map(|input| input.id(spool.digester())).collect();
        spool.keep_only(&ids)?;
        let (sender, receiver) = watch::channel(Arc::default());
        Ok(Some(Self {
            shared: Arc::new(Shared {
                directory: directory.clone(),
                clock: clock.clone(),
                ids,
                tallies: inputs.iter().map(|_| Tally::default()).collect(),
                inputs,
                desk: Arc::new(Mutex::new(desk)),
                spool,
                rules: receiver,
                given_up: Count::default(),
                not_documented: Count::default(),
                ambiguous: Count::default(),
                links: std::sync::Mutex::default(),
            }),
            rules: sender,
            obeyed: None,
            tasks: JoinSet::new(),
        }))
    }

    /// Starts to read, as far as the rules let it.
    pub fn start(&mut self) {
        for place in 0..self.shared.inputs.len() {
            self.tasks.spawn(self.shared.clone().watch_over(place));
        }
        self.tasks.spawn(self.shared.clone().show());
    }

    /// Obeys a policy for a device with certain products. What is not documented any more is read no more; what
    /// waits for another device goes, and is read again.
    ///
    /// # Errors
    /// Those of the state; the rules are as before then.
    pub async fn obey(
        &mut self,
        device: DeviceId,
        policy: &Policy,
        products: &[ProductId],
    ) -> Result<(), StateError> {
        let new = Obeyed {
            device,
            policy: policy.version,
            products: products.iter().cloned().collect(),
        };
        if self.obeyed.as_ref() == Some(&new) {
            return Ok(());
        }
        let shared = &self.shared;
        if shared.spool.speak_as(device)? {
            shared.desk.lock().await.forget();
        }
        let key = shared.key();
        let rules = Rules::new(&shared.inputs, policy, products, key.as_ref());
        self.rules.send_replace(Arc::new(rules));
        self.obeyed = Some(new);
        Ok(())
    }

    /// Waits until there is something new to send.
    pub async fn news(&self) {
        self.shared.spool.news().await;
    }

    /// Whether something waits to be sent.
    #[must_use]
    pub fn is_waiting(&self) -> bool {
        self.shared.spool.is_waiting()
    }

    /// The batch to send next.
    ///
    /// # Errors
    /// Where the disk does not give it.
    pub fn front(&self) -> Result<Option<Batch>, StateError> {
        self.shared.spool.front()
    }

    /// The collector holds a batch.
    ///
    /// # Errors
    /// Those of the state; the batch waits as before then, and can be sent again as it was.
    pub fn acknowledged(&self, number: u64, reply: &RecordsReply) -> Result<(), StateError> {
        self.shared.spool.settle(number, self.shared.clock.now())?;
        self.shared.not_documented.add(reply.not_documented.into());
        self.shared.ambiguous.add(reply.ambiguous.into());
        Ok(())
    }

    /// The collector will never take a batch.
    ///
    /// # Errors
    /// Those of the state; the batch waits as before then.
    pub fn give_up(&self, number: u64) -> Result<(), StateError> {
        self.shared.spool.give_up(number)?;
        self.shared.given_up.add(1);
        Ok(())
    }

    /// How it fares.
    #[must_use]
    pub fn shown(&self) -> Shown {
        self.shared.shown()
    }
}

impl Drop for Intake {
    fn drop(&mut self) {
        self.shared.spool.close();
    }
}

impl Shared {
    /// Reads one input while the rules let it be read.
    async fn watch_over(self: Arc<Self>, place: usize) {
        let mut rules = self.rules.clone();
        loop {
            if rules.borrow_and_update().of(place).is_none() {
                if rules.changed().await.is_err() {
                    return;
                }
                continue;
            }
            let (out, pieces) = mpsc::channel(1);
            // The round first: should what waits be forgotten in between, nothing is taken that begins too far on.
            let round = self.spool.round();
            let surroundings = Surroundings {
                position: self.spool.position(self.ids[place]),
                out,
                health: self.tallies[place].health.clone(),
                clock: self.clock.clone(),
                digester: self.spool.digester().clone(),
            };
            // Ends with this scope.
            let mut reading = JoinSet::new();
            reading.spawn(self.inputs[place].kind.clone().run(surroundings));
            let ended = self.take_all(place, round, pieces, &mut rules).await;
            drop(reading);
            match ended {
                Ended::OtherRules => {}
                // Other rules end the rest too.
                Ended::Stopped => drop(tokio::time::timeout(REST, rules.changed()).await),
                Ended::Over => return,
            }
        }
    }

    /// Takes pieces that were read in this `round`, until the rules change or there are no more.
    async fn take_all(
        self: &Arc<Self>,
        place: usize,
        round: u64,
        mut pieces: mpsc::Receiver<Piece>,
        rules: &mut watch::Receiver<Arc<Rules>>,
    ) -> Ended {
        let health = &self.tallies[place].health;
        loop {
            let piece = tokio::select! {
                biased;
                changed = rules.changed() => {
                    return if changed.is_ok() { Ended::OtherRules } else { Ended::Over };
                }
                piece = pieces.recv() => piece,
            };
            let Some(piece) = piece else {
                health.trouble("reading stopped; it begins again in a minute".to_owned());
                return Ended::Stopped;
            };
            // One at a time: of the threads that may block, inputs take no more than one for this.
            let mut desk = self.desk.clone().lock_owned().await;
            let now = self.rules.borrow().clone();
            if now.of(place).is_none() {
                return Ended::OtherRules;
            }
            let shared = self.clone();
            let taken = tokio::task::spawn_blocking(move || {
                let origin = Origin {
                    input: shared.ids[place],
                    round,
                    place,
                    about: shared.inputs[place].about,
                    tally: &shared.tallies[place],
                };
                desk.take(piece, origin, &now, &shared.spool, &*shared.clock)
            });
            match taken.await {
                Ok(Ok(())) => {}
                Ok(Err(error)) if error.kind() != ErrorKind::Interrupted => {
                    // The others of its folder are read all the same.
                    health.lost(1);
                    let reason = error.kind().to_string();
                    warn!(input = %Logged(&(place + 1)), reason = %Logged(&Wrong(&reason)), "a file was not read to its end");
                }
                _ => return Ended::Stopped,
            }
        }
    }

    /// Writes what `status` shows, whenever there is something new, and says once in the log what is wrong.
    async fn show(self: Arc<Self>) {
        let mut ticks = tokio::time::interval(SHOW);
        let mut before: Option<Shown> = None;
        loop {
            ticks.tick().await;
            let shown = self.shown();
            if before.as_ref() == Some(&shown) {
                continue;
            }
            for (place, input) in shown.inputs.iter().enumerate() {
                let known = before.as_ref().and_then(|before| before.inputs.get(place));
                let is_news = known.is_none_or(|known| known.doing != input.doing);
                if let Some(wrong) = input.doing.wrong().filter(|_| is_news) {
                    warn!(input = %Logged(&(place + 1)), problem = %Logged(&wrong), "an input is not read");
                }
            }
            // What fails is tried again; the agent does not stop for it.
            if shown.write(&self.directory).is_ok() {
                before = Some(shown);
            }
        }
    }

    fn shown(&self) -> Shown {
        let rules = self.rules.borrow().clone();
        let inputs = self.inputs.iter().zip(&self.tallies).enumerate();
        Shown {
            inputs: inputs
                .map(|(place, (input, tally))| {
                    let health = tally.health.state();
                    InputShown {
                        kind: input.kind.name().to_owned(),
                        source: input.source.name().to_owned(),
                        about: input.about,
                        doing: match rules.of(place) {
                            None => Doing::NotDocumented,
                            Some(_) => tally.doing(&health),
                        },
                        passed: tally.passed.get(),
                        repeated: tally.repeated.get(),
                        refused: tally.refused.get(),
                        unrecognised: tally.unrecognised.get(),
                        untransportable: tally.untransportable.get(),
                        lost: health.lost,
                        last_read: health.last_read,
                    }
                })
                .collect(),
            spool: self.spool.shown(),
            given_up: self.given_up.get(),
            not_documented: self.not_documented.get(),
            ambiguous: self.ambiguous.get(),
            links: self.links().as_ref().map(ToString::to_string),
        }
    }

    /// The key of link tokens. Without one there are none, which is no trouble; with one that cannot be used there
    /// are none either, which is.
    fn key(&self) -> Option<Arc<Key>> {
        let (key, trouble) = match self.directory.organisation_key() {
            Ok(Some(key)) if key.scope() == Scope::Organisation => (Some(Arc::new(key)), None),
            Ok(Some(_)) => (None, Some(NoLinks::Scope)),
            Ok(None) => (None, None),
            Err(error) => (None, Some(error.into())),
        };
        if let Some(error) = &trouble {
            warn!(error = %Logged(error), "records are sent without link tokens");
        }
        *self.links() = trouble;
        key
    }

    fn links(&self) -> std::sync::MutexGuard<'_, Option<NoLinks>> {
        self.links
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

/// Why an input is not read on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ended {
    /// The rules changed.
    OtherRules,
    /// No more is read, or what was read is not wanted any more.
    Stopped,
    /// The agent ends.
    Over,
}
