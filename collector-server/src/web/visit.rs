//! Who asks, in which language, from where.

use std::convert::Infallible;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;

use axum::extract::{ConnectInfo, FromRequestParts};
use http::request::Parts;
use http::{Method, header};

use super::cookie::Cookie;
use super::failure::Failure;
use super::locale::{Language, preferred};
use super::session::{SessionSecret, touched};
use super::state::App;
use crate::access::{Permission, Reach};
use crate::ledger::Actor;
use crate::store::people::Session;

/// What a request says about its page, signed in or not.
#[derive(Clone)]
pub(super) struct Visit {
    pub(super) language: Language,
    /// Whether the keyboard shortcut is wanted.
    pub(super) shortcut: bool,
    /// Where to come back to after a choice that changes the page, a path of ours.
    pub(super) here: String,
    /// The peer, as far as it is known.
    pub(super) address: IpAddr,
}

/// A request of a signed-in person.
#[derive(Clone)]
pub(super) struct SignedIn {
    pub(super) visit: Visit,
    pub(super) session: Session,
    pub(super) secret: Arc<SessionSecret>,
}

impl SignedIn {
    /// Whether the account's role may do something.
    pub(super) const fn may(&self, permission: Permission) -> bool {
        self.session.role.may(permission)
    }

    /// As the ledger names whoever this is.
    pub(super) const fn actor(&self) -> Actor {
        Actor::User(self.session.user)
    }

    /// The organisations that the account reaches.
    pub(super) const fn reach(&self) -> &Reach {
        &self.session.reach
    }
}

impl Visit {
    pub(super) fn of(parts: &Parts, secure: bool) -> Self {
        let chosen = Cookie::Language
            .read(&parts.headers, secure)
            .and_then(Language::tagged);
        let accepted = || {
            parts
                .headers
                .get(header::ACCEPT_LANGUAGE)?
                .to_str()
                .ok()
                .map(preferred)
        };
        let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>();
        let here = match (&parts.method, parts.uri.path_and_query()) {
            (&Method::GET, Some(here)) => here.as_str(),
            _ => parts.uri.path(),
        };
        Self {
            language: chosen.or_else(accepted).unwrap_or(Language::Dutch),
            shortcut: Cookie::Shortcut.read(&parts.headers, secure) != Some("off"),
            here: local_path(here).unwrap_or("/").to_owned(),
            address: peer.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |peer| peer.0.ip()),
        }
    }
}

/// A path of ours, and nothing that a browser could take for another host.
pub(super) fn local_path(text: &str) -> Option<&str> {
    let ours = text.starts_with('/')
        && !text.starts_with("//")
        && text.len() <= 2_048
        && text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    ours.then_some(text)
}

/// The live session of a request, and the secret in its cookie.
pub(super) async fn session(parts: &Parts, app: &App) -> Result<Option<(Session, SessionSecret)>, Failure> {
    let cookie = Cookie::Session.read(&parts.headers, app.secure());
    let Some(secret) = cookie.and_then(SessionSecret::from_cookie) else {
        return Ok(None);
    };
    let session = app.store.session(secret.hash(), app.now()).await?;
    Ok(session.map(|session| (session, secret)))
}

impl FromRequestParts<Arc<App>> for Visit {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Infallible> {
        Ok(Self::of(parts, app.secure()))
    }
}

impl FromRequestParts<Arc<App>> for SignedIn {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Failure> {
        // The route's guard has asked already.
        if let Some(known) = parts.extensions.get::<Self>() {
            return Ok(known.clone());
        }
        let Some((session, secret)) = session(parts, app).await? else {
            return Err(if parts.method == Method::GET || parts.method == Method::HEAD {
                Failure::SignInFirst {
                    next: parts.uri.path().to_owned(),
                }
            } else {
                Failure::SessionEnded
            });
        };
        if let Some(idle_until) = touched(&session, app.now()) {
            app.store.touch_session(secret.hash(), idle_until).await?;
        }
        Ok(Self {
            visit: Visit::of(parts, app.secure()),
            session,
            secret: Arc::new(secret),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::local_path;

    #[test]
    fn only_paths_of_ours_are_returned_to() {
        for ours in ["/", "/inventory?state=silent&page=2", "/devices/a/b"] {
            assert_eq!(local_path(ours), Some(ours));
        }
        for other in [
            "",
            "//evil.example",
            "https://evil.example",
            "/\\evil.example",
            "/a\nb",
            "inventory",
            "/ü",
        ] {
            assert_eq!(local_path(other), None, "{other}");
        }
    }
}
