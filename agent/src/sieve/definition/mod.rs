//! Source definitions: one declarative file per vendor format. A definition says how a record is recognised and
//! which of its paths feed which documented field, and where a product's interface gives such records; it cannot say
//! anything else.

mod check;
mod embedded;
mod error;
mod model;
mod path;
mod pull;
mod user;

pub use embedded::{embedded, embedded_named};
pub use error::DefinitionError;
pub use model::{Conditions, Definition, Feed, Format, Name, OneOrMore, Shape, Target};
pub use path::{Path, Step};
pub(crate) use pull::fits_in_path;
pub use pull::{
    Authenticate, FixedPath, HeaderName, InvalidPull, KeyPath, Offset, Paging, PasswordGrant, PathTemplate,
    Pull,
};
pub use user::{from_directory, from_file};
