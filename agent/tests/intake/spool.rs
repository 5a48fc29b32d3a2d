//! The spool by itself: what is written is there, and what is not the spool's own is passed over.

use std::path::Path;
use std::sync::Arc;

use zeef_agent::intake::inputs::InputId;
use zeef_agent::intake::piece::Mark;
use zeef_agent::intake::spool::{AppendError, Head, Spool, last_sent, waiting};
use zeef_agent::state::StateDirectory;
use zeef_proto::UnixTime;
use zeroize::Zeroizing;

use crate::bench::NOW;

const MIB: u64 = 1 << 20;

struct State {
    root: tempfile::TempDir,
    directory: Arc<StateDirectory>,
}

impl State {
    fn new() -> Self {
        let root = tempfile::tempdir().unwrap();
        let directory = Arc::new(StateDirectory::to_write(&root.path().join("state")).unwrap());
        Self { root, directory }
    }

    fn open(&self) -> Spool {
        Spool::open(self.directory.clone(), MIB, NOW, |_| {}).unwrap()
    }

    fn path(&self, name: &str) -> std::path::PathBuf {
        self.root.path().join("state").join(name)
    }

    fn batch(&self, number: u64) -> std::path::PathBuf {
        self.path(&format!("spool/{number}.batch"))
    }
}

fn input(spool: &Spool) -> InputId {
    InputId::of(spool.digester(), "folder", "unifi", "/in")
}

fn append(spool: &Spool, text: &str, mark: Option<Mark>) -> Result<u64, AppendError> {
    let head = Head {
        input: input(spool),
        mark,
    };
    let body = |number| Zeroizing::new(format!("{text} {number}").into_bytes());
    spool.append(spool.round(), head, body)
}

fn pulled(at: i64) -> Option<Mark> {
    Some(Mark::Pulled(UnixTime(at)))
}

/// The batches that wait, as text, taken from the front without settling any but these.
fn drain(spool: &Spool) -> Vec<String> {
    let mut texts = Vec::new();
    while let Some(batch) = spool.front().unwrap() {
        texts.push(String::from_utf8(batch.body.to_vec()).unwrap());
        spool.settle(batch.number, NOW).unwrap();
    }
    texts
}

#[test]
fn batches_come_out_in_their_order_and_nothing_of_them_is_legible_on_disk() {
    let state = State::new();
    let spool = state.open();
    let first = append(&spool, "canary", None).unwrap();
    append(&spool, "canary", None).unwrap();
    let sealed = std::fs::read(state.batch(first)).unwrap();
    assert!(!sealed.windows(6).any(|bytes| bytes == b"canary"));
    assert_eq!(waiting(&state.directory).unwrap(), 2);
    assert_eq!(
        drain(&spool),
        [format!("canary {first}"), format!("canary {}", first + 1)]
    );
    assert_eq!(waiting(&state.directory).unwrap(), 0);
    let (last, at) = last_sent(&state.directory).unwrap().unwrap();
    assert_eq!((last, at), (format!("canary {}", first + 1), NOW));
}

#[test]
fn a_full_spool_takes_nothing_until_something_was_settled() {
    let state = State::new();
    let spool = state.open();
    let text = "x".repeat(10_000);
    let mut written = 0;
    let full = loop {
        match append(&spool, &text, None) {
            Ok(_) => written += 1,
            Err(error) => break error,
        }
    };
    assert_eq!(full, AppendError::Full);
    assert!((80..110).contains(&written), "{written}");
    assert!(spool.shown().bytes <= MIB);
    let front = spool.front().unwrap().unwrap();
    spool.settle(front.number, NOW).unwrap();
    append(&spool, &text, None).unwrap();
}

#[test]
fn a_position_is_durable_with_its_acknowledgement_and_not_before() {
    let state = State::new();
    let spool = state.open();
    let number = append(&spool, "a", pulled(1)).unwrap();
    let id = input(&spool);
    assert_eq!(spool.position(id).last(), pulled(1).as_ref());
    drop(spool);
    std::fs::remove_file(state.batch(number)).unwrap();
    let spool = state.open();
    assert_eq!(spool.position(id).last(), None);
    let number = append(&spool, "b", pulled(2)).unwrap();
    spool.settle(number, NOW).unwrap();
    drop(spool);
    assert_eq!(state.open().position(id).last(), pulled(2).as_ref());
}

#[test]
fn a_position_without_anything_to_send_waits_for_what_waits_of_its_input() {
    let state = State::new();
    let spool = state.open();
    let id = input(&spool);
    let number = append(&spool, "a", pulled(1)).unwrap();
    spool.pass(spool.round(), id, pulled(2).unwrap(), NOW);
    assert_eq!(spool.position(id).last(), pulled(2).as_ref());
    drop(spool);
    let spool = state.open();
    // Forgotten by a crash, and so read a second time: never the other way round.
    assert_eq!(spool.position(id).last(), pulled(1).as_ref());
    spool.pass(spool.round(), id, pulled(2).unwrap(), NOW);
    spool.settle(number, NOW).unwrap();
    drop(spool);
    assert_eq!(state.open().position(id).last(), pulled(2).as_ref());
}

