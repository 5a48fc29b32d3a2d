//! What each operation asks for before its handler runs.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;

use axum::extract::{ConnectInfo, FromRequestParts, RawPathParams, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::request::Parts;

use super::caller::Caller;
use super::problem::Problem;
use super::rate::Key;
use super::state::Api;
use crate::access::Permission;

/// What a request must bring.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Needs {
    /// Nothing: anybody may ask.
    Nothing,
    /// A token whose role may do this, and that has a scope for it. Where the path names an organisation, it must be
    /// reached.
    Permission(Permission),
}

/// The guard of one operation.
#[derive(Clone)]
pub(super) struct Guard {
    pub(super) api: Arc<Api>,
    pub(super) needs: Needs,
}

/// Lets the request through, or answers in the handler's place.
pub(super) async fn guard(State(guard): State<Guard>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let caller = match Caller::of(&parts, &guard.api).await {
        Ok(caller) => caller,
        Err(problem) => return problem.into_response(),
    };
    let key = match &caller {
        Some(caller) => Key::Token(caller.token),
        None => Key::Address(address(&parts)),
    };
    let allowance = guard.api.count(key);
    let mut response = if allowance.is_spent {
        Problem::TooMany(allowance.reset).into_response()
    } else {
        match guard.admit(&mut parts, caller).await {
            Ok(()) => next.run(Request::from_parts(parts, body)).await,
            Err(problem) => problem.into_response(),
        }
    };
    allowance.tell(response.headers_mut());
    response
}

/// The peer, as far as it is known.
fn address(parts: &Parts) -> IpAddr {
    let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>();
    peer.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |peer| peer.0.ip())
}

impl Guard {
    async fn admit(&self, parts: &mut Parts, caller: Option<Caller>) -> Result<(), Problem> {
        let Needs::Permission(permission) = self.needs else {
            return Ok(());
        };
        let caller = caller.ok_or(Problem::Unauthenticated)?;
        if !caller.may(permission) {
            return Err(Problem::Forbidden(permission));
        }
        let path = RawPathParams::from_request_parts(parts, &self.api).await;
        let path = path.map_err(|_| Problem::NotFound)?;
        for (_, organisation) in path.iter().filter(|(name, _)| *name == "organisation") {
            let organisation = organisation.parse().map_err(|_| Problem::NotFound)?;
            // As if it were not there: that it exists is nobody's business.
            if !caller.reach.reaches(organisation) {
                return Err(Problem::NotFound);
            }
        }
        parts.extensions.insert(caller);
        Ok(())
    }
}
