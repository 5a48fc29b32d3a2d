//! The state as a whole: read at start, written where it changed.

use zeef_proto::UnixTime;

use super::{Enrolment, Identity, StateDirectory, StateError, Status, organisation_key};
use crate::policy::HeldPolicy;
use crate::report::Progress;

const IDENTITY: &str = "identity.json";
const ENROLMENT: &str = "enrolment.json";
const REPORT: &str = "report.json";
const POLICY: &str = "policy.json";
const STATUS: &str = "status.json";

/// What goes with the device: what its inputs have brought, how far they have come, and the organisation's key.
const OF_INTAKE: [&str; 4] = [
    "spool.key",
    "intake.json",
    "intake-status.json",
    organisation_key::FILE,
];
/// The folder of what waits to be sent.
const SPOOL: &str = "spool";

/// All that the agent remembers.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Records {
    /// Who it is.
    pub identity: Option<Identity>,
    /// An enrolment that is not completed.
    pub enrolment: Option<Enrolment>,
    /// How far reporting has come.
    pub progress: Progress,
    /// The policy that it obeys.
    pub policy: HeldPolicy,
    /// How things stand.
    pub status: Status,
}

/// A file that was damaged and that the agent could do without.
pub type Damage = &'static str;

impl Records {
    /// Reads the state. Without the file that says who this device is nothing can go on; what the others held can
    /// be had again from the collector.
    ///
    /// # Errors
    /// [`StateError::Read`], or [`StateError::Damaged`] of a file that cannot be done without.
    pub fn read(directory: &StateDirectory, now: UnixTime) -> Result<(Self, Vec<Damage>), StateError> {
        let mut damage = Vec::new();
        let identity: Option<Identity> = directory.read(IDENTITY)?;
        let enrolled = identity.is_some();
        let mut progress = match replaceable(directory.read(REPORT), &mut damage)? {
            Some(progress) => progress,
            // A device that is enrolled has such a file from the start.
            None if enrolled => Progress::lost(now),
            None => Progress::default(),
        };
        let policy = replaceable(directory.read(POLICY), &mut damage)?;
        if policy.is_none() {
            // The products went with the policy, and only the answer to a report tells them again.
            progress.speak_next();
        }
        let records = Self {
            enrolment: directory.read(ENROLMENT)?,
            progress,
            policy: policy.unwrap_or_default(),
            status: replaceable(directory.read(STATUS), &mut damage)?.unwrap_or_default(),
            identity,
        };
        Ok((records, damage))
    }

    /// Writes what differs from `before`. The order keeps every crash in between harmless: an identity is written
    /// after all that goes with it, and an enrolment is forgotten last.
    ///
    /// # Errors
    /// [`StateError::Write`]; what was not written is as it was.
    pub fn write(&self, before: &Self, directory: &StateDirectory) -> Result<(), StateError> {
        if self.enrolment != before.enrolment
            && let Some(enrolment) = &self.enrolment
        {
            directory.write(ENROLMENT, enrolment)?;
        }
        if self.policy != before.policy {
            directory.write(POLICY, &self.policy)?;
        }
        if self.progress != before.progress || (self.identity.is_some() && before.identity.is_none()) {
            directory.write(REPORT, &self.progress)?;
        }
        if self.status != before.status {
            directory.write(STATUS, &self.status)?;
        }
        if self.identity != before.identity
            && let Some(identity) = &self.identity
        {
            directory.write(IDENTITY, identity)?;
        }
        if self.enrolment.is_none() && before.enrolment.is_some() {
            directory.remove(ENROLMENT)?;
        }
        Ok(())
    }

    /// Removes everything. Who the device is goes first: should this be interrupted, nothing that is left can act.
    ///
    /// # Errors
    /// [`StateError::Write`].
    pub fn wipe(directory: &StateDirectory) -> Result<(), StateError> {
        [IDENTITY, ENROLMENT, REPORT, POLICY, STATUS]
            .into_iter()
            .chain(OF_INTAKE)
            .try_for_each(|file| directory.remove(file))?;
        directory.remove_folder(SPOOL)
    }
}

fn replaceable<T>(
    read: Result<Option<T>, StateError>,
    damage: &mut Vec<Damage>,
) -> Result<Option<T>, StateError> {
    match read {
        Err(StateError::Damaged { file }) => {
            damage.push(file);
            Ok(None)
        }
        other => other,
    }
}
