//! Who may do what: roles, what each may, and which organisations an account reaches. Pure.
//!
//! * [`Role`]: what an account is; [`Permission`]: a thing that may be done, each asked for by name;
//! * [`Reach`]: the organisations that it may be done to;
//! * [`account_name`], [`organisation_name`]: what either may be called;
//! * [`Scope`]: what a token for the API is narrowed to.

mod name;
mod permission;
mod reach;
mod role;
mod scope;

pub use name::{InvalidName, account_name, organisation_name};
pub use permission::Permission;
pub use reach::{Misfit, Reach};
pub use role::Role;
pub use scope::{Scope, Scopes, UnknownScope};
