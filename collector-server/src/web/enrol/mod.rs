//! Letting devices in: a token for an organisation, shown once with what is typed on each system, and its open tokens.

mod made;
mod texts;

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use http::StatusCode;
use serde::Deserialize;
use zeef_proto::OrganisationId;
use zeef_proto::id::TokenId;
use zeef_proto::policy::{Policy, Source};
use zeef_proto::time::DAY;

use super::device::Press;
use super::failure::Failure;
use super::form::SignedForm;
use super::locale::{Language, Phrase};
use super::moment::{Moment, Moments};
use super::page::{Page, Place, html};
use super::state::App;
use super::visit::SignedIn;
use crate::enrolment::{Invitation, System};
use crate::ledger::Actor;
use crate::store::records::{Organisation, Subscription};

/// Devices that one token may enrol at most, as on the command line.
const MOST_USES: u32 = 100_000;
/// How many days a token may be good for; the middle one unless another is chosen.
const VALIDITIES: [i64; 3] = [1, 7, 30];

/// Where one chooses the organisation.
#[derive(Template)]
#[template(path = "enrol_start.html")]
struct StartPage {
    page: Page,
    organisations: Vec<Organisation>,
}

#[derive(Template)]
#[template(path = "enrol.html")]
struct EnrolPage {
    page: Page,
    organisation: Organisation,
    products: Vec<Product>,
    has_policy: bool,
    systems: Vec<Choice>,
    uses: String,
    mistake: Option<Phrase>,
    validities: Vec<Choice>,
    tokens: Vec<OpenToken>,
    revoked: bool,
    zone: Phrase,
}

struct Choice {
    value: String,
    name: String,
    chosen: bool,
}

/// A product that runs, and what agents collect for it.
struct Product {
    name: String,
    collects: String,
}

struct OpenToken {
    id: TokenId,
    left: Phrase,
    until: Moment,
}

#[derive(Deserialize)]
pub(super) struct Chosen {
    organisation: Option<String>,
}

pub(super) async fn start(
    State(app): State<Arc<App>>,
    person: SignedIn,
    Query(chosen): Query<Chosen>,
) -> Result<Response, Failure> {
    let chosen = chosen
        .organisation
        .and_then(|id| id.parse::<OrganisationId>().ok());
    if let Some(id) = chosen {
        return Ok(Redirect::to(&address(id)).into_response());
    }
    let all = app.store.organisations().await?;
    let organisations: Vec<_> = all
        .into_iter()
        .filter(|one| person.reach().reaches(one.id))
        .collect();
    if let [only] = organisations.as_slice() {
        return Ok(Redirect::to(&address(only.id)).into_response());
    }
    let title = person.visit.language.texts().enrol.title.to_string();
    let template = StartPage {
        page: Page::of(&person, Place::Enrol, title),
        organisations,
    };
    Ok(html(StatusCode::OK, &template))
}

fn address(organisation: OrganisationId) -> String {
    format!("/enrol/{organisation}")
}

/// What was filled in. What does not fit is said at its field.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Wanted {
    system: String,
    uses: String,
    days: String,
    revoked: Option<String>,
}

pub(super) async fn show(
    State(app): State<Arc<App>>,
    person: SignedIn,
    Path(organisation): Path<String>,
    Query(wanted): Query<Wanted>,
) -> Result<Response, Failure> {
    let organisation = owner(&app, &organisation).await?;
    page(&app, &person, organisation, &wanted, None).await
}

pub(super) async fn make(
    State(app): State<Arc<App>>,
    Path(organisation): Path<String>,
    SignedForm { person, form }: SignedForm<Wanted>,
) -> Result<Response, Failure> {
    let organisation = owner(&app, &organisation).await?;
    let texts = person.visit.language.texts();
    let uses = form.uses.trim().parse::<u32>().ok();
    let Some(uses) = uses.filter(|uses| (1..=MOST_USES).contains(uses)) else {
        let mistake = texts.enrol.uses_wrong.with("most", MOST_USES);
        return page(&app, &person, organisation, &form, Some(mistake)).await;
    };
    let days = form.days.parse().ok().filter(|days| VALIDITIES.contains(days));
    let days: i64 = days.ok_or(Failure::Input)?;
    let system = System::named(&form.system).ok_or(Failure::Input)?;
    let (now, by) = (app.now(), Actor::User(person.session.user));
    let invitation = Invitation {
        organisation: organisation.id,
        uses,
        expires_at: now.plus(days * DAY),
    };
    let (_, token) = app.invitations.invite(&*app.store, invitation, by, now).await?;
    made::page(&app, &person, &organisation, (invitation, system), &token).await
}

