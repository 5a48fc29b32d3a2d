//! The shell around the machine: does each step, keeps what is remembered durable, and listens to signals.

use std::sync::Arc;
use std::time::Duration;

use tracing::{info, warn};
use zeef_proto::policy::SignedPolicy;
use zeef_proto::wire::{RecordsReply, ReportReply};
use zeef_proto::{Clock, Logged, UnixTime};

use super::machine::{Action, Ending, Machine};
use super::outcomes::{News, ends_batch};
use crate::enrol::{self, Enrolled, Renewed};
use crate::intake::spool::Batch;
use crate::intake::{Intake, IntakeError};
use crate::minimise::minimise;
use crate::platform::{self, Asked, signals::Signals};
use crate::random;
use crate::state::{MachineMark, Records, StateDirectory, StateError};
use crate::transport::{Connection, ExchangeError};

/// How long to wait before the disk is tried again.
const DISK_RETRY: Duration = Duration::from_secs(30);

/// Why the service could not go on.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The state.
    #[error(transparent)]
    State(#[from] StateError),
    /// What is to be read of other products.
    #[error(transparent)]
    Intake(#[from] IntakeError),
    /// The operating system.
    #[error("the operating system does not let the agent listen to signals ({0})")]
    Signals(std::io::ErrorKind),
}

/// The running agent.
pub struct Service {
    directory: Arc<StateDirectory>,
    clock: Arc<dyn Clock>,
    machine: Machine,
    durable: Records,
    disk_failed: bool,
    intake: Option<Intake>,
    /// Kept from one batch of records to the next, and no longer.
    connection: Option<Connection>,
}

/// What came of a step.
enum Came {
    Enrolled(Result<Enrolled, ExchangeError>),
    Renewed(Result<Renewed, ExchangeError>),
    Policy(Result<SignedPolicy, ExchangeError>),
    Reported(Result<ReportReply, ExchangeError>),
    /// The number of a batch, and what became of it.
    Recorded(u64, Result<RecordsReply, ExchangeError>),
}

impl Service {
    /// Reads the state, and what is to be read of other products.
    ///
    /// # Errors
    /// Those of the state, and mistakes in `intake.toml`.
    pub fn new(directory: StateDirectory, interval: u32, clock: Arc<dyn Clock>) -> Result<Self, RunError> {
        let directory = Arc::new(directory);
        let (records, damage) = Records::read(&directory, clock.now())?;
        for file in damage {
            warn!(file = %Logged(&file), "a state file is damaged; what it held is asked of the collector again");
        }
        let identifier = platform::host::machine_identifier();
        let machine = Machine::new(
            records.clone(),
            interval,
            identifier.as_deref().map(Vec::as_slice),
        );
        let intake = Intake::open(&directory, &clock)?;
        Ok(Self {
            directory,
            clock,
            machine,
            durable: records,
            disk_failed: false,
            intake,
            connection: None,
        })
    }

    /// Runs until a signal or the collector ends it.
    ///
    /// # Errors
    /// [`RunError`], at the start only: later trouble is waited out.
    pub async fn run(mut self) -> Result<Ending, RunError> {
        let mut signals = Signals::listen().map_err(|error| RunError::Signals(error.kind()))?;
        info!(version = %Logged(&crate::report::version()), "the agent runs");
        if let Some(intake) = &mut self.intake {
            intake.start();
        }
        loop {
            let now = self.clock.now();
            self.instruct_intake(now).await;
            let action = self.machine.next(now);
            let action = self.only_if_durable(action);
            match action {
                Action::End(ending) => {
                    if ending == Ending::Gone {
                        // Nothing is written any more that would outlive it.
                        self.intake = None;
                        Records::wipe(&self.directory)?;
                    }
                    return Ok(ending);
                }
                Action::Collect => {
                    let outcome = minimise(&platform::facts(), self.machine.permits());
                    self.machine.collected(outcome.fields, now);
                }
                Action::MakeKey(cause) => {
                    warn!(
                        cause = %Logged(&cause.in_words()),
                        "this device enrols anew, as one of its own"
                    );
                    self.machine.key_made(enrol::new_key(), cause);
                }
                Action::Wait(time) => {
                    if self.connection.take().is_some() {
                        platform::process::release_memory();
                    }
                    let asked = tokio::select! {
                        asked = tokio::time::timeout(time, signals.next()) => asked.ok(),
                        () = news(self.intake.as_ref()) => None,
                    };
                    if let Some(ending) = self.heed(asked) {
                        return Ok(ending);
                    }
                }
                Action::SendRecords => {
                    let Some(batch) = self.front(now) else { continue };
                    let came = tokio::select! {
                        came = send(&batch, &mut self.connection, self.machine.records(), self.clock.clone()) => Ok(came),
                        asked = signals.next() => Err(asked),
                    };
                    match came {
                        Ok(came) => self.take(&Action::SendRecords, Came::Recorded(batch.number, came)),
                        Err(asked) => {
                            if let Some(ending) = self.heed(Some(asked)) {
                                return Ok(ending);
                            }
                        }
                    }
                }
                action => {
                    self.connection = None;
                    let came = tokio::select! {
                        came = exchange(&action, self.machine.records(), self.clock.clone()) => Ok(came),
                        asked = signals.next() => Err(asked),
                    };
                    match came {
                        Ok(Some(came)) => self.take(&action, came),
                        Ok(None) => {}
                        Err(asked) => {
                            if let Some(ending) = self.heed(Some(asked)) {
                                return Ok(ending);
                            }
                        }
                    }
                    platform::process::release_memory();
                }
            }
        }
    }

    /// Writes what changed. While the disk does not take it nothing goes over the network: what was sent but not
    /// remembered would look like a copied device.
    fn only_if_durable(&mut self, action: Action) -> Action {
        match self.machine.records().write(&self.durable, &self.directory) {
            Ok(()) => {
                if *self.machine.records() != self.durable {
                    self.durable = self.machine.records().clone();
                }
                self.disk_failed = false;
                action
            }
            Err(error) => {
                if !self.disk_failed {
                    warn!(error = %Logged(&error), "nothing is sent until the state can be written");
                }
                self.disk_failed = true;
                match action {
                    Action::Collect | Action::Wait(_) | Action::End(_) => action,
                    _ => Action::Wait(DISK_RETRY),
                }
            }
        }
    }

    /// Tells the intake what may be read, and the machine whether something waits.
    async fn instruct_intake(&mut self, now: UnixTime) {
        let Some(intake) = &mut self.intake else { return };
        let records = self.machine.records();
        if let (Some(identity), Some(policy)) = (&records.identity, self.machine.policy())
            && let Err(error) = intake
                .obey(identity.device, policy, &records.policy.products)
                .await
        {
            warn!(error = %Logged(&error), "inputs are read as before until the state can be written");
            self.machine.records_rest(now);
        }
        self.machine.records_wait(intake.is_waiting());
    }

    /// The batch to send.
    fn front(&mut self, now: UnixTime) -> Option<Batch> {
        match self.intake.as_ref().map(Intake::front) {
            Some(Ok(batch)) => batch,
            Some(Err(error)) => {
                warn!(error = %Logged(&error), "records wait until the spool can be read");
                self.machine.records_rest(now);
                None
            }
            None => None,
        }
    }

    /// A batch that was acknowledged, or that never will be, goes.
    fn settle(&mut self, number: u64, came: &Result<RecordsReply, ExchangeError>, now: UnixTime) -> bool {
        let settled = match (&self.intake, came) {
            (Some(intake), Ok(reply)) => intake.acknowledged(number, reply),
            (Some(intake), Err(error)) if ends_batch(error) => intake.give_up(number),
            _ => Ok(()),
        };
        if let Err(error) = &settled {
            warn!(error = %Logged(error), "a batch of records is sent again once the state can be written");
            self.machine.records_rest(now);
        }
        settled.is_ok()
    }

    fn heed(&mut self, asked: Option<Asked>) -> Option<Ending> {
        match asked {
            Some(Asked::Stop) => Some(Ending::Asked),
            Some(Asked::Collect) => {
                self.machine.collect_now();
                None
            }
            None => None,
        }
    }

    fn take(&mut self, action: &Action, came: Came) {
        let (now, random) = (self.clock.now(), random::number());
        let machine = &mut self.machine;
        let came = match came {
            Came::Enrolled(came) => came.map(|enrolled| {
                info!(device = %Logged(&enrolled.reply.device), "enrolled");
                let identifier = platform::host::machine_identifier();
                let mark = identifier.map(|identifier| MachineMark::new(&identifier, random::bytes()));
                machine.enrolled(enrolled, mark, now, random)
            }),
            Came::Renewed(came) => came.map(|renewed| {
                info!(until = %Logged(&renewed.certificate.not_after), "the certificate was renewed");
                machine.renewed(renewed, now);
                News::None
            }),
            Came::Policy(came) => came.map(|offered| machine.policy_fetched(offered, now)),
            Came::Reported(came) => came.map(|reply| {
                info!(sequence = %Logged(&reply.acknowledged), "the collector holds the report");
                machine.acknowledged(reply, now, random)
            }),
            Came::Recorded(number, came) => {
                let came = came.and_then(|reply| match reply.acknowledged {
                    acknowledged if acknowledged == number => Ok(reply),
                    _ => Err(ExchangeError::Nonsense(200)),
                });
                if !self.settle(number, &came, now) {
                    return;
                }
                came.map(|reply| {
                    self.machine.records_acknowledged(reply, now);
                    News::None
                })
            }
        };
        let news = came.unwrap_or_else(|error| self.machine.failed(action, &error, now, random));
        if let News::Trouble(text) = news {
            warn!(problem = %Logged(&Problem(text)), "not all is well");
        }
    }
}

/// The words of an error of ours, which hold no value.
struct Problem(String);

impl zeef_proto::LogSafe for Problem {
    fn fmt_safe(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// Waits for something new to send; without inputs for ever.
async fn news(intake: Option<&Intake>) {
    match intake {
        Some(intake) => intake.news().await,
        None => std::future::pending().await,
    }
}

/// Sends a batch on the connection of the one before it.
async fn send(
    batch: &Batch,
    kept: &mut Option<Connection>,
    records: &Records,
    clock: Arc<dyn Clock>,
) -> Result<RecordsReply, ExchangeError> {
    let connection = match (kept.take(), &records.identity) {
        (Some(connection), _) => connection,
        (None, Some(identity)) => enrol::connect(identity, clock)?,
        (None, None) => return Err(ExchangeError::Credentials),
    };
    let reply = Box::pin(connection.records(&batch.body)).await?;
    *kept = Some(connection);
    Ok(reply)
}

/// Boxed, for a connection's future is large and the agent waits most of its life.
async fn exchange(action: &Action, records: &Records, clock: Arc<dyn Clock>) -> Option<Came> {
    let identity = records.identity.as_ref();
    Some(match action {
        Action::Enrol => {
            let enrolment = records.enrolment.as_ref()?;
            Came::Enrolled(Box::pin(enrol::enrol(enrolment, clock)).await)
        }
        Action::Recover => Came::Renewed(Box::pin(enrol::recover(identity?, clock)).await),
        Action::Renew => Came::Renewed(Box::pin(enrol::renew(identity?, clock)).await),
        Action::FetchPolicy => Came::Policy(match enrol::connect(identity?, clock) {
            Ok(connection) => Box::pin(connection.policy()).await,
            Err(error) => Err(error),
        }),
        Action::Report(body) => Came::Reported(match enrol::connect(identity?, clock) {
            Ok(connection) => Box::pin(connection.report(body)).await,
            Err(error) => Err(error),
        }),
        Action::Collect | Action::MakeKey(_) | Action::SendRecords | Action::Wait(_) | Action::End(_) => {
            return None;
        }
    })
}
