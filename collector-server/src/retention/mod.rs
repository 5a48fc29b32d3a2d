//! When a value expires, the task that deletes what has, and the watch over both.
//!
//! * `expiry`: how long a value may be held; `plan`: what falls due when, and why; `forecast`: the
//!   same by week; `succession`: what a new policy does to what is held; `rules`: what these decide from;
//! * `silence`: devices that are not heard of; `hold`: what must not be deleted for a while;
//! * `time`: how far time has come, whatever the clock says;
//! * `purge`: deleting in steps; `lateness`: whether it keeps up; `task`: both, while the collector runs.

mod expiry;
mod forecast;
mod hold;
mod lateness;
mod plan;
mod purge;
mod rules;
mod silence;
mod succession;
mod task;
mod time;

pub use expiry::{Expiry, expiry};
pub use forecast::{Due, Forecast, end_of_weeks};
pub use hold::{InvalidReason, LegalHold, Reason};
pub use lateness::{Lags, Lateness, Watch};
pub use plan::{Line, Plan, Subject, plan};
pub use purge::{Look, Purge, look, purge};
pub use rules::Row;
pub use silence::{ANSWER_WITHIN, LastSign, Silence};
pub use succession::{ShortenedMinimum, Sooner, shortened_minimums, shortened_values};
pub use task::Purges;
pub use time::{ClockState, LONGEST_STEP, StoreTime, judge, observe};
