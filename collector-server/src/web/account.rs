//! A person's own account: password, keyboard shortcut, language.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use http::StatusCode;
use serde::Deserialize;
use zeroize::Zeroizing;

use super::cookie::Cookie;
use super::failure::Failure;
use super::form::{OpenForm, SignedForm};
use super::locale::{Language, Phrase, Texts};
use super::page::{Page, Place, html};
use super::password::{self, WeakPassword};
use super::sign_in::{attempt, forget_attempts, hashing, signed_out, verified};
use super::state::App;
use super::throttle::Key;
use super::visit::{SignedIn, local_path};
use crate::ledger::Actor;

#[derive(Template)]
#[template(path = "account.html")]
struct AccountPage {
    page: Page,
    name: String,
    has_password: bool,
    has_second_factor: bool,
    saved: bool,
    mistake: Option<Phrase>,
}

#[derive(Deserialize)]
pub(super) struct Outcome {
    #[serde(default)]
    saved: Option<String>,
}

pub(super) async fn show(
    State(app): State<Arc<App>>,
    person: SignedIn,
    Query(outcome): Query<Outcome>,
) -> Result<Response, Failure> {
    let mut page = account_page(&app, &person).await?;
    page.saved = outcome.saved.is_some();
    Ok(html(StatusCode::OK, &page))
}

async fn account_page(app: &App, person: &SignedIn) -> Result<AccountPage, Failure> {
    let name = person.session.user_name.clone();
    let account = app.store.user(person.session.user).await?;
    let account = account.ok_or(Failure::SessionEnded)?;
    let title = person.visit.language.texts().account.title.to_string();
    Ok(AccountPage {
        page: Page::of(person, Place::Account, title),
        name,
        has_password: account.password_hash.is_some(),
        has_second_factor: account.second_factor,
        saved: false,
        mistake: None,
    })
}

#[derive(Deserialize)]
pub(super) struct NewPassword {
    #[serde(default)]
    current: String,
    new: String,
    repeat: String,
}

pub(super) async fn set_password(
    State(app): State<Arc<App>>,
    SignedForm { person, form }: SignedForm<NewPassword>,
) -> Result<Response, Failure> {
    match change(&app, &person, form).await? {
        Ok(()) => Ok(Redirect::to("/account?saved=yes").into_response()),
        Err(mistake) => {
            let mut page = account_page(&app, &person).await?;
            page.mistake = Some(mistake);
            Ok(html(StatusCode::UNPROCESSABLE_ENTITY, &page))
        }
    }
}

async fn change(app: &App, person: &SignedIn, form: NewPassword) -> Result<Result<(), Phrase>, Failure> {
    let texts = person.visit.language.texts();
    let (current, new) = (Zeroizing::new(form.current), Zeroizing::new(form.new));
    let name = &person.session.user_name;
    if *new != *Zeroizing::new(form.repeat) {
        return Ok(Err(texts.account.differ.clone()));
    }
    if let Err(weak) = password::check(&new, name) {
        return Ok(Err(weakness(texts, weak).clone()));
    }
    if let Err(mistake) = proves_password(app, person, current).await? {
        return Ok(Err(mistake));
    }
    let hash = hashing(app, move || password::hash(&new)).await?;
    let (user, keep) = (person.session.user, Some(person.secret.hash()));
    app.store
        .set_password(user, hash, keep, Actor::User(user), app.now())
        .await?;
    Ok(Ok(()))
}

/// Whether this is the password of the account, where it has one.
pub(super) async fn proves_password(
    app: &App,
    person: &SignedIn,
    current: Zeroizing<String>,
) -> Result<Result<(), Phrase>, Failure> {
    let texts = person.visit.language.texts();
    let account = app.store.user(person.session.user).await?;
    let account = account.ok_or(Failure::SessionEnded)?;
    if account.password_hash.is_some() {
        let key = Key::new(&account.name, person.visit.address);
        if let Err(seconds) = attempt(app, key) {
            return Ok(Err(texts.sign_in.too_many.with("seconds", seconds)));
        }
        if verified(app, Some(account), current).await?.is_none() {
            return Ok(Err(texts.account.wrong_current.clone()));
        }
        forget_attempts(app, key);
    }
    Ok(Ok(()))
}

const fn weakness(texts: &Texts, weak: WeakPassword) -> &Phrase {
    match weak {
        WeakPassword::TooShort => &texts.account.too_short,
        WeakPassword::TooLong => &texts.account.too_long,
        WeakPassword::Common => &texts.account.common,
        WeakPassword::Guessable => &texts.account.like_name,
    }
}

/// Signing out takes no field but the form's secret.
#[derive(Deserialize)]
pub(super) struct Everywhere {}

pub(super) async fn sign_out_everywhere(
    State(app): State<Arc<App>>,
    SignedForm {
        person,
        form: Everywhere {},
    }: SignedForm<Everywhere>,
) -> Result<Response, Failure> {
    app.store
        .sign_out_everywhere(person.session.user, app.now())
        .await?;
    Ok(signed_out(&app))
}

#[derive(Deserialize)]
pub(super) struct Shortcut {
    shortcut: String,
}

/// A shortcut of one character must be possible to turn off (WCAG 2.2, criterion 2.1.4).
pub(super) async fn set_shortcut(
    State(app): State<Arc<App>>,
    SignedForm { form, .. }: SignedForm<Shortcut>,
) -> Response {
    let wanted = if form.shortcut == "off" { "off" } else { "on" };
    (
        [Cookie::Shortcut.set(wanted, app.secure())],
        Redirect::to("/account"),
    )
        .into_response()
}

#[derive(Deserialize)]
pub(super) struct Choice {
    language: String,
    #[serde(default)]
    to: String,
}

pub(super) async fn set_language(
    State(app): State<Arc<App>>,
    OpenForm { form, .. }: OpenForm<Choice>,
) -> Result<Response, Failure> {
    let language = Language::tagged(&form.language).ok_or(Failure::Input)?;
    let to = local_path(&form.to).unwrap_or("/");
    Ok((
        [Cookie::Language.set(language.tag(), app.secure())],
        Redirect::to(to),
    )
        .into_response())
}
