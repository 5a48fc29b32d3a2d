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
            _ => texts.word_named(&text).map_or(text, ToString::to_string),
        };
        format!("{} {shown}", texts.detail_named(name))
    });
    said.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use crate::web::locale::Language;

    /// The table of kinds in the ledger's document, which says how each event is written.
    const DOCUMENT: &str = include_str!("../../../../docs/ledger.md");

    #[test]
    fn every_event_of_the_ledger_has_words_in_both_languages() {
        let kinds = DOCUMENT.lines().filter_map(|line| {
            let mut cells = line.split('|').skip(1).map(str::trim);
            let number = cells.next()?.split(',').next()?;
            number.parse::<u8>().ok().and(cells.next())
        });
        let events: Vec<_> = kinds
            .flat_map(|cell| cell.split('`').skip(1).step_by(2))
            .collect();
        assert!(events.contains(&"signed_in") && events.contains(&"device_read"));
        for language in Language::ALL {
            let words = &language.texts().event;
            let missing: Vec<_> = events
                .iter()
                .filter(|event| !words.contains_key(**event))
                .collect();
            assert!(
                missing.is_empty(),
                "locales/{}/officer.toml lacks in [event]: {missing:?}",
                language.tag()
            );
        }
    }
}
