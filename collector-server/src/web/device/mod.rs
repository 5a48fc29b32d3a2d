//! One device: each value with its source, product, purpose, ground, responsible parties and remaining term.

mod action;
mod activity;
pub(super) mod erase;
mod target;

pub(super) use action::{Press, allow_site, deny_site, keep, revoke};
pub(super) use erase::counted;

use std::collections::BTreeSet;
use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use data_encoding::HEXLOWER;
use http::StatusCode;
use serde::Deserialize;
use zeef_proto::field::{Field, MacAddress, Parse, matching_form};
use zeef_proto::policy::{Permits, Policy, ProductId, Source};
use zeef_proto::{OrganisationId, UnixTime};

use self::action::Action;
use self::activity::Happening;
use self::target::Target;
use super::failure::Failure;
use super::locale::{Language, Phrase, Texts};
use super::moment::{Moment, Moments};
use super::page::{Page, Place, html};
use super::state::App;
use super::visit::SignedIn;
use crate::access::Permission;
use crate::retention::ANSWER_WITHIN;
use crate::store::Origin;
use crate::store::ledger::LookedAt;
use crate::store::records::{Alike, Device};
use crate::store::requests::Correction;

#[derive(Template)]
#[template(path = "device.html")]
struct DevicePage {
    page: Page,
    name: Option<String>,
    organisation: String,
    organisation_address: String,
    state: &'static str,
    state_name: &'static Phrase,
    state_hint: &'static Phrase,
    question: Option<Phrase>,
    has_agent: bool,
    groups: Vec<Group>,
    has_policy: bool,
    restricted: bool,
    alike: Vec<Other>,
    alike_more: bool,
    protocol: Vec<Datum>,
    known_since: Moment,
    /// Whether its agent may tell of other devices.
    site: Option<&'static Phrase>,
    id: String,
    /// Something was done on a page of its own, and this is where it leads back to.
    done: bool,
    deeds: Vec<Deed>,
    happenings: Vec<Happening>,
    more_happened: bool,
    zone: Phrase,
}

/// Something that the person may do to the device, on a page of its own.
struct Deed {
    address: String,
    name: String,
    /// It cannot be taken back.
    for_good: bool,
}

/// A field with its values, and the policy's rows that allow them.
struct Group {
    field: &'static Phrase,
    /// Addresses and numbers, which are compared digit by digit.
    code: bool,
    values: Vec<Value>,
    reasons: Vec<Reason>,
}

struct Value {
    text: String,
    /// What it should be, as somebody said.
    corrected: Option<String>,
    randomised: bool,
    said: Vec<Said>,
}

/// Who said a value, since when, and until when it is held on that account.
struct Said {
    by: Phrase,
    since: Moment,
    until: Phrase,
}

/// A row of the policy.
struct Reason {
    product: String,
    purpose: String,
    grounds: String,
    responsible: String,
    term: Phrase,
}

/// What the protocol holds of the device.
struct Datum {
    data: String,
    holds: Vec<String>,
    purpose: String,
    term: Phrase,
}

/// Another device that could be the same one. Nothing is shown of it but what this page shows already.
struct Other {
    address: String,
    id: String,
    shares: Phrase,
}

/// Devices that could be the same one which a page names at most.
const MOST_ALIKE: usize = 20;

/// What a page about the device was left with.
#[derive(Deserialize)]
pub(super) struct Outcome {
    done: Option<String>,
}

