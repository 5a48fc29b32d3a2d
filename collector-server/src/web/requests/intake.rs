//! Intake: somebody enters what came by letter, mail or telephone, or a customer's contact asks on the portal.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use http::StatusCode;
use serde::Deserialize;
use zeef_proto::id::RequestId;
use zeef_proto::{OrganisationId, UnixTime};

use super::super::failure::Failure;
use super::super::form::SignedForm;
use super::super::locale::Texts;
use super::super::page::{Page, Place, html};
use super::super::state::App;
use super::super::visit::SignedIn;
use super::{Choice, Mistake, Typed, address, field};
use crate::access::Permission;
use crate::random;
use crate::requests::{Details, Kind, Line, Officer, Text, zone};
use crate::store::records::Organisation;
use crate::store::requests::NewRequest;

#[derive(Template)]
#[template(path = "request_new.html")]
struct IntakePage {
    page: Page,
    /// Of this page.
    address: &'static str,
    /// Asked on the portal: it comes in now.
    asked_here: bool,
    opened: bool,
    organisations: Vec<Choice>,
    kinds: Vec<Choice>,
    typed: Typed,
    mistakes: Vec<Mistake>,
}

impl IntakePage {
    fn typed(&self, name: &str) -> &str {
        field(&self.typed, name)
    }

    fn mistake(&self, name: &str) -> Option<&Mistake> {
        self.mistakes.iter().find(|mistake| mistake.field == name)
    }
}

#[derive(Deserialize)]
pub(in crate::web) struct Outcome {
    #[serde(default)]
    opened: Option<String>,
}

pub(in crate::web) async fn show(
    State(app): State<Arc<App>>,
    person: SignedIn,
    Query(outcome): Query<Outcome>,
) -> Result<Response, Failure> {
    let mut page = page(&app, &person, Typed::new(), Vec::new()).await?;
    page.opened = outcome.opened.is_some();
    Ok(html(StatusCode::OK, &page))
}

async fn page(
    app: &App,
    person: &SignedIn,
    typed: Typed,
    mistakes: Vec<Mistake>,
) -> Result<IntakePage, Failure> {
    let texts = person.visit.language.texts();
    let reached = reached(app, person).await?.into_iter();
    let organisations = reached
        .map(|one| Choice {
            chosen: one.id.to_string() == field(&typed, "organisation"),
            value: one.id.to_string(),
            name: one.name,
        })
        .collect();
    let kinds = Kind::ALL.iter().map(|kind| Choice {
        value: kind.name().to_owned(),
        name: texts.of_request_kind(*kind).to_string(),
        chosen: kind.name() == field(&typed, "kind"),
    });
    let asked_here = person.may(Permission::UsePortal);
    let place = if asked_here {
        Place::Portal
    } else {
        Place::Requests
    };
    Ok(IntakePage {
        page: Page::of(person, place, texts.requests.new.to_string()),
        address: own_address(person),
        asked_here,
        opened: false,
        organisations,
        kinds: kinds.collect(),
        typed,
        mistakes,
    })
}

/// Where somebody opens requests.
fn own_address(person: &SignedIn) -> &'static str {
    if person.may(Permission::UsePortal) {
        "/portal/requests/new"
    } else {
        "/requests/new"
    }
}

/// The organisations that a request may be about.
async fn reached(app: &App, person: &SignedIn) -> Result<Vec<Organisation>, Failure> {
    let mut organisations = app.store.organisations().await?;
    organisations.retain(|one| person.reach().reaches(one.id));
    Ok(organisations)
}

pub(in crate::web) async fn open(
    State(app): State<Arc<App>>,
    SignedForm {
        person,
        form: mut typed,
    }: SignedForm<Typed>,
) -> Result<Response, Failure> {
    if person.may(Permission::UsePortal) {
        // When it came in is not for whoever asks to say.
        typed.remove("received");
    }
    let reached = reached(&app, &person).await?;
    let request = match read(person.visit.language.texts(), &reached, &typed, app.now()) {
        Ok(request) => request,
        Err(mistakes) => {
            let page = page(&app, &person, typed, mistakes).await?;
            return Ok(html(StatusCode::UNPROCESSABLE_ENTITY, &page));
        }
    };
    let (organisation, id) = (request.organisation, request.id);
    let by = Officer::Account(person.session.user);
    app.store.open_request(request, by, app.now()).await?;
    let next = if person.may(Permission::HandleRequests) {
        address(organisation, id)
    } else {
        format!("{}?opened=yes", own_address(&person))
    };
    Ok(Redirect::to(&next).into_response())
}

fn read(
    texts: &Texts,
    reached: &[Organisation],
    typed: &Typed,
    now: UnixTime,
) -> Result<NewRequest, Vec<Mistake>> {
    let words = &texts.requests;
    let mut mistakes = Vec::new();
    let mut mistaken = |field, says: &super::Phrase| {
        mistakes.push(Mistake {
            field,
            says: says.clone(),
        });
    };
    let organisation: Option<OrganisationId> = field(typed, "organisation").parse().ok();
    let organisation = organisation.filter(|id| reached.iter().any(|one| one.id == *id));
    if organisation.is_none() {
        mistaken("organisation", &words.choose_organisation);
    }
    let kind: Option<Kind> = field(typed, "kind").parse().ok();
    if kind.is_none() {
        mistaken("kind", &words.choose_kind);
    }
    let received = received(field(typed, "received"), now);
    if received.is_none() {
        mistaken("received", &words.wrong_day);
    }
    let mut line = |name| {
        let line = Line::parse(field(typed, name)).ok();
        if line.is_none() {
            mistaken(name, &words.wrong_line);
        }
        line
    };
    let (name, contact) = (line("name"), line("contact"));
    let text = field(typed, "asked");
    let asked = Text::parse(text).ok();
    if asked.is_none() && !text.trim().is_empty() {
        mistaken("asked", &words.wrong_text);
    }
    match (organisation.zip(kind), received, name.zip(contact)) {
        (Some((organisation, kind)), Some(received), Some((name, contact))) if mistakes.is_empty() => {
            Ok(NewRequest {
                id: RequestId::from_random(random::bytes()),
                organisation,
                kind,
                received,
                details: Details {
                    name,
                    contact,
                    asked,
                    explanation: None,
                },
            })
        }
        _ => Err(mistakes),
    }
}

/// The day on which it came in, today where nothing is said; `None` where that is no day, or a later one.
fn received(day: &str, now: UnixTime) -> Option<UnixTime> {
    if day.is_empty() {
        return Some(now);
    }
    let day: jiff::civil::Date = day.parse().ok()?;
    let start = day.to_zoned_datetime(zone()).ok()?.timestamp().as_second();
    (start <= now.0).then_some(UnixTime(start))
}
