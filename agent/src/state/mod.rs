//! What the agent keeps on disk: small files that only it may read, each written whole or not at all.
//!
//! `identity.json` is who the device is; `enrolment.json` an enrolment that is not completed; `report.json` how far
//! reporting has come; `policy.json` the signed policy; `status.json` what `status` shows; `organisation.key` the key
//! that the organisation's devices share, where there is one. Raw facts never come here.
//! Where records of other products are taken in, [`crate::intake`] has files of its own beside them.

mod directory;
mod encoded;
mod enrolment;
mod identity;
mod machine;
mod organisation_key;
mod records;
mod status;

pub use directory::{StateDirectory, StateError};
pub use encoded::{Der, SecretKey};
pub use enrolment::{Cause, Enrolment};
pub use identity::{Identity, Place};
pub use machine::MachineMark;
pub use records::{Damage, Records};
pub use status::{Standing, Status, Trouble};
