//! What was done with a device and who looked at it, from the ledger.

use std::collections::HashMap;

use zeef_proto::id::UserId;

use super::super::failure::Failure;
use super::super::locale::Texts;
use super::super::moment::{Moment, Moments};
use super::super::state::App;
use super::target::Target;
use crate::ledger::{Actor, Entry, Event, OrganisationEvent};

/// Entries that a page shows at most.
const MOST_SHOWN: usize = 20;

/// One entry.
pub(super) struct Happening {
    pub(super) at: Moment,
    pub(super) what: String,
    pub(super) who: String,
}

/// The newest entries, and whether there are more.
pub(super) async fn newest(
    app: &App,
    target: Target,
    texts: &Texts,
    moments: &Moments,
) -> Result<(Vec<Happening>, bool), Failure> {
    let Target { organisation, device } = target;
    let stored = app
        .store
        .ledger_of_device(organisation, device, i64::MAX as u64, MOST_SHOWN + 1)
        .await?;
    let accounts = app.store.users().await?;
    let names: HashMap<UserId, &str> = accounts
        .iter()
        .map(|user| (user.id, user.name.as_str()))
        .collect();
    let more = stored.len() > MOST_SHOWN;
    let entries = stored
        .iter()
        .take(MOST_SHOWN)
        .filter_map(|stored| Entry::from_bytes(&stored.bytes).ok());
    let happenings = entries.map(|entry| Happening {
        at: moments.time(entry.at),
        what: what(&entry.event, texts),
        who: who(entry.actor, &names, texts),
    });
    Ok((happenings.collect(), more))
}

fn what(event: &Event, texts: &Texts) -> String {
    use OrganisationEvent as E;
    let words = &texts.activity;
    let Event::Of(_, about) = event else {
        return event.name().to_owned();
    };
    match about {
        E::DeviceEnrolled(_) => words.enrolled.to_string(),
        E::DeviceRevoked(_) => words.revoked.to_string(),
        E::DeviceEnded(_) => words.ended.to_string(),
        E::DeviceRead(_) => words.looked_at.to_string(),
        E::DeviceKept(_) => words.kept.to_string(),
        E::SiteAllowed(_) => words.site_allowed.to_string(),
        E::SiteDenied(_) => words.site_denied.to_string(),
        _ => event.name().replace('_', " "),
    }
}

fn who(actor: Actor, names: &HashMap<UserId, &str>, texts: &Texts) -> String {
    let words = &texts.activity;
    match actor {
        Actor::Administrator => words.by_command.to_string(),
        Actor::Device => words.by_device.to_string(),
        Actor::Retention => words.by_retention.to_string(),
        Actor::Service(_) => words.by_service.to_string(),
        Actor::User(id) => names
            .get(&id)
            .map_or_else(|| words.by_removed.to_string(), |name| (*name).to_owned()),
    }
}
