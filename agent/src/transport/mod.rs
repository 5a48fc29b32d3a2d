//! The way to the collector: TLS 1.3 against one pinned root, HTTP/1.1, nothing kept open between exchanges. And
//! `vendor`: TLS to servers of other products.

mod address;
mod client;
mod connection;
mod failure;
mod first_contact;
mod tls;
mod vendor;

pub(crate) use address::bare_https;
pub use address::{CollectorUrl, InvalidUrl, ProxyUrl};
pub(crate) use client::client;
pub(crate) use connection::retry_after;
pub use connection::{Connection, Credentials};
pub use failure::{Distrust, ExchangeError};
pub use first_contact::RootByFingerprint;
pub use tls::Trust;
pub(crate) use vendor::{VendorTrust, configuration as vendor_configuration};
