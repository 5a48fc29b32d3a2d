//! Which entries are asked for, as an address says it.

use jiff::ToSpan;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::Deserialize;
use zeef_proto::id::UserId;
use zeef_proto::{DeviceId, OrganisationId, UnixTime};

use super::theme::Theme;
use crate::access::Reach;
use crate::ledger::{Actor, DeviceMark, Entry};

/// A filter as the query of an address says it. What does not fit is left out.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(in crate::web) struct Asked {
    organisation: String,
    theme: String,
    actor: String,
    device: String,
    from: String,
    until: String,
    before: String,
}

/// Which entries.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Filter {
    pub(super) organisation: Option<OrganisationId>,
    pub(super) theme: Option<Theme>,
    pub(super) actor: Option<By>,
    pub(super) device: Option<DeviceId>,
    /// The first day.
    pub(super) from: Option<Date>,
    /// The last day.
    pub(super) until: Option<Date>,
    /// Only entries before this one.
    pub(super) before: Option<u64>,
}

/// Who did it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum By {
    /// Anybody of that name for an actor.
    Kind(&'static str),
    /// The account of that id.
    Account(UserId),
}

/// Actors that can be asked for, by name.
pub(super) const KINDS: [&str; 5] = ["administrator", "device", "retention", "user", "service"];

impl By {
    fn named(text: &str) -> Option<Self> {
        let kind = KINDS.into_iter().find(|kind| *kind == text).map(Self::Kind);
        kind.or_else(|| text.parse().ok().map(Self::Account))
    }

    /// As an address says it.
    pub(super) fn name(&self) -> String {
        match self {
            Self::Kind(kind) => (*kind).to_owned(),
            Self::Account(user) => user.to_string(),
        }
    }

    fn is(&self, actor: Actor) -> bool {
        match self {
            Self::Kind(kind) => actor.name() == *kind,
            Self::Account(user) => actor == Actor::User(*user),
        }
    }
}

impl Filter {
    pub(super) fn of(asked: &Asked) -> Self {
        Self {
            organisation: asked.organisation.parse().ok(),
            theme: Theme::named(&asked.theme),
            actor: By::named(&asked.actor),
            device: asked.device.trim().parse().ok(),
            from: asked.from.parse().ok(),
            until: asked.until.parse().ok(),
            before: asked.before.parse().ok(),
        }
    }

    /// Whether it shows a part only.
    pub(super) fn is_narrow(&self) -> bool {
        *self
            != Self {
                before: self.before,
                ..Self::default()
            }
    }

    /// The first second that is asked for, and the first that is not any more.
    pub(super) fn period(&self, zone: &TimeZone) -> (Option<UnixTime>, Option<UnixTime>) {
        let begins = |day: Date| {
            let midnight = day.to_zoned_datetime(zone.clone());
            midnight
                .ok()
                .map(|midnight| UnixTime(midnight.timestamp().as_second()))
        };
        (
            self.from.and_then(begins),
            self.until.and_then(|day| begins(day.saturating_add(1.day()))),
        )
    }

    /// The address of the page with what comes before an entry; of the newest where none is named.
    pub(super) fn address(&self, before: Option<u64>) -> String {
        let parts = [
            ("organisation", self.organisation.map(|id| id.to_string())),
            ("theme", self.theme.map(|theme| theme.name().to_owned())),
            ("actor", self.actor.as_ref().map(By::name)),
            ("device", self.device.map(|id| id.to_string())),
            ("from", self.from.map(|day| day.to_string())),
            ("until", self.until.map(|day| day.to_string())),
            ("before", before.map(|index| index.to_string())),
        ];
        let parts: Vec<_> = parts
            .into_iter()
            .filter_map(|(name, value)| Some(format!("{name}={}", value?)))
            .collect();
        if parts.is_empty() {
            "/ledger".to_owned()
        } else {
            format!("/ledger?{}", parts.join("&"))
        }
    }
}

/// What an entry must be to be shown.
pub(super) struct Sieve<'a> {
    pub(super) filter: &'a Filter,
    pub(super) since: Option<UnixTime>,
    pub(super) before: Option<UnixTime>,
    /// The device that is asked for, as entries name it.
    pub(super) mark: Option<DeviceMark>,
    pub(super) reach: &'a Reach,
}

