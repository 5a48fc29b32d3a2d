//! What can happen to a store: deeds within one organisation, and turns that concern the whole installation.

use zeef_proto::UnixTime;
use zeef_proto::time::DAY;

use super::dice::Dice;
use super::organisation::Ending;
use super::policy::Policy;

/// Machines with an agent that an organisation has at most.
pub(super) const MACHINES: usize = 3;

/// Other devices of its site, by the letter of their link token.
const LETTERS: [char; 2] = ['a', 'b'];

/// Which device is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Who {
    /// The one that the machine's last enrolment made.
    Machine(usize),
    /// The last one without an agent that has this token.
    Linked(char),
}

/// Which number a message bears.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Number {
    Next,
    /// One is left out.
    Skipped,
    /// That of the last message that was taken.
    Same,
    /// The one before that.
    Earlier,
}

/// What a message says of the fields; `None` of one that it leaves out.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Said {
    /// Spelling.
    pub(super) name: Option<usize>,
    /// How many of two.
    pub(super) users: Option<usize>,
    pub(super) addresses: Option<usize>,
    /// How many of one.
    pub(super) macs: Option<usize>,
}

/// A record of a source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Told {
    pub(super) source: &'static str,
    pub(super) product: &'static str,
    /// Another device of the site, and not the sender.
    pub(super) about: Option<char>,
    pub(super) says: Said,
}

/// Within one organisation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Deed {
    Enrol {
        machine: usize,
        token: usize,
    },
    RevokeToken(usize),
    Report {
        machine: usize,
        number: Number,
        says: Said,
        is_public: bool,
    },
    /// The last report that was taken comes again.
    Replay(usize),
    Tell {
        machine: usize,
        number: Number,
        records: Vec<Told>,
    },
    /// The last batch that was taken comes again.
    TellAgain(usize),
    Subscribe {
        product: &'static str,
        only: Option<usize>,
        starts: i64,
        ends: Option<i64>,
    },
    EndSubscription {
        which: usize,
        ends: i64,
    },
    End(Who),
    Revoke(usize),
    AllowSite(usize, bool),
    Hold {
        only: Option<Who>,
        ends: i64,
    },
    EndHold(usize),
    AskAfter(Option<u16>),
    Keep(Who),
}

/// For the whole installation, as drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Turn {
    /// The clock moves by so many seconds.
    Move(i64),
    /// The same, and an administrator confirms it.
    Confirmed(i64),
    /// The clock is set right.
    Mended,
    /// The clock goes to the second before the next end, to it, and to the second after.
    NextEnd(Ending),
    Other(Event),
}

/// For the whole installation, as it happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Event {
    ClockSays(UnixTime),
    ClockConfirmed(UnixTime),
    Publish(Policy),
    /// A whole purge.
    Purge,
    /// One step of it, of so many values.
    PurgeStep(usize),
    Restart,
}

/// The first things that happen, so that most histories have something to lose.
pub(super) fn beginning(dice: &mut Dice) -> Vec<Deed> {
    let mut deeds = vec![
        subscription(dice),
        subscription(dice),
        Deed::Enrol {
            machine: 0,
            token: dice.below(2),
        },
        Deed::AllowSite(0, true),
    ];
    if dice.one_in(2) {
        deeds.push(Deed::Enrol { machine: 1, token: 0 });
    }
    deeds.push(report(dice));
    deeds
}

pub(super) fn deed(dice: &mut Dice) -> Deed {
    let machine = dice.below(MACHINES - 1);
    match dice.below(32) {
        0..8 => report(dice),
        8 => Deed::Replay(machine),
        9..17 => tell(dice),
        17 => Deed::TellAgain(machine),
        18..21 => subscription(dice),
        21..23 => Deed::EndSubscription {
            which: dice.below(4),
            ends: dice.between(-5, 40),
        },
        23 => Deed::Enrol {
            machine: dice.below(MACHINES),
            token: dice.below(2),
        },
        24 => Deed::RevokeToken(dice.below(2)),
        25 => Deed::End(who(dice)),
        26 => Deed::Revoke(machine),
        27 => Deed::AllowSite(machine, !dice.one_in(3)),
        28 => {
            let only = dice.one_in(2).then(|| who(dice));
            Deed::Hold {
                only,
                ends: dice.between(1, 120),
            }
        }
        29 => Deed::EndHold(dice.below(2)),
        30 => Deed::AskAfter(dice.pick(&[None, Some(10), Some(20), Some(60)])),
        _ => Deed::Keep(who(dice)),
    }
}

