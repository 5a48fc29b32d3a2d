//! One pull under a clock that the test moves.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use tempfile::TempDir;
use tokio::sync::mpsc::{Receiver, Sender, channel};
use zeef_agent::intake::health::Health;
use zeef_agent::intake::piece::{Content, Mark, Piece};
use zeef_agent::intake::pull::machine::Action;
use zeef_agent::intake::pull::{Puller, Settings, SettingsError, Table};
use zeef_agent::platform::files::create_private;
use zeef_agent::sieve::definition::embedded_named;
use zeef_proto::{Clock, UnixTime};

use crate::authority::{Authority, Validity};
use crate::server::{Answer, Request, Server};

pub(crate) const START: UnixTime = UnixTime(1_790_000_000);

pub(crate) struct Moved(AtomicI64);

impl Clock for Moved {
    fn now(&self) -> UnixTime {
        UnixTime(self.0.load(Ordering::SeqCst))
    }
}

/// A folder with a token, and the root of a server that is to be believed.
pub(crate) struct Place {
    folder: TempDir,
    pub(crate) authority: Authority,
}

impl Place {
    pub(crate) fn new(token: &str) -> Self {
        let folder = TempDir::new().unwrap();
        let place = Self {
            authority: Authority::new(),
            folder,
        };
        place.put_token(token);
        let root = data_encoding::BASE64.encode(&place.authority.root());
        let pem = format!("-----BEGIN CERTIFICATE-----\n{root}\n-----END CERTIFICATE-----\n");
        std::fs::write(place.roots(), pem).unwrap();
        place
    }

    pub(crate) fn put_token(&self, token: &str) {
        put_token(&self.token(), token);
    }

    pub(crate) fn token(&self) -> PathBuf {
        self.folder.path().join("token")
    }

    pub(crate) fn roots(&self) -> PathBuf {
        self.folder.path().join("roots.pem")
    }

    pub(crate) fn serve(&self, answer: impl Fn(&Request) -> Answer + Send + Sync + 'static) -> Server {
        let identity = self.authority.server("localhost", Validity::Now);
        Server::start(&self.authority, identity, answer)
    }

    /// A table of the configuration, with the lines that all have.
    pub(crate) fn table(&self, url: &str, lines: &str) -> Result<Settings, SettingsError> {
        let mut text = lines.to_owned();
        writeln!(text, "\nurl = '{url}'\nevery = '15m'").unwrap();
        writeln!(text, "token_file = '{}'", self.token().display()).unwrap();
        let table: Table = toml::from_str(&text).unwrap();
        let definition = embedded_named(table.source.as_str()).unwrap().unwrap();
        Settings::new(table, &definition)
    }

    /// A pull from `server`, which is believed, and which was never made.
    pub(crate) fn pull(&self, server: &Server, lines: &str) -> Pulling {
        let lines = format!("{lines}\nroots = '{}'", self.roots().display());
        Pulling::new(self.table(&server.url(), &lines).unwrap(), None)
    }
}

pub(crate) fn put_token(path: &std::path::Path, token: &str) {
    drop(std::fs::remove_file(path));
    create_private(path, token.as_bytes()).unwrap();
}

pub(crate) struct Pulling {
    puller: Puller,
    pub(crate) clock: Arc<Moved>,
    pub(crate) health: Health,
    out: Sender<Piece>,
    pieces: Receiver<Piece>,
}

impl Pulling {
    pub(crate) fn new(settings: Settings, last: Option<&Mark>) -> Self {
        let clock = Arc::new(Moved(AtomicI64::new(START.0)));
        let health = Health::default();
        let (out, pieces) = channel(64);
        Self {
            puller: Puller::new(settings, last, clock.clone(), health.clone()),
            clock,
            health,
            out,
            pieces,
        }
    }

    /// Lets the next wait pass, where there is one.
    pub(crate) fn pass(&self) {
        if let Action::Wait(seconds) = self.puller.next() {
            self.clock.0.fetch_add(seconds, Ordering::SeqCst);
        }
    }

    /// Goes on to the next wait, and says how long that is.
    pub(crate) async fn go_on(&mut self) -> i64 {
        self.pass();
        loop {
            match self.puller.next() {
                Action::Wait(seconds) => return seconds,
                action => self.puller.perform(action, &self.out).await.unwrap(),
            }
        }
    }

    /// What was handed on since it was last asked: bytes, and whether the round was complete with them.
    pub(crate) fn pieces(&mut self) -> Vec<(Vec<u8>, bool)> {
        let mut pieces = Vec::new();
        while let Ok(piece) = self.pieces.try_recv() {
            let Content::Bytes(bytes) = piece.content else {
                panic!("a page has no file");
            };
            let mark = piece
                .mark
                .inspect(|mark| assert_eq!(*mark, Mark::Pulled(self.clock.now())));
            pieces.push((bytes.to_vec(), mark.is_some()));
        }
        pieces
    }

    pub(crate) fn trouble(&self) -> Option<String> {
        self.health.state().trouble
    }
}

/// An answer of JSON.
pub(crate) fn page(value: &serde_json::Value) -> Answer {
    Answer::json(value).with_head("content-type: application/json;charset=UTF-8")
}

/// An answer without content.
pub(crate) fn status(status: u16, head: &str) -> Answer {
    let answer = Answer {
        status,
        head: String::new(),
        body: Vec::new(),
    };
    if head.is_empty() {
        answer
    } else {
        answer.with_head(head)
    }
}

/// The value of a parameter in a request's line.
pub(crate) fn query(line: &str, name: &str) -> Option<String> {
    let (_, query) = line.split_once('?')?;
    query
        .split('&')
        .filter_map(|pair| pair.split_once('='))
        .find(|(known, _)| *known == name)
        .map(|(_, value)| value.to_owned())
}
