//! One's own organisations, and the devices of one.

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
use super::super::moment::{Moment, Moments};
use super::super::page::{Page, Place, html};
use super::super::state::App;
use super::super::visit::SignedIn;
use crate::index::{Query as Wanted, Shown, Sort, State as Standing};
use crate::store::ledger::LookedAt;
use crate::store::records::{Device, Organisation};

/// Devices on a page.
const PER_PAGE: usize = 50;

#[derive(Template)]
#[template(path = "portal.html")]
struct ListPage {
    page: Page,
    organisation: String,
    /// Whether there are others to choose from.
    has_others: bool,
    count: Phrase,
    rows: Vec<Row>,
    looks: String,
    range: Option<Phrase>,
    previous: Option<String>,
    next: Option<String>,
    zone: Phrase,
}

struct Row {
    address: String,
    name: Option<String>,
    /// Which fields are held, with how many values where there are several.
    held: String,
    contact: Option<Moment>,
    state: &'static str,
    state_name: &'static Phrase,
    state_hint: &'static Phrase,
}

#[derive(Template)]
#[template(path = "portal_choice.html")]
struct ChoicePage {
    page: Page,
    organisations: Vec<Choice>,
}

struct Choice {
    address: String,
    name: String,
    devices: Phrase,
}

#[derive(Deserialize)]
pub(in crate::web) struct Asked {
    #[serde(default)]
    page: String,
}

impl Asked {
    /// From 0.
    fn page(&self) -> usize {
        self.page.parse::<usize>().unwrap_or(1).saturating_sub(1)
    }
}

/// The devices of one's own organisation; a choice where there are several.
pub(in crate::web) async fn show(
    State(app): State<Arc<App>>,
    person: SignedIn,
    Query(asked): Query<Asked>,
) -> Result<Response, Failure> {
    let own = own_organisations(&app, &person).await?;
    if let [only] = own.as_slice() {
        return list(&app, &person, (only.id, &only.name), false, asked.page()).await;
    }
    let texts = person.visit.language.texts();
    let choice = |one: Organisation| Choice {
        address: format!("/portal/devices/{}", one.id),
        devices: count(one.devices, texts),
        name: one.name,
    };
    let template = ChoicePage {
        organisations: own.into_iter().map(choice).collect(),
        page: Page::of(&person, Place::Portal, texts.portal.title.to_string()),
    };
    Ok(html(StatusCode::OK, &template))
}

/// By name.
async fn own_organisations(app: &App, person: &SignedIn) -> Result<Vec<Organisation>, Failure> {
    let Some(limits) = person.reach().limits() else {
        return Ok(app.store.organisations().await?);
    };
    let mut own = Vec::new();
    for organisation in limits {
        own.extend(app.store.organisation(*organisation).await?);
    }
    own.sort_by_key(|one| one.name.to_lowercase());
    Ok(own)
}

/// The devices of one organisation.
pub(in crate::web) async fn show_organisation(
    State(app): State<Arc<App>>,
    person: SignedIn,
    Path(organisation): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, Failure> {
    let organisation = organisation.parse().map_err(|_| Failure::NotFound)?;
    let found = app.store.organisation(organisation).await?;
    let name = found.ok_or(Failure::NotFound)?.name;
    let has_others = person.reach().limits().is_none_or(|limits| limits.len() > 1);
    list(&app, &person, (organisation, &name), has_others, asked.page()).await
}

async fn list(
    app: &App,
    person: &SignedIn,
    (organisation, name): (OrganisationId, &str),
    has_others: bool,
    page: usize,
) -> Result<Response, Failure> {
    let now = app.now();
    let wanted = Wanted {
        reach: person.reach().clone(),
        organisation: Some(organisation),
        product: None,
        kind: None,
        term: None,
        sort: Sort::default(),
        page,
        per_page: PER_PAGE,
    };
    let shown = app.index.list(&wanted, now).await?;
    let owners = shown.devices.iter().map(|device| device.organisation);
    app.note_look(person, LookedAt::devices(owners, false)).await?;
    let published = app.policy().await?;
    let policy = published.as_ref().map(|published| &published.policy);
    let texts = person.visit.language.texts();
    let moments = Moments::new(texts, policy, now);
    let address = |page: usize| format!("/portal/devices/{organisation}?page={}", page + 1);
    let row = |device: &Device| {
        let state = Standing::of(device, now);
        Row {
            address: format!("/portal/devices/{organisation}/{}", device.id),
            name: device.values(Field::DeviceName).next().map(ToOwned::to_owned),
            held: held(device, texts),
            contact: device.last_contact.map(|at| moments.time(at)),
            state: state.name(),
            state_name: texts.of_state(state),
            state_hint: texts.hint_of_state(state),
        }
    };
    let template = ListPage {
        organisation: name.to_owned(),
        has_others,
        count: count(shown.total as u64, texts),
        rows: shown.devices.iter().map(row).collect(),
        looks: format!("/portal/looks/{organisation}"),
        range: range(&shown, texts),
        previous: (shown.page > 0).then(|| address(shown.page - 1)),
        next: ((shown.page + 1) * PER_PAGE < shown.total).then(|| address(shown.page + 1)),
        zone: texts.frame.shown_in_time_of.with("zone", moments.zone()),
        page: Page::of(person, Place::Portal, texts.portal.title.to_string()),
    };
    Ok(html(StatusCode::OK, &template))
}

/// The names of the fields of which something is held.
fn held(device: &Device, texts: &Texts) -> String {
    let of_field = |field: Field| {
        let name = texts.of_field(field);
        match device.values(field).count() {
            0 => None,
            1 => Some(name.to_string()),
            several => Some(format!("{name} ({several})")),
        }
    };
    let fields: Vec<String> = Field::ALL.into_iter().filter_map(of_field).collect();
    fields.join(", ")
}

fn count(devices: u64, texts: &Texts) -> Phrase {
    match devices {
        1 => texts.inventory.one_device.clone(),
        devices => texts.inventory.devices.with("total", devices),
    }
}

/// Which part of the list this is, where it is a part.
fn range(shown: &Shown, texts: &Texts) -> Option<Phrase> {
    let from = shown.page * PER_PAGE;
    (shown.total > PER_PAGE).then(|| {
        let range = texts.inventory.range.with("from", from + 1);
        let range = range.with("to", (from + PER_PAGE).min(shown.total));
        range.with("total", shown.total)
    })
}
