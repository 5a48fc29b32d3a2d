//! When what is done: the machine alone, with made-up events.

use zeef_agent::intake::pull::machine::{Action, Machine, Then};
use zeef_agent::intake::pull::{Broken, Cursor, Every, Failure};
use zeef_proto::UnixTime;

const NOW: UnixTime = UnixTime(1_790_000_000);

fn quarter() -> Every {
    Every::try_from("15m".to_owned()).unwrap()
}

fn machine(last: Option<UnixTime>, random: u64) -> Machine {
    Machine::new(quarter(), false, last, NOW, random)
}

/// A machine that is about to fetch its first page.
fn in_round() -> Machine {
    let mut machine = machine(None, 0);
    assert_eq!(machine.next(NOW), Action::ReadToken);
    machine.token_read();
    assert_eq!(machine.next(NOW), Action::Fetch(Cursor::First));
    machine
}

#[test]
fn the_first_round_begins_at_any_time_of_the_first_interval() {
    for random in [1, 450, 899, 900 + 17, u64::MAX] {
        let wait = i64::try_from(random % 900).unwrap();
        assert_eq!(machine(None, random).next(NOW), Action::Wait(wait));
    }
    assert_eq!(machine(None, 900).next(NOW), Action::ReadToken);
}

#[test]
fn after_a_restart_what_is_due_is_spread_and_what_is_not_waits() {
    for (ago, wait) in [(0, 900), (100, 800), (899, 1), (900, 7), (90_000, 7), (-5_000, 7)] {
        let machine = machine(Some(NOW.plus(-ago)), 7);
        assert_eq!(machine.next(NOW), Action::Wait(wait), "{ago} s ago");
    }
}

#[test]
fn a_bearer_token_is_bought_where_one_is_needed() {
    let mut machine = Machine::new(quarter(), true, None, NOW, 0);
    machine.token_read();
    assert_eq!(machine.next(NOW), Action::BuyBearer);
    machine.bearer_bought();
    assert_eq!(machine.next(NOW), Action::Fetch(Cursor::First));
}

#[test]
fn a_refusal_is_told_after_the_token_was_read_anew_and_then_asked_about_hourly() {
    let mut machine = in_round();
    for hour in 0..3 {
        let now = NOW.plus(hour * 3_600);
        assert!(!machine.failed(&Failure::Refused(401), now, 0));
        assert_eq!(machine.next(now), Action::ReadToken);
        machine.token_read();
        assert!(machine.failed(&Failure::Refused(401), now, 0));
        assert!(!machine.is_in_round());
        assert_eq!(machine.next(now), Action::Wait(3_600));
        assert_eq!(machine.next(now.plus(3_600)), Action::ReadToken);
        machine.token_read();
    }
}

#[test]
fn patience_is_what_the_server_asks_for_within_an_hour() {
    for (asked, waits) in [(0, 1), (1, 1), (120, 120), (3_600, 3_600), (u32::MAX, 3_600)] {
        let mut machine = in_round();
        let failure = Failure::Unavailable {
            status: 429,
            retry_after: Some(asked),
        };
        assert!(machine.failed(&failure, NOW, 0));
        assert_eq!(machine.next(NOW), Action::Wait(waits));
        assert_eq!(machine.next(NOW.plus(waits)), Action::Fetch(Cursor::First));
    }
}

#[test]
fn waits_grow_until_a_page_comes() {
    let mut machine = in_round();
    let longest = |machine: &Machine| match machine.next(NOW) {
        Action::Wait(seconds) => seconds,
        action => panic!("{action:?}"),
    };
    for bound in [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900] {
        // The largest number below the bound, and one that is 0 below any.
        assert!(machine.failed(&Failure::Unreachable, NOW, bound - 1));
        assert_eq!(longest(&machine), i64::try_from(bound).unwrap());
    }
    assert_eq!(machine.fetched(Ok(Some(Cursor::After(200))), NOW), Then::More);
    assert!(machine.failed(&Failure::Unreachable, NOW, 0));
    assert_eq!(longest(&machine), 1);
}

#[test]
fn a_clock_that_was_set_back_does_not_hold_a_pull_up() {
    let mut machine = in_round();
    assert_eq!(machine.fetched(Ok(None), NOW), Then::Complete);
    assert_eq!(machine.next(NOW), Action::Wait(900));
    assert_eq!(machine.next(NOW.plus(-1_000_000)), Action::ReadToken);
}

#[test]
fn a_page_that_was_there_before_ends_the_round() {
    let mut machine = in_round();
    assert_eq!(machine.fetched(Ok(Some(Cursor::After(200))), NOW), Then::More);
    assert_eq!(machine.next(NOW), Action::Fetch(Cursor::After(200)));
    assert_eq!(
        machine.fetched(Ok(Some(Cursor::After(200))), NOW),
        Then::Broken(Broken::Circle)
    );
    assert_eq!(machine.next(NOW), Action::Wait(900));
    assert_eq!(machine.next(NOW.plus(900)), Action::ReadToken);
    machine.token_read();
    assert_eq!(machine.next(NOW.plus(900)), Action::Fetch(Cursor::First));
}

#[test]
fn a_round_has_a_thousand_pages_at_most() {
    let mut machine = in_round();
    for page in 1..1_000 {
        assert_eq!(machine.fetched(Ok(Some(Cursor::After(page))), NOW), Then::More);
    }
    assert_eq!(
        machine.fetched(Ok(Some(Cursor::After(1_000))), NOW),
        Then::Broken(Broken::Endless)
    );
}
