//! The pages that people see: one server-rendered application without external requests.
//!
//! * [`state`]: what it needs; `routes`: where everything is, and what its `guard` asks for; `visit`: who asks, in
//!   which language;
//! * `session`, `form`, `cookie`, `throttle`, [`password`], `link`: signing in, and proof that a form is ours;
//! * `inventory`, `device`, `receipt`, `enrol`, `policy`, `account`, `tokens`, `sign_in`: a file per page;
//! * `locale`, `moment`, `view`, `columns`, `sealed_term`, `page`, `assets`, `headers`, `failure`: what pages share.
//!
//! No personal value stands in an address: see `docs/decisions/0001-search-terms-stay-out-of-urls.md`.

mod account;
mod assets;
mod columns;
mod cookie;
mod device;
mod enrol;
mod failure;
mod form;
mod guard;
mod headers;
mod inventory;
mod link;
mod locale;
mod moment;
mod page;
pub mod password;
mod policy;
mod receipt;
mod routes;
mod sealed_term;
mod session;
mod sign_in;
mod state;
mod throttle;
mod tokens;
mod view;
mod visit;

pub use guard::Needs;
pub use link::one_time_link;
pub use routes::{Route, router, routes};
pub use state::WebState;
pub(crate) use state::{App, Published};
