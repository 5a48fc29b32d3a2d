//! All organisations, and a new one.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use http::StatusCode;
use serde::Deserialize;
use zeef_proto::OrganisationId;

use super::super::failure::Failure;
use super::super::form::SignedForm;
use super::super::locale::{Phrase, Texts};
use super::super::page::{Page, Place, html};
use super::super::state::App;
use super::super::visit::SignedIn;
use crate::access::{InvalidName, organisation_name};
use crate::random;
use crate::store::StoreError;

#[derive(Template)]
#[template(path = "organisations.html")]
struct OrganisationsPage {
    page: Page,
    rows: Vec<Row>,
    /// What was typed, where it could not be taken.
    typed: String,
    mistake: Option<&'static Phrase>,
}

struct Row {
    address: String,
    name: String,
    devices: u64,
    /// Products that run now.
    products: String,
}

pub(in crate::web) async fn show(State(app): State<Arc<App>>, person: SignedIn) -> Result<Response, Failure> {
    let page = page(&app, &person, String::new(), None).await?;
    Ok(html(StatusCode::OK, &page))
}

#[derive(Deserialize)]
pub(in crate::web) struct New {
    name: String,
}

pub(in crate::web) async fn add(
    State(app): State<Arc<App>>,
    SignedForm { person, form }: SignedForm<New>,
) -> Result<Response, Failure> {
    let texts = person.visit.language.texts();
    let mistake = match organisation_name(&form.name) {
        Ok(name) => {
            let id = OrganisationId::from_random(random::bytes());
            match app
                .store
                .add_organisation(id, name, person.actor(), app.now())
                .await
            {
                Ok(()) => return Ok(Redirect::to(&format!("/organisations/{id}")).into_response()),
                Err(StoreError::NameTaken(_)) => &texts.organisations.taken,
                Err(error) => return Err(error.into()),
            }
        }
        Err(invalid) => in_words(invalid, texts),
    };
    let page = page(&app, &person, form.name, Some(mistake)).await?;
    Ok(html(StatusCode::UNPROCESSABLE_ENTITY, &page))
}

const fn in_words(invalid: InvalidName, texts: &Texts) -> &Phrase {
    match invalid {
        InvalidName::Organisation | InvalidName::Account => &texts.organisations.wrong_name,
        InvalidName::Id => &texts.organisations.like_id,
    }
}

async fn page(
    app: &App,
    person: &SignedIn,
    typed: String,
    mistake: Option<&'static Phrase>,
) -> Result<OrganisationsPage, Failure> {
    let (language, now) = (person.visit.language, app.now());
    let published = app.policy().await?;
    let mut rows = Vec::new();
    for one in app.store.organisations().await? {
        if !person.reach().reaches(one.id) {
            continue;
        }
        let subscriptions = app.store.subscriptions(one.id).await?;
        let running = subscriptions
            .iter()
            .filter(|subscription| subscription.runs_at(now));
        let mut products: Vec<&str> = running
            .map(|subscription| {
                let known = published.as_ref().map(|published| &published.policy);
                let known = known.and_then(|policy| policy.product(&subscription.product));
                known.map_or(subscription.product.as_str(), |product| {
                    language.of(&product.name)
                })
            })
            .collect();
        products.sort_unstable();
        products.dedup();
        rows.push(Row {
            address: format!("/organisations/{}", one.id),
            products: products.join(", "),
            name: one.name,
            devices: one.devices,
        });
    }
    let title = language.texts().organisations.title.to_string();
    Ok(OrganisationsPage {
        page: Page::of(person, Place::Organisations, title),
        rows,
        typed,
        mistake,
    })
}
