//! The sockets.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpListener, UdpSocket};
use tokio::sync::mpsc::Sender;
use tokio::time::timeout;
use tracing::info;
use zeef_proto::{Clock, Logged};

use super::{Loopback, Settings, Transport, tcp, udp};
use crate::intake::health::Health;
use crate::intake::piece::Piece;

/// Before it is tried again to listen.
const RETRY: Duration = Duration::from_secs(30);

/// A bound socket.
pub struct Listener {
    socket: Socket,
    address: SocketAddr,
}

enum Socket {
    Udp(UdpSocket),
    Tcp(TcpListener),
}

/// An address that cannot be listened at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0} cannot be listened at ({1}); choose a free port, from 1024 up where the agent is not an administrator"
)]
struct CannotListen(Loopback, io::ErrorKind);

/// Listens until nobody takes the pieces any more.
pub async fn run(settings: Settings, out: Sender<Piece>, clock: Arc<dyn Clock>, health: Health) {
    loop {
        match Listener::bind(settings).await {
            Ok(listener) => {
                health.well();
                info!(port = %Logged(&listener.address().port()), "listens for syslog on this machine");
                return listener.serve(out, clock, health).await;
            }
            Err(error) => {
                let trouble = CannotListen(settings.listen, error.kind());
                health.trouble(trouble.to_string());
            }
        }
        if timeout(RETRY, out.closed()).await.is_ok() {
            return;
        }
    }
}

impl Listener {
    /// Binds the socket.
    ///
    /// # Errors
    /// Those of the operating system.
    pub async fn bind(settings: Settings) -> io::Result<Self> {
        let address = settings.listen.address();
        Ok(match settings.transport {
            Transport::Udp => {
                let socket = UdpSocket::bind(address).await?;
                Self {
                    address: socket.local_addr()?,
                    socket: Socket::Udp(socket),
                }
            }
            Transport::Tcp => {
                let socket = TcpListener::bind(address).await?;
                Self {
                    address: socket.local_addr()?,
                    socket: Socket::Tcp(socket),
                }
            }
        })
    }

    /// Where it listens; the port is a free one where port 0 was asked for.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Takes messages until nobody takes the pieces any more.
    pub async fn serve(self, out: Sender<Piece>, clock: Arc<dyn Clock>, health: Health) {
        match self.socket {
            Socket::Udp(socket) => udp::serve(socket, &out, clock, &health).await,
            Socket::Tcp(socket) => tcp::serve(socket, &out, clock, &health).await,
        };
    }
}
