//! The way to the collector: TLS 1.3 against one pinned root, HTTP/1.1, nothing kept open between exchanges.

mod address;
mod connection;
mod failure;
mod first_contact;
mod tls;

pub use address::{CollectorUrl, InvalidUrl, ProxyUrl};
pub use connection::{Connection, Credentials};
pub use failure::{Distrust, ExchangeError};
pub use first_contact::RootByFingerprint;
pub use tls::Trust;
