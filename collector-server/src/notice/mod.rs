//! What the policy obliges the provider to tell, made from the policy itself, so that no two texts can disagree.
//!
//! * [`privacy_notice`]: what a person is told (GDPR, articles 13 and 14);
//! * [`register`]: the register of processing activities (article 30);
//! * [`changes`]: what differs between two versions of a policy; `change_words`: the same in words;
//! * `document`: what a text consists of; `markdown`, `html`: how it is written down. JSON is its own form.
//!
//! `docs/privacy` holds both texts of the reference policy; a test fails where they are stale.

mod change_words;
mod changes;
mod document;
mod html;
mod markdown;
mod privacy;
mod register;
mod row;

pub(crate) use change_words::{Words, words};
pub(crate) use changes::changes;
pub(crate) use document::{Block, Document};
pub(crate) use html::page;
pub(crate) use markdown::markdown;
pub(crate) use privacy::privacy_notice;
pub(crate) use register::register;

use zeef_proto::policy::Policy;

use crate::web::locale::Language;

/// Which text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Notice,
    Register,
}

impl Kind {
    /// As commands, addresses and files name it.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Notice => "notice",
            Self::Register => "register",
        }
    }

    /// Writes it.
    pub(crate) fn of(self, policy: &Policy, language: Language) -> Document {
        match self {
            Self::Notice => privacy_notice(policy, language),
            Self::Register => register(policy, language),
        }
    }
}

#[cfg(test)]
mod tests;
