//! The list of devices: filter, search, order, pages.

mod choice;
pub(super) mod export;
mod row;

use std::collections::HashMap;
use std::sync::Arc;

use askama::Template;
use axum::extract::{Query, State};
use axum::response::{Redirect, Response};
use http::{HeaderMap, StatusCode};
use serde::Deserialize;
use zeef_proto::policy::{Policy, Source};

use self::choice::remembered;
pub(super) use self::choice::{forget_view, save_view, set_columns};
use self::row::Row;
use super::columns::{Column as Shows, Columns};
use super::failure::Failure;
use super::form::SignedForm;
use super::locale::{Language, Phrase, Texts};
use super::moment::Moments;
use super::page::{Choice, Page, Place, html};
use super::sealed_term::TermKey;
use super::state::App;
use super::view::{Asked, PER_PAGE, View};
use super::visit::SignedIn;
use crate::access::Permission;
use crate::index::{Column, Kind, Shown};
use crate::store::ledger::LookedAt;

#[derive(Template)]
#[template(path = "inventory.html")]
struct InventoryPage {
    page: Page,
    typed: String,
    filtered: bool,
    lost_search: bool,
    no_password: bool,
    saved: bool,
    full: bool,
    sort: String,
    reversed: bool,
    organisations: Vec<Choice>,
    products: Vec<Choice>,
    states: Vec<Choice>,
    /// The columns in the address, for the search to keep.
    columns: Option<String>,
    shown: Columns,
    name: Heading,
    headings: Vec<Heading>,
    choices: Vec<Choice>,
    views: Vec<Saved>,
    rows: Vec<Row>,
    count: Phrase,
    range: Option<Phrase>,
    previous: Option<String>,
    next: Option<String>,
    may_enrol: bool,
    zone: Phrase,
    export: Option<Files>,
}

/// Where the list is as a file.
struct Files {
    csv: String,
    json: String,
}

/// A view that the person has saved.
struct Saved {
    name: String,
    address: String,
    here: bool,
}

/// The head of a column.
struct Heading {
    name: &'static Phrase,
    /// Where the list is sorted by it; `None` where it cannot be.
    address: Option<String>,
    /// As `aria-sort` says it; `None` for another column.
    sorted: Option<&'static str>,
}

#[derive(Deserialize)]
pub(super) struct Hint {
    #[serde(default)]
    hint: String,
}

pub(super) async fn show(
    State(app): State<Arc<App>>,
    person: SignedIn,
    Query(asked): Query<Asked>,
    Query(hint): Query<Hint>,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    let view = View::from_address(&asked, &TermKey::new(&person.secret));
    let now = app.now();
    let shown = app.index.list(&view.query(person.reach()), now).await?;
    let owners = shown.devices.iter().map(|device| device.organisation);
    app.note_look(&person, LookedAt::devices(owners, view.term().is_some()))
        .await?;
    let published = app.policy().await?;
    let policy = published.as_ref().map(|published| &published.policy);
    let texts = person.visit.language.texts();
    let moments = Moments::new(texts, policy, now);
    let columns = view.columns.clone().unwrap_or_else(|| remembered(&headers, &app));
    let views = app.store.views(person.session.user).await?;
    let rows = rows(&shown, &view, texts, &moments, now);
    let template = InventoryPage {
        organisations: organisations(&shown, &view),
        products: policy.map_or_else(Vec::new, |policy| products(policy, person.visit.language, &view)),
        states: states(texts, &view),
        columns: view.columns.as_ref().map(Columns::text),
        name: heading(Some(Column::Name), texts.of_column(Column::Name), &view),
        headings: columns
            .iter()
            .map(|column| heading(column.sorts_by(), column.title(texts), &view))
            .collect(),
        choices: choices(&columns, texts),
        shown: columns,
        views: views
            .into_iter()
            .map(|saved| Saved {
                here: saved.asked == view.asked(),
                address: format!("/inventory?{}", saved.asked),
                name: saved.name,
            })
            .collect(),
        count: count(shown.total, texts),
        range: range(&shown, texts),
        previous: (shown.page > 0).then(|| view.on_page(shown.page - 1).address()),
        next: ((shown.page + 1) * PER_PAGE < shown.total).then(|| view.on_page(shown.page + 1).address()),
        zone: texts.frame.shown_in_time_of.with("zone", moments.zone()),
        export: (shown.total > 0 && person.session.role.may(Permission::Export)).then(|| Files {
            csv: view.file("csv"),
            json: view.file("json"),
        }),
        may_enrol: person.may(Permission::Enrol),
        rows,
        filtered: view.is_filtered(),
        lost_search: view.lost_search,
        no_password: hint.hint == "password",
        saved: hint.hint == "saved",
        full: hint.hint == "full",
        sort: view.sort.column.name().to_owned(),
        reversed: view.sort.reversed,
        typed: view.typed.unwrap_or_default(),
        page: Page::of(&person, Place::Inventory, texts.inventory.title.to_string()),
    };
    Ok(html(StatusCode::OK, &template))
}