pub(super) fn turn(dice: &mut Dice) -> Turn {
    match dice.below(20) {
        0..3 => Turn::Move(dice.between(1, 7_200)),
        3..6 => Turn::Move(dice.between(0, 7 * DAY)),
        6 => Turn::Move(-dice.between(1, 40 * DAY)),
        7 => Turn::Move(dice.between(7 * DAY + 1, 300 * DAY)),
        8 => Turn::Mended,
        9..12 => Turn::Confirmed(dice.between(1, 100 * DAY)),
        12 => Turn::NextEnd(Ending::Value),
        13 => Turn::NextEnd(dice.pick(&[Ending::Service, Ending::Hold, Ending::Silence])),
        14 => Turn::Other(Event::Publish(dice.pick(&Policy::ALL))),
        15..18 => Turn::Other(Event::Purge),
        18 => Turn::Other(Event::PurgeStep(1 + dice.below(20))),
        _ => Turn::Other(Event::Restart),
    }
}

fn who(dice: &mut Dice) -> Who {
    if dice.one_in(2) {
        Who::Machine(dice.below(MACHINES - 1))
    } else {
        Who::Linked(dice.pick(&LETTERS))
    }
}

fn number(dice: &mut Dice) -> Number {
    match dice.below(10) {
        0 => Number::Skipped,
        1 => Number::Same,
        2 => Number::Earlier,
        _ => Number::Next,
    }
}

fn says(dice: &mut Dice) -> Said {
    let mut some = |bound| {
        if dice.one_in(3) {
            None
        } else {
            Some(dice.below(bound))
        }
    };
    Said {
        name: some(3),
        users: some(3),
        addresses: some(3),
        macs: some(2),
    }
}

fn report(dice: &mut Dice) -> Deed {
    let mut says = says(dice);
    // What products document is said most of the time: one field that they do not refuses the whole.
    if dice.one_in(2) {
        (says.users, says.macs) = (None, None);
    }
    Deed::Report {
        machine: dice.below(2),
        number: number(dice),
        says,
        is_public: dice.one_in(2),
    }
}

fn tell(dice: &mut Dice) -> Deed {
    // One letter a batch, so that at most one device is new.
    let letter = dice.pick(&LETTERS);
    let records = (0..=dice.below(3)).map(|_| told(dice, letter)).collect();
    Deed::Tell {
        machine: dice.below(2),
        number: number(dice),
        records,
    }
}

fn told(dice: &mut Dice, letter: char) -> Told {
    let (source, product, about) = dice.pick(&[
        ("unifi", "wifi", true),
        ("unifi", "wifi", true),
        ("zyxel-nebula", "wifi", true),
        ("voip-csv", "voip", true),
        ("datto-rmm", "rmm", true),
        ("datto-rmm", "rmm", false),
        ("unifi", "wifi", false),
        ("eset-protect", "antivirus", false),
    ]);
    let mut says = says(dice);
    if !dice.one_in(4) {
        says.users = None;
    }
    if product != "voip" && !dice.one_in(4) {
        says.macs = None;
    }
    // A record cannot say that there is nothing, and says something.
    for count in [&mut says.users, &mut says.addresses, &mut says.macs] {
        *count = count.filter(|count| *count > 0);
    }
    if says == Said::default() {
        says.name = Some(0);
    }
    Told {
        source,
        product,
        about: about.then_some(letter),
        says,
    }
}

fn subscription(dice: &mut Dice) -> Deed {
    let ends = dice.one_in(2).then(|| dice.between(1, 90));
    Deed::Subscribe {
        product: dice.pick(&["antivirus", "rmm", "wifi", "wifi", "voip"]),
        only: dice.one_in(6).then(|| dice.below(2)),
        starts: if dice.one_in(6) {
            dice.between(1, 30)
        } else {
            dice.between(-30, 0)
        },
        ends,
    }
}
