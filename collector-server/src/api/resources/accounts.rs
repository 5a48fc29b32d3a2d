//! Accounts.

use std::sync::Arc;

use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;
use zeef_proto::OrganisationId;
use zeef_proto::id::UserId;

use crate::api::answer::Json;
use crate::api::problem::Problem;
use crate::api::state::Api;

/// Whoever may sign in.
#[derive(Serialize, ToSchema)]
pub(in crate::api) struct Account {
    /// Its id, as in the ledger.
    #[schema(value_type = String, format = "uuid")]
    id: UserId,
    /// The name to sign in with.
    name: String,
    /// What it is.
    #[schema(example = "technician")]
    role: &'static str,
    /// The organisations that it reaches; none where it reaches all.
    #[schema(value_type = Option<Vec<String>>)]
    organisations: Option<Vec<OrganisationId>>,
}

/// List accounts, by name
#[utoipa::path(get, path = "/accounts", operation_id = "listAccounts", tag = "accounts",
    responses((status = 200, description = "The accounts", body = Vec<Account>)))]
pub(in crate::api) async fn list(State(api): State<Arc<Api>>) -> Result<Json<Vec<Account>>, Problem> {
    let written = api.store().users().await?.into_iter().map(|user| Account {
        id: user.id,
        name: user.name,
        role: user.role.name(),
        organisations: user
            .reach
            .limits()
            .map(|reached| reached.iter().copied().collect()),
    });
    Ok(Json(written.collect()))
}
