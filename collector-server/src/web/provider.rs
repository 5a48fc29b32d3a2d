//! Signing in at an identity provider: there, and back.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Query, State};
use axum::response::{AppendHeaders, IntoResponse, Redirect, Response};
use data_encoding::BASE64URL_NOPAD;
use http::{HeaderMap, StatusCode};
use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq;
use zeef_proto::id::UserId;
use zeef_proto::{Logged, UnixTime};

use super::cookie::Cookie;
use super::failure::{Failure, ProviderFailure};
use super::page::{Page, Place, home, html};
use super::session::{Way, sha256};
use super::sign_in::{attempt, forget_attempts, start_session};
use super::state::App;
use super::throttle::Key;
use super::visit::{Visit, local_path};
use crate::ledger::Actor;
use crate::openid::{Answered, Claims, Provider, ProviderError, Question, Refusal, decide};
use crate::random;
use crate::seal::{SharedSecret, SignInStep};
use crate::store::StoreError;
use crate::store::people::{NewUser, User};
use crate::store::sign_in::ProviderMark;

/// Where a provider sends browsers back to, below the address of the pages.
pub const ANSWER: &str = "/sign-in/provider/answer";
/// How long somebody may take at the provider, in seconds.
pub(super) const VALID: i64 = 10 * 60;

/// What the browser holds meanwhile, sealed.
#[derive(Serialize, Deserialize)]
struct Asked {
    state: String,
    nonce: String,
    verifier: String,
    next: String,
    until: i64,
}

#[derive(Deserialize)]
pub(super) struct Next {
    #[serde(default)]
    next: String,
}

/// A redirect from another site brings no cookie that is `SameSite=Strict`, the session's among them: so the answer is a
/// page of ours, and the browser goes on from there by itself.
#[derive(Template)]
#[template(path = "provider.html")]
struct ArrivedPage {
    page: Page,
    next: String,
}

pub(super) async fn ask(
    State(app): State<Arc<App>>,
    Query(Next { next }): Query<Next>,
) -> Result<Response, Failure> {
    let provider = app.provider.as_ref().ok_or(Failure::NotFound)?;
    let question = Question::new();
    let address = provider.address(&question, app.now()).await?;
    let asked = Asked {
        state: question.state,
        nonce: question.nonce,
        verifier: question.verifier,
        next: local_path(&next).unwrap_or("/").to_owned(),
        until: app.now().plus(VALID).0,
    };
    let held = asked.seal(&app.store.shared_secret().await?)?;
    let cookie = Cookie::Provider.set(&held, app.secure());
    Ok(([cookie], Redirect::to(&address)).into_response())
}

pub(super) async fn answer(
    State(app): State<Arc<App>>,
    visit: Visit,
    headers: HeaderMap,
    Query(answered): Query<Answered>,
) -> Result<Response, Failure> {
    let provider = app.provider.as_ref().ok_or(Failure::NotFound)?;
    let held = Cookie::Provider.read(&headers, app.secure());
    let asked = Asked::open(
        &app.store.shared_secret().await?,
        held.unwrap_or_default(),
        app.now(),
    );
    let asked = asked
        .filter(|asked| bool::from(asked.state.as_bytes().ct_eq(answered.state.as_bytes())))
        .ok_or(ProviderFailure::Late)?;
    let issuer = &provider.config().issuer;
    if answered.iss.as_ref().is_some_and(|iss| iss != issuer) {
        return Err(ProviderFailure::NotBelieved.into());
    }
    if answered.code.is_empty() {
        return Err(ProviderFailure::Refused.into());
    }
    let key = Key::new("identity provider", visit.address);
    attempt(&app, key).map_err(|_| Failure::TooMany)?;
    let question = Question {
        state: asked.state,
        nonce: asked.nonce,
        verifier: asked.verifier,
    };
    let claims = provider.claims(&answered.code, &question, app.now()).await?;
    let user = account(&app, provider, &claims).await?;
    forget_attempts(&app, key);
    let cookies = AppendHeaders([
        start_session(&app, user.id, Way::Provider).await?,
        Cookie::Provider.clear(app.secure()),
    ]);
    let next = Some(asked.next).filter(|next| next != "/");
    let arrived = ArrivedPage {
        page: Page::new(
            &visit,
            None,
            Place::Elsewhere,
            visit.language.texts().sign_in.title.to_string(),
        ),
        next: next.unwrap_or_else(|| home(user.role).to_owned()),
    };
    Ok((cookies, html(StatusCode::OK, &arrived)).into_response())
}

