//! Where everything is, and what each route asks for.

use std::sync::Arc;

use axum::Router;
use axum::extract::{DefaultBodyLimit, State};
use axum::handler::Handler;
use axum::middleware;
use axum::response::Redirect;
use axum::routing::{MethodRouter, get, post};
use http::Method;
use zeef_proto::Logged;

use super::guard::{Guard, Needs, guard};
use super::page::home;
use super::state::{App, WebState};
use super::visit::SignedIn;
use super::{
    account, administration, assets, changes, code, device, enrol, headers, inventory, ledger, link, policy,
    portal, provider, receipt, report, requests, retention, second_factor, sign_in, tokens, told,
};
use crate::access::Permission;
use crate::api;

/// Largest form that is read, in bytes.
const MOST_FORM: usize = 16 * 1024;

/// A route as it is listed: what is not in the list is not there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route {
    /// `GET` answers `HEAD` too.
    pub method: Method,
    /// With its parameters in braces.
    pub path: &'static str,
    /// What its guard asks for.
    pub needs: Needs,
}

/// The application. Starts loading the inventory's index, so it must be called inside a Tokio runtime.
///
/// For throttling by address, serve it with connect information
/// ([`axum::extract::ConnectInfo`]`<SocketAddr>`); without it all clients count as one.
pub fn router(state: WebState) -> Router {
    let app = Arc::new(App::new(state));
    tokio::spawn(load_index(Arc::clone(&app)));
    let pages = site(&app)
        .router
        .layer(DefaultBodyLimit::max(MOST_FORM))
        .layer(middleware::from_fn_with_state(Arc::clone(&app), headers::frame))
        .with_state(Arc::clone(&app));
    // Outside of the frame: what programs ask for has no cookie, no form and no page.
    pages.nest_service(api::ROOT, api::router(app))
}

/// Every route of [`router`], for whoever checks that each does what it should.
#[must_use]
pub fn routes(state: WebState) -> Vec<Route> {
    site(&Arc::new(App::new(state))).listed
}

