//! What must be held, by what was acknowledged.

use std::collections::BTreeMap;

use zeef_proto::UnixTime;
use zeef_proto::time::HOUR;

use crate::hand::{name_at_site, reported};
use crate::script::{Op, Scenario, begins};

/// Something that a run left.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Subject {
    /// A device with an agent, by run and number.
    Device(u8, u8),
    /// A device of which a batch told, by run, number and number of the batch.
    AtSite(u8, u8, u8),
    /// An account.
    User(u8),
    /// A backup of the database.
    Data(u8),
    /// A backup of the key store.
    Keys(u8),
}

/// What is held of it: its standing, or that it is there, and its values in order of field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Held {
    pub(crate) standing: &'static str,
    pub(crate) values: Vec<String>,
}

/// All that must be held.
#[derive(Clone, Default)]
pub(crate) struct Model {
    held: BTreeMap<Subject, (Held, UnixTime)>,
    /// As it was when the database was saved.
    saved: Option<BTreeMap<Subject, (Held, UnixTime)>>,
}

const NEVER: UnixTime = UnixTime(i64::MAX);

impl Model {
    pub(crate) fn subjects(&self) -> Vec<Subject> {
        self.held.keys().copied().collect()
    }

    /// What must be seen of a subject at `now`.
    pub(crate) fn expected(&self, subject: Subject, now: UnixTime) -> Held {
        match self.held.get(&subject) {
            None => nothing(subject),
            // Who has no agent is gone with the last value.
            Some((_, until)) if *until <= now && matches!(subject, Subject::AtSite(..)) => nothing(subject),
            Some((held, until)) if *until <= now => Held {
                values: Vec::new(),
                ..held.clone()
            },
            Some((held, _)) => held.clone(),
        }
    }

    /// The model of what a backup of the database holds, where one was made.
    pub(crate) fn of_backup(&self) -> Option<Self> {
        self.saved.clone().map(|held| Self { held, saved: None })
    }

    /// What something that is done changes.
    pub(crate) fn changed_by(&self, run: u8, op: Op) -> Vec<Subject> {
        match op {
            Op::Enrol(number) | Op::Report(number, _) | Op::Revoke(number) | Op::End(number) => {
                vec![Subject::Device(run, number)]
            }
            Op::Records(number, sequence) => vec![Subject::AtSite(run, number, sequence)],
            Op::AddUser | Op::RemoveUser => vec![Subject::User(run)],
            Op::SaveDatabase => vec![Subject::Data(run)],
            Op::SaveKeys => vec![Subject::Keys(run)],
            Op::Restore => self.subjects(),
            Op::Token
            | Op::AllowSite(_)
            | Op::SubscribeForAnHour
            | Op::PurgeStep(_)
            | Op::Purge
            | Op::Rotate
            | Op::MoveToFiles
            | Op::MoveToServer => Vec::new(),
        }
    }

    /// It is done.
    pub(crate) fn apply(&mut self, scenario: Scenario, run: u8, op: Op) {
        let until = match scenario {
            Scenario::Purge => begins(run).plus(HOUR),
            _ => NEVER,
        };
        let there = |standing, values| (Held { standing, values }, until);
        for subject in self.changed_by(run, op) {
            match op {
                Op::Report(number, sequence) => {
                    let values = reported(run, number, sequence).to_vec();
                    self.held.insert(subject, there("Active", values));
                }
                Op::Records(number, sequence) => {
                    let name = name_at_site(run, number, sequence);
                    let values = vec![name.clone(), format!("user-of-{name}")];
                    self.held.insert(subject, there("there", values));
                }
                Op::Revoke(_) => {
                    if let Some((held, _)) = self.held.get_mut(&subject) {
                        held.standing = "Revoked";
                    }
                }
                Op::End(_) => {
                    self.held.insert(subject, there("Gone", Vec::new()));
                }
                Op::RemoveUser => {
                    self.held.remove(&subject);
                }
                Op::Enrol(_) => {
                    self.held.insert(subject, there("Active", Vec::new()));
                }
                Op::Restore => self.restore(subject),
                _ => {
                    self.held.insert(subject, there("there", Vec::new()));
                }
            }
        }
        if op == Op::SaveDatabase {
            self.saved = Some(self.held.clone());
        }
    }

    /// Backups that were looked at are no longer of interest.
    pub(crate) fn forget_backups(&mut self) {
        self.held
            .retain(|subject, _| !matches!(subject, Subject::Data(_) | Subject::Keys(_)));
    }

    /// A subject is as the backup has it; what was erased or revoked since is so again.
    fn restore(&mut self, subject: Subject) {
        let saved = self.saved.as_ref().and_then(|saved| saved.get(&subject).cloned());
        let now = self.held.get_mut(&subject);
        let (Some(now), Subject::Device(..)) = (now, subject) else {
            return;
        };
        match (saved, now.0.standing) {
            (_, "Gone") => {}
            (Some(saved), "Revoked") => now.0.values = saved.0.values,
            (Some(saved), _) => *now = saved,
            (None, _) => {
                self.held.remove(&subject);
            }
        }
    }
}

/// What is seen of what is not there.
pub(crate) fn nothing(subject: Subject) -> Held {
    let standing = match subject {
        Subject::Device(..) => "Unknown",
        _ => "not there",
    };
    Held {
        standing,
        values: Vec::new(),
    }
}
