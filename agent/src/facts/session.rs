//! A session of an account, and whether a person is signed in with it now.

use super::Sensitive;

/// One session that the operating system knows of.
#[derive(Debug)]
pub struct Session {
    /// The account's name, as the system gives it.
    pub account: Sensitive,
    /// Where it was seen, such as `logind session`.
    pub source: &'static str,
    /// What kind of session it is.
    pub standing: SessionStanding,
}

/// Whether a session is a person's who uses the machine now.
///
/// Counted is an interactive session in the foreground, at the console or from afar (a terminal over SSH, a
/// remote desktop). Not counted is a session that was switched away from or disconnected: that person is not
/// using the machine now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SessionStanding {
    /// Interactive and in the foreground.
    SignedIn,
    /// Switched away from, disconnected or closing.
    Background,
    /// Without a terminal or desktop: a scheduled job, a service, a file transfer.
    NotInteractive,
    /// Of an account that the system made for itself.
    SystemAccount,
}
