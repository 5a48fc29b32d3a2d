//! Every operation, and what it asks for.

use std::sync::Arc;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request};
use axum::handler::Handler;
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, delete, get, post};
use http::{HeaderName, HeaderValue, Method, header};

use super::guard::{Guard, Needs, guard};
use super::once::once;
use super::problem;
use super::resources::{
    accounts, changes, device, devices, enrolment, ledger, lookup, openapi, organisations, policy, retention,
    subscriptions,
};
use super::state::Api;
use crate::access::Permission;
use crate::web::App;

/// Largest body that is read, in bytes.
pub(super) const MOST_BODY: usize = 64 * 1024;

/// An operation as it is listed: what is not in the list is not there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route {
    /// `GET` answers `HEAD` too.
    pub method: Method,
    /// Below [`super::ROOT`], with its parameters in braces.
    pub path: &'static str,
    /// What its guard asks for.
    pub needs: Needs,
    /// Whether a request with the header `Idempotency-Key` may be sent again.
    pub once: bool,
}

/// Every operation, for whoever checks that each does what it should.
#[must_use]
pub fn routes() -> Vec<Route> {
    operations().into_iter().map(|(route, _)| route).collect()
}

/// The API, to be nested below [`super::ROOT`].
pub(crate) fn router(app: Arc<App>) -> Router {
    let secure = app.secure();
    let api = Arc::new(Api::new(app));
    let mut router = Router::new();
    for (route, mut handler) in operations() {
        if route.once {
            handler = handler.route_layer(middleware::from_fn_with_state(Arc::clone(&api), once));
        }
        let guarded = Guard {
            api: Arc::clone(&api),
            needs: route.needs,
        };
        handler = handler.route_layer(middleware::from_fn_with_state(guarded, guard));
        router = router.route(route.path, handler);
    }
    router
        .layer(DefaultBodyLimit::max(MOST_BODY))
        .layer(middleware::from_fn(move |request, next| {
            frame(secure, request, next)
        }))
        .with_state(api)
}

type Operations = Vec<(Route, MethodRouter<Arc<Api>>)>;

fn operations() -> Operations {
    const SEE: Needs = Needs::Permission(Permission::SeeInventory);
    const MANAGE_DEVICES: Needs = Needs::Permission(Permission::ManageDevices);
    const ENROL: Needs = Needs::Permission(Permission::Enrol);
    const MANAGE: Needs = Needs::Permission(Permission::ManageOrganisations);
    const LEDGER: Needs = Needs::Permission(Permission::SeeLedger);
    let mut all = Operations::new();
    all.reads("/openapi.json", Needs::Nothing, openapi::show);
    all.reads("/organisations", SEE, organisations::list);
    all.reads("/devices", SEE, devices::list);
    all.asks("/devices/search", SEE, devices::search);
    all.asks("/devices/lookup", SEE, lookup::look_up);
    all.reads(
        "/organisations/{organisation}/devices/{device}",
        SEE,
        device::show,
    );
    all.makes(
        "/organisations/{organisation}/devices/{device}/revoke",
        MANAGE_DEVICES,
        changes::revoke,
    );
    all.makes(
        "/organisations/{organisation}/devices/{device}/keep",
        MANAGE_DEVICES,
        changes::keep,
    );
    all.makes(
        "/organisations/{organisation}/devices/{device}/erase",
        Needs::Permission(Permission::Erase),
        changes::erase,
    );
    all.reads(
        "/organisations/{organisation}/enrolment-tokens",
        ENROL,
        enrolment::list,
    );
    all.makes(
        "/organisations/{organisation}/enrolment-tokens",
        ENROL,
        enrolment::make,
    );
    all.deletes(
        "/organisations/{organisation}/enrolment-tokens/{token}",
        ENROL,
        enrolment::revoke,
    );
    all.reads(
        "/organisations/{organisation}/subscriptions",
        MANAGE,
        subscriptions::list,
    );
    all.makes(
        "/organisations/{organisation}/subscriptions",
        MANAGE,
        subscriptions::start,
    );
    all.makes(
        "/organisations/{organisation}/subscriptions/{subscription}/end",
        MANAGE,
        subscriptions::end,
    );
    all.reads("/policy", Needs::Permission(Permission::SeePolicy), policy::show);
    all.reads(
        "/retention",
        Needs::Permission(Permission::SeeRetention),
        retention::show,
    );
    all.reads("/ledger/head", LEDGER, ledger::head);
    all.reads("/ledger/entries", LEDGER, ledger::list);
    all.reads("/ledger/entries/{index}/proof", LEDGER, ledger::prove);
    all.reads(
        "/accounts",
        Needs::Permission(Permission::ManageAccounts),
        accounts::list,
    );
    all
}

/// Ways to add an operation. No other leads into the router, so that none is without a guard.
trait Add {
    fn add(
        &mut self,
        method: Method,
        path: &'static str,
        needs: Needs,
        once: bool,
        handler: MethodRouter<Arc<Api>>,
    );

    /// Shows something.
    fn reads<H: Handler<T, Arc<Api>>, T: 'static>(&mut self, path: &'static str, needs: Needs, handler: H) {
        self.add(Method::GET, path, needs, false, get(handler));
    }

    /// Shows what a body asks for.
    fn asks<H: Handler<T, Arc<Api>>, T: 'static>(&mut self, path: &'static str, needs: Needs, handler: H) {
        self.add(Method::POST, path, needs, false, post(handler));
    }

    /// Makes or changes something.
    fn makes<H: Handler<T, Arc<Api>>, T: 'static>(&mut self, path: &'static str, needs: Needs, handler: H) {
        self.add(Method::POST, path, needs, true, post(handler));
    }

    /// Makes something worthless.
    fn deletes<H: Handler<T, Arc<Api>>, T: 'static>(&mut self, path: &'static str, needs: Needs, handler: H) {
        self.add(Method::DELETE, path, needs, false, delete(handler));
    }
}

impl Add for Operations {
    fn add(
        &mut self,
        method: Method,
        path: &'static str,
        needs: Needs,
        once: bool,
        handler: MethodRouter<Arc<Api>>,
    ) {
        let route = Route {
            method,
            path,
            needs,
            once,
        };
        self.push((route, handler));
    }
}

/// Around every response: failures of the framework as problems, and what holds for all.
async fn frame(secure: bool, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    if let Some(problem) = problem::behind(&response) {
        let allow = response.headers_mut().remove(header::ALLOW);
        response = problem.into_response();
        if let Some(allow) = allow {
            response.headers_mut().insert(header::ALLOW, allow);
        }
    }
    let headers = response.headers_mut();
    for (name, value) in [
        (
            "content-security-policy",
            "default-src 'none'; frame-ancestors 'none'",
        ),
        ("x-content-type-options", "nosniff"),
        ("cache-control", "no-store"),
        ("cross-origin-resource-policy", "same-origin"),
        ("referrer-policy", "no-referrer"),
    ] {
        headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    if secure {
        let year = HeaderValue::from_static("max-age=31536000");
        headers.insert(header::STRICT_TRANSPORT_SECURITY, year);
    }
    response
}
