//! Privacy notice and register of processing activities: as a page, as Markdown and as JSON.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};

use super::failure::Failure;
use super::page::{Page, Place, html, json};
use super::state::App;
use super::visit::SignedIn;
use crate::notice::{Block, Document, Kind, markdown};

#[derive(Template)]
#[template(path = "told.html")]
struct ToldPage {
    page: Page,
    kind: &'static str,
    document: Option<Document>,
}

pub(super) async fn notice(app: State<Arc<App>>, person: SignedIn) -> Result<Response, Failure> {
    page(&app, &person, Kind::Notice).await
}

pub(super) async fn notice_markdown(app: State<Arc<App>>, person: SignedIn) -> Result<Response, Failure> {
    as_markdown(&app, &person, Kind::Notice).await
}

pub(super) async fn notice_json(app: State<Arc<App>>, person: SignedIn) -> Result<Response, Failure> {
    as_json(&app, &person, Kind::Notice).await
}

pub(super) async fn register(app: State<Arc<App>>, person: SignedIn) -> Result<Response, Failure> {
    page(&app, &person, Kind::Register).await
}

pub(super) async fn register_markdown(app: State<Arc<App>>, person: SignedIn) -> Result<Response, Failure> {
    as_markdown(&app, &person, Kind::Register).await
}

pub(super) async fn register_json(app: State<Arc<App>>, person: SignedIn) -> Result<Response, Failure> {
    as_json(&app, &person, Kind::Register).await
}

async fn page(app: &App, person: &SignedIn, kind: Kind) -> Result<Response, Failure> {
    let texts = person.visit.language.texts();
    let title = match kind {
        Kind::Notice => &texts.notice.title,
        Kind::Register => &texts.register.title,
    };
    let template = ToldPage {
        page: Page::of(person, Place::Policy, title.to_string()),
        kind: kind.name(),
        document: document(app, person, kind).await?,
    };
    Ok(html(StatusCode::OK, &template))
}

async fn as_markdown(app: &App, person: &SignedIn, kind: Kind) -> Result<Response, Failure> {
    let document = document(app, person, kind).await?.ok_or(Failure::NotFound)?;
    let media = HeaderValue::from_static("text/markdown; charset=utf-8");
    Ok(([(header::CONTENT_TYPE, media)], markdown(&document)).into_response())
}

async fn as_json(app: &App, person: &SignedIn, kind: Kind) -> Result<Response, Failure> {
    let document = document(app, person, kind).await?.ok_or(Failure::NotFound)?;
    Ok(json(&document))
}

/// The text in the visitor's language; `None` before a policy is published.
async fn document(app: &App, person: &SignedIn, kind: Kind) -> Result<Option<Document>, Failure> {
    let published = app.policy().await?;
    Ok(published.map(|published| kind.of(&published.policy, person.visit.language)))
}
