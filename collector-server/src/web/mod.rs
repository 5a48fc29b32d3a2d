//! The pages that people see: one server-rendered application without external requests.
//!
//! * [`state`]: what it needs; `routes`: where everything is, and what its `guard` asks for; `visit`: who asks, in
//!   which language;
//! * `session`, `form`, `cookie`, `throttle`, [`password`], `link`, `code`, `ticket`, `provider`: signing in, and proof
//!   that a form is ours;
//! * `inventory`, `device`, `receipt`, `enrol`, `requests`, `policy`, `account`, `tokens`, `second_factor`,
//!   `sign_in`: a file or folder per page; `told`, `changes`, `retention`, `ledger`, `report`: those of the privacy officer; `portal`: a
//!   customer's; `administration`: organisations and accounts;
//! * `locale`, `moment`, `view`, `columns`, `sealed_term`, `page`, `assets`, `headers`, `failure`: what pages share.
//!
//! No personal value stands in an address: see `docs/decisions/0001-search-terms-stay-out-of-urls.md`.

mod account;
mod administration;
mod assets;
mod changes;
mod code;
mod columns;
mod cookie;
mod device;
mod enrol;
mod failure;
mod form;
mod guard;
mod headers;
mod inventory;
mod ledger;
mod link;
pub(crate) mod locale;
mod moment;
mod page;
pub mod password;
mod policy;
mod portal;
mod provider;
mod qr;
mod receipt;
mod report;
mod requests;
mod retention;
mod routes;
mod sealed_term;
mod second_factor;
mod session;
mod sign_in;
mod state;
mod throttle;
mod ticket;
mod tokens;
mod told;
mod view;
mod visit;

pub(crate) use device::held as held_for_protocol;
pub use guard::Needs;
pub use link::one_time_link;
pub use locale::Language;
pub(crate) use locale::{Package as PackageTexts, Phrase, Texts};
pub(crate) use moment::Moments;
pub use provider::ANSWER as PROVIDER_ANSWER;
pub use routes::{Route, router, routes};
pub use state::WebState;
pub(crate) use state::{App, Published};
