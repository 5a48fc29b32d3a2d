//! What a run does, the same for the process that does it and for the one that knows what it did.

use zeef_collector::failpoint::Point;
use zeef_proto::UnixTime;
use zeef_proto::time::HOUR;

use crate::engine::ON_POSTGRES;
use crate::fixture::START;

/// A kind of work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub(crate) enum Scenario {
    Ingest,
    Purge,
    Erase,
    Rotate,
    Backup,
    Restore,
    /// From the server to files, and back.
    Migrate,
    /// The installation is opened, and nothing more.
    Open,
}

/// One thing that somebody asks for. Devices are named by a number that is theirs within the run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Op {
    /// A token for the devices of this run.
    Token,
    Enrol(u8),
    AllowSite(u8),
    /// A full report of that number.
    Report(u8, u8),
    /// The device tells, in its batch of that number, of another one of its site.
    Records(u8, u8),
    Revoke(u8),
    End(u8),
    AddUser,
    RemoveUser,
    /// Antivirus until an hour after the run began.
    SubscribeForAnHour,
    /// A step of the purge that deletes at most so many values, an hour after the run began.
    PurgeStep(u8),
    /// All of it.
    Purge,
    Rotate,
    SaveDatabase,
    SaveKeys,
    /// The database that the run saved is put back.
    Restore,
    /// The installation is moved to files; on the server it stays as well, to be written over.
    MoveToFiles,
    /// It is moved to the server, and the files are deleted.
    MoveToServer,
}

impl Scenario {
    /// Those that this engine has.
    pub(crate) const fn all() -> &'static [Self] {
        if ON_POSTGRES {
            &[
                Self::Ingest,
                Self::Purge,
                Self::Erase,
                Self::Rotate,
                Self::Migrate,
            ]
        } else {
            &[
                Self::Ingest,
                Self::Purge,
                Self::Erase,
                Self::Rotate,
                Self::Backup,
                Self::Restore,
            ]
        }
    }

    /// What is done before the run, by who is not killed: of a move, the move alone is of interest.
    pub(crate) fn before(self) -> Vec<Op> {
        match self {
            Self::Migrate => [
                &ENROLLED[..],
                &[Op::AllowSite(0), Op::Records(0, 1)],
                &reports(1),
                &[Op::Revoke(1), Op::End(2)],
            ]
            .concat(),
            _ => Vec::new(),
        }
    }

    /// The run's work: groups, one after the other; what is in one group is asked for at once.
    pub(crate) fn script(self) -> Vec<Vec<Op>> {
        let first = |work: &[Op]| work.iter().map(|op| vec![*op]).collect::<Vec<_>>();
        let begun = first(&ENROLLED);
        let rest = match self {
            Self::Open => return Vec::new(),
            Self::Migrate => return first(&[Op::MoveToFiles, Op::Report(0, 2), Op::MoveToServer]),
            Self::Ingest => vec![
                reports(1),
                vec![Op::AllowSite(0)],
                vec![Op::Records(0, 1)],
                reports(2),
                vec![Op::Records(0, 2)],
                vec![Op::Report(1, 3)],
            ],
            Self::Purge => {
                let before = first(&[Op::SubscribeForAnHour, Op::AllowSite(0), Op::Records(0, 1)]);
                let purge = first(&[Op::PurgeStep(4), Op::PurgeStep(4), Op::Purge]);
                [before, vec![reports(1)], purge].concat()
            }
            Self::Erase => {
                let people = first(&[Op::AddUser, Op::Revoke(0), Op::End(0), Op::RemoveUser]);
                let end = first(&[Op::End(1), Op::Revoke(2), Op::Purge]);
                [vec![reports(1)], people, end].concat()
            }
            Self::Rotate => vec![reports(1), vec![Op::Rotate], reports(2), vec![Op::Rotate]],
            Self::Backup => {
                let saved = first(&[Op::SaveDatabase, Op::Report(1, 2), Op::End(0), Op::SaveKeys]);
                [vec![reports(1)], saved].concat()
            }
            Self::Restore => {
                let since = [
                    Op::SaveDatabase,
                    Op::Report(1, 2),
                    Op::End(0),
                    Op::Revoke(2),
                    Op::SaveKeys,
                    Op::Restore,
                ];
                [vec![reports(1)], first(&since)].concat()
            }
        };
        [begun, rest].concat()
    }
}

const ENROLLED: [Op; 4] = [Op::Token, Op::Enrol(0), Op::Enrol(1), Op::Enrol(2)];

/// A report of that number from each.
fn reports(number: u8) -> Vec<Op> {
    (0..3).map(|device| Op::Report(device, number)).collect()
}

/// When a run begins: two hours after the one before it.
pub(crate) const fn begins(run: u8) -> UnixTime {
    START.plus(2 * HOUR * run as i64)
}

/// When a run does something.
pub(crate) const fn at(run: u8, op: Op) -> UnixTime {
    match op {
        Op::PurgeStep(_) | Op::Purge => begins(run).plus(HOUR),
        _ => begins(run),
    }
}

/// The points that this engine can come to.
pub(crate) fn points() -> Vec<Point> {
    use zeef_collector::backup::Step;
    let elsewhere = |point: &Point| match point {
        Point::Step(Step::KeyWritten | Step::Rewrapped | Step::InPlace | Step::KeysInPlace) => false,
        Point::Step(Step::MovedAway | Step::Arrived)
        | Point::Filled
        | Point::Closed
        | Point::KeysOverwritten
        | Point::SourceDeleting
        | Point::SourceDeleted => !ON_POSTGRES,
        Point::Step(_) => ON_POSTGRES,
        _ => false,
    };
    let all = Point::ALL.into_iter();
    all.filter(|point| !elsewhere(point)).collect()
}
