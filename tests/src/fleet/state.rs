//! Agents on disk, so that thousands are enrolled once: JSON lines, which only their owner can read.
//!
//! An agent is appended when it is enrolled, and all are written anew at the end of a run. A run that was cut off
//! leaves a mark: the numbers that its agents used are not known then, and they start anew above any of them, as
//! an agent does whose state was damaged.

use std::collections::BTreeMap;
use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{BufWriter, Read, Seek, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use zeef_agent::report::Progress;
use zeef_proto::{DeviceId, UnixTime};

use super::error::FleetError;

/// An agent as it is kept.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Kept {
    /// Its number in the fleet.
    pub(super) number: u32,
    /// Its id.
    pub(super) device: DeviceId,
    /// Its key, PKCS#8 in base64url.
    pub(super) key: String,
    /// Its certificate and the issuing one, DER in base64url.
    pub(super) chain: Vec<String>,
    /// When that lapses.
    pub(super) not_after: UnixTime,
    /// How often its values changed.
    pub(super) changes: u64,
    /// The policy that it was told of last.
    pub(super) policy: u64,
    /// How far its reports have come.
    pub(super) progress: Progress,
}

/// The first line: whose agents they are.
#[derive(PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Head {
    /// SHA-256 of the collector's root certificate.
    root: String,
}

/// The directory, which nobody else uses meanwhile.
pub(super) struct State {
    directory: PathBuf,
    head: Head,
    agents: File,
    mark: File,
}

/// What was kept.
pub(super) struct Found {
    /// By number; of two under one number the later.
    pub(super) agents: BTreeMap<u32, Kept>,
    /// The last run came to its end, so the numbers of reports are right.
    pub(super) ended_well: bool,
}

impl State {
    /// Opens the directory, or makes it, and marks it as in use.
    pub(super) fn open(directory: &Path, root: String) -> Result<(Self, Found), FleetError> {
        let mut maker = DirBuilder::new();
        maker
            .recursive(true)
            .mode(0o700)
            .create(directory)
            .map_err(failed(directory))?;
        let in_use = directory.join("in-use");
        let mut mark = private()
            .read(true)
            .write(true)
            .open(&in_use)
            .map_err(failed(&in_use))?;
        mark.try_lock().map_err(|_| FleetError::InUse {
            path: directory.to_owned(),
        })?;
        let mut marked = String::new();
        mark.read_to_string(&mut marked).map_err(failed(&in_use))?;
        mark.rewind()
            .and_then(|()| mark.write_all(b"in use\n"))
            .map_err(failed(&in_use))?;

        let path = directory.join(AGENTS);
        let agents = private()
            .read(true)
            .append(true)
            .open(&path)
            .map_err(failed(&path))?;
        let head = Head { root };
        let mut state = Self {
            directory: directory.to_owned(),
            head,
            agents,
            mark,
        };
        let agents = state.read(&path)?;
        let found = Found {
            agents,
            ended_well: marked.is_empty(),
        };
        Ok((state, found))
    }

    fn read(&mut self, path: &Path) -> Result<BTreeMap<u32, Kept>, FleetError> {
        let mut text = String::new();
        self.agents.read_to_string(&mut text).map_err(failed(path))?;
        // Cut off while it was written: that agent was not used.
        let whole = text.rfind('\n').map_or(0, |end| end + 1);
        self.agents.set_len(whole as u64).map_err(failed(path))?;
        let mut lines = text[..whole].lines();
        let damaged = |line| FleetError::Damaged {
            path: path.to_owned(),
            line,
        };
        match lines.next().map(serde_json::from_str::<Head>) {
            None => {
                let head = line_of(&self.head);
                self.agents.write_all(&head).map_err(failed(path))?;
            }
            Some(Ok(head)) if head == self.head => {}
            Some(Ok(_)) => {
                return Err(FleetError::AnothersState {
                    path: self.directory.clone(),
                });
            }
            Some(Err(_)) => return Err(damaged(1)),
        }
        let mut agents = BTreeMap::new();
        for (at, line) in lines.enumerate() {
            let kept: Kept = serde_json::from_str(line).map_err(|_| damaged(at + 2))?;
            agents.insert(kept.number, kept);
        }
        Ok(agents)
    }

