//! What can be asked for, a file for each kind of thing.
//!
//! * `devices` and `lookup`: lists; `device`: one; `changes`: what is done to one; `summary`: how one is written;
//! * `organisations`, `subscriptions`, `enrolment`, `accounts`: what administrators have;
//! * `policy`, `retention`, `ledger`: what officers look at; `openapi`: the document.

pub(super) mod accounts;
pub(super) mod changes;
pub(super) mod device;
pub(super) mod devices;
pub(super) mod enrolment;
pub(super) mod ledger;
pub(super) mod lookup;
pub(super) mod openapi;
pub(super) mod organisations;
pub(super) mod policy;
pub(super) mod retention;
pub(super) mod subscriptions;
mod summary;
