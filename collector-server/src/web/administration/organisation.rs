//! One organisation: its subscriptions, when its silent devices are asked about, and what holds its data.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use http::StatusCode;
use serde::Deserialize;
use zeef_proto::OrganisationId;
use zeef_proto::id::SubscriptionId;
use zeef_proto::policy::{Policy, ProductId};

use super::super::failure::Failure;
use super::super::form::SignedForm;
use super::super::locale::{Language, Phrase};
use super::super::moment::{Moment, Moments};
use super::super::page::{Page, Place, html};
use super::super::state::App;
use super::super::visit::SignedIn;
use super::begin_of_day;
use crate::random;
use crate::retention::Silence;
use crate::store::records::{Organisation, Subscription};

#[derive(Template)]
#[template(path = "organisation.html")]
struct OrganisationPage {
    page: Page,
    id: String,
    name: String,
    devices: Phrase,
    inventory: String,
    subscriptions: Vec<Row>,
    products: Vec<Product>,
    today: String,
    silence: String,
    holds: Vec<Hold>,
    saved: bool,
    mistake: Option<Mistake>,
    zone: Phrase,
}

struct Row {
    product: String,
    device: Option<String>,
    starts: Moment,
    ends: Option<Moment>,
    state: &'static Phrase,
    /// Where it is ended; `None` where it has ended.
    end: Option<String>,
}

struct Product {
    id: String,
    name: String,
    chosen: bool,
}

struct Hold {
    reason: String,
    device: Option<String>,
    starts: Moment,
    ends: Moment,
}

/// What was wrong with a form, and what was typed there.
struct Mistake {
    of_silence: bool,
    text: &'static Phrase,
    from: String,
    until: String,
}

#[derive(Deserialize)]
pub(in crate::web) struct Outcome {
    #[serde(default)]
    saved: Option<String>,
}

pub(in crate::web) async fn show(
    State(app): State<Arc<App>>,
    person: SignedIn,
    Path(organisation): Path<String>,
    Query(outcome): Query<Outcome>,
) -> Result<Response, Failure> {
    let found = find(&app, &organisation).await?;
    let mut page = page(&app, &person, found).await?;
    page.saved = outcome.saved.is_some();
    Ok(html(StatusCode::OK, &page))
}

/// The organisation that an address names.
pub(super) async fn find(app: &App, organisation: &str) -> Result<Organisation, Failure> {
    let id: OrganisationId = organisation.parse().map_err(|_| Failure::NotFound)?;
    app.store.organisation(id).await?.ok_or(Failure::NotFound)
}

#[derive(Deserialize)]
pub(in crate::web) struct NewSubscription {
    #[serde(default)]
    product: String,
    from: String,
    #[serde(default)]
    until: String,
}

pub(in crate::web) async fn add_subscription(
    State(app): State<Arc<App>>,
    Path(organisation): Path<String>,
    SignedForm { person, form }: SignedForm<NewSubscription>,
) -> Result<Response, Failure> {
    let found = find(&app, &organisation).await?;
    let address = format!("/organisations/{}?saved=yes", found.id);
    match subscription(&app, &person, found.id, &form).await? {
        Ok(subscription) => {
            app.store
                .add_subscription(subscription, person.actor(), app.now())
                .await?;
            Ok(Redirect::to(&address).into_response())
        }
        Err(text) => {
            let mut page = page(&app, &person, found).await?;
            for product in &mut page.products {
                product.chosen = product.id == form.product;
            }
            page.mistake = Some(Mistake {
                of_silence: false,
                text,
                from: form.from,
                until: form.until,
            });
            Ok(html(StatusCode::UNPROCESSABLE_ENTITY, &page))
        }
    }
}

/// The subscription that a form asks for, or what is wrong with it.
async fn subscription(
    app: &App,
    person: &SignedIn,
    organisation: OrganisationId,
    form: &NewSubscription,
) -> Result<Result<Subscription, &'static Phrase>, Failure> {
    let texts = person.visit.language.texts();
    let told = &texts.organisations;
    let published = app.policy().await?;
    let policy = published.as_ref().map(|published| &published.policy);
    let product: Option<ProductId> = form.product.parse().ok();
    let known = product.filter(|id| policy.is_some_and(|policy| policy.product(id).is_some()));
    let Some(product) = known else {
        return Ok(Err(&told.no_product));
    };
    let moments = Moments::new(texts, policy, app.now());
    let zone = moments.time_zone();
    let ends = match form.until.trim() {
        "" => None,
        day => Some(begin_of_day(day, zone)),
    };
    let (Some(starts), Some(ends)) = (
        begin_of_day(&form.from, zone),
        ends.map_or(Some(None), |ends| ends.map(Some)),
    ) else {
        return Ok(Err(&told.no_day));
    };
    if ends.is_some_and(|ends| ends <= starts) {
        return Ok(Err(&told.ends_first));
    }
    Ok(Ok(Subscription {
        id: SubscriptionId::from_random(random::bytes()),
        organisation,
        device: None,
        product,
        starts,
        ends,
    }))
}

