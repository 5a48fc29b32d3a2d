//! What a value is of: a token of one field says nothing about the same value in another.

use std::borrow::Cow;

use zeef_proto::field::Field;

use crate::sieve::definition::Name;

/// What is hashed.
#[derive(Debug, Clone, Copy)]
pub enum Input<'a> {
    /// A value of a documented field, in the form under which two spellings are the same.
    Field(Field),
    /// An id by which a source knows the device, under the name that the source's definition gives it.
    Link(&'a Name),
}

impl Input<'_> {
    /// The text that goes into the hash. No link is named as a field is, and none holds a zero byte.
    pub(super) fn label(&self) -> Cow<'static, str> {
        match self {
            Self::Field(field) => field.name().into(),
            Self::Link(name) => format!("link:{name}").into(),
        }
    }
}
