//! What each route asks for before its handler runs.

use std::sync::Arc;

use axum::extract::{FromRequestParts, RawPathParams, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::request::Parts;

use super::failure::Failure;
use super::second_factor;
use super::state::App;
use super::visit::SignedIn;
use crate::access::Permission;

/// What a request must bring.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Needs {
    /// Nothing: anybody may ask.
    Nothing,
    /// A session, of whatever role.
    Session,
    /// A session whose role may do this. Where the path names an organisation, the account must reach it.
    Permission(Permission),
}

/// The guard of one route.
#[derive(Clone)]
pub(super) struct Guard {
    pub(super) app: Arc<App>,
    pub(super) needs: Needs,
}

/// Lets the request through, or answers in the handler's place.
pub(super) async fn guard(State(guard): State<Guard>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    match guard.admit(&mut parts).await {
        Ok(()) => next.run(Request::from_parts(parts, body)).await,
        Err(failure) => failure.into_response(),
    }
}

impl Guard {
    async fn admit(&self, parts: &mut Parts) -> Result<(), Failure> {
        if self.needs == Needs::Nothing {
            return Ok(());
        }
        let person = SignedIn::from_request_parts(parts, &self.app).await?;
        if self.app.lacks_second_factor(&person.session) && !is_before_second_factor(parts.uri.path()) {
            return Err(Failure::SecondFactorFirst);
        }
        if let Needs::Permission(permission) = self.needs
            && !person.may(permission)
        {
            return Err(Failure::NotAllowed);
        }
        let path = RawPathParams::from_request_parts(parts, &self.app).await;
        let path = path.map_err(|_| Failure::NotFound)?;
        for (_, organisation) in path.iter().filter(|(name, _)| *name == "organisation") {
            let organisation = organisation.parse().map_err(|_| Failure::NotFound)?;
            // As if it were not there: that it exists is nobody's business.
            if !person.reach().reaches(organisation) {
                return Err(Failure::NotFound);
            }
        }
        parts.extensions.insert(person);
        Ok(())
    }
}

/// What somebody who must set up a second factor may do meanwhile.
fn is_before_second_factor(path: &str) -> bool {
    path.starts_with(second_factor::PATH) || path == "/sign-out"
}