#[derive(Deserialize)]
pub(in crate::web) struct NewSilence {
    /// A number of days; nothing for never.
    days: String,
}

pub(in crate::web) async fn set_silence(
    State(app): State<Arc<App>>,
    Path(organisation): Path<String>,
    SignedForm { person, form }: SignedForm<NewSilence>,
) -> Result<Response, Failure> {
    let found = find(&app, &organisation).await?;
    let days = match form.days.trim() {
        "" => Some(None),
        days => days.parse::<u16>().ok().filter(|days| *days > 0).map(Some),
    };
    let Some(days) = days else {
        let mut page = page(&app, &person, found).await?;
        page.mistake = Some(Mistake {
            of_silence: true,
            text: &person.visit.language.texts().organisations.no_days,
            from: page.today.clone(),
            until: String::new(),
        });
        page.silence = form.days;
        return Ok(html(StatusCode::UNPROCESSABLE_ENTITY, &page));
    };
    app.store
        .set_silence(found.id, Silence(days), person.actor(), app.now())
        .await?;
    Ok(Redirect::to(&format!("/organisations/{}?saved=yes", found.id)).into_response())
}

async fn page(app: &App, person: &SignedIn, found: Organisation) -> Result<OrganisationPage, Failure> {
    let now = app.now();
    let published = app.policy().await?;
    let policy = published.as_ref().map(|published| &published.policy);
    let language = person.visit.language;
    let texts = language.texts();
    let moments = Moments::new(texts, policy, now);
    let told = &texts.organisations;
    let row = |one: Subscription| {
        let ended = one.ends.is_some_and(|ends| ends <= now);
        Row {
            product: name_of(&one.product, policy, language),
            device: one.device.map(|device| device.to_string()),
            starts: moments.day(one.starts),
            ends: one.ends.map(|ends| moments.day(ends)),
            state: match (one.runs_at(now), ended) {
                (true, _) => &told.runs,
                (false, true) => &told.ended,
                (false, false) => &told.to_come,
            },
            end: (!ended).then(|| format!("/organisations/{}/subscriptions/{}/end", found.id, one.id)),
        }
    };
    let holds = app.store.holds().await?.into_iter();
    let holds = holds.filter(|hold| hold.organisation == found.id && hold.stands_at(now));
    let silence = app.store.silence(found.id).await?.0;
    let subscriptions = app.store.subscriptions(found.id).await?;
    Ok(OrganisationPage {
        page: Page::of(person, Place::Organisations, told.one.to_string()),
        inventory: format!("/inventory?organisation={}", found.id),
        devices: match found.devices {
            1 => texts.inventory.one_device.clone(),
            devices => texts.inventory.devices.with("total", devices),
        },
        subscriptions: subscriptions.into_iter().map(row).collect(),
        products: policy.map_or_else(Vec::new, |policy| products(policy, language)),
        today: moments
            .date_of(now)
            .map_or_else(String::new, |day| day.to_string()),
        silence: silence.map_or_else(String::new, |days| days.to_string()),
        holds: holds
            .map(|hold| Hold {
                reason: hold.reason.expose().to_owned(),
                device: hold.device.map(|device| device.to_string()),
                starts: moments.day(hold.starts),
                ends: moments.day(hold.ends),
            })
            .collect(),
        saved: false,
        mistake: None,
        zone: texts.frame.shown_in_time_of.with("zone", moments.zone()),
        id: found.id.to_string(),
        name: found.name,
    })
}

/// What people call a product.
pub(super) fn name_of(product: &ProductId, policy: Option<&Policy>, language: Language) -> String {
    let known = policy.and_then(|policy| policy.product(product));
    known.map_or_else(
        || product.to_string(),
        |known| language.of(&known.name).to_owned(),
    )
}

fn products(policy: &Policy, language: Language) -> Vec<Product> {
    let products = policy.products.iter().map(|product| Product {
        id: product.id.to_string(),
        name: language.of(&product.name).to_owned(),
        chosen: false,
    });
    products.collect()
}
