//! Where everything is.

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware;
use axum::response::Redirect;
use axum::routing::{get, post};
use zeef_proto::Logged;

use super::state::{App, WebState};
use super::{account, assets, device, headers, inventory, link, policy, sign_in};

/// Largest form that is read, in bytes.
const MOST_FORM: usize = 16 * 1024;

/// The application. Starts loading the inventory's index, so it must be called inside a Tokio runtime.
///
/// For throttling by address, serve it with connect information
/// ([`axum::extract::ConnectInfo`]`<SocketAddr>`); without it all clients count as one.
pub fn router(state: WebState) -> Router {
    let app = Arc::new(App::new(state));
    tokio::spawn(load_index(Arc::clone(&app)));
    Router::new()
        .route("/", get(|| async { Redirect::to("/inventory") }))
        .route("/inventory", get(inventory::show).post(inventory::search))
        .route("/devices/{organisation}/{device}", get(device::show))
        .route("/policy", get(policy::show))
        .route("/sign-in", get(sign_in::show).post(sign_in::sign_in))
        .route("/sign-in/{secret}", get(link::show).post(link::spend))
        .route("/sign-out", post(sign_in::sign_out))
        .route("/account", get(account::show))
        .route(
            "/account/password",
            get(account::show).post(account::set_password),
        )
        .route("/account/shortcut", post(account::set_shortcut))
        .route("/language", post(account::set_language))
        .route("/assets/{hash}/{name}", get(assets::serve))
        .layer(DefaultBodyLimit::max(MOST_FORM))
        .layer(middleware::from_fn_with_state(Arc::clone(&app), headers::frame))
        .with_state(app)
}

/// So that the first person who looks need not wait for it; a failure shows when somebody does.
async fn load_index(app: Arc<App>) {
    if let Err(error) = app.index.refresh(app.now()).await {
        tracing::warn!(error = %Logged(&error), "the inventory's index could not be loaded; it is tried again at the next visit");
    }
}
