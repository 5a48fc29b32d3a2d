//! What is done to a device.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use http::StatusCode;
use zeef_proto::id::ReceiptId;
use zeef_proto::{DeviceId, OrganisationId};

use super::device::visible;
use crate::api::answer::json;
use crate::api::body::At;
use crate::api::caller::Caller;
use crate::api::problem::Problem;
use crate::api::state::Api;
use crate::erasure::{Receipt, Subject};
use crate::ledger::read;
use crate::random;

type Ids = (OrganisationId, DeviceId);

/// Refuse a device from its next request on
///
/// What is held of it stays for its term.
#[utoipa::path(post, path = "/organisations/{organisation}/devices/{device}/revoke", operation_id = "revokeDevice",
    tag = "devices",
    params(("organisation" = String, Path, format = "uuid"), ("device" = String, Path, format = "uuid")),
    responses((status = 204, description = "It is refused")))]
pub(in crate::api) async fn revoke(
    State(api): State<Arc<Api>>,
    caller: Caller,
    At((organisation, device)): At<Ids>,
) -> Result<StatusCode, Problem> {
    visible(&api, organisation, device).await?;
    let revoked = api
        .store()
        .revoke_device(organisation, device, caller.actor, api.now())
        .await?;
    if revoked {
        Ok(StatusCode::NO_CONTENT)
    } else {
        let detail = "there is no agent on that device, so it has nothing to refuse; erase it if it must go";
        Err(Problem::Conflict(detail.to_owned()))
    }
}

/// Say that a silent device is still there
///
/// Its silence is counted from now.
#[utoipa::path(post, path = "/organisations/{organisation}/devices/{device}/keep", operation_id = "keepDevice",
    tag = "devices",
    params(("organisation" = String, Path, format = "uuid"), ("device" = String, Path, format = "uuid")),
    responses((status = 204, description = "It is kept")))]
pub(in crate::api) async fn keep(
    State(api): State<Arc<Api>>,
    caller: Caller,
    At((organisation, device)): At<Ids>,
) -> Result<StatusCode, Problem> {
    visible(&api, organisation, device).await?;
    let kept = api
        .store()
        .keep_device(organisation, device, caller.actor, api.now())
        .await?;
    kept.then_some(StatusCode::NO_CONTENT).ok_or(Problem::NotFound)
}

/// Erase a device with all that is held of it
///
/// It cannot be undone. Its agent, if it has one, wipes its state. The receipt proves it to others, without any value.
#[utoipa::path(post, path = "/organisations/{organisation}/devices/{device}/erase", operation_id = "eraseDevice",
    tag = "devices",
    params(("organisation" = String, Path, format = "uuid"), ("device" = String, Path, format = "uuid")),
    responses((status = 200, description = "The receipt, as docs/receipts.md tells it", body = serde_json::Value)))]
pub(in crate::api) async fn erase(
    State(api): State<Arc<Api>>,
    caller: Caller,
    At((organisation, device)): At<Ids>,
) -> Result<Response, Problem> {
    visible(&api, organisation, device).await?;
    let (store, receipt) = (api.store(), ReceiptId::from_random(random::bytes()));
    let subject = Subject::Device(device);
    let erased = store
        .erase(organisation, subject, receipt, caller.actor, api.now())
        .await?;
    let proven = read::inclusion(store, erased.entry)
        .await
        .map_err(|_| Problem::Unavailable)?;
    Ok(json(Receipt::new(erased.facts, proven).to_bytes()))
}
