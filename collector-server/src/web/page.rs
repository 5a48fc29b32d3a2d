//! What every page has around its content.

use askama::Template;
use axum::response::{IntoResponse, Response};
use data_encoding::BASE64URL_NOPAD;
use http::{HeaderValue, StatusCode, header};
use serde::Serialize;

use super::assets;
use super::locale::{Language, Phrase, Texts};
use super::visit::{SignedIn, Visit};
use crate::access::{Permission, Role};

/// Where in the application a page is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    Inventory,
    Requests,
    Enrol,
    Policy,
    Retention,
    Ledger,
    Report,
    Portal,
    Organisations,
    Accounts,
    Account,
    Elsewhere,
}

/// The main menu: a line for each part of the application, shown to those who may see it. Of two lines for one part the
/// first counts that somebody may see.
const MENU: &[(Place, &str, Permission)] = &[
    (Place::Portal, "/portal", Permission::UsePortal),
    (Place::Inventory, "/inventory", Permission::SeeInventory),
    (Place::Requests, "/requests", Permission::HandleRequests),
    (Place::Requests, "/requests/new", Permission::OpenRequests),
    (Place::Enrol, "/enrol", Permission::Enrol),
    (Place::Policy, "/policy", Permission::SeePolicy),
    (Place::Retention, "/retention", Permission::SeeRetention),
    (Place::Ledger, "/ledger", Permission::SeeLedger),
    (Place::Report, "/report", Permission::SeeReport),
    (
        Place::Organisations,
        "/organisations",
        Permission::ManageOrganisations,
    ),
    (Place::Accounts, "/accounts", Permission::ManageAccounts),
];

/// The page that a person of this role begins with: the first that the menu shows.
pub(super) fn home(role: Role) -> &'static str {
    let first = MENU.iter().find(|(_, _, permission)| role.may(*permission));
    first.map_or("/account", |(_, address, _)| address)
}

/// One choice of a filter.
pub(super) struct Choice {
    pub(super) value: String,
    pub(super) name: String,
    pub(super) chosen: bool,
}

/// A line of the main menu.
pub(super) struct Item {
    pub(super) address: &'static str,
    pub(super) name: &'static Phrase,
    pub(super) here: bool,
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
    pub(super) role: Role,
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
            role: person.session.role,
        };
        Self::new(&person.visit, Some(signed_in), place, title)
    }

    /// The main menu of whoever is signed in.
    pub(super) fn menu(&self) -> Vec<Item> {
        let Some(person) = &self.person else {
            return Vec::new();
        };
        let mut items: Vec<(Place, Item)> = Vec::new();
        for (place, address, permission) in MENU {
            if person.role.may(*permission) && items.iter().all(|(known, _)| known != place) {
                let item = Item {
                    address,
                    name: self.t.of_place(*place),
                    here: self.place == *place,
                };
                items.push((*place, item));
            }
        }
        items.into_iter().map(|(_, item)| item).collect()
    }

    /// Where the mark leads.
    pub(super) fn home(&self) -> &'static str {
        self.person.as_ref().map_or("/", |person| home(person.role))
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

/// Something as JSON, to be read by people as well.
pub(super) fn json(value: &impl Serialize) -> Response {
    match serde_json::to_string_pretty(value) {
        Ok(body) => {
            let kind = HeaderValue::from_static("application/json");
            ([(header::CONTENT_TYPE, kind)], body + "\n").into_response()
        }
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
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
