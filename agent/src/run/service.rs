//! The shell around the machine: does each step, keeps what is remembered durable, and listens to signals.

use std::sync::Arc;
use std::time::Duration;

use tracing::{info, warn};
use zeef_proto::policy::SignedPolicy;
use zeef_proto::wire::ReportReply;
use zeef_proto::{Clock, Logged};

use super::machine::{Action, Ending, Machine};
use super::outcomes::News;
use crate::enrol::{self, Enrolled, Renewed};
use crate::minimise::minimise;
use crate::platform::{self, Asked, signals::Signals};
use crate::random;
use crate::state::{MachineMark, Records, StateDirectory, StateError};
use crate::transport::ExchangeError;

/// How long to wait before the disk is tried again.
const DISK_RETRY: Duration = Duration::from_secs(30);

/// Why the service could not go on.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The state.
    #[error(transparent)]
    State(#[from] StateError),
    /// The operating system.
    #[error("the operating system does not let the agent listen to signals ({0})")]
    Signals(std::io::ErrorKind),
}

/// The running agent.
pub struct Service {
    directory: StateDirectory,
    clock: Arc<dyn Clock>,
    machine: Machine,
    durable: Records,
    disk_failed: bool,
}

/// What came of a step.
enum Came {
    Enrolled(Result<Enrolled, ExchangeError>),
    Renewed(Result<Renewed, ExchangeError>),
    Policy(Result<SignedPolicy, ExchangeError>),
    Reported(Result<ReportReply, ExchangeError>),
}

impl Service {
    /// Reads the state.
    ///
    /// # Errors
    /// Those of the state.
    pub fn new(directory: StateDirectory, interval: u32, clock: Arc<dyn Clock>) -> Result<Self, StateError> {
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
        Ok(Self {
            directory,
            clock,
            machine,
            durable: records,
            disk_failed: false,
        })
    }

    /// Runs until a signal or the collector ends it.
    ///
    /// # Errors
    /// [`RunError`], at the start only: later trouble is waited out.
    pub async fn run(mut self) -> Result<Ending, RunError> {
        let mut signals = Signals::listen().map_err(|error| RunError::Signals(error.kind()))?;
        info!(version = %Logged(&crate::report::version()), "the agent runs");
        loop {
            let now = self.clock.now();
            let action = self.machine.next(now);
            let action = self.only_if_durable(action);
            match action {
                Action::End(ending) => {
                    if ending == Ending::Gone {
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
                    let asked = tokio::time::timeout(time, signals.next()).await.ok();
                    if let Some(ending) = self.heed(asked) {
                        return Ok(ending);
                    }
                }
                action => {
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
        };
        let news = came.unwrap_or_else(|error| machine.failed(action, &error, now, random));
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
        Action::Collect | Action::MakeKey(_) | Action::Wait(_) | Action::End(_) => return None,
    })
}