pub(super) async fn show(
    State(app): State<Arc<App>>,
    person: SignedIn,
    Path((organisation, device)): Path<(String, String)>,
    Query(outcome): Query<Outcome>,
) -> Result<Response, Failure> {
    let target = Target::parse(&organisation, &device)?;
    let Target { organisation, device } = target;
    let now = app.now();
    let found = app
        .store
        .device(organisation, device, now)
        .await?
        .ok_or(Failure::NotFound)?;
    let sees_restricted = person.may(Permission::HandleRequests);
    if found.restricted && !sees_restricted {
        return Err(Failure::NotFound);
    }
    app.note_look(&person, LookedAt::Device(organisation, device))
        .await?;
    let products = app.store.products(organisation, device, now).await?;
    let mut alike = app.store.alike(organisation, device, now, MOST_ALIKE + 1).await?;
    if !sees_restricted {
        let restricted = app.store.restricted(organisation).await?;
        alike.retain(|other| !restricted.contains(&other.device));
    }
    let corrections = app.store.corrections(organisation, device).await?;
    let owner = target.owner(&app).await?;
    let published = app.policy().await?;
    let policy = published.as_ref().map(|published| &published.policy);

    let language = person.visit.language;
    let texts = language.texts();
    let moments = Moments::new(texts, policy, now);
    let state = crate::index::State::of(&found, now);
    let (happenings, more_happened) = activity::newest(&app, target, texts, &moments).await?;
    let template = DevicePage {
        page: Page::of(&person, Place::Inventory, texts.device.title.to_string()),
        name: found.values(Field::DeviceName).next().map(ToOwned::to_owned),
        organisation_address: target.list(),
        organisation: owner,
        state: state.name(),
        state_name: texts.state_name(&found, state),
        state_hint: texts.hint_of_state(state),
        has_agent: found.agent.is_some(),
        question: found.asked_at.map(|asked| {
            let ends = moments.day(asked.plus(ANSWER_WITHIN));
            texts.silence.hint.with("date", ends.text)
        }),
        groups: groups((&found, &corrections), &products, policy, language, &moments),
        restricted: found.restricted,
        has_policy: policy.is_some(),
        alike_more: alike.len() > MOST_ALIKE,
        alike: others(organisation, &alike, texts),
        protocol: policy.map_or_else(Vec::new, |policy| protocol(&found, policy, language, &moments)),
        known_since: moments.day(found.known_since),
        site: found.agent.as_ref().map(|agent| texts.of_site(agent)),
        id: device.to_string(),
        done: outcome.done.is_some(),
        happenings,
        more_happened,
        deeds: deeds(&person, target, &found, now),
        zone: texts.frame.shown_in_time_of.with("zone", moments.zone()),
    };
    Ok(html(StatusCode::OK, &template))
}

/// What the person may do, of what there is to do.
fn deeds(person: &SignedIn, target: Target, device: &Device, now: UnixTime) -> Vec<Deed> {
    let (texts, address) = (person.visit.language.texts(), target.address());
    let manage = person.may(Permission::ManageDevices);
    let fitting = Action::ALL
        .into_iter()
        .filter(|action| manage && action.fits(device, now));
    let mut deeds: Vec<Deed> = fitting
        .map(|action| Deed {
            address: format!("{address}/{}", action.path()),
            name: action.name(texts).to_owned(),
            for_good: action == Action::Revoke,
        })
        .collect();
    if person.may(Permission::Enrol) && device.agent.is_some() {
        deeds.push(Deed {
            address: format!("/enrol/{}", target.organisation),
            name: texts.action.enrol.to_string(),
            for_good: false,
        });
    }
    if person.may(Permission::Erase) {
        deeds.push(Deed {
            address: format!("{address}/erase"),
            name: texts.erasure.title.to_string(),
            for_good: true,
        });
    }
    deeds
}

fn groups(
    (device, corrections): (&Device, &[Correction]),
    products: &[ProductId],
    policy: Option<&Policy>,
    language: Language,
    moments: &Moments,
) -> Vec<Group> {
    let of_field = |field: Field| {
        let values: Vec<Value> = device
            .held(field)
            .map(|alike| Value {
                text: alike[0].value.clone(),
                corrected: corrected(corrections, field, &alike[0].value),
                randomised: field == Field::MacAddress
                    && MacAddress::parse(&alike[0].value).is_ok_and(|mac| mac.is_locally_administered()),
                said: alike
                    .iter()
                    .map(|one| Said {
                        by: said_by(&one.origin, policy, language),
                        since: moments.day(one.first_seen),
                        until: moments.until(one.expires_at),
                    })
                    .collect(),
            })
            .collect();
        let origins: BTreeSet<&Origin> = device.held(field).flatten().map(|one| &one.origin).collect();
        (!values.is_empty()).then(|| Group {
            field: language.texts().of_field(field),
            code: !matches!(field, Field::DeviceName | Field::Username),
            values,
            reasons: policy.map_or_else(Vec::new, |policy| {
                reasons(field, &origins, products, policy, language)
            }),
        })
    };
    Field::ALL.into_iter().filter_map(of_field).collect()
}

/// What a value should be, where somebody had it corrected.
fn corrected(corrections: &[Correction], field: Field, value: &str) -> Option<String> {
    let of_value =
        |one: &&Correction| one.field == field && matching_form(one.said.expose()) == matching_form(value);
    let found = corrections.iter().find(of_value);
    found.map(|one| one.corrected.expose().to_owned())
}

