//! One account: its role, another link, its end. Each is done on a page that says what will happen.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use http::StatusCode;
use serde::Deserialize;
use zeef_proto::id::UserId;

use super::super::failure::Failure;
use super::super::form::SignedForm;
use super::super::locale::Phrase;
use super::super::page::{Page, Place, html};
use super::super::state::App;
use super::super::visit::SignedIn;
use super::accounts;
use super::confirm::Confirm;
use super::rights::{Asked, Offered, reached};
use crate::access::{Reach, Role};
use crate::store::StoreError;
use crate::store::people::User;

#[derive(Template)]
#[template(path = "account_of.html")]
struct AccountPage {
    page: Page,
    id: String,
    name: String,
    own: bool,
    role: &'static Phrase,
    reach: String,
    offered: Offered,
    saved: bool,
    mistake: Option<&'static Phrase>,
}

#[derive(Deserialize)]
pub(in crate::web) struct Outcome {
    #[serde(default)]
    saved: Option<String>,
}

pub(in crate::web) async fn show(
    State(app): State<Arc<App>>,
    person: SignedIn,
    Path(user): Path<String>,
    Query(outcome): Query<Outcome>,
) -> Result<Response, Failure> {
    let user = find(&app, &user).await?;
    let mut page = page(&app, &person, user, None).await?;
    page.saved = outcome.saved.is_some();
    Ok(html(StatusCode::OK, &page))
}

/// Says what another role will mean, and gives it once that was read.
pub(in crate::web) async fn set_role(
    State(app): State<Arc<App>>,
    Path(user): Path<String>,
    SignedForm { person, form }: SignedForm<Vec<(String, String)>>,
) -> Result<Response, Failure> {
    let user = find(&app, &user).await?;
    let texts = person.visit.language.texts();
    let asked = Asked::of(form);
    let mistake = match asked.rights(texts) {
        Ok((role, reach)) if !asked.confirmed => {
            return Ok(confirm_role(&app, &person, &user, role, &reach).await?.answer());
        }
        Ok((role, reach)) => {
            let (by, now) = (person.actor(), app.now());
            match app.store.set_role(user.id, role, reach, by, now).await {
                Ok(()) => return Ok(done(&person, &user, role)),
                Err(StoreError::LastAdministrator) => &texts.accounts.last,
                Err(error) => return Err(error.into()),
            }
        }
        Err(mistake) => mistake,
    };
    let page = page(&app, &person, user, Some((asked, mistake))).await?;
    Ok(html(StatusCode::UNPROCESSABLE_ENTITY, &page))
}

/// Whoever gives up the right to see this page goes to where the new role begins.
fn done(person: &SignedIn, user: &User, role: Role) -> Response {
    let still_here = user.id != person.session.user || role == Role::Administrator;
    if still_here {
        Redirect::to(&format!("/accounts/{}?saved=yes", user.id)).into_response()
    } else {
        Redirect::to("/").into_response()
    }
}

async fn confirm_role(
    app: &App,
    person: &SignedIn,
    user: &User,
    role: Role,
    reach: &Reach,
) -> Result<Confirm, Failure> {
    let texts = person.visit.language.texts();
    let told = &texts.accounts;
    let organisations = app.store.organisations().await?;
    let becomes = told.becomes.with("role", texts.of_role(role));
    let becomes = becomes.with("reach", reached(reach, &organisations, texts));
    let mut lines = vec![
        becomes,
        texts.hint_of_role(role).clone(),
        told.from_next_page.clone(),
    ];
    if user.id == person.session.user && role != Role::Administrator {
        lines.push(told.own_role.clone());
    }
    let mut fields = vec![("role", role.name().to_owned()), ("confirmed", "yes".to_owned())];
    let limits = reach.limits().into_iter().flatten();
    fields.extend(limits.map(|organisation| ("organisation", organisation.to_string())));
    Ok(Confirm {
        page: Page::of(person, Place::Accounts, told.role_title.to_string()),
        title: told.role_title.clone(),
        subject: user.name.clone(),
        told: lines,
        action: format!("/accounts/{}/role", user.id),
        fields,
        button: told.role_button.clone(),
        back: format!("/accounts/{}", user.id),
    })
}

