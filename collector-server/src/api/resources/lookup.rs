//! Devices that have exactly one value.

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::extract::State;
use serde::Deserialize;
use utoipa::ToSchema;
use zeef_proto::OrganisationId;
use zeef_proto::field::{Field, MacAddress, Parse, PrivateIp, PublicIp};

use super::summary::DeviceSummary;
use crate::api::answer::Json;
use crate::api::body::Body;
use crate::api::caller::Caller;
use crate::api::problem::Problem;
use crate::api::state::Api;
use crate::store::ledger::LookedAt;

/// Devices that are given at most.
const MOST: usize = 200;

/// An address to look up.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::api) struct Lookup {
    /// An IP or MAC address, in any spelling.
    #[schema(min_length = 2, max_length = 64, example = "10.0.3.17")]
    address: String,
    /// In one organisation only.
    #[schema(value_type = Option<String>, format = "uuid")]
    organisation: Option<OrganisationId>,
}

/// Find the devices with an address
///
/// At most 200 of them, whatever organisation within reach they are of.
#[utoipa::path(post, path = "/devices/lookup", operation_id = "lookUpDevices", tag = "devices",
    request_body = Lookup, responses((status = 200, description = "The devices", body = Vec<DeviceSummary>)))]
pub(in crate::api) async fn look_up(
    State(api): State<Arc<Api>>,
    caller: Caller,
    Body(lookup): Body<Lookup>,
) -> Result<Json<Vec<DeviceSummary>>, Problem> {
    let forms = matching_forms(&lookup.address);
    if forms.is_empty() {
        let detail = "it is neither an IP nor a MAC address of a device; search for names instead";
        return Err(Problem::Field("address", detail.to_owned()));
    }
    let (store, now) = (api.store(), api.now());
    let all = store.organisations().await?.into_iter().map(|one| one.id);
    let asked =
        all.filter(|id| caller.reach.reaches(*id) && lookup.organisation.is_none_or(|only| only == *id));
    let mut found = BTreeSet::new();
    for organisation in asked {
        for (field, form) in &forms {
            let ids = store
                .devices_with(organisation, *field, form.clone(), now)
                .await?;
            found.extend(ids.into_iter().map(|id| (organisation, id)));
        }
    }
    let mut devices = store.devices(found.into_iter().take(MOST).collect(), now).await?;
    devices.retain(|device| !device.restricted);
    let owners = devices.iter().map(|device| device.organisation);
    api.note_look(&caller, LookedAt::devices(owners, true)).await?;
    let written = devices.iter().map(|device| DeviceSummary::of(device, now));
    Ok(Json(written.collect()))
}

/// The kinds of address that a text is, each with the form under which it is found.
fn matching_forms(text: &str) -> Vec<(Field, String)> {
    fn of<T: Parse>(text: &str) -> Option<(Field, String)> {
        T::parse(text)
            .ok()
            .map(|parsed| (T::FIELD, parsed.matching_form()))
    }
    [of::<PrivateIp>, of::<PublicIp>, of::<MacAddress>]
        .into_iter()
        .filter_map(|parse| parse(text))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_looked_for_under_the_fields_whose_form_it_has() {
        let fields = |text: &str| {
            matching_forms(text)
                .into_iter()
                .map(|(field, _)| field)
                .collect::<Vec<_>>()
        };
        assert_eq!(fields("10.0.3.17"), [Field::PrivateIp]);
        assert_eq!(fields("203.0.113.7"), [Field::PublicIp]);
        assert_eq!(fields("00-1A-2B-3C-4D-5E"), [Field::MacAddress]);
        assert_eq!(fields("lap-17"), []);
    }
}
