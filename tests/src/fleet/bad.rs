//! Clients that are no agents, or no honest ones. Each must be refused, while the others are served.

use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout_at};
use zeef_proto::wire::{MAX_BODY, ProblemCode, path};

use super::exchange::{Failure, Request};
use super::run::Run;
use crate::device::{Dial, Identity};

/// Between two tries of one client.
const PAUSE: Duration = Duration::from_secs(1);

/// What is wrong with a client.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum BadClient {
    /// Does not speak TLS.
    Garbage,
    /// Has no certificate.
    NoCertificate,
    /// Sends more than a report may have.
    Oversize,
    /// Writes a key in another case.
    WrongCase,
    /// Begins a request and goes silent.
    Slow,
}

const KINDS: [BadClient; 5] = [
    BadClient::Garbage,
    BadClient::NoCertificate,
    BadClient::Oversize,
    BadClient::WrongCase,
    BadClient::Slow,
];

/// What a client met.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Met {
    Refused,
    LetIn,
    Undecided,
}

/// Lets `count` clients, of all kinds in turn, try again and again until `over` says so. `identities` are certificates
/// for those who have one.
pub(super) fn begin(
    run: &Arc<Run>,
    count: u32,
    identities: &[Arc<Identity>],
    over: &watch::Receiver<bool>,
) -> JoinSet<()> {
    let mut tasks = JoinSet::new();
    let clients = (0..count)
        .zip(KINDS.iter().cycle())
        .zip(identities.iter().cycle());
    for ((number, kind), identity) in clients {
        let (run, identity, over) = (Arc::clone(run), Arc::clone(identity), over.clone());
        tasks.spawn(keep_trying(run, *kind, number, identity, over));
    }
    tasks
}

async fn keep_trying(
    run: Arc<Run>,
    kind: BadClient,
    number: u32,
    identity: Arc<Identity>,
    mut over: watch::Receiver<bool>,
) {
    loop {
        let tried = timeout_at(run.until, kind.try_once(&run, number, &identity)).await;
        run.tally.bad_client(kind, tried.unwrap_or(Met::Undecided));
        tokio::select! {
            _ = over.wait_for(|over| *over) => return,
            () = sleep(PAUSE) => if run.is_over() { return },
        }
    }
}

impl BadClient {
    /// In words.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Garbage => "garbage for TLS",
            Self::NoCertificate => "no certificate",
            Self::Oversize => "too large",
            Self::WrongCase => "wrong case",
            Self::Slow => "slow",
        }
    }

    async fn try_once(self, run: &Run, number: u32, identity: &Identity) -> Met {
        let identity = Some(identity).filter(|_| self != Self::NoCertificate);
        let (expected, body) = match self {
            Self::Garbage => return garbage(&run.dial(number, None)).await,
            Self::Slow => return slow(&run.dial(number, identity)).await,
            Self::NoCertificate => (ProblemCode::CertificateRequired, REPORT.to_owned()),
            Self::Oversize => (ProblemCode::TooLarge, " ".repeat(MAX_BODY + 1)),
            Self::WrongCase => (
                ProblemCode::InvalidMessage,
                REPORT.replace("sequence", "Sequence"),
            ),
        };
        let request = Request::post(path::REPORT, body.into_bytes());
        match run.ask(|| run.dial(number, identity), &request).await {
            Ok(_) => Met::LetIn,
            Err(Failure::Refused { code, .. }) if code == expected => Met::Refused,
            Err(_) => Met::Undecided,
        }
    }
}

/// Sound, so that what is wrong is the one thing that is wrong; its number could be no device's.
const REPORT: &str = r#"{"wire":1,"sequence":0,"policy":1,"agent":"0.1.0"}"#;

/// No TLS record begins like this.
const GARBAGE: &[u8] = b"GET / HTTP/1.1\r\nhost: collector\r\n\r\n";

async fn garbage(dial: &Dial) -> Met {
    let Ok(mut stream) = dial.tcp().await else {
        return Met::Undecided;
    };
    if stream.write_all(GARBAGE).await.is_err() {
        return Met::Refused;
    }
    until_closed(stream).await
}

async fn slow(dial: &Dial) -> Met {
    let Ok(mut stream) = dial.tls().await else {
        return Met::Undecided;
    };
    let beginning = format!("POST {} HTTP/1.1\r\nhost: collector\r\ncontent-len", path::REPORT);
    if stream.write_all(beginning.as_bytes()).await.is_err() {
        return Met::Refused;
    }
    until_closed(stream).await
}

/// Reads until the other side ends the connection, in whatever way. A busy one may do so too: it was not let in.
async fn until_closed(stream: impl AsyncRead + Unpin) -> Met {
    let mut answer = Vec::new();
    // An error is an end as well.
    drop(stream.take(MAX_BODY as u64).read_to_end(&mut answer).await);
    if answer.starts_with(b"HTTP/1.1 2") {
        Met::LetIn
    } else {
        Met::Refused
    }
}
