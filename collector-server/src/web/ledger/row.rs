//! One entry as the page shows it.

use std::collections::BTreeMap;

use serde_json::Value;
use zeef_proto::id::UserId;
use zeef_proto::{OrganisationId, UnixTime};

use crate::ledger::{Actor, Entry};
use crate::web::locale::Texts;
use crate::web::moment::{Moment, Moments};

/// Names for the ids that entries hold, as far as there still are any.
pub(super) struct Names {
    pub(super) organisations: BTreeMap<OrganisationId, String>,
    pub(super) accounts: BTreeMap<UserId, String>,
}

pub(super) struct Row {
    pub(super) index: u64,
    pub(super) at: Moment,
    pub(super) organisation: String,
    pub(super) who: String,
    pub(super) what: String,
    pub(super) details: String,
}

impl Row {
    pub(super) fn new(entry: &Entry, names: &Names, texts: &Texts, moments: &Moments) -> Self {
        let organisation = entry.event.organisation();
        Self {
            index: entry.index,
            at: moments.time(entry.at),
            organisation: organisation.map_or_else(String::new, |id| {
                let name = names.organisations.get(&id);
                name.cloned()
                    .unwrap_or_else(|| texts.ledger.gone_organisation.to_string())
            }),
            who: names.actor(entry.actor, texts),
            what: texts.event_named(entry.event.name()),
            details: details(entry, names, texts, moments),
        }
    }
}

impl Names {
    fn actor(&self, actor: Actor, texts: &Texts) -> String {
        match actor {
            Actor::User(user) => self.account(user, texts),
            _ => texts.of_actor(actor.name()).to_string(),
        }
    }

    fn account(&self, user: UserId, texts: &Texts) -> String {
        let name = self.accounts.get(&user);
        name.cloned()
            .unwrap_or_else(|| texts.ledger.gone_account.to_string())
    }
}

fn details(entry: &Entry, names: &Names, texts: &Texts, moments: &Moments) -> String {
    let said = entry.event.details().into_iter().map(|(name, value)| {
        let text = match value {
            Value::String(text) => text,
            other => other.to_string(),
        };
        let shown = match (name, text.parse::<UserId>(), text.parse::<UnixTime>()) {
            ("account", Ok(user), _) => names.account(user, texts),
            (_, _, Ok(at)) => moments.time(at).text,
            _ => text,
        };
        format!("{} {shown}", texts.detail_named(name))
    });
    said.collect::<Vec<_>>().join(", ")
}
