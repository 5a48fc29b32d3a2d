//! What the three listeners share: accepting, bounding and serving HTTP/1.1, and ending it all in order. And [`trust`]:
//! whom the collector believes where it connects to others.

mod accept;
mod http;
mod patient;
mod shares;
mod stop;
pub mod trust;

pub use accept::{accept, bind};
pub use http::{serve, text};
pub use shares::{Share, Shares, network};
pub use stop::{Slots, Stop, Stopper};

/// The body of every answer.
pub type Body = http_body_util::Full<bytes::Bytes>;

/// A port that cannot be listened on.
#[derive(Debug, Clone, Copy, thiserror::Error)]
pub enum BindError {
    /// Somebody else has it.
    #[error("{name}.listen: {address} is in use by another program; stop that one or choose another port")]
    InUse {
        /// Table of the configuration.
        name: &'static str,
        /// The address.
        address: std::net::SocketAddr,
    },
    /// Not allowed, or not an address of this machine.
    #[error(
        "{name}.listen: {address} cannot be listened on ({reason}); choose an address of this machine and a port that this account may use"
    )]
    Refused {
        /// Table of the configuration.
        name: &'static str,
        /// The address.
        address: std::net::SocketAddr,
        /// What the operating system said.
        reason: std::io::ErrorKind,
    },
}
