//! Signing in at an identity provider: OpenID Connect Core 1.0, authorisation code with PKCE (RFC 7636).
//!
//! * [`Provider`]: what is asked of it over HTTP; `metadata`: what it says of itself;
//! * `token`: the proof that it gives, and `keys` that prove it; [`decide`]: who that makes somebody here.
//!
//! Why not by a crate stands in `docs/decisions/0014-openid-connect-is-written-here.md`.

mod decide;
mod keys;
mod metadata;
mod provider;
mod token;

pub use decide::{Decision, Refusal, decide};
pub use keys::Keys;
pub(crate) use metadata::is_safe;
pub(crate) use provider::escaped;
pub use provider::{Answered, Provider, ProviderError, Question};
pub use token::{Claims, Expected, TokenError};
