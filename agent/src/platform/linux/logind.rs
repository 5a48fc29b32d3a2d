//! The files in which systemd-logind keeps its sessions: `KEY=value` lines, one file a session.

use std::path::Path;

use super::sessions::standing_of_account;
use super::small_text;
use crate::facts::{Sensitive, Session, SessionStanding};

/// No machine has more sessions of people than this.
const MOST_SESSIONS: usize = 1024;

/// Reads all sessions. Where the directory is not there, logind does not run here.
pub(super) fn read(directory: &Path) -> Vec<Session> {
    let Ok(entries) = std::fs::read_dir(directory) else {
        return Vec::new();
    };
    entries
        .flatten()
        // Beside each session that is being used lies a pipe with the extension `ref`.
        .filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_file()))
        .take(MOST_SESSIONS)
        .filter_map(|entry| parse(&small_text(&entry.path())?))
        .collect()
}

fn parse(text: &str) -> Option<Session> {
    let value = |key: &str| {
        text.lines()
            .find_map(|line| line.strip_prefix(key)?.strip_prefix('='))
            .unwrap_or_default()
    };
    let account = value("USER");
    if account.is_empty() {
        return None;
    }
    let standing = standing(value("CLASS"), value("TYPE"), value("STATE"));
    Some(Session {
        account: Sensitive::new(account.to_owned()),
        source: "logind session",
        standing: standing_of_account(value("UID").parse().ok(), standing),
    })
}

/// Classes and types as in sd-login(3). Greeters and lock screens have a class of their own; `user-early` is an
/// administrator who signs in before the system has fully started.
fn standing(class: &str, kind: &str, state: &str) -> SessionStanding {
    let person = matches!(class, "user" | "user-early" | "user-light" | "user-early-light");
    let interactive = matches!(kind, "x11" | "wayland" | "mir" | "tty");
    match (person, interactive) {
        (false, _) => SessionStanding::SystemAccount,
        (true, false) => SessionStanding::NotInteractive,
        (true, true) if state == "active" => SessionStanding::SignedIn,
        (true, true) => SessionStanding::Background,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DESKTOP: &str = "# This is private data. Do not parse.\nUID=1000\nUSER=j.jansen\nACTIVE=1\n\
        STATE=active\nREMOTE=0\nTYPE=wayland\nCLASS=user\nSEAT=seat0\nTTY=tty2\nSERVICE=gdm-password\n";

    fn standing_with(from: &str, to: &str) -> SessionStanding {
        assert!(DESKTOP.contains(from));
        parse(&DESKTOP.replace(from, to)).unwrap().standing
    }

    #[test]
    fn a_desktop_session_in_the_foreground_is_signed_in() {
        let session = parse(DESKTOP).unwrap();
        assert_eq!(session.account.expose(), "j.jansen");
        assert_eq!(session.standing, SessionStanding::SignedIn);
    }

    #[test]
    fn a_terminal_from_afar_is_signed_in() {
        let remote = DESKTOP
            .replace("TYPE=wayland", "TYPE=tty")
            .replace("REMOTE=0", "REMOTE=1");
        assert_eq!(parse(&remote).unwrap().standing, SessionStanding::SignedIn);
    }

    #[test]
    fn what_nobody_uses_now_is_not_signed_in() {
        use SessionStanding as S;
        assert_eq!(standing_with("STATE=active", "STATE=online"), S::Background);
        assert_eq!(standing_with("STATE=active", "STATE=closing"), S::Background);
        assert_eq!(
            standing_with("TYPE=wayland", "TYPE=unspecified"),
            S::NotInteractive
        );
        assert_eq!(standing_with("CLASS=user", "CLASS=greeter"), S::SystemAccount);
        assert_eq!(standing_with("CLASS=user", "CLASS=background"), S::SystemAccount);
        assert_eq!(standing_with("UID=1000", "UID=121"), S::SystemAccount);
    }

    #[test]
    fn a_file_without_account_or_of_garbage_is_no_session() {
        assert!(parse("").is_none());
        assert!(parse("STATE=active\nUSER=\n").is_none());
        assert!(parse("\u{0}\u{1}=USER").is_none());
    }
}