    /// Keeps an agent that was just enrolled.
    pub(super) fn append(&mut self, agent: &Kept) -> Result<(), FleetError> {
        let path = self.directory.join(AGENTS);
        self.agents.write_all(&line_of(agent)).map_err(failed(&path))
    }

    /// Writes all agents anew, and takes the mark away.
    pub(super) fn close(self, agents: impl Iterator<Item = Kept>) -> Result<(), FleetError> {
        let (new, path) = (self.directory.join("agents.new"), self.directory.join(AGENTS));
        let written = private().write(true).truncate(true).open(&new).and_then(|file| {
            let mut file = BufWriter::new(file);
            file.write_all(&line_of(&self.head))?;
            for agent in agents {
                file.write_all(&line_of(&agent))?;
            }
            file.into_inner()?.sync_all()?;
            std::fs::rename(&new, &path)
        });
        written.and_then(|()| self.mark.set_len(0)).map_err(failed(&path))
    }
}

const AGENTS: &str = "agents.jsonl";

fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.create(true).mode(0o600);
    options
}

fn line_of(value: &impl Serialize) -> Vec<u8> {
    let mut line = serde_json::to_vec(value).expect("texts and numbers serialise");
    line.push(b'\n');
    line
}

fn failed(path: &Path) -> impl FnOnce(std::io::Error) -> FleetError {
    let path = path.to_owned();
    move |error| FleetError::File {
        path,
        reason: error.kind(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(number: u32, changes: u64) -> Kept {
        Kept {
            number,
            device: DeviceId::from_bytes([7; 16]),
            key: "a2V5".to_owned(),
            chain: vec!["Y2VydA".to_owned()],
            not_after: UnixTime(1_772_357_400),
            changes,
            policy: 1,
            progress: Progress::default(),
        }
    }

    fn open(directory: &Path) -> Result<(State, Found), FleetError> {
        State::open(directory, "root".to_owned())
    }

    #[test]
    fn what_was_kept_is_there_again_and_the_later_of_one_number_counts() {
        let directory = tempfile::tempdir().unwrap();
        let (mut state, found) = open(directory.path()).unwrap();
        assert!(found.agents.is_empty() && found.ended_well);
        state.append(&kept(1, 0)).unwrap();
        assert!(
            matches!(open(directory.path()), Err(FleetError::InUse { .. })),
            "two processes never share it"
        );
        drop(state);

        let (mut state, found) = open(directory.path()).unwrap();
        assert_eq!(found.agents.len(), 1);
        assert!(!found.ended_well, "the numbers are not known");
        state.append(&kept(1, 9)).unwrap();
        drop(state);
        let (state, found) = open(directory.path()).unwrap();
        assert_eq!(found.agents[&1].changes, 9);
        state.close([kept(1, 10), kept(2, 0)].into_iter()).unwrap();

        let (_state, found) = open(directory.path()).unwrap();
        assert_eq!(found.agents.len(), 2);
        assert!(found.ended_well);
    }

    #[test]
    fn a_line_that_was_cut_off_is_left_out_and_one_that_makes_no_sense_is_named() {
        let directory = tempfile::tempdir().unwrap();
        let (mut state, _) = open(directory.path()).unwrap();
        state.append(&kept(1, 0)).unwrap();
        state.agents.write_all(b"{\"number\":2").unwrap();
        drop(state);
        let (mut state, found) = open(directory.path()).unwrap();
        assert_eq!(found.agents.len(), 1);
        state.append(&kept(3, 0)).unwrap();
        drop(state);
        let (mut state, found) = open(directory.path()).unwrap();
        assert_eq!(found.agents.keys().copied().collect::<Vec<_>>(), [1, 3]);
        state.agents.write_all(b"{}\n").unwrap();
        drop(state);
        assert!(matches!(
            open(directory.path()),
            Err(FleetError::Damaged { line: 4, .. })
        ));
    }

    #[test]
    fn agents_of_another_collector_are_not_taken() {
        let directory = tempfile::tempdir().unwrap();
        drop(open(directory.path()).unwrap());
        let other = State::open(directory.path(), "another".to_owned());
        assert!(matches!(other, Err(FleetError::AnothersState { .. })));
    }
}
