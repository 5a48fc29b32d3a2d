//! The end of a subscription: the day is chosen, what goes with it is said, and then it is set.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use http::StatusCode;
use serde::Deserialize;
use zeef_proto::id::SubscriptionId;
use zeef_proto::policy::Policy;
use zeef_proto::{OrganisationId, UnixTime};

use super::super::failure::Failure;
use super::super::form::SignedForm;
use super::super::locale::{Phrase, Texts};
use super::super::moment::Moments;
use super::super::page::{Page, Place, html};
use super::super::state::App;
use super::super::visit::SignedIn;
use super::begin_of_day;
use super::confirm::Confirm;
use super::organisation::{find, name_of};
use crate::retention::{EndsWith, ends_with};
use crate::store::records::Subscription;

#[derive(Template)]
#[template(path = "subscription_end.html")]
struct DayPage {
    page: Page,
    organisation: String,
    product: String,
    action: String,
    back: String,
    day: String,
    mistake: Option<&'static Phrase>,
}

/// A subscription that an address names.
struct Named {
    organisation: OrganisationId,
    organisation_name: String,
    subscription: Subscription,
}

impl Named {
    async fn find(app: &App, organisation: &str, subscription: &str) -> Result<Self, Failure> {
        let found = find(app, organisation).await?;
        let id: SubscriptionId = subscription.parse().map_err(|_| Failure::NotFound)?;
        let all = app.store.subscriptions(found.id).await?;
        let subscription = all.into_iter().find(|one| one.id == id);
        Ok(Self {
            organisation: found.id,
            organisation_name: found.name,
            subscription: subscription.ok_or(Failure::NotFound)?,
        })
    }

    fn back(&self) -> String {
        format!("/organisations/{}", self.organisation)
    }

    fn action(&self) -> String {
        format!("{}/subscriptions/{}/end", self.back(), self.subscription.id)
    }
}

pub(in crate::web) async fn ask(
    State(app): State<Arc<App>>,
    person: SignedIn,
    Path((organisation, subscription)): Path<(String, String)>,
) -> Result<Response, Failure> {
    let named = Named::find(&app, &organisation, &subscription).await?;
    let published = app.policy().await?;
    let policy = published.as_ref().map(|published| &published.policy);
    let moments = Moments::new(person.visit.language.texts(), policy, app.now());
    let day = named.subscription.ends.unwrap_or(app.now());
    let day = moments
        .date_of(day)
        .map_or_else(String::new, |day| day.to_string());
    let page = day_page(&person, &named, policy, day, None);
    Ok(html(StatusCode::OK, &page))
}

#[derive(Deserialize)]
pub(in crate::web) struct End {
    day: String,
    /// Whether what will happen has been read.
    #[serde(default)]
    confirmed: String,
}

pub(in crate::web) async fn end(
    State(app): State<Arc<App>>,
    Path((organisation, subscription)): Path<(String, String)>,
    SignedForm { person, form }: SignedForm<End>,
) -> Result<Response, Failure> {
    let named = Named::find(&app, &organisation, &subscription).await?;
    let published = app.policy().await?;
    let policy = published.as_ref().map(|published| &published.policy);
    let texts = person.visit.language.texts();
    let (now, told) = (app.now(), &texts.organisations);
    let moments = Moments::new(texts, policy, now);
    let mistake = match begin_of_day(&form.day, moments.time_zone()) {
        Some(ends) if ends <= named.subscription.starts => &told.ends_first,
        Some(ends) if form.confirmed == "yes" => {
            let (organisation, id) = (named.organisation, named.subscription.id);
            app.store
                .end_subscription(organisation, id, ends, person.actor(), now)
                .await?;
            return Ok(Redirect::to(&format!("{}?saved=yes", named.back())).into_response());
        }
        Some(ends) => {
            let which = (named.organisation, named.subscription.id);
            let goes = match policy {
                Some(policy) => ends_with(app.store.as_ref(), policy, which, ends, now).await?,
                None => EndsWith::default(),
            };
            return Ok(confirm(&person, &named, policy, (form.day, ends), &goes, &moments).answer());
        }
        None => &told.no_day,
    };
    let page = day_page(&person, &named, policy, form.day, Some(mistake));
    Ok(html(StatusCode::UNPROCESSABLE_ENTITY, &page))
}

fn day_page(
    person: &SignedIn,
    named: &Named,
    policy: Option<&Policy>,
    day: String,
    mistake: Option<&'static Phrase>,
) -> DayPage {
    let language = person.visit.language;
    let title = language.texts().organisations.end_title.to_string();
    DayPage {
        page: Page::of(person, Place::Organisations, title),
        organisation: named.organisation_name.clone(),
        product: name_of(&named.subscription.product, policy, language),
        action: named.action(),
        back: named.back(),
        day,
        mistake,
    }
}

fn confirm(
    person: &SignedIn,
    named: &Named,
    policy: Option<&Policy>,
    (day, ends): (String, UnixTime),
    goes: &EndsWith,
    moments: &Moments,
) -> Confirm {
    let language = person.visit.language;
    let texts = language.texts();
    let told = &texts.organisations;
    let product = name_of(&named.subscription.product, policy, language);
    Confirm {
        page: Page::of(person, Place::Organisations, told.end_title.to_string()),
        title: told.end_title.clone(),
        subject: format!("{} · {product}", named.organisation_name),
        told: what_goes(goes, &moments.day(ends).text, texts),
        action: named.action(),
        fields: vec![("day", day), ("confirmed", "yes".to_owned())],
        button: told.end_button.clone(),
        back: named.back(),
    }
}

fn what_goes(goes: &EndsWith, day: &str, texts: &Texts) -> Vec<Phrase> {
    let told = &texts.organisations;
    let mut lines = vec![told.end_on.with("date", day)];
    if goes.values.is_empty() && goes.devices == 0 {
        lines.push(told.nothing_goes.clone());
        return lines;
    }
    lines.extend(goes.values.iter().map(|(field, count)| {
        let line = told.values_go.with("field", texts.of_field(*field));
        line.with("count", count)
    }));
    if goes.devices > 0 {
        lines.push(told.devices_go.with("count", goes.devices));
    }
    lines.push(told.gone_for_good.clone());
    lines
}
