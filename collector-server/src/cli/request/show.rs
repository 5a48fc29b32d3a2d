//! Requests on the screen.

use serde_json::{Value, json};
use zeef_proto::OrganisationId;
use zeef_proto::field::Parse;
use zeef_proto::id::RequestId;

use super::super::arguments::Form;
use super::super::device::names;
use super::super::failure::Failure;
use super::super::table::Table;
use super::super::{Context, Output};
use super::owner;
use crate::requests::{Case, Officer, State, StepName, alarm, possible};
use crate::store::requests::{Done, Request, Target, Task};

pub(super) async fn list(
    context: &Context,
    of: Option<Vec<OrganisationId>>,
    form: Form,
) -> Result<(), Failure> {
    let names = names(context.store.as_ref()).await?;
    let mut table = Table::new(["ID", "ORGANISATION", "KIND", "STATE", "DUE", "ALARM"]);
    let mut list = Vec::new();
    for case in context.store.requests(of, context.now).await? {
        table.row([
            case.id.to_string(),
            names.get(&case.organisation).cloned().unwrap_or_default(),
            case.kind.name().to_owned(),
            case.state.name().to_owned(),
            case.due.to_string(),
            alarm(&case, context.now).name().to_owned(),
        ]);
        list.push(json(&case, context));
    }
    Output::new(form).show(&list, &table)
}

pub(super) async fn one(context: &Context, id: RequestId, form: Form) -> Result<(), Failure> {
    let organisation = owner(context, id).await?;
    let (by, now) = (Officer::CommandLine, context.now);
    let found = context.store.read_request(organisation, id, by, now).await?;
    let found = found
        .ok_or_else(|| Failure::refused("there is no such request; see `zeef-collector request list`"))?;
    let mut table = Table::new(["WHAT", "VALUE"]);
    for (what, value) in facts(&found, context) {
        table.row([what.to_owned(), value]);
    }
    for task in &found.tasks {
        let (kind, named) = target(&task.target);
        table.row([
            format!("task {}: {kind}", task.number),
            format!("{} {named}", done(task)),
        ]);
    }
    let mut json = json(&found.case, context);
    json["details"] = json!(found.details);
    json["tasks"] = found.tasks.iter().map(task_json).collect();
    Output::new(form).show(&json, &table)
}

fn facts(found: &Request, context: &Context) -> Vec<(&'static str, String)> {
    let case = &found.case;
    let offered = possible(case).into_iter().map(StepName::name);
    let mut facts = vec![
        ("kind", case.kind.name().to_owned()),
        ("state", case.state.name().to_owned()),
        ("received", case.received.to_string()),
        ("due", case.due.to_string()),
        ("alarm", alarm(case, context.now).name().to_owned()),
        ("next", offered.collect::<Vec<_>>().join(" ")),
    ];
    if case.held {
        facts.push(("legal hold", "yes".to_owned()));
    }
    if let Some(details) = &found.details {
        facts.push(("name", details.name.expose().to_owned()));
        facts.push(("contact", details.contact.expose().to_owned()));
        let texts = [("asked", &details.asked), ("explanation", &details.explanation)];
        for (what, text) in texts {
            facts.extend(text.iter().map(|text| (what, text.expose().replace('\n', " "))));
        }
    }
    facts
}

fn json(case: &Case, context: &Context) -> Value {
    let (answer, ground) = match case.state {
        State::Review { answer, .. } | State::Answered(answer) => (Some(answer.name()), answer.ground()),
        State::Closed { ending, .. } => (Some(ending.name()), ending.ground()),
        _ => (None, None),
    };
    let offered = possible(case).into_iter().map(StepName::name);
    json!({
        "id": case.id,
        "organisation": case.organisation,
        "version": case.version,
        "kind": case.kind.name(),
        "state": case.state.name(),
        "answer": answer,
        "ground": ground.map(crate::requests::Ground::name),
        "received": case.received.to_string(),
        "due": case.due.to_string(),
        "alarm": alarm(case, context.now).name(),
        "extension": case.extension.map(crate::requests::Extension::name),
        "responsibility": case.responsibility.map(crate::requests::Responsibility::name),
        "identity": case.identity.map(|identity| json!({
            "method": identity.method.name(),
            "established": identity.established,
            "at": identity.at.to_string(),
        })),
        "held": case.held,
        "next": offered.collect::<Vec<_>>(),
    })
}

fn task_json(task: &Task) -> Value {
    let (kind, named) = target(&task.target);
    json!({
        "task": task.number, "kind": kind, "named": named, "done": done(task), "receipt": task.receipt,
    })
}

fn target(target: &Target) -> (&'static str, String) {
    match target {
        Target::Device(device) => ("device", device.to_string()),
        Target::Username(name) => ("username", name.as_ref().map(Parse::expose).unwrap_or_default()),
        Target::Elsewhere(row) => ("elsewhere", row.clone()),
        Target::Recipient(name) => ("recipient", name.clone()),
    }
}

const fn done(task: &Task) -> &'static str {
    match task.done {
        Done::Open => "open",
        Done::At(_) => "done",
        Done::PassedOver(_) => "passed-over",
    }
}
