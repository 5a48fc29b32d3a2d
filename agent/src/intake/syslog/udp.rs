//! A message in each datagram.

use std::sync::Arc;
use std::time::Duration;

use tokio::net::UdpSocket;
use tokio::sync::mpsc::Sender;
use zeef_proto::Clock;
use zeroize::Zeroizing;

use super::MOST_BYTES;
use super::waiting::{Closed, Waiting};
use crate::intake::health::Health;
use crate::intake::piece::Piece;

/// Before a socket that failed is asked again.
const RETRY: Duration = Duration::from_secs(1);

/// Takes datagrams until nobody takes the pieces any more. One for which there is no room is lost and counted: a
/// sender over UDP cannot be made to wait.
pub(super) async fn serve(
    socket: UdpSocket,
    out: &Sender<Piece>,
    clock: Arc<dyn Clock>,
    health: &Health,
) -> Closed {
    let mut buffer = Zeroizing::new(vec![0; MOST_BYTES]);
    let mut waiting = Waiting::default();
    loop {
        let received = tokio::select! {
            biased;
            handed_on = waiting.in_time(out) => match handed_on {
                Ok(()) => continue,
                Err(closed) => return closed,
            },
            received = socket.recv(&mut buffer) => received,
            () = out.closed() => return Closed,
        };
        let Ok(length) = received else {
            tokio::time::sleep(RETRY).await;
            continue;
        };
        let message = &buffer[..length];
        let mut taken = waiting.add(message);
        if !taken {
            taken = match waiting.at_once(out) {
                Ok(room) => room && waiting.add(message),
                Err(closed) => return closed,
            };
        }
        if taken {
            health.read(clock.now());
        } else {
            health.lost(1);
        }
    }
}
