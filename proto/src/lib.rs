//! The contract between agent and collector, and the policy that both obey.
//!
//! * [`field`]: the documented fields, as types that cannot hold anything else;
//! * [`policy`]: the signed document of products, fields, terms, grounds and recipients;
//! * [`source`]: whose records values were read from;
//! * [`wire`]: reports, enrolment, renewal and problems, closed against unknown keys;
//! * [`id`], [`time`], [`log_safe`]: identifiers, instants, and what may be logged.
//!
//! Nothing here does I/O, reads a clock or is asynchronous.

pub mod field;
pub mod id;
pub mod log_safe;
pub mod policy;
pub mod source;
pub mod time;
pub mod wire;

pub use id::{DeviceId, OrganisationId};
pub use log_safe::{LogSafe, Logged};
pub use source::SourceName;
pub use time::{Clock, UnixTime};