#[test]
fn where_an_input_stood_that_is_not_configured_any_more_is_forgotten() {
    let state = State::new();
    let spool = state.open();
    let id = input(&spool);
    let other = InputId::of(spool.digester(), "tail", "unifi", "/in");
    for input in [id, other] {
        spool.pass(spool.round(), input, pulled(1).unwrap(), NOW);
    }
    spool.keep_only(&[id]).unwrap();
    drop(spool);
    let spool = state.open();
    assert_eq!(spool.position(id).last(), pulled(1).as_ref());
    assert_eq!(spool.position(other).last(), None);
}

#[test]
fn damaged_swapped_and_foreign_files_are_passed_over_and_counted() {
    let state = State::new();
    let spool = state.open();
    let numbers: Vec<u64> = (0..5).map(|_| append(&spool, "a", None).unwrap()).collect();
    drop(spool);
    let of = |place: usize| state.batch(numbers[place]);
    // Two change places, one loses its end, one is a link.
    let swapped = std::fs::read(of(0)).unwrap();
    std::fs::rename(of(1), of(0)).unwrap();
    std::fs::write(of(1), swapped).unwrap();
    let whole = std::fs::read(of(2)).unwrap();
    std::fs::write(of(2), &whole[..whole.len() - 1]).unwrap();
    std::fs::rename(of(3), state.path("elsewhere")).unwrap();
    std::os::unix::fs::symlink(state.path("elsewhere"), of(3)).unwrap();
    std::fs::write(state.path("spool/notes.txt"), "x").unwrap();
    std::fs::write(state.path("spool/007.batch"), "x").unwrap();
    std::fs::create_dir(state.path("spool/folder")).unwrap();
    let spool = state.open();
    let shown = spool.shown();
    assert_eq!((shown.waiting, shown.damaged, shown.foreign), (1, 3, 4));
    assert_eq!(append(&spool, "b", None), Ok(numbers[4] + 1));
    assert_eq!(
        drain(&spool),
        [format!("a {}", numbers[4]), format!("b {}", numbers[4] + 1)]
    );
    assert!(state.path("spool/notes.txt").exists());
}

#[test]
fn a_batch_that_is_damaged_while_it_waits_does_not_hold_up_the_next() {
    let state = State::new();
    let spool = state.open();
    let (first, second) = (
        append(&spool, "a", None).unwrap(),
        append(&spool, "b", None).unwrap(),
    );
    std::fs::write(state.batch(first), "x").unwrap();
    assert_eq!(drain(&spool), [format!("b {second}")]);
    assert_eq!(spool.shown().damaged, 1);
}

#[test]
fn an_old_batch_that_is_put_back_is_not_sent_again() {
    let state = State::new();
    let spool = state.open();
    let number = append(&spool, "a", pulled(1)).unwrap();
    let old = std::fs::read(state.batch(number)).unwrap();
    drain(&spool);
    drop(spool);
    std::fs::write(state.batch(number), old).unwrap();
    let spool = state.open();
    assert!(!spool.is_waiting());
    assert!(!state.batch(number).exists());
    assert_eq!(append(&spool, "b", None), Ok(number + 1));
}

#[test]
fn a_lost_record_of_numbers_uses_none_twice_and_loses_nothing_that_waits() {
    for content in [None, Some("{")] {
        let state = State::new();
        let spool = state.open();
        let first = append(&spool, "a", None).unwrap();
        drop(spool);
        match content {
            None => std::fs::remove_file(state.path("intake.json")).unwrap(),
            Some(text) => std::fs::write(state.path("intake.json"), text).unwrap(),
        }
        let later = UnixTime(NOW.0 - 1_000);
        let spool = Spool::open(state.directory.clone(), MIB, later, |_| {}).unwrap();
        assert_eq!(append(&spool, "b", None), Ok(first + 1));
        assert_eq!(drain(&spool).len(), 2);
    }
}

#[test]
fn without_its_key_nothing_can_be_opened_and_a_new_one_is_made() {
    let state = State::new();
    let spool = state.open();
    append(&spool, "a", None).unwrap();
    drop(spool);
    std::fs::remove_file(state.path("spool.key")).unwrap();
    let spool = state.open();
    assert_eq!((spool.is_waiting(), spool.shown().damaged), (false, 1));
    append(&spool, "b", None).unwrap();
    assert_eq!(drain(&spool).len(), 1);
}

#[test]
fn the_spool_and_its_key_are_their_owners_alone() {
    use std::os::unix::fs::PermissionsExt;
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let state = State::new();
    let spool = state.open();
    let number = append(&spool, "a", None).unwrap();
    assert_eq!(mode(&state.path("spool")), 0o700);
    for file in [
        state.path("spool.key"),
        state.path("intake.json"),
        state.batch(number),
    ] {
        assert_eq!(mode(&file), 0o600, "{}", file.display());
    }
}
