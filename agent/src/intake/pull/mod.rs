//! Records that are fetched from a product's own interface, now and then: what to ask for is said by a source's
//! definition, from which server and with which token by the configuration.
//!
//! * [`Table`], [`Settings`]: a `[[pull]]` of the configuration; `token`: the file that holds its secret;
//! * [`machine`]: what to do next; [`Puller`]: the shell that does it; [`Failure`]: what can go wrong;
//! * `session`: the requests of one round; `page`, `pick`: what a page says about the next one.

mod failure;
pub mod machine;
mod page;
mod pick;
mod puller;
mod session;
mod settings;
mod token;
mod values;

pub use failure::{Broken, Failure, TokenFile};
pub use page::{Cursor, PageUrl};
pub use puller::{Closed, Puller, run};
pub use settings::{Settings, SettingsError, Table};
pub use values::{AbsolutePath, Every, Fingerprint, Malformed, Parameter, Server};
