//! The policy: one signed document of products, fields, terms, grounds and recipients that drives what is
//! collected, how long it is kept, what a person is told and what a request returns.

mod document;
mod permit;
mod signed;
mod term;

pub use document::{
    Controller, DataRow, Ground, InvalidPolicy, Policy, Product, ProductId, ProtocolDatum, Recipient,
    Responsible, Source, Text, Treatment,
};
pub use permit::{Permit, Permits};
pub use signed::{Adoption, PolicyKey, PolicySigningKey, SignatureError, SignedPolicy};
pub use term::Term;
