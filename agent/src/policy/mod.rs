//! The policy that this agent obeys: the signed one that it holds, or before enrolment the one compiled in.

mod held;

pub use held::{HeldPolicy, Offer};

/// The text of the reference policy, from which the agent's closed set of fields comes.
pub const REFERENCE: &str = include_str!("../../../proto/policies/vokus-1.1.toml");
