//! Organisations.

use std::sync::Arc;

use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;
use zeef_proto::OrganisationId;

use crate::api::answer::Json;
use crate::api::caller::Caller;
use crate::api::problem::Problem;
use crate::api::state::Api;

/// A customer of the provider.
#[derive(Serialize, ToSchema)]
pub(in crate::api) struct Organisation {
    /// Its id.
    #[schema(value_type = String, format = "uuid")]
    id: OrganisationId,
    /// Its name.
    name: String,
    /// Devices that have not ended.
    devices: u64,
}

/// List the organisations within reach, by name
#[utoipa::path(get, path = "/organisations", operation_id = "listOrganisations", tag = "organisations",
    responses((status = 200, description = "The organisations", body = Vec<Organisation>)))]
pub(in crate::api) async fn list(
    State(api): State<Arc<Api>>,
    caller: Caller,
) -> Result<Json<Vec<Organisation>>, Problem> {
    let all = api.store().organisations().await?.into_iter();
    let reached = all.filter(|one| caller.reach.reaches(one.id));
    let written = reached.map(|one| Organisation {
        id: one.id,
        name: one.name,
        devices: one.devices,
    });
    Ok(Json(written.collect()))
}

/// Refuses an organisation that is not there.
pub(super) async fn check(api: &Api, organisation: OrganisationId) -> Result<(), Problem> {
    let all = api.store().organisations().await?;
    let known = all.iter().any(|one| one.id == organisation);
    known.then_some(()).ok_or(Problem::NotFound)
}
