//! A listener on a free port, and what comes out of it.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::mpsc::{Receiver, channel};
use tokio::time::timeout;
use zeef_agent::intake::health::Health;
use zeef_agent::intake::piece::{Content, Piece};
use zeef_agent::intake::syslog::{Listener, Settings, Transport, run};
use zeef_proto::{Clock, UnixTime};

const DEADLINE: Duration = Duration::from_secs(30);

pub(crate) struct Still;

impl Clock for Still {
    fn now(&self) -> UnixTime {
        UnixTime(1_790_000_000)
    }
}

pub(crate) struct Listening {
    pub(crate) address: SocketAddr,
    pub(crate) health: Health,
    pieces: Receiver<Piece>,
}

pub(crate) async fn listen(transport: Transport) -> Listening {
    let (out, pieces) = channel(1);
    let health = Health::default();
    let settings = at("127.0.0.1:0", transport);
    let listener = Listener::bind(settings).await.unwrap();
    let address = listener.address();
    tokio::spawn(listener.serve(out, Arc::new(Still), health.clone()));
    Listening {
        address,
        health,
        pieces,
    }
}

fn at(address: &str, transport: Transport) -> Settings {
    Settings {
        listen: address.to_owned().try_into().unwrap(),
        transport,
    }
}

impl Listening {
    /// The bytes of the next piece.
    pub(crate) async fn piece(&mut self) -> Vec<u8> {
        let piece = timeout(DEADLINE, self.pieces.recv()).await.unwrap().unwrap();
        assert_eq!(piece.mark, None);
        match piece.content {
            Content::Bytes(bytes) => bytes.to_vec(),
            Content::File(_) => panic!("a socket has no file"),
        }
    }

    /// The next lines, of however many pieces.
    pub(crate) async fn lines(&mut self, count: usize) -> Vec<u8> {
        let (mut lines, mut ended) = (Vec::new(), 0);
        while ended < count {
            let piece = self.piece().await;
            ended += piece.iter().filter(|byte| **byte == b'\n').count();
            lines.extend(piece);
        }
        lines
    }

    /// Waits until so many messages were lost.
    pub(crate) async fn lost(&self, count: u64) {
        let lost = async {
            while self.health.state().lost < count {
                tokio::task::yield_now().await;
            }
        };
        timeout(DEADLINE, lost).await.unwrap();
        assert_eq!(self.health.state().lost, count);
    }
}

#[tokio::test]
async fn a_port_that_is_taken_is_said_until_nobody_listens() {
    let taken = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let settings = at(&taken.local_addr().unwrap().to_string(), Transport::Tcp);
    let (out, pieces) = channel(1);
    let health = Health::default();
    let running = tokio::spawn(run(settings, out, Arc::new(Still), health.clone()));
    let said = async {
        while health.state().trouble.is_none() {
            tokio::task::yield_now().await;
        }
    };
    timeout(DEADLINE, said).await.unwrap();
    assert!(health.state().trouble.unwrap().contains("cannot be listened at"));
    drop(pieces);
    timeout(DEADLINE, running).await.unwrap().unwrap();
}
