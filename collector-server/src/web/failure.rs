//! What goes wrong, as a page with a plain message and a way on.

use askama::Template;
use axum::response::{IntoResponse, Redirect, Response};
use http::{HeaderValue, StatusCode, header};
use zeef_proto::Logged;
use zeef_proto::policy::SignatureError;

use super::locale::{Phrase, Texts};
use super::page::{Page, Place, html};
use super::visit::Visit;
use crate::store::StoreError;

/// Why a request got no page of its own. The frame turns it into one, in the visitor's language.
#[derive(Debug, Clone)]
pub(crate) enum Failure {
    /// Nothing there.
    NotFound,
    /// The device went while a page about it was open.
    DeviceGone,
    /// The address does not take the method.
    Method,
    /// The form is not one of ours, or its secret is of another session.
    Refused,
    /// The account's role may not do that.
    NotAllowed,
    /// A form of a session that has ended.
    SessionEnded,
    /// A page that needs a session.
    SignInFirst {
        /// Where to go afterwards; a path without a query.
        next: String,
    },
    /// A page for which this account must have a second factor.
    SecondFactorFirst,
    /// A one-time link that is spent, lapsed or made up.
    Link,
    /// Signing in at the identity provider came to nothing.
    Provider(ProviderFailure),
    /// Too many passwords at once.
    Busy,
    /// Too often.
    TooMany,
    /// Not a form or query of the page.
    Input,
    /// The store failed; it was logged.
    Store,
    /// The published policy is not by the policy key.
    Policy(SignatureError),
}

/// Why somebody could not sign in at the identity provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ProviderFailure {
    /// No answer, or none that makes sense.
    Away,
    /// An answer that proves nothing.
    NotBelieved,
    /// The provider says no.
    Refused,
    /// An answer to nothing that this browser asked lately.
    Late,
    /// No claim gives a role.
    NoRole,
    /// No claim names an organisation.
    NoOrganisation,
    /// Another account has the name.
    NameTaken,
}

impl From<ProviderFailure> for Failure {
    fn from(failure: ProviderFailure) -> Self {
        Self::Provider(failure)
    }
}

impl ProviderFailure {
    const fn status(self) -> StatusCode {
        match self {
            Self::Away => StatusCode::SERVICE_UNAVAILABLE,
            Self::NotBelieved => StatusCode::BAD_GATEWAY,
            Self::Late => StatusCode::BAD_REQUEST,
            Self::NameTaken => StatusCode::CONFLICT,
            Self::Refused | Self::NoRole | Self::NoOrganisation => StatusCode::FORBIDDEN,
        }
    }

    const fn words(self, texts: &Texts) -> (&Phrase, &Phrase) {
        let texts = &texts.provider;
        let body = match self {
            Self::Away => &texts.away,
            Self::NotBelieved => &texts.not_believed,
            Self::Refused => &texts.refused,
            Self::Late => &texts.late,
            Self::NoRole => &texts.no_role,
            Self::NoOrganisation => &texts.no_organisation,
            Self::NameTaken => &texts.name_taken,
        };
        (&texts.failed, body)
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        tracing::error!(error = %Logged(&error), "a page could not be made");
        Self::Store
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        if let Self::SignInFirst { next } = &self {
            let next = super::visit::local_path(next).unwrap_or("/");
            return Redirect::to(&format!("/sign-in?next={next}")).into_response();
        }
        if let Self::SecondFactorFirst = &self {
            return Redirect::to(super::second_factor::PATH).into_response();
        }
        let mut response = self.status().into_response();
        response.extensions_mut().insert(self);
        response
    }
}

#[derive(Template)]
#[template(path = "failure.html")]
struct FailurePage<'a> {
    page: Page,
    title: &'a Phrase,
    body: &'a Phrase,
    command: Option<&'static str>,
    to_sign_in: bool,
}

impl Failure {
    /// The failure behind a response that has no page, such as one that the framework made.
    pub(super) fn behind(response: &Response) -> Option<Self> {
        if let Some(failure) = response.extensions().get::<Self>() {
            return Some(failure.clone());
        }
        let kind = response.headers().get(header::CONTENT_TYPE);
        let is_page = kind.is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"));
        match response.status() {
            _ if is_page => None,
            StatusCode::NOT_FOUND => Some(Self::NotFound),
            StatusCode::METHOD_NOT_ALLOWED => Some(Self::Method),
            StatusCode::TOO_MANY_REQUESTS => Some(Self::TooMany),
            status if status.is_client_error() => Some(Self::Input),
            status if status.is_server_error() => Some(Self::Store),
            _ => None,
        }
    }

    /// The page that says it.
    pub(super) fn page(&self, visit: &Visit) -> Response {
        if let Self::Policy(error) = self {
            tracing::error!(error = %Logged(error), "the published policy cannot be used");
        }
        let texts = visit.language.texts();
        let (title, body) = self.words(texts);
        let template = FailurePage {
            page: Page::new(visit, None, Place::Elsewhere, title.to_string()),
            title,
            body,
            command: matches!(self, Self::Link).then_some("zeef-collector user link NAME"),
            to_sign_in: matches!(
                self,
                Self::SessionEnded | Self::Link | Self::TooMany | Self::Busy | Self::Provider(_)
            ),
        };
        let mut response = html(self.status(), &template);
        if matches!(self, Self::Busy | Self::TooMany) {
            let seconds = HeaderValue::from_static("5");
            response.headers_mut().insert(header::RETRY_AFTER, seconds);
        }
        response
    }

    const fn status(&self) -> StatusCode {
        match self {
            Self::Provider(failure) => failure.status(),
            Self::NotFound | Self::DeviceGone => StatusCode::NOT_FOUND,
            Self::Method => StatusCode::METHOD_NOT_ALLOWED,
            Self::Refused | Self::NotAllowed => StatusCode::FORBIDDEN,
            Self::SessionEnded | Self::SignInFirst { .. } | Self::SecondFactorFirst => {
                StatusCode::UNAUTHORIZED
            }
            Self::Link => StatusCode::GONE,
            Self::TooMany => StatusCode::TOO_MANY_REQUESTS,
            Self::Input => StatusCode::BAD_REQUEST,
            Self::Busy | Self::Store | Self::Policy(_) => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    const fn words<'a>(&self, texts: &'a Texts) -> (&'a Phrase, &'a Phrase) {
        let all = texts;
        let texts = &all.failure;
        match self {
            Self::Provider(failure) => failure.words(all),
            Self::NotFound => (&texts.not_found, &texts.not_found_body),
            Self::DeviceGone => (&texts.device_gone, &texts.device_gone_body),
            Self::Method => (&texts.method, &texts.method_body),
            Self::Refused => (&texts.refused, &texts.refused_body),
            Self::NotAllowed => (&texts.not_allowed, &texts.not_allowed_body),
            Self::SessionEnded | Self::SignInFirst { .. } | Self::SecondFactorFirst => {
                (&texts.session, &texts.session_body)
            }
            Self::Link => (&texts.link, &texts.link_body),
            Self::Busy => (&texts.busy, &texts.busy_body),
            Self::TooMany => (&texts.too_many, &texts.too_many_body),
            Self::Input => (&texts.input, &texts.input_body),
            Self::Store | Self::Policy(_) => (&texts.store, &texts.store_body),
        }
    }
}