fn site(app: &Arc<App>) -> Site {
    const SEE_INVENTORY: Needs = Needs::Permission(Permission::SeeInventory);
    const EXPORT: Needs = Needs::Permission(Permission::Export);
    const SEE_POLICY: Needs = Needs::Permission(Permission::SeePolicy);
    const OPEN_REQUESTS: Needs = Needs::Permission(Permission::OpenRequests);
    const HANDLE_REQUESTS: Needs = Needs::Permission(Permission::HandleRequests);
    const REVIEW_REQUESTS: Needs = Needs::Permission(Permission::ReviewRequests);
    const SEE_RETENTION: Needs = Needs::Permission(Permission::SeeRetention);
    const SEE_LEDGER: Needs = Needs::Permission(Permission::SeeLedger);
    const SEE_REPORT: Needs = Needs::Permission(Permission::SeeReport);
    const MANAGE_DEVICES: Needs = Needs::Permission(Permission::ManageDevices);
    const ENROL: Needs = Needs::Permission(Permission::Enrol);
    const ERASE: Needs = Needs::Permission(Permission::Erase);
    const USE_PORTAL: Needs = Needs::Permission(Permission::UsePortal);
    const ORGANISATIONS: Needs = Needs::Permission(Permission::ManageOrganisations);
    const ACCOUNTS: Needs = Needs::Permission(Permission::ManageAccounts);
    const END: &str = "/organisations/{organisation}/subscriptions/{subscription}/end";
    Site::new(app)
        .get("/", Needs::Session, start)
        .get("/inventory", SEE_INVENTORY, inventory::show)
        .post("/inventory", SEE_INVENTORY, inventory::search)
        .get("/inventory/export.csv", EXPORT, inventory::export::csv)
        .get("/inventory/export.json", EXPORT, inventory::export::json)
        .post("/inventory/columns", SEE_INVENTORY, inventory::set_columns)
        .post("/inventory/views", SEE_INVENTORY, inventory::save_view)
        .post("/inventory/views/forget", SEE_INVENTORY, inventory::forget_view)
        .get("/devices/{organisation}/{device}", SEE_INVENTORY, device::show)
        .get(
            "/devices/{organisation}/{device}/revoke",
            MANAGE_DEVICES,
            device::revoke::show,
        )
        .post(
            "/devices/{organisation}/{device}/revoke",
            MANAGE_DEVICES,
            device::revoke::perform,
        )
        .get(
            "/devices/{organisation}/{device}/keep",
            MANAGE_DEVICES,
            device::keep::show,
        )
        .post(
            "/devices/{organisation}/{device}/keep",
            MANAGE_DEVICES,
            device::keep::perform,
        )
        .get(
            "/devices/{organisation}/{device}/site/allow",
            MANAGE_DEVICES,
            device::allow_site::show,
        )
        .post(
            "/devices/{organisation}/{device}/site/allow",
            MANAGE_DEVICES,
            device::allow_site::perform,
        )
        .get(
            "/devices/{organisation}/{device}/site/deny",
            MANAGE_DEVICES,
            device::deny_site::show,
        )
        .post(
            "/devices/{organisation}/{device}/site/deny",
            MANAGE_DEVICES,
            device::deny_site::perform,
        )
        .get(
            "/devices/{organisation}/{device}/erase",
            ERASE,
            device::erase::show,
        )
        .post(
            "/devices/{organisation}/{device}/erase",
            ERASE,
            device::erase::perform,
        )
        .get("/receipts/{organisation}/{receipt}", ERASE, receipt::show)
        .get("/receipts/{organisation}/{receipt}/file", ERASE, receipt::file)
        .get("/enrol", ENROL, enrol::start)
        .get("/enrol/{organisation}", ENROL, enrol::show)
        .post("/enrol/{organisation}", ENROL, enrol::make)
        .post(
            "/enrol/{organisation}/tokens/{token}/revoke",
            ENROL,
            enrol::revoke,
        )
        .get("/policy", SEE_POLICY, policy::show)
        .get("/requests", HANDLE_REQUESTS, requests::show_queue)
        .get("/requests/new", OPEN_REQUESTS, requests::show_intake)
        .post("/requests/new", OPEN_REQUESTS, requests::open)
        .get(
            "/requests/{organisation}/{request}",
            HANDLE_REQUESTS,
            requests::show,
        )
        .post(
            "/requests/{organisation}/{request}",
            HANDLE_REQUESTS,
            requests::take,
        )
        .post(
            "/requests/{organisation}/{request}/review",
            REVIEW_REQUESTS,
            requests::review,
        )
        .get("/policy/notice", SEE_POLICY, told::notice)
        .get("/policy/notice.md", SEE_POLICY, told::notice_markdown)
        .get("/policy/notice.json", SEE_POLICY, told::notice_json)
        .get("/policy/register", SEE_POLICY, told::register)
        .get("/policy/register.md", SEE_POLICY, told::register_markdown)
        .get("/policy/register.json", SEE_POLICY, told::register_json)
        .get("/policy/changes", SEE_POLICY, changes::show)
        .get("/retention", SEE_RETENTION, retention::show)
        .get("/ledger", SEE_LEDGER, ledger::show)
        .post("/ledger/verify", SEE_LEDGER, ledger::verify)
        .get("/ledger/head.json", SEE_LEDGER, ledger::head)
        .get("/report", SEE_REPORT, report::show)
        .get("/portal", USE_PORTAL, portal::show)
        .get(
            "/portal/devices/{organisation}",
            USE_PORTAL,
            portal::show_organisation,
        )
        .get(
            "/portal/devices/{organisation}/{device}",
            USE_PORTAL,
            portal::show_device,
        )
        .get("/portal/looks/{organisation}", USE_PORTAL, portal::show_looks)
        .get("/portal/requests/new", USE_PORTAL, requests::show_intake)
        .post("/portal/requests/new", USE_PORTAL, requests::open)
        .get(
            "/organisations",
            ORGANISATIONS,
            administration::show_organisations,
        )
        .post("/organisations", ORGANISATIONS, administration::add_organisation)
        .get(
            "/organisations/{organisation}",
            ORGANISATIONS,
            administration::show_organisation,
        )
        .post(
            "/organisations/{organisation}/subscriptions",
            ORGANISATIONS,
            administration::add_subscription,
        )
        .get(END, ORGANISATIONS, administration::ask_end)
        .post(END, ORGANISATIONS, administration::end_subscription)
        .post(
            "/organisations/{organisation}/silence",
            ORGANISATIONS,
            administration::set_silence,
        )
        .get("/accounts", ACCOUNTS, administration::show_accounts)
        .post("/accounts", ACCOUNTS, administration::add_account)
        .get("/accounts/{user}", ACCOUNTS, administration::show_account)
        .post("/accounts/{user}/role", ACCOUNTS, administration::set_role)
        .get("/accounts/{user}/link", ACCOUNTS, administration::ask_link)
        .post("/accounts/{user}/link", ACCOUNTS, administration::make_link)
        .get("/accounts/{user}/remove", ACCOUNTS, administration::ask_removal)
        .post("/accounts/{user}/remove", ACCOUNTS, administration::remove)
        .get("/sign-in", Needs::Nothing, sign_in::show)
        .post("/sign-in", Needs::Nothing, sign_in::sign_in)
        .get("/sign-in/code", Needs::Nothing, code::begin_again)
        .post("/sign-in/code", Needs::Nothing, code::take)
        .get("/sign-in/provider", Needs::Nothing, provider::ask)
        .get(provider::ANSWER, Needs::Nothing, provider::answer)
        .get("/sign-in/{secret}", Needs::Nothing, link::show)
        .post("/sign-in/{secret}", Needs::Nothing, link::spend)
        .post("/sign-out", Needs::Session, sign_in::sign_out)
        .get("/account", Needs::Session, account::show)
        .get("/account/password", Needs::Session, account::show)
        .post("/account/password", Needs::Session, account::set_password)
        .get("/account/tokens", Needs::Session, tokens::show)
        .post("/account/tokens", Needs::Session, tokens::make)
        .post("/account/tokens/{token}/revoke", Needs::Session, tokens::revoke)
        .post("/account/shortcut", Needs::Session, account::set_shortcut)
        .post(
            "/account/sign-out-everywhere",
            Needs::Session,
            account::sign_out_everywhere,
        )
        .get("/account/second-factor", Needs::Session, second_factor::show)
        .post("/account/second-factor", Needs::Session, second_factor::confirm)
        .get(
            "/account/second-factor/codes",
            Needs::Session,
            second_factor::show,
        )
        .post(
            "/account/second-factor/codes",
            Needs::Session,
            second_factor::make_codes,
        )
        .get(
            "/account/second-factor/remove",
            Needs::Session,
            second_factor::show,
        )
        .post(
            "/account/second-factor/remove",
            Needs::Session,
            second_factor::remove,
        )
        .post("/language", Needs::Nothing, account::set_language)
        .get("/assets/{hash}/{name}", Needs::Nothing, assets::serve)
}

