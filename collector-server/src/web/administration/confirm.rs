//! The page that says what will happen, with the button that does it.

use askama::Template;
use axum::response::Response;
use http::StatusCode;

use super::super::locale::Phrase;
use super::super::page::{Page, Place, html};

/// What is about to happen.
#[derive(Template)]
#[template(path = "confirm.html")]
pub(super) struct Confirm {
    pub(super) page: Page,
    pub(super) title: Phrase,
    /// What it is about.
    pub(super) subject: String,
    /// What will happen, a sentence or two each.
    pub(super) told: Vec<Phrase>,
    /// Where the button posts to.
    pub(super) action: String,
    /// What the form repeats, beside its proof.
    pub(super) fields: Vec<(&'static str, String)>,
    pub(super) button: Phrase,
    /// Where to go without doing it.
    pub(super) back: String,
}

impl Confirm {
    pub(super) fn answer(self) -> Response {
        html(StatusCode::OK, &self)
    }
}
