//! What to do next: a function of what came of the steps before, and of the time.

use std::collections::BTreeSet;

use zeef_proto::UnixTime;
use zeef_proto::time::HOUR;

use super::page::Cursor;
use super::{Broken, Every, Failure};
use crate::run::pause::{Pause, back_off};

/// The most pages of a round. At 200 records each this is more than any site has.
const MOST_PAGES: usize = 1_000;

/// One step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// Do nothing for so many seconds.
    Wait(i64),
    /// Read the token from its file.
    ReadToken,
    /// Buy a bearer token with it.
    BuyBearer,
    /// Fetch this page.
    Fetch(Cursor),
}

/// What follows a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Then {
    /// Another one.
    More,
    /// It was the last: the round is complete.
    Complete,
    /// The round ends here, though it is not complete.
    Broken(Broken),
}

/// How far there is leave to ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Access {
    None,
    /// The token is read.
    Token,
    /// The bearer token is bought.
    Bearer,
}

/// The memory of one pull. It does nothing itself: it says what is to be done, and is told what came of it.
#[derive(Debug)]
pub struct Machine {
    every: i64,
    buys: bool,
    pause: Pause,
    access: Access,
    /// Whether access was renewed since the last page.
    renewed: bool,
    /// Failures in a row.
    failures: u32,
    cursor: Cursor,
    seen: BTreeSet<Cursor>,
}

impl Machine {
    /// A pull that was last completed at `last`. When it is due, or was never made, it begins at a random time of
    /// the first interval, so that a thousand machines that start do not ask at once.
    #[must_use]
    pub fn new(every: Every, buys: bool, last: Option<UnixTime>, now: UnixTime, random: u64) -> Self {
        let every = every.seconds();
        let last = last.filter(|last| *last <= now);
        let left = last.map(|last| every - now.since(last)).filter(|left| *left > 0);
        let spread = i64::try_from(random % every.unsigned_abs()).unwrap_or(0);
        Self {
            every,
            buys,
            pause: Pause::of(left.unwrap_or(spread), now),
            access: Access::None,
            renewed: false,
            failures: 0,
            cursor: Cursor::First,
            seen: BTreeSet::new(),
        }
    }

    /// The next step.
    #[must_use]
    pub fn next(&self, now: UnixTime) -> Action {
        match (self.pause.left(now), self.access) {
            (left, _) if left > 0 => Action::Wait(left),
            (_, Access::None) => Action::ReadToken,
            (_, Access::Token) if self.buys => Action::BuyBearer,
            (_, Access::Token | Access::Bearer) => Action::Fetch(self.cursor.clone()),
        }
    }

    /// Whether what a round holds is still needed: its token and its connection.
    #[must_use]
    pub fn is_in_round(&self) -> bool {
        self.access != Access::None
    }

    /// The token was read.
    pub const fn token_read(&mut self) {
        self.access = Access::Token;
    }

    /// The bearer token was bought.
    pub const fn bearer_bought(&mut self) {
        self.access = Access::Bearer;
    }

    /// A sound page was fetched, and `next` follows it.
    pub fn fetched(&mut self, next: Result<Option<Cursor>, Broken>, now: UnixTime) -> Then {
        self.failures = 0;
        self.renewed = false;
        self.seen.insert(self.cursor.clone());
        let then = match next {
            Ok(None) => Then::Complete,
            Ok(Some(next)) if self.seen.contains(&next) => Then::Broken(Broken::Circle),
            Ok(Some(_)) if self.seen.len() >= MOST_PAGES => Then::Broken(Broken::Endless),
            Ok(Some(next)) => {
                self.cursor = next;
                return Then::More;
            }
            Err(broken) => Then::Broken(broken),
        };
        self.end_round(self.every, now);
        then
    }

    /// A step failed. True where it is to be told: a token that is refused is read anew first, for it may have been
    /// renewed.
    pub fn failed(&mut self, failure: &Failure, now: UnixTime, random: u64) -> bool {
        match failure {
            Failure::Refused(_) if !self.renewed => {
                self.renewed = true;
                self.access = Access::None;
                return false;
            }
            // Somebody has to do something.
            Failure::Refused(_) | Failure::Token(_) | Failure::Roots | Failure::Distrusted => {
                self.end_round(HOUR, now);
            }
            Failure::Broken(_) => self.end_round(self.every, now),
            Failure::Unreachable | Failure::Proxy | Failure::Unavailable { .. } => {
                self.failures = self.failures.saturating_add(1);
                let wanted = match failure {
                    Failure::Unavailable { retry_after, .. } => *retry_after,
                    _ => None,
                };
                let seconds = wanted.map_or_else(
                    || back_off(self.failures, random),
                    |seconds| i64::from(seconds).clamp(1, HOUR),
                );
                self.pause = Pause::of(seconds, now);
            }
        }
        true
    }

    fn end_round(&mut self, pause: i64, now: UnixTime) {
        self.pause = Pause::of(pause, now);
        self.access = Access::None;
        self.renewed = false;
        self.failures = 0;
        self.cursor = Cursor::First;
        self.seen.clear();
    }
}
