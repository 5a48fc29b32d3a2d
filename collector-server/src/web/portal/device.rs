//! One device, as it is told to the customer: each value with why, on what ground, until when and who received it.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use http::StatusCode;
use zeef_proto::field::Field;
use zeef_proto::policy::{Ground, Policy, Responsible};
use zeef_proto::wire::{HeldReason, HeldUnder, HeldValue, MyData};

use super::super::device::{Datum, protocol};
use super::super::failure::Failure;
use super::super::locale::{Language, Phrase, Texts};
use super::super::moment::{Moment, Moments};
use super::super::page::{Page, Place, html};
use super::super::state::App;
use super::super::visit::SignedIn;
use super::who::{Accounts, Line, lines};
use crate::my_data::{self, Told};
use crate::store::ledger::LookedAt;

/// Looks on the page; the rest is on the organisation's.
const MOST_LOOKS: usize = 20;

#[derive(Template)]
#[template(path = "portal_device.html")]
struct DevicePage {
    page: Page,
    name: Option<String>,
    organisation: String,
    back: String,
    state: &'static str,
    state_name: &'static Phrase,
    state_hint: &'static Phrase,
    groups: Vec<Group>,
    protocol: Vec<Datum>,
    known_since: Moment,
    id: String,
    lines: Vec<Line>,
    all_looks: String,
    policy: Option<HeldUnder>,
    zone: Phrase,
}

/// Fields whose values rest on the same rows of the policy, which are told once.
struct Group {
    items: Vec<Item>,
    reasons: Vec<Reason>,
}

/// A field with what is held of it.
struct Item {
    field: &'static Phrase,
    code: bool,
    values: Vec<Value>,
}

struct Value {
    text: String,
    /// Each source with since when and until when.
    said: Vec<Phrase>,
}

struct Reason {
    product: String,
    purpose: String,
    grounds: String,
    responsible: String,
    recipients: String,
    term: Phrase,
}

pub(in crate::web) async fn show(
    State(app): State<Arc<App>>,
    person: SignedIn,
    Path((organisation, device)): Path<(String, String)>,
) -> Result<Response, Failure> {
    let organisation = organisation.parse().map_err(|_| Failure::NotFound)?;
    let device = device.parse().map_err(|_| Failure::NotFound)?;
    let now = app.now();
    let published = app.policy().await?;
    let policy = published.as_ref().map(|published| &published.policy);
    let told = my_data::read(app.store.as_ref(), (organisation, device), policy, now).await?;
    let Told { data, device, looks } = told.ok_or(Failure::NotFound)?;
    app.note_look(&person, LookedAt::Device(organisation, device.id))
        .await?;
    let accounts = Accounts::read(app.store.as_ref(), person.session.user).await?;
    let language = person.visit.language;
    let texts = language.texts();
    let moments = Moments::new(texts, policy, now);
    let state = crate::index::State::of(&device, now);
    let mut lines = lines(&looks.found, &accounts, None, texts, &moments);
    lines.truncate(MOST_LOOKS);
    let protocol = |policy: &Policy| protocol(&device, policy, language, &moments);
    let template = DevicePage {
        page: Page::of(&person, Place::Portal, texts.device.title.to_string()),
        name: device.values(Field::DeviceName).next().map(ToOwned::to_owned),
        back: format!("/portal/devices/{organisation}"),
        state: state.name(),
        state_name: texts.of_state(state),
        state_hint: texts.hint_of_state(state),
        groups: groups(&data, language, &moments),
        protocol: policy.map_or_else(Vec::new, protocol),
        known_since: moments.day(data.known_since),
        id: device.id.to_string(),
        lines,
        all_looks: format!("/portal/looks/{organisation}"),
        zone: texts.frame.shown_in_time_of.with("zone", moments.zone()),
        organisation: data.organisation,
        policy: data.policy,
    };
    Ok(html(StatusCode::OK, &template))
}

fn groups(data: &MyData, language: Language, moments: &Moments) -> Vec<Group> {
    let texts = language.texts();
    let provider = data.policy.as_ref().map(|policy| policy.controller.as_str());
    let mut grouped: Vec<(Vec<&HeldReason>, Vec<Item>)> = Vec::new();
    for field in Field::ALL {
        let held: Vec<&HeldValue> = data.values.iter().filter(|one| one.field == field).collect();
        if held.is_empty() {
            continue;
        }
        let item = Item {
            field: texts.of_field(field),
            code: !matches!(field, Field::DeviceName | Field::Username),
            values: values(&held, texts, moments),
        };
        let rows = rows(&held);
        match grouped.iter_mut().find(|(known, _)| *known == rows) {
            Some((_, items)) => items.push(item),
            None => grouped.push((rows, vec![item])),
        }
    }
    let group = |(rows, items): (Vec<&HeldReason>, Vec<Item>)| Group {
        items,
        reasons: rows
            .into_iter()
            .map(|row| reason(row, provider, language))
            .collect(),
    };
    grouped.into_iter().map(group).collect()
}

/// The rows on which values of one field rest, each once.
fn rows<'a>(held: &[&'a HeldValue]) -> Vec<&'a HeldReason> {
    let mut rows = Vec::new();
    for row in held.iter().flat_map(|one| &one.reasons) {
        if !rows.contains(&row) {
            rows.push(row);
        }
    }
    rows
}

/// Each value once, with all who said it.
fn values(held: &[&HeldValue], texts: &Texts, moments: &Moments) -> Vec<Value> {
    let values = held.chunk_by(|one, next| one.value == next.value);
    values
        .map(|alike| Value {
            text: alike[0].value.clone(),
            said: alike.iter().map(|one| said(one, texts, moments)).collect(),
        })
        .collect()
}

fn said(one: &HeldValue, texts: &Texts, moments: &Moments) -> Phrase {
    let source = one
        .source
        .map_or(&texts.portal.own_agent, |source| texts.of_source_name(source));
    let said = texts.portal.said.with("source", source);
    let said = said.with("since", moments.day(one.since).text);
    said.with("until", moments.until(one.until))
}

fn reason(reason: &HeldReason, provider: Option<&str>, language: Language) -> Reason {
    let texts = language.texts();
    let portal = &texts.portal;
    let ground = |ground: &Ground| match ground {
        Ground::Contract => portal.ground_contract.as_str(),
        Ground::LegalObligation => portal.ground_law.as_str(),
        Ground::PublicInterest => portal.ground_public.as_str(),
    };
    let responsible = |party: &Responsible| match party {
        Responsible::Customer => portal.your_organisation.as_str(),
        Responsible::Provider => provider.unwrap_or(texts.responsible.provider.as_str()),
    };
    let joined = |words: Vec<&str>| words.join(", ");
    Reason {
        product: language.of(&reason.product_name).to_owned(),
        purpose: language.of(&reason.purpose).to_owned(),
        grounds: joined(reason.grounds.iter().map(ground).collect()),
        responsible: joined(reason.responsible.iter().map(responsible).collect()),
        recipients: if reason.recipients.is_empty() {
            portal.nobody.to_string()
        } else {
            reason.recipients.join(", ")
        },
        term: texts.of_term(reason.term),
    }
}