/// The source, and the product whose rows govern what it says.
fn said_by(origin: &Origin, policy: Option<&Policy>, language: Language) -> Phrase {
    let texts = language.texts();
    let source = texts.of_origin(origin);
    let Origin::Source { product, .. } = origin else {
        return source.clone();
    };
    let named = policy.and_then(|policy| policy.product(product));
    let product = named.map_or(product.as_str(), |product| language.of(&product.name));
    let said = texts.device.source_product.with("source", source);
    said.with("product", product)
}

/// The rows that allow a field: for a device with these products, of what these origins say.
fn reasons(
    field: Field,
    origins: &BTreeSet<&Origin>,
    products: &[ProductId],
    policy: &Policy,
    language: Language,
) -> Vec<Reason> {
    let texts = language.texts();
    let rows = origins.iter().flat_map(|origin| {
        let permits = match origin {
            Origin::Native => Permits::new(policy, products, Source::Agent),
            Origin::Source { product, .. } => Permits::of_records(policy, product),
        };
        let rows = permits.of(field).map(|permit| permit.row.clone());
        rows.collect::<Vec<_>>()
    });
    // Two origins may rest on one row.
    let mut seen = BTreeSet::new();
    rows.filter(|row| seen.insert(row.clone()))
        .filter_map(|row| policy.row(&row))
        .map(|(product, row)| Reason {
            product: language.of(&product.name).to_owned(),
            purpose: language.of(&row.purpose).to_owned(),
            grounds: texts.of_grounds(&row.grounds),
            responsible: texts.of_responsible(&row.responsible),
            term: texts.of_term(row.term),
        })
        .collect()
}

fn others(organisation: OrganisationId, alike: &[Alike], texts: &Texts) -> Vec<Other> {
    let of_one = |other: &Alike| {
        let fields: Vec<&str> = other
            .fields
            .iter()
            .map(|field| texts.of_field(*field).as_str())
            .collect();
        Other {
            address: format!("/devices/{organisation}/{}", other.device),
            id: other.device.to_string(),
            shares: texts.device.alike_shares.with("fields", fields.join(", ")),
        }
    };
    alike.iter().take(MOST_ALIKE).map(of_one).collect()
}

fn protocol(device: &Device, policy: &Policy, language: Language, moments: &Moments) -> Vec<Datum> {
    let datum = |datum: &zeef_proto::policy::ProtocolDatum| {
        Some(Datum {
            data: language.of(&datum.data).to_owned(),
            holds: held(&datum.id, device, language, moments)?,
            purpose: language.of(&datum.purpose).to_owned(),
            term: language.texts().of_term(datum.term),
        })
    };
    policy.protocol.iter().filter_map(datum).collect()
}

/// What is held under a protocol datum of the policy; `None` for what an agent alone has, where there is none.
pub(crate) fn held(id: &str, device: &Device, language: Language, moments: &Moments) -> Option<Vec<String>> {
    let texts = &language.texts().device;
    let agent = device.agent.as_ref();
    let holds = match id {
        "protocol-certificate" => agent?.certificate.as_ref().map_or_else(
            || vec![texts.no_certificate.to_string()],
            |certificate| {
                let validity = texts
                    .certificate_valid
                    .with("from", moments.day(certificate.not_before).text)
                    .with("to", moments.day(certificate.not_after).text);
                let serial = HEXLOWER.encode(&certificate.serial);
                vec![
                    texts.certificate_serial.with("serial", serial).to_string(),
                    validity.to_string(),
                ]
            },
        ),
        "protocol-agent-version" => {
            let agent = agent?;
            let platform = language.texts().of_platform(agent.platform);
            let program = texts
                .agent
                .with("version", &agent.version)
                .with("platform", platform);
            vec![
                program.to_string(),
                texts.agent_policy.with("version", agent.policy).to_string(),
            ]
        }
        "protocol-last-contact" => vec![device.last_contact.map_or_else(
            || language.texts().inventory.never.to_string(),
            |at| moments.time(at).text,
        )],
        "protocol-sequence" => vec![texts.sequence.with("sequence", agent?.sequence).to_string()],
        "protocol-links" => vec![texts.links.with("count", device.links).to_string()],
        _ => vec![texts.not_known.to_string()],
    };
    Some(holds)
}
