//! The queue: what is due first stands first. It names nobody who asks.

use std::collections::HashMap;
use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use http::StatusCode;

use super::super::failure::Failure;
use super::super::locale::Phrase;
use super::super::moment::{Moment, Moments};
use super::super::page::{Page, Place, html};
use super::super::state::App;
use super::super::visit::SignedIn;
use super::address;
use crate::requests::{Alarm, alarm};

#[derive(Template)]
#[template(path = "requests.html")]
struct QueuePage {
    page: Page,
    rows: Vec<Row>,
    open: usize,
    zone: Phrase,
}

struct Row {
    address: String,
    kind: &'static Phrase,
    organisation: String,
    state: &'static Phrase,
    due: Moment,
    received: Moment,
    is_open: bool,
    alarm: Alarm,
    alarm_text: &'static Phrase,
}

pub(in crate::web) async fn show(State(app): State<Arc<App>>, person: SignedIn) -> Result<Response, Failure> {
    let texts = person.visit.language.texts();
    let limits = person
        .reach()
        .limits()
        .map(|limits| limits.iter().copied().collect());
    let cases = app.store.requests(limits, app.now()).await?;
    let organisations = app.store.organisations().await?;
    let names: HashMap<_, _> = organisations.into_iter().map(|one| (one.id, one.name)).collect();
    let published = app.policy().await?;
    let moments = Moments::new(texts, published.as_ref().map(|one| &one.policy), app.now());
    let rows: Vec<Row> = cases
        .iter()
        .map(|case| Row {
            address: address(case.organisation, case.id),
            kind: texts.of_request_kind(case.kind),
            organisation: names.get(&case.organisation).cloned().unwrap_or_default(),
            state: texts.of_request_state(&case.state),
            // The last day, not the midnight that ends it.
            due: moments.day(case.due.plus(-1)),
            received: moments.day(case.received),
            is_open: case.is_open(),
            alarm: alarm(case, app.now()),
            alarm_text: texts.of_alarm(alarm(case, app.now())),
        })
        .collect();
    let template = QueuePage {
        page: Page::of(&person, Place::Requests, texts.requests.title.to_string()),
        open: rows.iter().filter(|row| row.is_open).count(),
        rows,
        zone: texts.frame.shown_in_time_of.with("zone", moments.zone()),
    };
    Ok(html(StatusCode::OK, &template))
}
