//! Who may do what: roles, what each may, and which organisations an account reaches. Pure.
//!
//! * [`Role`]: what an account is; [`Permission`]: a thing that may be done, each asked for by name;
//! * [`Reach`]: the organisations that it may be done to;
//! * [`Scope`]: what a token for the API is narrowed to.

mod permission;
mod reach;
mod role;
mod scope;

pub use permission::Permission;
pub use reach::Reach;
pub use role::Role;
pub use scope::{Scope, Scopes, UnknownScope};
