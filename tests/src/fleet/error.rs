//! Why a fleet did not run.

use std::io::ErrorKind;
use std::path::PathBuf;

/// Why a fleet did not run, or not to its end.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FleetError {
    /// The collector's root certificate cannot be used.
    #[error("{path} is no certificate that can be read ({reason}); name authority/root.pem of the collector with --root", path = path.display())]
    Root {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// No token where agents have to be enrolled.
    #[error(
        "agents have to be enrolled and there is no token; make one with `zeef-collector token create` for as many uses \
         and name its file with --token-file"
    )]
    NoToken,
    /// The token's file cannot be used.
    #[error("the token in {path} cannot be used ({reason}); copy it whole into a file", path = path.display())]
    Token {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The token names another collector.
    #[error("the token is of another collector than the root certificate; take both from the same one")]
    AnothersToken,
    /// Enrolment ended before all agents had a certificate.
    #[error(
        "only {enrolled} of {wanted} agents could be enrolled (last: {reason}); those are kept, so mend the cause and run \
         this again"
    )]
    Enrolment {
        /// How many agents there are now.
        enrolled: usize,
        /// How many were wanted.
        wanted: usize,
        /// The last failure.
        reason: String,
    },
    /// Another process uses the state directory.
    #[error("{path} is in use by another process; give each fleet a directory of its own", path = path.display())]
    InUse {
        /// The directory.
        path: PathBuf,
    },
    /// The state directory holds another collector's fleet.
    #[error("{path} holds agents of another collector; name another directory with --state", path = path.display())]
    AnothersState {
        /// The directory.
        path: PathBuf,
    },
    /// A line of the state makes no sense.
    #[error("{path} is damaged in line {line}; remove the directory and enrol a new fleet", path = path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// Its line, from 1.
        line: usize,
    },
    /// A file could not be read or written.
    #[error("{path} cannot be read or written ({reason}); look at its owner and at the room on the disk", path = path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        reason: ErrorKind,
    },
    /// There are no threads to run on.
    #[error("the program cannot start its threads ({0}); look at the limits of this account")]
    Threads(ErrorKind),
    /// The process of --collector-pid cannot be looked at.
    #[error(
        "there is nothing to read about process {0}; give the collector's own process id, on Linux, or leave it out"
    )]
    NoProcess(u32),
}
