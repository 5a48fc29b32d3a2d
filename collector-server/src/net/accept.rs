//! Listening.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use zeef_proto::Logged;

use super::{BindError, Stop};

/// Without file descriptors every accept fails at once; a pause lets some come free.
const PAUSE_AFTER_FAILURE: Duration = Duration::from_millis(100);

/// Listens on an address that the configuration's table `name` gave.
///
/// # Errors
/// [`BindError`].
pub async fn bind(name: &'static str, address: SocketAddr) -> Result<TcpListener, BindError> {
    TcpListener::bind(address)
        .await
        .map_err(|error| match error.kind() {
            std::io::ErrorKind::AddrInUse => BindError::InUse { name, address },
            reason => BindError::Refused {
                name,
                address,
                reason,
            },
        })
}

/// Hands each connection to `on_connection` until the stop, then closes the listener.
pub async fn accept(listener: TcpListener, mut stop: Stop, on_connection: impl Fn(TcpStream, SocketAddr)) {
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, address)) => on_connection(stream, address),
                Err(error) => {
                    let reason: &'static str = if is_exhaustion(&error) { "no file descriptors" } else { "reset" };
                    tracing::warn!(reason = %Logged(&reason), "a connection could not be accepted");
                    tokio::time::sleep(PAUSE_AFTER_FAILURE).await;
                }
            },
            () = stop.requested() => return,
        }
    }
}

fn is_exhaustion(error: &std::io::Error) -> bool {
    const EMFILE: i32 = 24;
    const ENFILE: i32 = 23;
    matches!(error.raw_os_error(), Some(EMFILE | ENFILE))
}
