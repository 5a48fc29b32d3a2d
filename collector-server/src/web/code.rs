//! The second step of signing in: a code, where the account has a second factor.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use http::{HeaderValue, StatusCode, header};
use serde::Deserialize;
use zeef_proto::id::UserId;

use super::failure::Failure;
use super::form::OpenForm;
use super::locale::Phrase;
use super::page::{Page, Place, home, html};
use super::second_factor;
use super::session::Way;
use super::sign_in::{attempt, forget_attempts, sign_in_page, start_session};
use super::state::App;
use super::throttle::Key;
use super::ticket::Ticket;
use super::visit::{Visit, local_path};
use crate::otp::Entered;
use crate::store::people::User;

#[derive(Template)]
#[template(path = "code.html")]
struct CodePage {
    page: Page,
    ticket: String,
    next: String,
    mistake: Option<Phrase>,
}

fn code_page(visit: &Visit, ticket: String, next: &str, mistake: Option<Phrase>) -> CodePage {
    let title = visit.language.texts().second_factor.enter.to_string();
    CodePage {
        page: Page::new(visit, None, Place::Elsewhere, title),
        ticket,
        next: local_path(next).unwrap_or("/").to_owned(),
        mistake,
    }
}

/// Lets somebody in who has shown an account's password or spent a link: at once, or after a code.
pub(super) async fn enter(app: &App, visit: &Visit, user: &User, next: &str) -> Result<Response, Failure> {
    if user.second_factor {
        let ticket = Ticket::of(user).seal(&app.store.shared_secret().await?, app.now());
        return Ok(html(StatusCode::OK, &code_page(visit, ticket, next, None)));
    }
    let cookie = start_session(app, user.id, Way::Here).await?;
    let next = local_path(next).filter(|next| *next != "/");
    let next = next.unwrap_or_else(|| home(user.role));
    Ok(([cookie], Redirect::to(next)).into_response())
}

/// A reload of the page that asks for the code.
pub(super) async fn begin_again() -> Redirect {
    Redirect::to("/sign-in")
}

#[derive(Deserialize)]
pub(super) struct Entry {
    ticket: String,
    code: String,
    #[serde(default)]
    next: String,
}

pub(super) async fn take(
    State(app): State<Arc<App>>,
    OpenForm { visit, form }: OpenForm<Entry>,
) -> Result<Response, Failure> {
    let texts = &visit.language.texts().second_factor;
    let secret = app.store.shared_secret().await?;
    let user = match Ticket::open(&secret, &form.ticket, app.now()) {
        Some(ticket) => app
            .store
            .user(ticket.user)
            .await?
            .filter(|user| ticket.is_of(user)),
        None => None,
    };
    let Some(user) = user else {
        let mistake = Some(texts.too_late.clone());
        let page = sign_in_page(&app, &visit, &form.next, String::new(), mistake, false);
        return Ok(html(StatusCode::UNAUTHORIZED, &page));
    };
    let spent = match spend(&app, user.id, &visit, &form.code).await? {
        Ok(spent) => spent,
        Err(refusal) => {
            let mistake = Some(refusal.phrase(&visit));
            return Ok(refusal.answer(&code_page(&visit, form.ticket, &form.next, mistake)));
        }
    };
    let cookie = start_session(&app, user.id, Way::Here).await?;
    let next = local_path(&form.next).filter(|next| *next != "/");
    let next = match spent {
        Entered::Code(_) => next.unwrap_or_else(|| home(user.role)),
        Entered::Recovery(_) => second_factor::RECOVERED,
    };
    Ok(([cookie], Redirect::to(next)).into_response())
}

/// Why a code was not taken.
pub(super) enum Refusal {
    /// It is not right, or was taken before.
    Wrong,
    /// So many seconds must pass first.
    TooMany(i64),
}

impl Refusal {
    pub(super) fn phrase(&self, visit: &Visit) -> Phrase {
        let texts = &visit.language.texts().second_factor;
        match self {
            Self::Wrong => texts.wrong.clone(),
            Self::TooMany(seconds) => texts.too_many.with("seconds", seconds),
        }
    }

    /// The page that asks once more.
    pub(super) fn answer(&self, page: &impl Template) -> Response {
        match self {
            Self::Wrong => html(StatusCode::UNPROCESSABLE_ENTITY, page),
            Self::TooMany(seconds) => {
                let wait = [(header::RETRY_AFTER, HeaderValue::from(*seconds))];
                (wait, html(StatusCode::TOO_MANY_REQUESTS, page)).into_response()
            }
        }
    }
}

/// Takes a code of an account, once. Guessing is slowed by account and address, apart from guessing the password: who
/// knows that must not begin anew with it.
pub(super) async fn spend(
    app: &App,
    user: UserId,
    visit: &Visit,
    typed: &str,
) -> Result<Result<Entered, Refusal>, Failure> {
    let key = Key::new(&format!("code of {user}"), visit.address);
    if let Err(seconds) = attempt(app, key) {
        return Ok(Err(Refusal::TooMany(seconds)));
    }
    let entered = Entered::read(typed);
    let right = match entered {
        None => false,
        Some(Entered::Recovery(hash)) => app.store.spend_recovery_code(user, hash, app.now()).await?,
        Some(Entered::Code(code)) => {
            let held = app.store.second_factor(user).await?;
            match held.and_then(|held| held.secret.step_of(code, app.now())) {
                Some(step) => app.store.spend_step(user, step).await?,
                None => false,
            }
        }
    };
    let Some(entered) = entered.filter(|_| right) else {
        return Ok(Err(Refusal::Wrong));
    };
    forget_attempts(app, key);
    Ok(Ok(entered))
}
