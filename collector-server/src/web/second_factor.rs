//! A person's own second factor: setting it up, recovery codes, taking it off.

use std::fmt::Write;
use std::sync::Arc;

use askama::Template;
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use http::StatusCode;
use ring::hmac;
use serde::Deserialize;
use zeroize::Zeroizing;

use super::account::proves_password;
use super::code::{Refusal, spend};
use super::cookie::Cookie;
use super::failure::Failure;
use super::form::SignedForm;
use super::locale::Phrase;
use super::moment::{Moment, Moments};
use super::page::{Page, Place, home, html};
use super::qr::Qr;
use super::session::{SessionSecret, Way, begin};
use super::state::App;
use super::visit::SignedIn;
use crate::ledger::Actor;
use crate::otp::{Entered, RecoveryCode, Secret};

/// Where the page is.
pub(super) const PATH: &str = "/account/second-factor";
/// Where somebody is led who spent a recovery code.
pub(super) const RECOVERED: &str = "/account/second-factor?recovered=yes";

/// Keeps the secret that is offered from being the same as another that is derived from the session.
const CONTEXT: &[u8] = b"zeef second factor v1";

#[derive(Template)]
#[template(path = "second_factor.html")]
struct SecondFactorPage {
    page: Page,
    offer: Option<Offer>,
    held: Option<Held>,
    notice: Option<Phrase>,
    mistake: Option<Phrase>,
}

/// What an authenticator is to be told.
struct Offer {
    /// In groups of four.
    secret: String,
    address: String,
    qr: Option<Qr>,
    has_password: bool,
    name: String,
}

struct Held {
    since: Moment,
    recovery_codes: u32,
}

/// Recovery codes, shown this once.
#[derive(Template)]
#[template(path = "recovery_codes.html")]
struct CodesPage {
    page: Page,
    codes: Vec<String>,
    next: &'static str,
}

#[derive(Deserialize)]
pub(super) struct Outcome {
    #[serde(default)]
    recovered: Option<String>,
    #[serde(default)]
    removed: Option<String>,
}

pub(super) async fn show(
    State(app): State<Arc<App>>,
    person: SignedIn,
    Query(outcome): Query<Outcome>,
) -> Result<Response, Failure> {
    let texts = &person.visit.language.texts().second_factor;
    let mut page = page(&app, &person).await?;
    page.notice = if outcome.recovered.is_some() {
        Some(texts.recovered.clone())
    } else if outcome.removed.is_some() {
        Some(texts.removed.clone())
    } else if app.lacks_second_factor(&person.session) {
        Some(texts.first.clone())
    } else {
        None
    };
    Ok(html(StatusCode::OK, &page))
}

async fn page(app: &App, person: &SignedIn) -> Result<SecondFactorPage, Failure> {
    let texts = person.visit.language.texts();
    let held = match app.store.second_factor(person.session.user).await? {
        Some(held) => {
            let policy = app.policy().await?;
            let moments = Moments::new(texts, policy.as_ref().map(|policy| &policy.policy), app.now());
            Some(Held {
                since: moments.day(held.set_at),
                recovery_codes: held.recovery_codes,
            })
        }
        None => None,
    };
    let offer = match held {
        Some(_) => None,
        None => Some(offer(app, person).await?),
    };
    Ok(SecondFactorPage {
        page: Page::of(person, Place::Account, texts.second_factor.title.to_string()),
        offer,
        held,
        notice: None,
        mistake: None,
    })
}

async fn offer(app: &App, person: &SignedIn) -> Result<Offer, Failure> {
    let account = app.store.user(person.session.user).await?;
    let account = account.ok_or(Failure::SessionEnded)?;
    let secret = offered(&person.secret).to_text();
    let address = format!(
        "otpauth://totp/Zeef:{}?secret={secret}&issuer=Zeef",
        percent_encoded(&account.name)
    );
    Ok(Offer {
        secret: in_groups(&secret),
        qr: Qr::of(&address),
        address,
        has_password: account.password_hash.is_some(),
        name: account.name,
    })
}

/// The secret that a session offers. It comes from the session's cookie, so that nothing is stored before a code proves
/// that an authenticator has it, and any collector offers the same; with the session it is over.
fn offered(session: &SessionSecret) -> Secret {
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, session.as_bytes()), CONTEXT);
    let mut bytes = [0; 20];
    bytes.copy_from_slice(&tag.as_ref()[..20]);
    Secret::from_bytes(bytes)
}

