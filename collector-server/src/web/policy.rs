//! The policy as people read it: what each product holds, why, how long, and who receives it.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use http::StatusCode;
use zeef_proto::policy::{DataRow, Policy};

use super::failure::Failure;
use super::locale::{Language, Phrase};
use super::page::{Page, Place, html};
use super::state::{App, Published};
use super::visit::SignedIn;

#[derive(Template)]
#[template(path = "policy.html")]
struct PolicyPage {
    page: Page,
    policy: Option<Document>,
}

struct Document {
    title: String,
    adopted: Phrase,
    version: Phrase,
    fingerprint: String,
    controller: String,
    registration: String,
    email: String,
    phone: String,
    complaints: String,
    products: Vec<Product>,
    protocol: Vec<Protocol>,
    recipients: Vec<Recipient>,
}

struct Product {
    name: String,
    rows: Vec<Row>,
}

struct Row {
    data: String,
    source: &'static Phrase,
    purpose: String,
    grounds: String,
    responsible: String,
    term: Phrase,
}

struct Protocol {
    data: String,
    purpose: String,
    term: Phrase,
}

struct Recipient {
    area: String,
    names: String,
}

pub(super) async fn show(State(app): State<Arc<App>>, person: SignedIn) -> Result<Response, Failure> {
    let published = app.policy().await?;
    let language = person.visit.language;
    let template = PolicyPage {
        page: Page::of(&person, Place::Policy, language.texts().policy.title.to_string()),
        policy: published.as_ref().map(|published| document(published, language)),
    };
    Ok(html(StatusCode::OK, &template))
}

fn document(published: &Published, language: Language) -> Document {
    let texts = language.texts();
    let policy: &Policy = &published.policy;
    let adopted = texts.civil_date(&policy.adopted);
    let products = policy.products.iter().map(|product| Product {
        name: language.of(&product.name).to_owned(),
        rows: product.data.iter().map(|data| row(data, language)).collect(),
    });
    let protocol = policy.protocol.iter().map(|datum| Protocol {
        data: language.of(&datum.data).to_owned(),
        purpose: language.of(&datum.purpose).to_owned(),
        term: texts.of_term(datum.term),
    });
    let recipients = policy.recipients.iter().map(|recipient| Recipient {
        area: language.of(&recipient.area).to_owned(),
        names: recipient.names.join(", "),
    });
    Document {
        title: policy.title.clone(),
        adopted: texts.policy.adopted.with("date", adopted),
        version: texts.policy.version.with("version", policy.version),
        fingerprint: published.signed.hash(),
        controller: policy.controller.name.clone(),
        registration: policy.controller.registration.clone(),
        email: policy.controller.email.clone(),
        phone: policy.controller.phone.clone(),
        complaints: policy.controller.complaints.join(", "),
        products: products.collect(),
        protocol: protocol.collect(),
        recipients: recipients.collect(),
    }
}

fn row(row: &DataRow, language: Language) -> Row {
    let texts = language.texts();
    let fields = row.fields.iter().map(|field| texts.of_field(*field).to_string());
    let other = row.other.iter().map(|other| language.of(other).to_owned());
    Row {
        data: fields.chain(other).collect::<Vec<_>>().join(", "),
        source: texts.of_source(row.source),
        purpose: language.of(&row.purpose).to_owned(),
        grounds: texts.of_grounds(&row.grounds),
        responsible: texts.of_responsible(&row.responsible),
        term: texts.of_term(row.term),
    }
}
