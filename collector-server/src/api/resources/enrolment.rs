//! Tokens that enrol devices.

use std::sync::Arc;

use axum::extract::State;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use zeef_proto::OrganisationId;
use zeef_proto::id::TokenId;
use zeef_proto::time::HOUR;

use crate::api::answer::{Json, Made};
use crate::api::body::{At, Body};
use crate::api::caller::Caller;
use crate::api::problem::Problem;
use crate::api::state::Api;
use crate::enrolment::Invitation;

/// Devices that one token enrols at most.
const MOST_USES: u32 = 100_000;
/// Hours for which a token is good at most.
const MOST_HOURS: u32 = 366 * 24;

/// An enrolment token in a list.
#[derive(Serialize, ToSchema)]
pub(in crate::api) struct EnrolmentTokenSummary {
    /// Its name.
    #[schema(value_type = String, format = "uuid")]
    id: TokenId,
    /// How many devices it was made for.
    uses: u32,
    /// How many it may still enrol.
    uses_left: u32,
    /// Until when it is good.
    #[schema(value_type = String, format = DateTime)]
    expires_at: String,
    /// Made worthless by somebody.
    revoked: bool,
}

/// What is wanted of a token.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::api) struct NewEnrolmentToken {
    /// How many devices it may enrol.
    #[schema(minimum = 1, maximum = 100_000)]
    uses: u32,
    /// For how many hours it is good.
    #[schema(minimum = 1, maximum = 8_784)]
    hours: u32,
}

/// A token that was made.
#[derive(Serialize, ToSchema)]
pub(in crate::api) struct MadeEnrolmentToken {
    /// Its name.
    #[schema(value_type = String, format = "uuid")]
    id: TokenId,
    /// The token: shown now and never again.
    token: String,
    /// How agents reach the collector.
    url: String,
    /// How many devices it may enrol.
    uses: u32,
    /// Until when it is good.
    #[schema(value_type = String, format = DateTime)]
    expires_at: String,
}

/// List an organisation's enrolment tokens
#[utoipa::path(get, path = "/organisations/{organisation}/enrolment-tokens", operation_id = "listEnrolmentTokens",
    tag = "enrolment", params(("organisation" = String, Path, format = "uuid")),
    responses((status = 200, description = "The tokens", body = Vec<EnrolmentTokenSummary>)))]
pub(in crate::api) async fn list(
    State(api): State<Arc<Api>>,
    At(organisation): At<OrganisationId>,
) -> Result<Json<Vec<EnrolmentTokenSummary>>, Problem> {
    let tokens = api.store().tokens(organisation).await?.into_iter();
    let written = tokens.map(|token| EnrolmentTokenSummary {
        id: token.id,
        uses: token.uses,
        uses_left: token.uses_left,
        expires_at: token.expires_at.to_string(),
        revoked: token.revoked,
    });
    Ok(Json(written.collect()))
}

/// Make a token that enrols devices of an organisation
#[utoipa::path(post, path = "/organisations/{organisation}/enrolment-tokens", operation_id = "makeEnrolmentToken",
    tag = "enrolment", params(("organisation" = String, Path, format = "uuid")), request_body = NewEnrolmentToken,
    responses((status = 201, description = "The token", body = MadeEnrolmentToken)))]
pub(in crate::api) async fn make(
    State(api): State<Arc<Api>>,
    caller: Caller,
    At(organisation): At<OrganisationId>,
    Body(wanted): Body<NewEnrolmentToken>,
) -> Result<Made<MadeEnrolmentToken>, Problem> {
    if !(1..=MOST_USES).contains(&wanted.uses) {
        return Err(Problem::Field(
            "uses",
            format!("a token enrols 1 to {MOST_USES} devices"),
        ));
    }
    if !(1..=MOST_HOURS).contains(&wanted.hours) {
        return Err(Problem::Field(
            "hours",
            format!("a token is good for 1 to {MOST_HOURS} hours"),
        ));
    }
    super::organisations::check(&api, organisation).await?;
    let expires_at = api.now().plus(i64::from(wanted.hours) * HOUR);
    let invitation = Invitation {
        organisation,
        uses: wanted.uses,
        expires_at,
    };
    let invitations = &api.app.invitations;
    let (id, token) = invitations
        .invite(api.store(), invitation, caller.actor, api.now())
        .await?;
    Ok(Made(MadeEnrolmentToken {
        id,
        token: token.expose().to_string(),
        url: invitations.url.clone(),
        uses: wanted.uses,
        expires_at: expires_at.to_string(),
    }))
}

/// Make an enrolment token worthless
///
/// Devices that it enrolled stay.
#[utoipa::path(delete, path = "/organisations/{organisation}/enrolment-tokens/{token}",
    operation_id = "revokeEnrolmentToken", tag = "enrolment",
    params(("organisation" = String, Path, format = "uuid"), ("token" = String, Path, format = "uuid")),
    responses((status = 204, description = "It is worthless")))]
pub(in crate::api) async fn revoke(
    State(api): State<Arc<Api>>,
    caller: Caller,
    At((organisation, token)): At<(OrganisationId, TokenId)>,
) -> Result<StatusCode, Problem> {
    let revoked = api
        .store()
        .revoke_token(organisation, token, caller.actor, api.now())
        .await?;
    revoked.then_some(StatusCode::NO_CONTENT).ok_or(Problem::NotFound)
}
