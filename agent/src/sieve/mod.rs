//! The minimiser of other products' records: a streaming filter over bytes. It knows formats and no vendor; what
//! a vendor writes where is said by [`definition`]s.
//!
//! * [`definition`]: which paths of a source feed which documented field;
//! * `plan`: a definition compiled for reading; `bytes`: the stream through a window of fixed size;
//! * `read`: the formats; `record`: what was taken of one record; `decide`: what of it may pass;
//! * [`Sieve`]: the whole; [`Minimised`]: what comes out; [`Account`]: what did not, by field and reason.
//!
//! What no definition names is passed over by scanning: it is never copied, decoded or kept.

mod account;
mod auto;
mod bytes;
mod decide;
pub mod definition;
mod explain;
mod filter;
mod line;
mod memo;
mod minimised;
mod outlet;
mod plan;
mod read;
mod record;
mod treated;
mod truncate;

pub use account::{Account, Reason, Refusal, Subject, Verdict};
pub use auto::{HEAD_BYTES, recognise};
pub use explain::{Explained, Line};
pub use filter::{MAX_RATIO, Sieve};
pub use minimised::Minimised;
pub use outlet::{Outlet, Refused};
pub use treated::Treated;
pub use truncate::Truncated;
