//! Who looked at what is held of one organisation, month by month.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use http::StatusCode;
use serde::Deserialize;
use zeef_proto::OrganisationId;
use zeef_proto::field::Field;

use super::super::failure::Failure;
use super::super::locale::{Phrase, Texts};
use super::super::moment::Moments;
use super::super::page::{Page, Place, html};
use super::super::state::App;
use super::super::visit::SignedIn;
use super::month::Month;
use super::who::{Accounts, Line, Linked, Named, lines};
use crate::ledger::DeviceMark;
use crate::my_data::{Look, Looks, Sight, first_entry_at};
use crate::store::ledger::LookedAt;

/// Looks on a page.
const PER_PAGE: usize = 200;

/// Entries that are read for a page at most.
const MOST_ENTRIES: usize = 5_000;

#[derive(Template)]
#[template(path = "portal_looks.html")]
struct LooksPage {
    page: Page,
    organisation: String,
    back: String,
    month: Phrase,
    lines: Vec<Line>,
    earlier_in_month: Option<String>,
    previous: Option<Step>,
    next: Option<Step>,
    zone: Phrase,
}

/// A neighbouring month.
struct Step {
    address: String,
    month: Phrase,
}

#[derive(Deserialize)]
pub(in crate::web) struct Asked {
    #[serde(default)]
    month: String,
    /// Go on before this entry of the ledger.
    #[serde(default)]
    before: String,
}

pub(in crate::web) async fn show(
    State(app): State<Arc<App>>,
    person: SignedIn,
    Path(organisation): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, Failure> {
    let organisation: OrganisationId = organisation.parse().map_err(|_| Failure::NotFound)?;
    let found = app.store.organisation(organisation).await?;
    let owner = found.ok_or(Failure::NotFound)?.name;
    let now = app.now();
    let published = app.policy().await?;
    let policy = published.as_ref().map(|published| &published.policy);
    let texts = person.visit.language.texts();
    let moments = Moments::new(texts, policy, now);
    let zone = moments.time_zone();
    let this_month = Month::of(now, zone);
    let month = asked
        .month
        .parse()
        .map_or(this_month, |month: Month| month.min(this_month));

    let store = app.store.as_ref();
    let end = first_entry_at(store, month.next().begins(zone)).await?;
    let before = asked.before.parse().map_or(end, |before: u64| before.min(end));
    let looks = Looks::read(
        store,
        organisation,
        (month.begins(zone), before),
        PER_PAGE,
        MOST_ENTRIES,
    )
    .await?;
    let named = named(&app, organisation, &looks.found).await?;
    app.note_look(
        &person,
        LookedAt::devices(named.0.keys().map(|_| organisation), false),
    )
    .await?;
    let accounts = Accounts::read(store, person.session.user).await?;
    let address = format!("/portal/looks/{organisation}");
    let step = |month: Month| Step {
        address: format!("{address}?month={month}"),
        month: in_words(month, texts),
    };
    let begun = first_entry_at(store, month.begins(zone)).await?;
    let template = LooksPage {
        organisation: owner,
        back: format!("/portal/devices/{organisation}"),
        month: in_words(month, texts),
        lines: lines(&looks.found, &accounts, Some(&named), texts, &moments),
        earlier_in_month: looks
            .next
            .map(|before| format!("{address}?month={month}&before={before}")),
        previous: (begun > 0).then(|| step(month.previous())),
        next: (month < this_month).then(|| step(month.next())),
        zone: texts.frame.shown_in_time_of.with("zone", moments.zone()),
        page: Page::of(&person, Place::Portal, texts.looks.title.to_string()),
    };
    Ok(html(StatusCode::OK, &template))
}

/// Which devices that are still there the looks are at.
async fn named(app: &App, organisation: OrganisationId, looks: &[Look]) -> Result<Named, Failure> {
    let mark = |look: &Look| match look.sight {
        Sight::Device(mark) => Some(mark.0),
        Sight::List(_) | Sight::Search(_) => None,
    };
    let wanted: HashSet<[u8; 16]> = looks.iter().filter_map(mark).collect();
    if wanted.is_empty() {
        return Ok(Named(HashMap::new()));
    }
    let marks = app.store.device_marks(organisation).await?;
    let there: HashMap<_, DeviceMark> = marks
        .into_iter()
        .filter(|(_, mark)| wanted.contains(&mark.0))
        .collect();
    let ids = there.keys().map(|device| (organisation, *device)).collect();
    let devices = app.store.devices(ids, app.now()).await?;
    let linked = devices.iter().filter_map(|device| {
        let linked = Linked {
            address: format!("/portal/devices/{organisation}/{}", device.id),
            name: device.values(Field::DeviceName).next().map(ToOwned::to_owned),
        };
        Some((there.get(&device.id)?.0, linked))
    });
    Ok(Named(linked.collect()))
}

fn in_words(month: Month, texts: &Texts) -> Phrase {
    let name = texts.date.month_names().nth(month.number()).unwrap_or_default();
    texts.looks.month.with("month", name).with("year", month.year())
}
