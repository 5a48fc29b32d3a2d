//! Syslog of products on this machine: messages that they send to a loopback address, over UDP (RFC 5426) or TCP
//! (RFC 6587).
//!
//! * [`settings`]: where to listen; [`Frames`]: one message from the next in a stream of TCP;
//! * [`Gather`]: messages as lines, until there are enough for a piece; [`Listener`]: the sockets.

mod frames;
mod gather;
mod listener;
pub mod settings;
mod tcp;
mod udp;
mod waiting;

pub use frames::{Frame, Frames, Unframed};
pub use gather::Gather;
pub use listener::{Listener, run};
pub use settings::{Loopback, Settings, Table, Transport};

/// The longest message, and the most of a piece: as much as a datagram can hold.
pub const MOST_BYTES: usize = 64 << 10;
