//! A step as a form says it.

use zeef_proto::OrganisationId;
use zeef_proto::field::{DeviceName, Field, Parse, Username};
use zeef_proto::policy::{Policy, ProductId};
use zeef_proto::{DeviceId, UnixTime};

use super::super::failure::Failure;
use super::super::locale::Texts;
use super::super::state::App;
use super::{Mistake, Typed, field};
use crate::requests::{Answer, Case, Ground, Outcome, Scope, Step, StepName, Text, elsewhere, recipients};

/// Reads the step that a form names.
pub(super) async fn read(
    app: &App,
    texts: &Texts,
    case: &Case,
    typed: &Typed,
) -> Result<Result<Step, Mistake>, Failure> {
    let name: StepName = field(typed, "step").parse().map_err(|_| Failure::Input)?;
    let words = &texts.requests;
    let mistake = |field, says: &super::Phrase| {
        Ok(Err(Mistake {
            field,
            says: says.clone(),
        }))
    };
    let number = || field(typed, "task").parse().map_err(|_| Failure::Input);
    Ok(Ok(match name {
        StepName::CheckRole => match field(typed, "responsibility").parse() {
            Ok(responsibility) => Step::CheckRole(responsibility),
            Err(_) => return mistake("responsibility", &words.choose_one),
        },
        StepName::Verify => match field(typed, "method").parse() {
            Ok(method) => Step::Verify {
                method,
                established: field(typed, "established") == "yes",
            },
            Err(_) => return mistake("method", &words.choose_one),
        },
        StepName::Scope => return scope(app, texts, case, typed).await,
        StepName::Propose => match answer(typed) {
            Some(answer) => {
                let text = field(typed, "explanation");
                let explanation = (!text.trim().is_empty()).then(|| Text::parse(text)).transpose();
                match explanation {
                    Ok(explanation) => Step::Propose { answer, explanation },
                    Err(_) => return mistake("explanation", &words.wrong_text),
                }
            }
            None => return mistake("answer", &words.choose_answer),
        },
        StepName::Extend => match field(typed, "extension").parse() {
            Ok(reason) => Step::Extend(reason),
            Err(_) => return mistake("extension", &words.choose_one),
        },
        StepName::Finish => Step::Finish(number()?),
        StepName::PassOver => Step::PassOver(number()?),
        StepName::Acknowledge => Step::Acknowledge(number()?),
        StepName::Restrict => Step::Restrict,
        StepName::Execute => Step::Execute,
        StepName::Inform => Step::Inform,
        StepName::Approve => Step::Approve,
        StepName::SendBack => Step::SendBack,
        StepName::Close => Step::Close,
        StepName::Withdraw => Step::Withdraw,
        StepName::Hold => Step::Hold,
        StepName::Release => Step::Release,
    }))
}

/// A refusal has a ground, and what is delivered has none.
fn answer(typed: &Typed) -> Option<Answer> {
    let ground: Option<Ground> = field(typed, "ground").parse().ok();
    match (field(typed, "answer").parse().ok()?, ground) {
        (Outcome::Delivered, None) => Some(Answer::Delivered),
        (Outcome::PartlyRefused, Some(ground)) => Some(Answer::PartlyRefused(ground)),
        (Outcome::Refused, Some(ground)) => Some(Answer::Refused(ground)),
        _ => None,
    }
}

async fn scope(
    app: &App,
    texts: &Texts,
    case: &Case,
    typed: &Typed,
) -> Result<Result<Step, Mistake>, Failure> {
    let words = &texts.requests;
    let mut devices = Vec::new();
    for line in lines(field(typed, "devices")) {
        let found = named(app, case.organisation, line, app.now()).await?;
        if found.is_empty() {
            return Ok(Err(Mistake {
                field: "devices",
                says: words.no_such_device.clone(),
            }));
        }
        devices.extend(found);
    }
    devices.sort();
    devices.dedup();
    let usernames = lines(field(typed, "usernames")).map(Username::parse);
    let Ok(usernames) = usernames.collect() else {
        return Ok(Err(Mistake {
            field: "usernames",
            says: words.wrong_username.clone(),
        }));
    };
    let published = app.policy().await?;
    let policy = published.as_ref().map(|published| &published.policy);
    let products = policy.map(|policy| chosen(policy, typed)).unwrap_or_default();
    let rows = policy.map(|policy| {
        elsewhere(policy, &products)
            .map(|(_, row)| row.id.clone())
            .collect()
    });
    Ok(Ok(Step::Scope(Scope {
        devices,
        usernames,
        elsewhere: rows.unwrap_or_default(),
        recipients: policy
            .map(|policy| recipients(policy, case.kind, &products))
            .unwrap_or_default(),
    })))
}

/// The products whose box was ticked.
fn chosen(policy: &Policy, typed: &Typed) -> Vec<ProductId> {
    let ticked = |id: &&ProductId| typed.contains_key(&format!("product-{id}"));
    let products = policy.products.iter().map(|product| &product.id);
    products.filter(ticked).cloned().collect()
}

fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.lines().map(str::trim).filter(|line| !line.is_empty())
}

/// The devices of an organisation of that id or name.
async fn named(
    app: &App,
    organisation: OrganisationId,
    line: &str,
    now: UnixTime,
) -> Result<Vec<DeviceId>, Failure> {
    if let Ok(id) = line.parse::<DeviceId>() {
        let found = app.store.device(organisation, id, now).await?;
        return Ok(found.map(|device| device.id).into_iter().collect());
    }
    let Ok(name) = DeviceName::parse(line) else {
        return Ok(Vec::new());
    };
    let form = name.matching_form();
    Ok(app
        .store
        .devices_with(organisation, Field::DeviceName, form, now)
        .await?)
}
