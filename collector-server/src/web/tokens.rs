//! A person's own tokens for the API: made, shown once, listed, revoked.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use http::StatusCode;
use serde::Deserialize;
use zeef_proto::id::ApiTokenId;
use zeef_proto::time::DAY;

use super::failure::Failure;
use super::form::SignedForm;
use super::locale::{Language, Phrase, Texts};
use super::moment::{Moment, Moments};
use super::page::{Page, Place, html};
use super::state::App;
use super::visit::SignedIn;
use crate::access::{Scope, Scopes};
use crate::api::token::{self, TokenError, Wish};
use crate::ledger::Actor;
use crate::store::api_tokens::{ApiToken, Holder};

/// How many days a token may be good for; the middle one unless another is chosen.
const VALIDITIES: [i64; 3] = [30, 90, 365];

#[derive(Template)]
#[template(path = "tokens.html")]
struct TokensPage {
    page: Page,
    /// The token that was just made: on this page and never again.
    made: Option<String>,
    revoked: bool,
    mistake: Option<Phrase>,
    name: String,
    scopes: Vec<Choice>,
    validities: Vec<Choice>,
    tokens: Vec<Listed>,
    zone: Phrase,
}

struct Choice {
    value: String,
    name: Phrase,
    chosen: bool,
}

struct Listed {
    id: ApiTokenId,
    name: String,
    scopes: String,
    until: Moment,
    used: Option<Moment>,
}

#[derive(Deserialize)]
pub(super) struct Outcome {
    #[serde(default)]
    revoked: Option<String>,
}

/// What was filled in: a scope stands in it as often as one is chosen.
type Filled = Vec<(String, String)>;

/// The same, read.
#[derive(Default)]
struct Asked {
    name: String,
    scopes: Vec<Scope>,
    days: Option<i64>,
}

impl From<Filled> for Asked {
    fn from(filled: Filled) -> Self {
        let mut asked = Self::default();
        for (field, value) in filled {
            match field.as_str() {
                "name" => asked.name = value,
                "scope" => asked.scopes.extend(value.parse::<Scope>()),
                "days" => asked.days = value.parse().ok(),
                _ => {}
            }
        }
        asked
    }
}

pub(super) async fn show(
    State(app): State<Arc<App>>,
    person: SignedIn,
    Query(outcome): Query<Outcome>,
) -> Result<Response, Failure> {
    let mut page = tokens_page(&app, &person, &Asked::default()).await?;
    page.revoked = outcome.revoked.is_some();
    Ok(html(StatusCode::OK, &page))
}

pub(super) async fn make(
    State(app): State<Arc<App>>,
    SignedForm { person, form }: SignedForm<Filled>,
) -> Result<Response, Failure> {
    let asked = Asked::from(form);
    let days = asked.days.filter(|days| VALIDITIES.contains(days));
    let (user, role) = (person.session.user, person.session.role);
    let wish = Wish {
        name: asked.name.clone(),
        holder: Holder::Account(user),
        scopes: asked.scopes.iter().copied().collect::<Scopes>(),
        seconds: days.unwrap_or(0) * DAY,
    };
    let made = token::make(&*app.store, wish, role, Actor::User(user), app.now()).await;
    let (status, made, mistake) = match made {
        Ok((_, secret)) => (StatusCode::OK, Some(secret.expose()), None),
        Err(TokenError::Store(error)) => return Err(error.into()),
        Err(error) => {
            let mistake = person.visit.language.texts().of_token_error(&error).clone();
            (StatusCode::UNPROCESSABLE_ENTITY, None, Some(mistake))
        }
    };
    let kept = if made.is_some() { Asked::default() } else { asked };
    let mut page = tokens_page(&app, &person, &kept).await?;
    (page.made, page.mistake) = (made, mistake);
    Ok(html(status, &page))
}

#[derive(Deserialize)]
pub(super) struct Nothing {}

pub(super) async fn revoke(
    State(app): State<Arc<App>>,
    Path(token): Path<String>,
    SignedForm { person, .. }: SignedForm<Nothing>,
) -> Result<Response, Failure> {
    let token = token.parse().map_err(|_| Failure::NotFound)?;
    let user = person.session.user;
    let by = Actor::User(user);
    if app
        .store
        .revoke_api_token(token, Some(user), by, app.now())
        .await?
    {
        Ok(Redirect::to("/account/tokens?revoked=yes").into_response())
    } else {
        Err(Failure::NotFound)
    }
}

async fn tokens_page(app: &App, person: &SignedIn, asked: &Asked) -> Result<TokensPage, Failure> {
    let language = person.visit.language;
    let texts = language.texts();
    let published = app.policy().await?;
    let policy = published.as_ref().map(|published| &published.policy);
    let moments = Moments::new(texts, policy, app.now());
    let tokens = app.store.api_tokens(Some(person.session.user)).await?;
    let may = Scope::ALL
        .into_iter()
        .filter(|scope| person.may(scope.permission()));
    let days = asked.days.unwrap_or(VALIDITIES[1]);
    Ok(TokensPage {
        page: Page::of(person, Place::Account, texts.tokens.title.to_string()),
        made: None,
        revoked: false,
        mistake: None,
        name: asked.name.clone(),
        scopes: may
            .map(|scope| Choice {
                value: scope.name().to_owned(),
                name: texts.of_scope(scope).clone(),
                chosen: asked.scopes.contains(&scope),
            })
            .collect(),
        validities: VALIDITIES
            .into_iter()
            .map(|number| Choice {
                value: number.to_string(),
                name: texts.tokens.days.with("days", number),
                chosen: number == days,
            })
            .collect(),
        tokens: tokens
            .into_iter()
            .filter(|token| token.expires_at > app.now())
            .map(|token| Listed::of(token, language, &moments))
            .collect(),
        zone: texts.frame.shown_in_time_of.with("zone", moments.zone()),
    })
}

impl Listed {
    fn of(token: ApiToken, language: Language, moments: &Moments) -> Self {
        let scopes = token.scopes.iter();
        let names = scopes.map(|scope| language.texts().of_scope(scope).to_string());
        Self {
            id: token.id,
            name: token.name,
            scopes: names.collect::<Vec<_>>().join(", "),
            until: moments.day(token.expires_at),
            used: token.last_used.map(|at| moments.time(at)),
        }
    }
}

impl Texts {
    const fn of_scope(&self, scope: Scope) -> &Phrase {
        let texts = &self.tokens;
        match scope {
            Scope::ReadInventory => &texts.read_inventory,
            Scope::ManageDevices => &texts.manage_devices,
            Scope::Enrol => &texts.enrol,
            Scope::Erase => &texts.erase,
            Scope::ReadPolicy => &texts.read_policy,
            Scope::ReadRetention => &texts.read_retention,
            Scope::ReadLedger => &texts.read_ledger,
            Scope::ManageOrganisations => &texts.manage_organisations,
            Scope::ManageAccounts => &texts.manage_accounts,
        }
    }

    const fn of_token_error(&self, error: &TokenError) -> &Phrase {
        match error {
            TokenError::Name => &self.tokens.wrong_name,
            TokenError::Length => &self.tokens.wrong_length,
            TokenError::Many => &self.tokens.many,
            // An account of its own is never a service without an organisation.
            TokenError::Scopes | TokenError::Reach | TokenError::Store(_) => &self.tokens.no_scope,
        }
    }
}