/// Takes the search form and goes on to the address of what it asks for, so that going back is easy and no
/// address holds the term.
pub(super) async fn search(SignedForm { person, form }: SignedForm<Asked>) -> Redirect {
    let view = View::from_form(&form, &TermKey::new(&person.secret));
    Redirect::to(&view.address())
}

fn rows(
    shown: &Shown,
    view: &View,
    texts: &'static Texts,
    moments: &Moments,
    now: zeef_proto::UnixTime,
) -> Vec<Row> {
    let names: HashMap<_, _> = shown
        .organisations
        .iter()
        .map(|o| (o.id, o.name.as_str()))
        .collect();
    let term = view.term();
    shown
        .devices
        .iter()
        .map(|device| {
            let organisation = names.get(&device.organisation).copied().unwrap_or_default();
            Row::new(device, organisation, term.as_ref(), texts, moments, now)
        })
        .collect()
}

fn organisations(shown: &Shown, view: &View) -> Vec<Choice> {
    let choices = shown.organisations.iter().map(|organisation| Choice {
        value: organisation.id.to_string(),
        name: organisation.name.clone(),
        chosen: view.organisation == Some(organisation.id),
    });
    choices.collect()
}

/// Products of which Zeef holds device data.
fn products(policy: &Policy, language: Language, view: &View) -> Vec<Choice> {
    let held = policy
        .products
        .iter()
        .filter(|product| product.data.iter().any(|row| row.source != Source::Elsewhere));
    held.map(|product| Choice {
        value: product.id.to_string(),
        name: language.of(&product.name).to_owned(),
        chosen: view.product.as_ref() == Some(&product.id),
    })
    .collect()
}

fn states(texts: &Texts, view: &View) -> Vec<Choice> {
    let choices = Kind::all().map(|kind| Choice {
        value: kind.name().to_owned(),
        name: texts.of_kind(kind).to_string(),
        chosen: view.kind == Some(kind),
    });
    choices.collect()
}

/// The columns to choose from.
fn choices(shown: &Columns, texts: &Texts) -> Vec<Choice> {
    let choices = Shows::ALL.map(|column| Choice {
        value: column.name().to_owned(),
        name: column.title(texts).to_string(),
        chosen: shown.has(column),
    });
    choices.into()
}

fn heading(column: Option<Column>, name: &'static Phrase, view: &View) -> Heading {
    let sorted = column == Some(view.sort.column);
    Heading {
        name,
        address: column.map(|column| view.sorted_by(column).address()),
        sorted: sorted.then_some(if view.sort.reversed {
            "descending"
        } else {
            "ascending"
        }),
    }
}

fn count(total: usize, texts: &Texts) -> Phrase {
    match total {
        1 => texts.inventory.one_device.clone(),
        total => texts.inventory.devices.with("total", total),
    }
}

/// Which part of the list this is, where it is a part.
fn range(shown: &Shown, texts: &Texts) -> Option<Phrase> {
    (shown.total > PER_PAGE).then(|| {
        let from = shown.page * PER_PAGE;
        texts
            .inventory
            .range
            .with("from", from + 1)
            .with("to", (from + PER_PAGE).min(shown.total))
            .with("total", shown.total)
    })
}
