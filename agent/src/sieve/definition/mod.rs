//! Source definitions: one declarative file per vendor format. A definition says how a record is recognised and
//! which of its paths feed which documented field; it cannot say anything else.

mod check;
mod embedded;
mod error;
mod model;
mod path;
mod user;

pub use embedded::{embedded, embedded_named};
pub use error::DefinitionError;
pub use model::{Conditions, Definition, Feed, Format, Name, OneOrMore, Shape, Target};
pub use path::{Path, Step};
pub use user::{from_directory, from_file};
