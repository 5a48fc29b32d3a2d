//! Signing in with a password, and signing out.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Query, State};
use axum::response::{AppendHeaders, IntoResponse, Redirect, Response};
use http::{HeaderName, HeaderValue, StatusCode, header};
use serde::Deserialize;
use zeef_proto::id::UserId;
use zeroize::Zeroizing;

use super::code::enter;
use super::cookie::Cookie;
use super::failure::Failure;
use super::form::{OpenForm, SignedForm};
use super::locale::Phrase;
use super::page::{Page, Place, html};
use super::password;
use super::session::{Way, begin};
use super::state::App;
use super::throttle::Key;
use super::visit::{Visit, local_path};
use crate::openid::escaped;
use crate::store::people::User;

/// How long an attempt waits for its turn to be hashed.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(5);

#[derive(Template)]
#[template(path = "sign_in.html")]
pub(super) struct SignInPage {
    page: Page,
    next: String,
    name: String,
    mistake: Option<Phrase>,
    go_on: bool,
    provider: Option<Elsewhere>,
}

/// The identity provider.
struct Elsewhere {
    name: String,
    address: String,
}

#[derive(Deserialize)]
pub(super) struct Next {
    #[serde(default)]
    next: String,
}

pub(super) async fn show(
    State(app): State<Arc<App>>,
    visit: Visit,
    Query(Next { next }): Query<Next>,
) -> Response {
    let go_on = !next.is_empty() && next != "/";
    html(
        StatusCode::OK,
        &sign_in_page(&app, &visit, &next, String::new(), None, go_on),
    )
}

pub(super) fn sign_in_page(
    app: &App,
    visit: &Visit,
    next: &str,
    name: String,
    mistake: Option<Phrase>,
    go_on: bool,
) -> SignInPage {
    let title = visit.language.texts().sign_in.title.to_string();
    let next = local_path(next).unwrap_or("/");
    SignInPage {
        page: Page::new(visit, None, Place::Elsewhere, title),
        next: next.to_owned(),
        name,
        mistake,
        go_on,
        provider: app.provider.as_ref().map(|provider| Elsewhere {
            name: provider.config().name.clone(),
            address: format!("/sign-in/provider?next={}", escaped(next)),
        }),
    }
}

#[derive(Deserialize)]
pub(super) struct Credentials {
    name: String,
    password: String,
    #[serde(default)]
    next: String,
}

pub(super) async fn sign_in(
    State(app): State<Arc<App>>,
    OpenForm { visit, form }: OpenForm<Credentials>,
) -> Result<Response, Failure> {
    let texts = &visit.language.texts().sign_in;
    let (name, password) = (form.name.trim().to_owned(), Zeroizing::new(form.password));
    let key = Key::new(&name, visit.address);
    if let Err(seconds) = attempt(&app, key) {
        let mistake = texts.too_many.with("seconds", seconds);
        let page = sign_in_page(&app, &visit, &form.next, name, Some(mistake), false);
        let wait = [(header::RETRY_AFTER, HeaderValue::from(seconds))];
        return Ok((wait, html(StatusCode::TOO_MANY_REQUESTS, &page)).into_response());
    }
    let account = app.store.user_by_name(name.clone()).await?;
    let Some(user) = verified(&app, account, password).await? else {
        let page = sign_in_page(&app, &visit, &form.next, name, Some(texts.wrong.clone()), false);
        return Ok(html(StatusCode::UNAUTHORIZED, &page));
    };
    forget_attempts(&app, key);
    enter(&app, &visit, &user, &form.next).await
}

/// Counts an attempt at a password, before it is looked at.
pub(super) fn attempt(app: &App, key: Key) -> Result<(), i64> {
    let mut throttle = app
        .throttle
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner);
    throttle.attempt(key, app.now())
}

/// The attempt was right.
pub(super) fn forget_attempts(app: &App, key: Key) {
    let mut throttle = app
        .throttle
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner);
    throttle.succeeded(key);
}

/// The account, if this is its password. An account that is not there or has no password takes as long.
pub(super) async fn verified(
    app: &App,
    account: Option<User>,
    password: Zeroizing<String>,
) -> Result<Option<User>, Failure> {
    let hash = account.as_ref().and_then(|account| account.password_hash.clone());
    let right = hashing(app, move || password::verify(&password, hash.as_deref())).await?;
    Ok(account.filter(|_| right))
}

/// Runs what costs a core for a while beside the asynchronous threads, and not too much of it at once.
pub(super) async fn hashing<T: Send + 'static>(
    app: &App,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Failure> {
    let turn = tokio::time::timeout(PATIENCE, Arc::clone(&app.hashing).acquire_owned()).await;
    let turn = turn.map_err(|_| Failure::Busy)?.map_err(|_| Failure::Busy)?;
    let work = move || {
        let done = work();
        // Held until the work is done, also where the person did not wait for it.
        drop(turn);
        done
    };
    tokio::task::spawn_blocking(work).await.map_err(|_| Failure::Busy)
}

/// Starts a session under a new secret, and gives the cookie that holds it.
pub(super) async fn start_session(
    app: &App,
    user: UserId,
    way: Way,
) -> Result<(HeaderName, HeaderValue), Failure> {
    let (secret, session) = begin(user, way, app.now());
    app.store.add_session(session).await?;
    Ok(Cookie::Session.set(&secret.expose(), app.secure()))
}

/// Signing out takes no field but the form's secret.
#[derive(Deserialize)]
pub(super) struct SignOut {}

pub(super) async fn sign_out(
    State(app): State<Arc<App>>,
    SignedForm {
        person,
        form: SignOut {},
    }: SignedForm<SignOut>,
) -> Result<Response, Failure> {
    app.store.end_session(person.secret.hash()).await?;
    Ok(signed_out(&app))
}

/// The answer to whoever has no session any more: the browser keeps no page of it.
pub(super) fn signed_out(app: &App) -> Response {
    let clear = (
        HeaderName::from_static("clear-site-data"),
        HeaderValue::from_static("\"cache\""),
    );
    let headers = AppendHeaders([Cookie::Session.clear(app.secure()), clear]);
    (headers, Redirect::to("/sign-in")).into_response()
}
