//! One-time sign-in links: made by an administrator's command, spent by a press of a button.
//!
//! Looking at a link does not spend it, for programs that preview messages look at every link.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use data_encoding::BASE64URL_NOPAD;
use http::StatusCode;
use serde::Deserialize;
use zeef_proto::UnixTime;
use zeef_proto::id::UserId;

use super::code::enter;
use super::failure::Failure;
use super::form::OpenForm;
use super::page::{Page, Place, html};
use super::session::sha256;
use super::state::App;
use super::visit::Visit;
use crate::access::Permission;
use crate::random;
use crate::store::people::PeopleStore;

/// How long a link is good for, in seconds.
pub(super) const VALID: i64 = 15 * 60;

/// Makes a link with which `user` can sign in once, within 15 minutes of `now`. Only the hash of its secret is
/// stored. `public_url` is that of [`super::WebState`].
///
/// # Errors
/// Those of the store.
pub async fn one_time_link<S: PeopleStore + ?Sized>(
    store: &S,
    now: UnixTime,
    user: UserId,
    public_url: &str,
) -> crate::store::Result<String> {
    let secret = random::bytes::<32>();
    store
        .add_link(sha256(&secret), user, now.plus(VALID), now)
        .await?;
    let secret = BASE64URL_NOPAD.encode(&secret);
    Ok(format!("{}/sign-in/{secret}", public_url.trim_end_matches('/')))
}

#[derive(Template)]
#[template(path = "link.html")]
struct LinkPage {
    page: Page,
    /// Checked to be base64url.
    secret: String,
}

fn hash_of(secret: &str) -> Result<[u8; 32], Failure> {
    let bytes = BASE64URL_NOPAD
        .decode(secret.as_bytes())
        .map_err(|_| Failure::Link)?;
    let secret: [u8; 32] = bytes.try_into().map_err(|_| Failure::Link)?;
    Ok(sha256(&secret))
}

pub(super) async fn show(visit: Visit, Path(secret): Path<String>) -> Result<Response, Failure> {
    hash_of(&secret)?;
    let title = visit.language.texts().sign_in.link_title.to_string();
    let page = Page::new(&visit, None, Place::Elsewhere, title);
    Ok(html(StatusCode::OK, &LinkPage { page, secret }))
}

/// The button's form has no fields.
#[derive(Deserialize)]
pub(super) struct Press {}

pub(super) async fn spend(
    State(app): State<Arc<App>>,
    Path(secret): Path<String>,
    OpenForm {
        visit,
        form: Press {},
    }: OpenForm<Press>,
) -> Result<Response, Failure> {
    let user = app
        .store
        .spend_link(hash_of(&secret)?, app.now())
        .await?
        .ok_or(Failure::Link)?;
    let account = app.store.user(user).await?.ok_or(Failure::Link)?;
    let next = match (&account.password_hash, account.role.may(Permission::SeeInventory)) {
        (None, true) => "/inventory?hint=password",
        _ => "/",
    };
    enter(&app, &visit, &account, next).await
}