impl Sieve<'_> {
    /// Whether an entry is asked for, and may be seen: what concerns the installation by those who reach all of it.
    pub(super) fn takes(&self, entry: &Entry) -> bool {
        let organisation = entry.event.organisation();
        let within = organisation.map_or(*self.reach == Reach::All, |id| self.reach.reaches(id));
        let filter = self.filter;
        within
            && filter
                .organisation
                .is_none_or(|asked| organisation == Some(asked))
            && filter.theme.is_none_or(|theme| theme == Theme::of(&entry.event))
            && filter.actor.as_ref().is_none_or(|by| by.is(entry.actor))
            && (self.mark.is_none() || entry.event.device() == self.mark)
            && self.since.is_none_or(|since| since <= entry.at)
            && self.before.is_none_or(|before| entry.at < before)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::{Event, Hash, InstallationEvent, OrganisationEvent};

    fn own() -> OrganisationId {
        OrganisationId::from_bytes([1; 16])
    }

    fn user() -> UserId {
        UserId::from_bytes([9; 16])
    }

    fn entry(event: Event) -> Entry {
        Entry {
            index: 7,
            at: UnixTime(1_785_924_000),
            actor: Actor::User(user()),
            event,
            previous: Hash::NONE,
        }
    }

    fn takes(filter: &Filter, reach: &Reach, entry: &Entry) -> bool {
        let (since, before) = filter.period(&TimeZone::get("Europe/Amsterdam").unwrap());
        let sieve = Sieve {
            filter,
            since,
            before,
            mark: None,
            reach,
        };
        sieve.takes(entry)
    }

    #[test]
    fn a_filter_survives_its_address_and_what_does_not_fit_is_left_out() {
        let filter = Filter {
            organisation: Some(own()),
            theme: Some(Theme::Looks),
            actor: Some(By::Account(user())),
            device: Some(DeviceId::from_bytes([3; 16])),
            from: "2026-08-01".parse().ok(),
            until: "2026-08-31".parse().ok(),
            before: None,
        };
        let address = filter.address(Some(12));
        let query = address.split_once('?').unwrap().1;
        let part = |name: &str| {
            let found = query
                .split('&')
                .find_map(|part| part.strip_prefix(&format!("{name}=")));
            found.unwrap().to_owned()
        };
        let asked = Asked {
            organisation: part("organisation"),
            theme: part("theme"),
            actor: part("actor"),
            device: part("device"),
            from: part("from"),
            until: part("until"),
            before: part("before"),
        };
        let read = Filter::of(&asked);
        assert_eq!((read.before, Filter { before: None, ..read }), (Some(12), filter));
        let nonsense = Asked {
            organisation: "x".to_owned(),
            theme: "x".to_owned(),
            actor: "x".to_owned(),
            from: "2026-02-30".to_owned(),
            before: "-1".to_owned(),
            ..Asked::default()
        };
        assert_eq!(Filter::of(&nonsense), Filter::default());
    }

    #[test]
    fn days_are_whole_where_the_policy_counts() {
        // Half past midnight in Amsterdam, the day before in UTC.
        let mut entry = entry(Event::Of(own(), OrganisationEvent::OrganisationAdded));
        entry.at = "2026-08-04T22:30:00Z".parse().unwrap();
        let on = |from: &str, until: &str| {
            let filter = Filter {
                from: from.parse().ok(),
                until: until.parse().ok(),
                ..Filter::default()
            };
            takes(&filter, &Reach::All, &entry)
        };
        assert!(on("2026-08-05", "2026-08-05") && on("", "2026-08-05") && on("2026-08-05", ""));
        assert!(!on("2026-08-06", "") && !on("", "2026-08-04"));
    }

    #[test]
    fn whoever_reaches_one_organisation_sees_its_entries_alone() {
        let own_entry = entry(Event::Of(own(), OrganisationEvent::OrganisationAdded));
        let other = OrganisationId::from_bytes([2; 16]);
        let foreign = entry(Event::Of(other, OrganisationEvent::OrganisationAdded));
        let installation = entry(Event::Installation(InstallationEvent::SignedIn));
        let all = Filter::default();
        let limited = Reach::of([own()]);
        assert!(takes(&all, &limited, &own_entry));
        assert!(!takes(&all, &limited, &foreign) && !takes(&all, &limited, &installation));
        assert!(takes(&all, &Reach::All, &foreign) && takes(&all, &Reach::All, &installation));
    }

    #[test]
    fn entries_are_found_by_who_did_them_and_what_they_are_about() {
        let read = entry(Event::Of(own(), OrganisationEvent::DevicesListed(3)));
        let asked = |theme, actor| {
            takes(
                &Filter {
                    theme,
                    actor,
                    ..Filter::default()
                },
                &Reach::All,
                &read,
            )
        };
        assert!(asked(Some(Theme::Looks), None) && !asked(Some(Theme::Policy), None));
        assert!(asked(None, Some(By::Kind("user"))) && !asked(None, Some(By::Kind("retention"))));
        assert!(asked(None, Some(By::Account(user()))));
        assert!(!asked(None, Some(By::Account(UserId::from_bytes([8; 16])))));
    }
}
