//! How this device gets its certificate, renews it, and gets it back after it lapsed.

mod adopt;
mod bundle;
mod certificate;
mod exchange;
mod key;

pub use adopt::adopt;
pub use bundle::{Bundle, InvalidBundle};
pub use certificate::check_certificate;
pub use exchange::{Enrolled, Renewed, connect, credentials, enrol, recover, renew};
pub use key::new_key;