/// The account of the person whom the provider names, made at the first time. Its role and reach follow the claims.
async fn account(app: &App, provider: &Provider, claims: &Claims) -> Result<User, Failure> {
    let mark = mark(provider, claims);
    let known = match app.store.provider_account(mark).await? {
        Some(user) => app.store.user(user).await?,
        None => None,
    };
    let organisations = app.store.organisations().await?;
    let decision = match decide(provider.config(), claims, &organisations) {
        Ok(decision) => decision,
        Err(refusal) => {
            // Whoever may not come in any more is not in any more.
            if let Some(user) = known {
                app.store.sign_out_everywhere(user.id, app.now()).await?;
            }
            return Err(match refusal {
                Refusal::NoRole => ProviderFailure::NoRole.into(),
                Refusal::NoOrganisation => ProviderFailure::NoOrganisation.into(),
            });
        }
    };
    let (role, reach) = (decision.role, decision.reach);
    if let Some(user) = known {
        if (user.role, &user.reach) != (role, &reach) {
            let by = Actor::User(user.id);
            let set = app.store.set_role(user.id, role, reach.clone(), by, app.now());
            match set.await {
                // Somebody must be left to administer, whatever the provider says.
                Err(StoreError::LastAdministrator) => return Ok(user),
                done => done?,
            }
        }
        return Ok(User { role, reach, ..user });
    }
    let new = NewUser {
        id: UserId::from_random(random::bytes()),
        name: decision.name,
        role,
        reach,
    };
    let added = app.store.add_provider_account(mark, new.clone(), app.now()).await;
    match added {
        // That it is the same person, only somebody who knows both can say.
        Err(StoreError::NameTaken(_)) => Err(ProviderFailure::NameTaken.into()),
        added => {
            added?;
            Ok(User {
                id: new.id,
                name: new.name,
                password_hash: None,
                second_factor: false,
                role: new.role,
                reach: new.reach,
            })
        }
    }
}

fn mark(provider: &Provider, claims: &Claims) -> ProviderMark {
    let issuer = provider.config().issuer.as_bytes();
    ProviderMark(sha256(&[issuer, b"\0", claims.subject.as_bytes()].concat()))
}

impl Asked {
    fn seal(&self, secret: &SharedSecret) -> Result<String, Failure> {
        let plain = serde_json::to_vec(self).map_err(|_| Failure::Input)?;
        Ok(BASE64URL_NOPAD.encode(&secret.seal_sign_in(SignInStep::Provider, &plain)))
    }

    fn open(secret: &SharedSecret, held: &str, now: UnixTime) -> Option<Self> {
        let sealed = BASE64URL_NOPAD.decode(held.as_bytes()).ok()?;
        let plain = secret.open_sign_in(SignInStep::Provider, &sealed)?;
        let asked: Self = serde_json::from_slice(&plain).ok()?;
        (now.0 < asked.until).then_some(asked)
    }
}

impl From<ProviderError> for Failure {
    fn from(error: ProviderError) -> Self {
        tracing::warn!(error = %Logged(&error), "somebody could not sign in at the identity provider");
        Self::Provider(match error {
            ProviderError::Trust
            | ProviderError::Secret
            | ProviderError::Unreachable
            | ProviderError::Answer => ProviderFailure::Away,
            ProviderError::Refused | ProviderError::Token(_) => ProviderFailure::NotBelieved,
        })
    }
}