pub(in crate::web) async fn ask_link(
    State(app): State<Arc<App>>,
    person: SignedIn,
    Path(user): Path<String>,
) -> Result<Response, Failure> {
    let user = find(&app, &user).await?;
    let told = &person.visit.language.texts().accounts;
    let lines = vec![told.link_will.clone(), told.link_whoever.clone()];
    let (title, button) = (&told.link_title, &told.link_button);
    Ok(confirm(&person, &user, "link", (title, lines, button)).answer())
}

pub(in crate::web) async fn make_link(
    State(app): State<Arc<App>>,
    Path(user): Path<String>,
    SignedForm { person, .. }: SignedForm<Press>,
) -> Result<Response, Failure> {
    let user = find(&app, &user).await?;
    accounts::link(&app, &person, user.id, user.name).await
}

pub(in crate::web) async fn ask_removal(
    State(app): State<Arc<App>>,
    person: SignedIn,
    Path(user): Path<String>,
) -> Result<Response, Failure> {
    let user = find(&app, &user).await?;
    let told = &person.visit.language.texts().accounts;
    let mut lines = vec![told.removal_will.clone(), told.removal_ledger.clone()];
    if user.id == person.session.user {
        lines.push(told.own_removal.clone());
    }
    let (title, button) = (&told.removal_title, &told.removal_button);
    Ok(confirm(&person, &user, "remove", (title, lines, button)).answer())
}

pub(in crate::web) async fn remove(
    State(app): State<Arc<App>>,
    Path(user): Path<String>,
    SignedForm { person, .. }: SignedForm<Press>,
) -> Result<Response, Failure> {
    let user = find(&app, &user).await?;
    match app.store.remove_user(user.id, person.actor(), app.now()).await {
        // The same where somebody else was faster.
        Ok(_) => Ok(Redirect::to("/accounts").into_response()),
        Err(StoreError::LastAdministrator) => {
            let texts = person.visit.language.texts();
            let mut page = page(&app, &person, user, None).await?;
            page.mistake = Some(&texts.accounts.last);
            Ok(html(StatusCode::UNPROCESSABLE_ENTITY, &page))
        }
        Err(error) => Err(error.into()),
    }
}

/// The button's form has no fields.
#[derive(Deserialize)]
pub(in crate::web) struct Press {}

fn confirm(
    person: &SignedIn,
    user: &User,
    what: &str,
    (title, told, button): (&Phrase, Vec<Phrase>, &Phrase),
) -> Confirm {
    Confirm {
        page: Page::of(person, Place::Accounts, title.to_string()),
        title: title.clone(),
        subject: user.name.clone(),
        told,
        action: format!("/accounts/{}/{what}", user.id),
        fields: Vec::new(),
        button: button.clone(),
        back: format!("/accounts/{}", user.id),
    }
}

async fn find(app: &App, user: &str) -> Result<User, Failure> {
    let id: UserId = user.parse().map_err(|_| Failure::NotFound)?;
    let users = app.store.users().await?;
    users
        .into_iter()
        .find(|user| user.id == id)
        .ok_or(Failure::NotFound)
}

async fn page(
    app: &App,
    person: &SignedIn,
    user: User,
    refused: Option<(Asked, &'static Phrase)>,
) -> Result<AccountPage, Failure> {
    let texts = person.visit.language.texts();
    let organisations = app.store.organisations().await?;
    Ok(AccountPage {
        page: Page::of(person, Place::Accounts, texts.accounts.one.to_string()),
        id: user.id.to_string(),
        own: user.id == person.session.user,
        role: texts.of_role(user.role),
        reach: reached(&user.reach, &organisations, texts),
        offered: match &refused {
            Some((asked, _)) => asked.offered(&organisations, texts),
            None => Offered::held(user.role, &user.reach, &organisations, texts),
        },
        mistake: refused.map(|(_, mistake)| mistake),
        saved: false,
        name: user.name,
    })
}
