//! The page with a token that was just made: the only one that ever shows it.

use askama::Template;
use axum::response::Response;
use http::StatusCode;
use zeef_proto::wire::EnrolmentToken;

use super::super::failure::Failure;
use super::super::locale::Phrase;
use super::super::moment::Moments;
use super::super::page::{Page, Place, html};
use super::super::state::App;
use super::super::visit::SignedIn;
use super::address;
use crate::enrolment::{Invitation, System};
use crate::store::records::Organisation;

#[derive(Template)]
#[template(path = "enrol_made.html")]
struct MadePage {
    page: Page,
    organisation: String,
    address: String,
    good_for: Phrase,
    token: String,
    url: String,
    /// The chosen one first.
    systems: Vec<OneSystem>,
    zone: Phrase,
}

struct OneSystem {
    name: &'static Phrase,
    package: Option<Phrase>,
    steps: Vec<OneStep>,
    chosen: bool,
}

struct OneStep {
    what: &'static Phrase,
    text: String,
}

pub(super) async fn page(
    app: &App,
    person: &SignedIn,
    organisation: &Organisation,
    (invitation, chosen): (Invitation, System),
    token: &EnrolmentToken,
) -> Result<Response, Failure> {
    let texts = person.visit.language.texts();
    let published = app.policy().await?;
    let policy = published.as_ref().map(|published| &published.policy);
    let moments = Moments::new(texts, policy, app.now());
    let (token, url) = (token.expose(), app.invitations.url.clone());
    let mut systems: Vec<OneSystem> = System::ALL
        .into_iter()
        .map(|system| OneSystem {
            name: texts.of_system(system),
            package: system
                .package()
                .map(|name| texts.enrol.package.with("name", name)),
            steps: system
                .steps(&url, &token)
                .into_iter()
                .map(|step| OneStep {
                    what: texts.of_part(step.part),
                    text: step.text,
                })
                .collect(),
            chosen: system == chosen,
        })
        .collect();
    systems.sort_by_key(|system| !system.chosen);
    let template = MadePage {
        page: Page::of(person, Place::Enrol, texts.enrol.made.to_string()),
        organisation: organisation.name.clone(),
        address: address(organisation.id),
        good_for: texts
            .enrol
            .good_for
            .with("uses", invitation.uses)
            .with("until", moments.time(invitation.expires_at).text),
        token,
        url,
        systems,
        zone: texts.frame.shown_in_time_of.with("zone", moments.zone()),
    };
    Ok(html(StatusCode::OK, &template))
}
