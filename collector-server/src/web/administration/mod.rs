//! What administrators set: organisations with their subscriptions, and accounts.
//!
//! What cannot be taken back is asked for twice: a first form leads to a page that says what will happen, and the
//! button on that page does it. Nothing of it needs a script.

mod account;
mod accounts;
mod confirm;
mod organisation;
mod organisations;
mod rights;
mod subscription_end;

pub(super) use account::{ask_link, ask_removal, make_link, remove, set_role, show as show_account};
pub(super) use accounts::{add as add_account, show as show_accounts};
pub(super) use organisation::{add_subscription, set_silence, show as show_organisation};
pub(super) use organisations::{add as add_organisation, show as show_organisations};
pub(super) use subscription_end::{ask as ask_end, end as end_subscription};

use jiff::civil::Date;
use jiff::tz::TimeZone;
use zeef_proto::UnixTime;

/// The first instant of a day that was chosen, where the policy counts; `None` where it is no day.
fn begin_of_day(day: &str, zone: &TimeZone) -> Option<UnixTime> {
    let day: Date = day.trim().parse().ok()?;
    let begins = day.at(0, 0, 0, 0).to_zoned_datetime(zone.clone()).ok()?;
    Some(UnixTime(begins.timestamp().as_second()))
}