pub(super) async fn revoke(
    State(app): State<Arc<App>>,
    Path((organisation, token)): Path<(String, String)>,
    SignedForm {
        person,
        form: Press {},
    }: SignedForm<Press>,
) -> Result<Redirect, Failure> {
    let organisation = owner(&app, &organisation).await?.id;
    let token = token.parse().map_err(|_| Failure::NotFound)?;
    let by = Actor::User(person.session.user);
    let revoked = app.store.revoke_token(organisation, token, by, app.now()).await?;
    if !revoked {
        return Err(Failure::NotFound);
    }
    Ok(Redirect::to(&format!("{}?revoked=yes", address(organisation))))
}

async fn owner(app: &App, id: &str) -> Result<Organisation, Failure> {
    let organisations = app.store.organisations().await?;
    let found = organisations.into_iter().find(|one| one.id.to_string() == id);
    found.ok_or(Failure::NotFound)
}

async fn page(
    app: &App,
    person: &SignedIn,
    organisation: Organisation,
    wanted: &Wanted,
    mistake: Option<Phrase>,
) -> Result<Response, Failure> {
    let (now, language) = (app.now(), person.visit.language);
    let texts = language.texts();
    let published = app.policy().await?;
    let policy = published.as_ref().map(|published| &published.policy);
    let moments = Moments::new(texts, policy, now);
    let subscriptions = app.store.subscriptions(organisation.id).await?;
    let running: Vec<_> = subscriptions
        .iter()
        .filter(|one| one.device.is_none() && one.runs_at(now))
        .collect();
    let tokens = app.store.tokens(organisation.id).await?;
    let open = tokens.into_iter().filter(|token| token.is_good_at(now));
    let system = System::named(&wanted.system).unwrap_or(System::Windows);
    let days: i64 = wanted.days.parse().unwrap_or(VALIDITIES[1]);
    let status = match mistake {
        Some(_) => StatusCode::UNPROCESSABLE_ENTITY,
        None => StatusCode::OK,
    };
    let template = EnrolPage {
        page: Page::of(person, Place::Enrol, texts.enrol.title.to_string()),
        products: policy.map_or_else(Vec::new, |policy| products(policy, &running, language)),
        has_policy: policy.is_some(),
        systems: choices(System::ALL, system, System::name, |system| {
            texts.of_system(system).to_string()
        }),
        uses: if wanted.uses.is_empty() {
            "1".to_owned()
        } else {
            wanted.uses.clone()
        },
        mistake,
        validities: choices(
            VALIDITIES,
            days,
            |days| days.to_string(),
            |days| match days {
                1 => texts.enrol.one_day.to_string(),
                days => texts.enrol.days.with("days", days).to_string(),
            },
        ),
        tokens: open
            .map(|token| OpenToken {
                id: token.id,
                left: texts
                    .enrol
                    .uses_left
                    .with("left", token.uses_left)
                    .with("uses", token.uses),
                until: moments.time(token.expires_at),
            })
            .collect(),
        revoked: wanted.revoked.is_some(),
        zone: texts.frame.shown_in_time_of.with("zone", moments.zone()),
        organisation,
    };
    Ok(html(status, &template))
}

fn choices<T: PartialEq + Copy, V: Into<String>>(
    all: impl IntoIterator<Item = T>,
    chosen: T,
    value: impl Fn(T) -> V,
    name: impl Fn(T) -> String,
) -> Vec<Choice> {
    all.into_iter()
        .map(|one| Choice {
            value: value(one).into(),
            name: name(one),
            chosen: one == chosen,
        })
        .collect()
}

/// The products that run for the whole organisation, each with what an agent collects for it.
fn products(policy: &Policy, running: &[&Subscription], language: Language) -> Vec<Product> {
    let subscribed = policy
        .products
        .iter()
        .filter(|product| running.iter().any(|one| one.product == product.id));
    subscribed
        .map(|product| {
            let rows = product.data.iter().filter(|row| row.source == Source::Agent);
            let mut fields: Vec<_> = rows.flat_map(|row| row.fields.iter().copied()).collect();
            fields.sort_unstable();
            fields.dedup();
            let texts = language.texts();
            let collects: Vec<_> = fields
                .into_iter()
                .map(|field| texts.of_field(field).as_str())
                .collect();
            Product {
                name: language.of(&product.name).to_owned(),
                collects: if collects.is_empty() {
                    texts.enrol.collects_nothing.to_string()
                } else {
                    collects.join(", ")
                },
            }
        })
        .collect()
}
