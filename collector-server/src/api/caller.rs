//! Who asks: the token of a request, and what it may.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use http::header;
use http::request::Parts;
use zeef_proto::id::ApiTokenId;

use super::problem::Problem;
use super::state::Api;
use super::token::Secret;
use crate::access::{Permission, Reach, Role, Scopes};
use crate::ledger::Actor;

/// Whoever asks with a good token.
#[derive(Clone)]
pub(super) struct Caller {
    pub(super) token: ApiTokenId,
    /// As the ledger names it.
    pub(super) actor: Actor,
    pub(super) reach: Reach,
    pub(super) secret: Arc<Secret>,
    role: Role,
    scopes: Scopes,
}

impl Caller {
    /// Whether its role may do something, and its token is for that.
    pub(super) fn may(&self, permission: Permission) -> bool {
        self.role.may(permission) && self.scopes.allow(permission)
    }

    /// Whoever a request's token belongs to; `None` where there is none that is good.
    pub(super) async fn of(parts: &Parts, api: &Api) -> Result<Option<Self>, Problem> {
        let Some(secret) = bearer(parts).and_then(Secret::parse) else {
            return Ok(None);
        };
        let now = api.now();
        let Some(admitted) = api.store().admitted(secret.hash(), now).await? else {
            return Ok(None);
        };
        if admitted.last_used != Some(now.to_the_hour()) {
            api.store().touch_api_token(admitted.id, now).await?;
        }
        Ok(Some(Self {
            token: admitted.id,
            actor: admitted.user.map_or(Actor::Service(admitted.id), Actor::User),
            reach: admitted.reach,
            secret: Arc::new(secret),
            role: admitted.role,
            scopes: admitted.scopes,
        }))
    }
}

/// The token as a header says it (RFC 6750, section 2.1). No other place is looked at: addresses are logged.
fn bearer(parts: &Parts) -> Option<&str> {
    let value = parts.headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

impl FromRequestParts<Arc<Api>> for Caller {
    type Rejection = Problem;

    /// Whoever the operation's guard let through.
    async fn from_request_parts(parts: &mut Parts, _: &Arc<Api>) -> Result<Self, Problem> {
        parts
            .extensions
            .get::<Self>()
            .cloned()
            .ok_or(Problem::Unauthenticated)
    }
}
