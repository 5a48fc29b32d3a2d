//! How a command ends.

use std::fmt;

use crate::intake::IntakeError;
use crate::pseudonym::KeyFileError;
use crate::run::RunError;
use crate::state::StateError;
use crate::transport::ExchangeError;

/// Exit codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    /// It was done.
    Done = 0,
    /// It failed; standard error says why.
    Failed = 1,
    /// The command line was wrong, or what an administrator wrote; nothing was changed.
    Usage = 2,
    /// This machine is not enrolled.
    NotEnrolled = 3,
    /// The collector refused it.
    Refused = 4,
    /// The collector could not be reached.
    Unreachable = 5,
}

/// A command that was not done: one line, and an exit code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// The exit code.
    pub exit: Exit,
    message: String,
}

impl Failure {
    pub(super) fn new(exit: Exit, message: impl Into<String>) -> Self {
        Self {
            exit,
            message: message.into(),
        }
    }

    pub(super) fn not_enrolled() -> Self {
        Self::new(
            Exit::NotEnrolled,
            "this machine is not enrolled; run zeef-agent enroll --url https://HOST:PORT --token TOKEN",
        )
    }

    /// The same end with more to say.
    pub(super) fn and(mut self, more: &str) -> Self {
        self.message.push_str("; ");
        self.message.push_str(more);
        self
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl From<StateError> for Failure {
    fn from(error: StateError) -> Self {
        Self::new(Exit::Failed, error.to_string())
    }
}

impl From<KeyFileError> for Failure {
    fn from(error: KeyFileError) -> Self {
        let exit = match error {
            KeyFileError::Write(_) => Exit::Failed,
            _ => Exit::Usage,
        };
        Self::new(exit, error.to_string())
    }
}

impl From<RunError> for Failure {
    fn from(error: RunError) -> Self {
        let exit = match error {
            RunError::Intake(IntakeError::Config(_)) => Exit::Usage,
            _ => Exit::Failed,
        };
        Self::new(exit, error.to_string())
    }
}

impl From<ExchangeError> for Failure {
    fn from(error: ExchangeError) -> Self {
        use zeef_proto::wire::ProblemCode as P;
        let exit = match &error {
            ExchangeError::Unreachable
            | ExchangeError::Proxy
            | ExchangeError::Refused {
                code: P::TooManyRequests | P::Unavailable | P::Internal,
                ..
            } => Exit::Unreachable,
            ExchangeError::Refused { .. }
            | ExchangeError::CertificateRefused
            | ExchangeError::CertificateLapsed => Exit::Refused,
            ExchangeError::Distrusted(_)
            | ExchangeError::Nonsense(_)
            | ExchangeError::NotTls
            | ExchangeError::Credentials => Exit::Failed,
        };
        Self::new(exit, error.to_string())
    }
}
