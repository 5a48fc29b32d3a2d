//! One device: each value with its product, purpose, ground, responsible parties and remaining term.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use data_encoding::HEXLOWER;
use http::StatusCode;
use zeef_proto::field::{Field, MacAddress, Parse};
use zeef_proto::policy::{Permits, Policy, ProductId, Source};

use super::failure::Failure;
use super::locale::{Language, Phrase};
use super::moment::{Moment, Moments};
use super::page::{Page, Place, html};
use super::state::App;
use super::visit::SignedIn;
use crate::retention::ANSWER_WITHIN;
use crate::store::ledger::LookedAt;
use crate::store::records::Device;

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
    groups: Vec<Group>,
    has_policy: bool,
    protocol: Vec<Datum>,
    enrolled: Moment,
    id: String,
    zone: Phrase,
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
    since: Moment,
    until: Phrase,
    randomised: bool,
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

pub(super) async fn show(
    State(app): State<Arc<App>>,
    person: SignedIn,
    Path((organisation, device)): Path<(String, String)>,
) -> Result<Response, Failure> {
    let organisation = organisation.parse().map_err(|_| Failure::NotFound)?;
    let device = device.parse().map_err(|_| Failure::NotFound)?;
    let now = app.now();
    let found = app
        .store
        .device(organisation, device, now)
        .await?
        .ok_or(Failure::NotFound)?;
    app.note_look(&person, LookedAt::Device(organisation, device))
        .await?;
    let products = app.store.products(organisation, device, now).await?;
    let organisations = app.store.organisations().await?;
    let owner = organisations.into_iter().find(|known| known.id == organisation);
    let owner = owner.ok_or(Failure::NotFound)?.name;
    let published = app.policy().await?;
    let policy = published.as_ref().map(|published| &published.policy);

    let language = person.visit.language;
    let texts = language.texts();
    let moments = Moments::new(texts, policy, now);
    let state = crate::index::State::of(&found, now);
    let template = DevicePage {
        page: Page::of(&person, Place::Inventory, texts.device.title.to_string()),
        name: found.values(Field::DeviceName).next().map(ToOwned::to_owned),
        organisation_address: format!("/inventory?organisation={organisation}"),
        organisation: owner,
        state: state.name(),
        state_name: texts.state_name(&found, state),
        state_hint: texts.hint_of_state(state),
        question: found.asked_at.map(|asked| {
            let ends = moments.day(asked.plus(ANSWER_WITHIN));
            texts.silence.hint.with("date", ends.text)
        }),
        groups: groups(&found, &products, policy, language, &moments),
        has_policy: policy.is_some(),
        protocol: policy.map_or_else(Vec::new, |policy| protocol(&found, policy, language, &moments)),
        enrolled: moments.day(found.enrolled_at),
        id: device.to_string(),
        zone: texts.frame.shown_in_time_of.with("zone", moments.zone()),
    };
    Ok(html(StatusCode::OK, &template))
}

fn groups(
    device: &Device,
    products: &[ProductId],
    policy: Option<&Policy>,
    language: Language,
    moments: &Moments,
) -> Vec<Group> {
    let of_field = |field: Field| {
        let values: Vec<Value> = device
            .observations
            .iter()
            .filter(|observation| observation.field == field)
            .map(|observation| Value {
                text: observation.value.clone(),
                since: moments.day(observation.first_seen),
                until: moments.until(observation.expires_at),
                randomised: field == Field::MacAddress
                    && MacAddress::parse(&observation.value).is_ok_and(|mac| mac.is_locally_administered()),
            })
            .collect();
        (!values.is_empty()).then(|| Group {
            field: language.texts().of_field(field),
            code: !matches!(field, Field::DeviceName | Field::Username),
            values,
            reasons: policy.map_or_else(Vec::new, |policy| reasons(field, products, policy, language)),
        })
    };
    Field::ALL.into_iter().filter_map(of_field).collect()
}

/// The rows that allow a field for a device with these products.
fn reasons(field: Field, products: &[ProductId], policy: &Policy, language: Language) -> Vec<Reason> {
    let texts = language.texts();
    let permits = Permits::new(policy, products, Source::Agent);
    permits
        .of(field)
        .filter_map(|permit| policy.row(&permit.row))
        .map(|(product, row)| Reason {
            product: language.of(&product.name).to_owned(),
            purpose: language.of(&row.purpose).to_owned(),
            grounds: texts.of_grounds(&row.grounds),
            responsible: texts.of_responsible(&row.responsible),
            term: texts.of_term(row.term),
        })
        .collect()
}

fn protocol(device: &Device, policy: &Policy, language: Language, moments: &Moments) -> Vec<Datum> {
    let datum = |datum: &zeef_proto::policy::ProtocolDatum| Datum {
        data: language.of(&datum.data).to_owned(),
        holds: held(&datum.id, device, language, moments),
        purpose: language.of(&datum.purpose).to_owned(),
        term: language.texts().of_term(datum.term),
    };
    policy.protocol.iter().map(datum).collect()
}

/// What is held under a protocol datum of the policy.
fn held(id: &str, device: &Device, language: Language, moments: &Moments) -> Vec<String> {
    let texts = &language.texts().device;
    match id {
        "protocol-certificate" => device.certificate.as_ref().map_or_else(
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
            let platform = language.texts().of_platform(device.platform);
            let agent = texts
                .agent
                .with("version", &device.agent)
                .with("platform", platform);
            vec![
                agent.to_string(),
                texts.agent_policy.with("version", device.policy).to_string(),
            ]
        }
        "protocol-last-contact" => vec![device.last_contact.map_or_else(
            || language.texts().inventory.never.to_string(),
            |at| moments.time(at).text,
        )],
        "protocol-sequence" => vec![texts.sequence.with("sequence", device.sequence).to_string()],
        _ => vec![texts.not_known.to_string()],
    }
}
