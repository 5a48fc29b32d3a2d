//! What the operating system says about this machine, raw: held in memory only, redacted in `Debug`, wiped when
//! it is dropped. The only way out is the minimiser.

mod interface;
mod sensitive;
mod session;

pub use interface::{Address, Interface, InterfaceKind, Routing};
pub use sensitive::Sensitive;
pub use session::{Session, SessionStanding};

/// Everything that is read for one report.
#[derive(Debug, Default)]
pub struct Facts {
    /// The host's own name, as the system gives it.
    pub device_name: Option<Sensitive>,
    /// Sessions of accounts.
    pub sessions: Vec<Session>,
    /// Network interfaces.
    pub interfaces: Vec<Interface>,
}
