//! Messages in streams. While there is no room nothing is read, so that senders wait.

use std::sync::Arc;
use std::time::Duration;

use tokio::io::AsyncReadExt;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc::Sender;
use tokio::task::JoinSet;
use tokio::time::timeout;
use zeef_proto::Clock;
use zeroize::Zeroizing;

use super::waiting::{Closed, Waiting};
use super::{Frame, Frames};
use crate::intake::health::Health;
use crate::intake::piece::Piece;

/// Senders at one time. Others wait until one of them leaves.
const MOST_CONNECTIONS: usize = 16;
/// A connection that is silent for so long is closed; a sender with something to say opens another.
const LONGEST_SILENCE: Duration = Duration::from_secs(600);
/// Before a socket that failed is asked again.
const RETRY: Duration = Duration::from_secs(1);
const BUFFER_BYTES: usize = 8 << 10;

const UNFRAMED: &str = "a sender of syslog does not keep to RFC 6587, and its connection was closed; set it to count \
                        octets, or to send each message on a line of its own";

/// Takes connections until nobody takes the pieces any more.
pub(super) async fn serve(
    listener: TcpListener,
    out: &Sender<Piece>,
    clock: Arc<dyn Clock>,
    health: &Health,
) -> Closed {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept(), if connections.len() < MOST_CONNECTIONS => match accepted {
                Ok((stream, _)) => {
                    connections.spawn(read(stream, out.clone(), clock.clone(), health.clone()));
                }
                Err(_) => tokio::time::sleep(RETRY).await,
            },
            Some(_) = connections.join_next() => {}
            () = out.closed() => return Closed,
        }
    }
}

/// Reads one connection to its end. What is not finished by then could be cut off anywhere, and is not taken.
async fn read(stream: TcpStream, out: Sender<Piece>, clock: Arc<dyn Clock>, health: Health) {
    let mut connection = Connection {
        stream,
        frames: Frames::default(),
        waiting: Waiting::default(),
        health,
    };
    // Closed: the listener ends as well.
    drop(connection.read(&out, &*clock).await);
}

struct Connection {
    stream: TcpStream,
    frames: Frames,
    waiting: Waiting,
    health: Health,
}

impl Connection {
    async fn read(&mut self, out: &Sender<Piece>, clock: &dyn Clock) -> Result<(), Closed> {
        let mut buffer = Zeroizing::new(vec![0; BUFFER_BYTES]);
        loop {
            let received = tokio::select! {
                biased;
                handed_on = self.waiting.in_time(out) => {
                    handed_on?;
                    continue;
                }
                received = timeout(LONGEST_SILENCE, self.stream.read(&mut buffer)) => received,
            };
            let Ok(Ok(length @ 1..)) = received else { break };
            self.health.read(clock.now());
            if !self.take(&buffer[..length], out).await? {
                return self.waiting.now(out).await;
            }
        }
        self.health.lost(self.frames.is_within().into());
        self.waiting.now(out).await
    }

    /// Takes the messages that end in `input`. False where the stream cannot be read on.
    async fn take(&mut self, mut input: &[u8], out: &Sender<Piece>) -> Result<bool, Closed> {
        loop {
            match self.frames.next(&mut input) {
                Ok(None) => return Ok(true),
                Ok(Some(Frame::TooLong)) => self.health.lost(1),
                Ok(Some(Frame::Message(message))) => {
                    if !self.waiting.add(&message) {
                        self.waiting.now(out).await?;
                        self.waiting.add(&message);
                    }
                }
                Err(_) => {
                    self.health.lost(1);
                    self.health.trouble(UNFRAMED.to_owned());
                    return Ok(false);
                }
            }
        }
    }
}
