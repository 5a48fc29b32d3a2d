//! The customer portal: what is held of one's own organisation, why and until when, and who looked.
//!
//! Written for somebody who has never heard of the product. Whoever reads here looks too, and is noted.

mod device;
mod list;
mod looks;
mod month;
mod who;

pub(super) use device::show as show_device;
pub(super) use list::{show, show_organisation};
pub(super) use looks::show as show_looks;
