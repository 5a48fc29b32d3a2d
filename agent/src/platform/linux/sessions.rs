//! Who is signed in: logind's sessions, or utmp's where logind knows of none.

use std::path::Path;

use super::{logind, utmp};
use crate::facts::{Session, SessionStanding};

/// Accounts below are made by the system for itself (login.defs(5), `UID_MIN`).
const FIRST_PERSON: u32 = 1000;

/// The sessions that this machine knows of.
pub(crate) fn read() -> Vec<Session> {
    read_below(Path::new("/"))
}

fn read_below(root: &Path) -> Vec<Session> {
    let sessions = logind::read(&root.join("run/systemd/sessions"));
    if sessions.is_empty() {
        utmp::read(root)
    } else {
        sessions
    }
}

/// An account of the system has no person behind it. The administrator's own has, where somebody really signed
/// in with it.
pub(super) fn standing_of_account(account_number: Option<u32>, standing: SessionStanding) -> SessionStanding {
    match account_number {
        Some(number) if number != 0 && number < FIRST_PERSON => SessionStanding::SystemAccount,
        _ => standing,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn system_accounts_are_no_persons_and_an_administrator_who_signed_in_is() {
        let signed_in = SessionStanding::SignedIn;
        assert_eq!(
            standing_of_account(Some(113), signed_in),
            SessionStanding::SystemAccount
        );
        assert_eq!(standing_of_account(Some(0), signed_in), signed_in);
        assert_eq!(standing_of_account(Some(1000), signed_in), signed_in);
        assert_eq!(standing_of_account(None, signed_in), signed_in);
    }

    #[test]
    fn logind_comes_before_utmp() {
        let root = tempfile::tempdir().unwrap();
        let sessions = root.path().join("run/systemd/sessions");
        std::fs::create_dir_all(&sessions).unwrap();
        std::fs::write(
            root.path().join("run/utmp"),
            utmp::tests::entry(b"anna", std::process::id()),
        )
        .unwrap();
        let names = |sessions: Vec<Session>| -> Vec<String> {
            sessions.iter().map(|s| s.account.expose().to_owned()).collect()
        };

        assert_eq!(names(read_below(root.path())), ["anna"]);

        std::fs::write(
            sessions.join("2"),
            "UID=1000\nUSER=bram\nSTATE=active\nTYPE=wayland\nCLASS=user\n",
        )
        .unwrap();
        assert_eq!(names(read_below(root.path())), ["bram"]);
    }
}
