//! What people ask for about their own data (GDPR, chapter III): which steps a request takes, in whose hands, and by
//! when. All of it decides purely; the store keeps the cases and does what a step entails.

mod alarm;
mod case;
mod deadline;
mod holiday;
mod kind;
mod message;
mod names;
mod record;
mod scope;
mod step;
#[cfg(test)]
mod step_tests;
mod words;

pub use alarm::{Alarm, alarm};
pub use case::{
    Answer, Case, Ending, Extension, Ground, Identity, Method, Officer, Outcome, Responsibility, State, Tasks,
};
pub use deadline::{Deadline, deadline, extended_deadline, zone};
pub use holiday::is_working_day;
pub use kind::Kind;
pub use message::{Message, To, messages};
pub use names::UnknownName;
pub use record::{closed_in, contact_until, record_until};
pub use scope::{Scope, elsewhere, recipients};
pub use step::{Refused, Rules, Step, StepName, apply, possible};
pub use words::{Details, InvalidWords, Line, Text};
