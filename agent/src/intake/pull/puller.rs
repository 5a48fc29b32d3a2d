//! The shell around the machine: does each step, hands pages on, and says how it fares.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc::Sender;
use zeef_proto::Clock;
use zeroize::Zeroizing;

use super::machine::{Action, Machine, Then};
use super::page::{self, Cursor};
use super::session::Session;
use super::settings::Access;
use super::{Broken, Failure, Settings};
use crate::intake::health::Health;
use crate::intake::piece::{Content, Mark, Piece};
use crate::random;

/// The longest sleep. A machine that slept through its night, or whose clock was set, is up to date a minute later.
const LONGEST_SLEEP: i64 = 60;

/// Whoever took the pieces is gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Closed;

/// One pull.
pub struct Puller {
    settings: Settings,
    machine: Machine,
    session: Option<Session>,
    clock: Arc<dyn Clock>,
    health: Health,
}

/// Pulls until nobody takes the pieces any more. A page is handed on before the next one is asked for, so that no
/// more is fetched than there is room for. The last page of a round carries the mark of its completion.
pub async fn run(
    settings: Settings,
    last: Option<Mark>,
    out: Sender<Piece>,
    clock: Arc<dyn Clock>,
    health: Health,
) {
    let mut puller = Puller::new(settings, last.as_ref(), clock, health);
    loop {
        match puller.next() {
            Action::Wait(seconds) => {
                let time = Duration::from_secs(seconds.min(LONGEST_SLEEP).unsigned_abs());
                if tokio::time::timeout(time, out.closed()).await.is_ok() {
                    return;
                }
            }
            // Boxed, for a request's future is large and a pull waits most of its life.
            action => {
                if Box::pin(puller.perform(action, &out)).await.is_err() {
                    return;
                }
            }
        }
    }
}

impl Puller {
    /// A pull whose last completed round is told by `last`.
    #[must_use]
    pub fn new(settings: Settings, last: Option<&Mark>, clock: Arc<dyn Clock>, health: Health) -> Self {
        let last = match last {
            Some(Mark::Pulled(time)) => Some(*time),
            _ => None,
        };
        let buys = matches!(settings.access, Access::Bearer(_));
        Self {
            machine: Machine::new(settings.every, buys, last, clock.now(), random::number()),
            settings,
            session: None,
            clock,
            health,
        }
    }

    /// The next step.
    #[must_use]
    pub fn next(&self) -> Action {
        self.machine.next(self.clock.now())
    }

    /// Does a step other than waiting.
    ///
    /// # Errors
    /// [`Closed`] where a page could not be handed on.
    pub async fn perform(&mut self, action: Action, out: &Sender<Piece>) -> Result<(), Closed> {
        let done = match action {
            Action::Wait(_) => Ok(()),
            Action::ReadToken => self.read_token(),
            Action::BuyBearer => self.buy_bearer().await,
            Action::Fetch(cursor) => match self.fetch(&cursor).await {
                Ok((page, next)) => {
                    self.hand_on(page, next, out).await?;
                    Ok(())
                }
                Err(failure) => Err(failure),
            },
        };
        if let Err(failure) = done
            && self.machine.failed(&failure, self.clock.now(), random::number())
        {
            self.tell(&failure);
        }
        if !self.machine.is_in_round() {
            self.session = None;
        }
        Ok(())
    }

    fn read_token(&mut self) -> Result<(), Failure> {
        self.session = Some(Session::open(&self.settings, self.clock.clone())?);
        self.machine.token_read();
        Ok(())
    }

    async fn buy_bearer(&mut self) -> Result<(), Failure> {
        if let Some(session) = &mut self.session {
            session.buy_bearer().await?;
        }
        self.machine.bearer_bought();
        Ok(())
    }

    async fn fetch(
        &self,
        cursor: &Cursor,
    ) -> Result<(Zeroizing<Vec<u8>>, Result<Option<Cursor>, Broken>), Failure> {
        let Settings { paging, first, .. } = &self.settings;
        let session = self.session.as_ref().ok_or(Failure::Unreachable)?;
        let page = session.fetch(page::address(first, paging, cursor)).await?;
        match page::next(first, paging, cursor, &page) {
            Err(Broken::NotJson) => Err(Broken::NotJson.into()),
            next => Ok((page, next)),
        }
    }

    /// Hands a sound page on, whatever its successor is.
    async fn hand_on(
        &mut self,
        page: Zeroizing<Vec<u8>>,
        next: Result<Option<Cursor>, Broken>,
        out: &Sender<Piece>,
    ) -> Result<(), Closed> {
        let now = self.clock.now();
        let then = self.machine.fetched(next, now);
        let piece = Piece {
            content: Content::Bytes(page),
            mark: (then == Then::Complete).then_some(Mark::Pulled(now)),
        };
        out.send(piece).await.map_err(|_| Closed)?;
        match then {
            Then::Broken(broken) => self.tell(&broken.into()),
            Then::More | Then::Complete => self.health.read(now),
        }
        Ok(())
    }

    fn tell(&self, failure: &Failure) {
        self.health.trouble(failure.to_string());
    }
}
