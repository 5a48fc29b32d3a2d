//! Why a command did not do what was asked.

use std::io::Write;
use std::process::ExitCode;

use zeef_proto::policy::SignatureError;

use crate::backup::BackupError;
use crate::config::ConfigError;
use crate::installation::{CreateError, MigrateError, OpenError, RotateError};
use crate::serve::StartError;
use crate::store::StoreError;

/// The reason in one sentence, and whether the request or the machine is to blame.
#[derive(Debug)]
pub(crate) struct Failure {
    message: String,
    code: u8,
}

impl Failure {
    /// The request cannot be granted; nothing was changed.
    pub(crate) fn refused(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            code: 2,
        }
    }

    /// Something that should have worked did not.
    pub(crate) fn failed(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            code: 1,
        }
    }

    /// Says it on standard error.
    pub(crate) fn report(&self) -> ExitCode {
        // Nobody is left to tell where standard error is closed.
        drop(writeln!(std::io::stderr(), "zeef-collector: {}", self.message));
        ExitCode::from(self.code)
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::NameTaken(_)
            | StoreError::NotFound(_)
            | StoreError::LastAdministrator
            | StoreError::OnHold => Self::refused(error.to_string()),
            _ => Self::failed(error.to_string()),
        }
    }
}

impl From<SignatureError> for Failure {
    fn from(error: SignatureError) -> Self {
        Self::refused(error.to_string())
    }
}

impl From<ConfigError> for Failure {
    fn from(error: ConfigError) -> Self {
        Self::refused(error.to_string())
    }
}

impl From<OpenError> for Failure {
    fn from(error: OpenError) -> Self {
        match error {
            OpenError::Store(error) => error.into(),
            OpenError::PolicyKey(error) => error.into(),
            _ => Self::failed(error.to_string()),
        }
    }
}

impl From<CreateError> for Failure {
    fn from(error: CreateError) -> Self {
        match error {
            CreateError::NotEmpty(_) | CreateError::Name(_) | CreateError::Policy(_) => {
                Self::refused(error.to_string())
            }
            _ => Self::failed(error.to_string()),
        }
    }
}

impl From<BackupError> for Failure {
    fn from(error: BackupError) -> Self {
        match error {
            BackupError::Store(error) => error.into(),
            BackupError::Open(error) => error.into(),
            BackupError::File { .. } | BackupError::Unverified(_) | BackupError::Underway => {
                Self::failed(error.to_string())
            }
            _ => Self::refused(error.to_string()),
        }
    }
}

impl From<RotateError> for Failure {
    fn from(error: RotateError) -> Self {
        match error {
            RotateError::Open(error) => error.into(),
            RotateError::Store(error) => error.into(),
            RotateError::NeedsNew | RotateError::Same(_) => Self::refused(error.to_string()),
        }
    }
}

impl From<MigrateError> for Failure {
    fn from(error: MigrateError) -> Self {
        match error {
            MigrateError::Open(error) => error.into(),
            MigrateError::Store(error) => error.into(),
            MigrateError::File(error) => error.into(),
            _ => Self::refused(error.to_string()),
        }
    }
}

impl From<StartError> for Failure {
    fn from(error: StartError) -> Self {
        match error {
            StartError::Open(error) => error.into(),
            _ => Self::failed(error.to_string()),
        }
    }
}