/// Routes while they are put together. No other way leads into the router, so that none is without a guard.
struct Site {
    app: Arc<App>,
    router: Router<Arc<App>>,
    listed: Vec<Route>,
}

impl Site {
    fn new(app: &Arc<App>) -> Self {
        Self {
            app: Arc::clone(app),
            router: Router::new(),
            listed: Vec::new(),
        }
    }

    fn get<H, T>(self, path: &'static str, needs: Needs, handler: H) -> Self
    where
        H: Handler<T, Arc<App>>,
        T: 'static,
    {
        self.add(Method::GET, path, needs, get(handler))
    }

    fn post<H, T>(self, path: &'static str, needs: Needs, handler: H) -> Self
    where
        H: Handler<T, Arc<App>>,
        T: 'static,
    {
        self.add(Method::POST, path, needs, post(handler))
    }

    fn add(
        mut self,
        method: Method,
        path: &'static str,
        needs: Needs,
        handler: MethodRouter<Arc<App>>,
    ) -> Self {
        let app = Arc::clone(&self.app);
        let guarded = handler.route_layer(middleware::from_fn_with_state(Guard { app, needs }, guard));
        self.router = self.router.route(path, guarded);
        self.listed.push(Route { method, path, needs });
        self
    }
}

/// The page that a person begins with.
async fn start(State(_): State<Arc<App>>, person: SignedIn) -> Redirect {
    Redirect::to(home(person.session.role))
}

/// So that the first person who looks need not wait for it; a failure shows when somebody does.
async fn load_index(app: Arc<App>) {
    if let Err(error) = app.index.refresh(app.now()).await {
        tracing::warn!(error = %Logged(&error), "the inventory's index could not be loaded; it is tried again at the next visit");
    }
}