fn in_groups(text: &str) -> String {
    let groups: Vec<&str> = (0..text.len())
        .step_by(4)
        .filter_map(|at| text.get(at..text.len().min(at + 4)))
        .collect();
    groups.join(" ")
}

fn percent_encoded(text: &str) -> String {
    let mut encoded = String::new();
    for byte in text.bytes() {
        // Writing to a string does not fail.
        let _ = if byte.is_ascii_alphanumeric() {
            write!(encoded, "{}", char::from(byte))
        } else {
            write!(encoded, "%{byte:02X}")
        };
    }
    encoded
}

#[derive(Deserialize)]
pub(super) struct Confirmation {
    #[serde(default)]
    current: String,
    code: String,
}

/// A code proves that the authenticator has the secret; only then does it count. The session goes on under a new
/// secret, and all others end.
pub(super) async fn confirm(
    State(app): State<Arc<App>>,
    SignedForm { mut person, form }: SignedForm<Confirmation>,
) -> Result<Response, Failure> {
    let texts = person.visit.language.texts();
    let current = Zeroizing::new(form.current);
    if person.session.second_factor {
        return Ok(Redirect::to(PATH).into_response());
    }
    if let Err(mistake) = proves_password(&app, &person, current).await? {
        return refused(&app, &person, &Refusal::Wrong, mistake).await;
    }
    let secret = offered(&person.secret);
    let step = match Entered::read(&form.code) {
        Some(Entered::Code(code)) => secret.step_of(code, app.now()),
        _ => None,
    };
    let Some(step) = step else {
        let mistake = texts.second_factor.not_confirmed.clone();
        return refused(&app, &person, &Refusal::Wrong, mistake).await;
    };
    let codes = RecoveryCode::generate_all();
    let hashes = codes.iter().map(RecoveryCode::hash).collect();
    app.store
        .set_second_factor(person.session.user, secret, step, hashes, app.now())
        .await?;
    let (secret, session) = begin(person.session.user, Way::Here, app.now());
    person.session.form_secret = session.form_secret;
    app.store.add_session(session).await?;
    let cookie = Cookie::Session.set(&secret.expose(), app.secure());
    Ok(([cookie], codes_page(&person, &codes)).into_response())
}

#[derive(Deserialize)]
pub(super) struct Proof {
    code: String,
}

pub(super) async fn make_codes(
    State(app): State<Arc<App>>,
    SignedForm { person, form }: SignedForm<Proof>,
) -> Result<Response, Failure> {
    let user = person.session.user;
    if let Err(refusal) = spend(&app, user, &person.visit, &form.code).await? {
        let mistake = refusal.phrase(&person.visit);
        return refused(&app, &person, &refusal, mistake).await;
    }
    let codes = RecoveryCode::generate_all();
    let hashes = codes.iter().map(RecoveryCode::hash).collect();
    app.store.replace_recovery_codes(user, hashes, app.now()).await?;
    Ok(codes_page(&person, &codes))
}

pub(super) async fn remove(
    State(app): State<Arc<App>>,
    SignedForm { person, form }: SignedForm<Proof>,
) -> Result<Response, Failure> {
    let user = person.session.user;
    if let Err(refusal) = spend(&app, user, &person.visit, &form.code).await? {
        let mistake = refusal.phrase(&person.visit);
        return refused(&app, &person, &refusal, mistake).await;
    }
    let keep = Some(person.secret.hash());
    app.store
        .remove_second_factor(user, keep, Actor::User(user), app.now())
        .await?;
    Ok(Redirect::to("/account/second-factor?removed=yes").into_response())
}

fn codes_page(person: &SignedIn, codes: &[RecoveryCode]) -> Response {
    let title = person.visit.language.texts().second_factor.codes.to_string();
    let page = CodesPage {
        page: Page::of(person, Place::Account, title),
        codes: codes.iter().map(RecoveryCode::expose).collect(),
        next: home(person.session.role),
    };
    html(StatusCode::OK, &page)
}

async fn refused(
    app: &App,
    person: &SignedIn,
    refusal: &Refusal,
    mistake: Phrase,
) -> Result<Response, Failure> {
    let mut page = page(app, person).await?;
    page.mistake = Some(mistake);
    Ok(refusal.answer(&page))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_read_aloud_in_groups_and_a_name_survives_an_address() {
        assert_eq!(in_groups("ABCDEFGHIJ"), "ABCD EFGH IJ");
        assert_eq!(percent_encoded("zoë p&q"), "zo%C3%AB%20p%26q");
    }
}
