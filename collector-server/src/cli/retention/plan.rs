//! `retention plan`.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use zeef_proto::OrganisationId;
use zeef_proto::policy::Term;

use super::super::arguments::Form;
use super::super::device::names;
use super::super::failure::Failure;
use super::super::table::Table;
use super::super::{Context, Output, moment};
use crate::retention::{self, Line, Plan, Subject};

pub(super) async fn show(context: &Context, until: &str, form: Form) -> Result<(), Failure> {
    let policy = context.policy().await?;
    let until = moment::read_or_length(until, &policy.timezone, context.now)?;
    let plan = retention::plan(context.store.as_ref(), &policy, context.now, until).await?;
    let names = names(context.store.as_ref()).await?;
    let lines: Vec<_> = plan.lines().map(|line| line_as_json(line, &names)).collect();
    Output::new(form).show(
        &json!({ "until": until.to_string(), "lines": lines }),
        &table(&plan, &names),
    )
}

fn table(plan: &Plan, names: &BTreeMap<OrganisationId, String>) -> Table {
    let mut table = Table::new(["DAY", "ORGANISATION", "PRODUCT", "ROW", "WHAT", "COUNT", "WHY"]);
    for (line, count, term) in plan.lines() {
        let (product, row, what) = match &line.subject {
            Subject::Values { field, row } => {
                let (product, row) = row
                    .clone()
                    .map_or_else(Default::default, |(product, row)| (product.to_string(), row));
                (product, row, field.to_string())
            }
            Subject::Devices | Subject::SilentDevices => (String::new(), String::new(), "device".to_owned()),
        };
        table.row([
            line.day.to_string(),
            names.get(&line.organisation).cloned().unwrap_or_default(),
            product,
            row,
            what,
            count.to_string(),
            why(&line.subject, term),
        ]);
    }
    table
}

fn why(subject: &Subject, term: Option<Term>) -> String {
    match (subject, term) {
        (Subject::Devices, _) => "the last subscription ends".to_owned(),
        (Subject::SilentDevices, _) => "it is silent, and nobody answered for it".to_owned(),
        (_, Some(term)) => term.to_string(),
        (_, None) => "no row of the policy documents it any more".to_owned(),
    }
}

fn line_as_json(
    (line, count, term): (&Line, u64, Option<Term>),
    names: &BTreeMap<OrganisationId, String>,
) -> Value {
    let mut json = json!({
        "day": line.day.to_string(), "organisation": line.organisation,
        "organisation_name": names.get(&line.organisation), "count": count, "why": why(&line.subject, term),
    });
    match &line.subject {
        Subject::Values { field, row } => {
            json["what"] = json!("values");
            json["field"] = json!(field);
            json["product"] = json!(row.as_ref().map(|(product, _)| product));
            json["row"] = json!(row.as_ref().map(|(_, row)| row));
        }
        Subject::Devices => json["what"] = json!("devices"),
        Subject::SilentDevices => json["what"] = json!("silent-devices"),
    }
    json
}
