//! The protocol from a device's side, written anew from the wire contract: what an agent sends, and what it would
//! never send.

mod answer;
mod connection;
mod dial;
mod identity;
mod raw;
mod report;

pub use answer::Answer;
pub use connection::{Broken, Connection};
pub use dial::{Contact, Dial, proxy_header};
pub use identity::{DeviceKey, Identity};
pub use raw::RawDevice;
pub use report::Fields;
