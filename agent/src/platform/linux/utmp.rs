//! The table of logins that systems without logind keep (utmp(5)).

use std::io::Read;
use std::path::Path;

use zeroize::Zeroizing;

use super::sessions::standing_of_account;
use super::small_text;
use crate::facts::{Sensitive, Session, SessionStanding};

/// Bytes of one record: 64-bit times are kept in 32 bits but where no 32-bit system of the same kind existed.
const RECORD: usize = if cfg!(any(target_arch = "aarch64", target_arch = "riscv64")) {
    400
} else {
    384
};
const USER_PROCESS: i16 = 7;
const PROCESS: std::ops::Range<usize> = 4..8;
const NAME: std::ops::Range<usize> = 44..76;

/// Reads the sessions whose process still lives.
pub(super) fn read(root: &Path) -> Vec<Session> {
    const MOST: u64 = 1 << 20;
    let mut table = Zeroizing::new(Vec::new());
    let read = ["run/utmp", "var/run/utmp"]
        .iter()
        .find_map(|path| std::fs::File::open(root.join(path)).ok())
        .map(|file| file.take(MOST).read_to_end(&mut table));
    match read {
        Some(Ok(_)) => table
            .chunks_exact(RECORD)
            .filter_map(parse)
            .filter(|(process, _)| Path::new(&format!("/proc/{process}")).exists())
            .map(|(process, account)| session(process, account))
            .collect(),
        _ => Vec::new(),
    }
}

fn session(process: u32, account: Sensitive) -> Session {
    let login = small_text(Path::new(&format!("/proc/{process}/loginuid")));
    // Without a login there is the number -1, which is no account's.
    let number = login.and_then(|text| text.trim().parse().ok());
    Session {
        account,
        source: "utmp entry",
        standing: standing_of_account(number, SessionStanding::SignedIn),
    }
}

fn parse(record: &[u8]) -> Option<(u32, Sensitive)> {
    let kind = i16::from_ne_bytes(record.get(..2)?.try_into().ok()?);
    let process = u32::from_ne_bytes(record.get(PROCESS)?.try_into().ok()?);
    let name = record.get(NAME)?;
    let end = name.iter().position(|byte| *byte == 0).unwrap_or(name.len());
    let name = std::str::from_utf8(&name[..end]).ok()?;
    (kind == USER_PROCESS && process != 0 && !name.is_empty())
        .then(|| (process, Sensitive::new(name.to_owned())))
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub(in super::super) fn entry(name: &[u8], process: u32) -> Vec<u8> {
        let mut record = vec![0; RECORD];
        record[..2].copy_from_slice(&USER_PROCESS.to_ne_bytes());
        record[PROCESS].copy_from_slice(&process.to_ne_bytes());
        record[NAME][..name.len()].copy_from_slice(name);
        record
    }

    #[test]
    fn an_entry_of_a_living_process_is_a_session_and_a_stale_one_is_not() {
        let root = tempfile::tempdir().unwrap();
        std::fs::create_dir(root.path().join("run")).unwrap();
        let no_process = u32::MAX - 1;
        let table = [entry(b"anna", std::process::id()), entry(b"bram", no_process)].concat();
        std::fs::write(root.path().join("run/utmp"), table).unwrap();
        let sessions = read(root.path());
        assert_eq!(sessions.len(), 1);
        assert_eq!(sessions[0].account.expose(), "anna");
    }

    #[test]
    fn other_kinds_of_record_and_torn_ones_are_passed_over() {
        let mut boot = entry(b"reboot", 1);
        boot[..2].copy_from_slice(&2_i16.to_ne_bytes());
        assert!(parse(&boot).is_none());
        assert!(parse(&entry(b"anna", 1)[..40]).is_none());
        assert!(parse(&entry(b"\xff\xfe", 1)).is_none());
        assert!(parse(&entry(b"", 1)).is_none());
        let (_, full) = parse(&entry(&[b'a'; 32], 1)).unwrap();
        assert_eq!(full.expose(), "a".repeat(32));
    }
}
