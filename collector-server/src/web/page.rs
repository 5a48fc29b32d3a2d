//! What every page has around its content.

use askama::Template;
use axum::response::{IntoResponse, Response};
use data_encoding::BASE64URL_NOPAD;
use http::{HeaderValue, StatusCode, header};

use super::assets;
use super::locale::{Language, Texts};
use super::visit::{SignedIn, Visit};

/// Where in the application a page is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    Inventory,
    Policy,
    Account,
    Elsewhere,
}

/// The frame of a page, for the layout.
pub(super) struct Page {
    /// Texts in the visitor's language.
    pub(super) t: &'static Texts,
    pub(super) language: Language,
    pub(super) person: Option<Person>,
    pub(super) place: Place,
    /// Of the page; holds no personal value, for browsers keep it.
    pub(super) title: String,
    /// Where the choice of another language comes back to.
    pub(super) here: String,
    pub(super) shortcut: bool,
}

/// Who is signed in.
pub(super) struct Person {
    pub(super) name: String,
    /// What forms repeat.
    pub(super) form: String,
}

impl Page {
    pub(super) fn new(visit: &Visit, person: Option<Person>, place: Place, title: String) -> Self {
        Self {
            t: visit.language.texts(),
            language: visit.language,
            person,
            place,
            title,
            here: visit.here.clone(),
            shortcut: visit.shortcut,
        }
    }

    /// The frame of a signed-in person's page.
    pub(super) fn of(person: &SignedIn, place: Place, title: String) -> Self {
        let signed_in = Person {
            name: person.session.user_name.clone(),
            form: BASE64URL_NOPAD.encode(&person.session.form_secret),
        };
        Self::new(&person.visit, Some(signed_in), place, title)
    }

    /// The languages that this page is not in.
    pub(super) fn other_languages(&self) -> impl Iterator<Item = Language> {
        let own = self.language;
        Language::ALL.into_iter().filter(move |language| *language != own)
    }

    /// What a form repeats; nothing where nobody is signed in.
    pub(super) fn form_secret(&self) -> &str {
        self.person.as_ref().map_or("", |person| &person.form)
    }

    pub(super) fn asset(&self, name: &str) -> String {
        assets::address(name)
    }
}

/// A template as a response.
pub(super) fn html(status: StatusCode, template: &impl Template) -> Response {
    match template.render() {
        Ok(body) => {
            let kind = HeaderValue::from_static("text/html; charset=utf-8");
            (status, [(header::CONTENT_TYPE, kind)], body).into_response()
        }
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}
