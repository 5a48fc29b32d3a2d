//! `policy`: the policy that this device obeys, row by row.

use std::io::Write;
use std::path::Path;

use serde_json::json;
use zeef_proto::Clock;
use zeef_proto::policy::{DataRow, Policy, Product, Source};

use super::{Exit, Failure, minimise, output};
use crate::policy::REFERENCE;
use crate::sieve::definition::Definition;
use crate::state::{Records, StateDirectory};

/// The policy that counts now, and where it comes from.
pub(super) struct InForce {
    pub(super) policy: Policy,
    /// False where it is the one compiled in, because this machine is not enrolled yet.
    pub(super) signed: bool,
}

pub(super) fn in_force(records: &Records) -> Result<InForce, Failure> {
    let unusable = |error: &dyn std::fmt::Display| {
        Failure::new(
            Exit::Failed,
            format!("{error}; the agent fetches it again at its next contact"),
        )
    };
    let Some(identity) = &records.identity else {
        let policy = Policy::parse(REFERENCE).map_err(|error| unusable(&error))?;
        return Ok(InForce {
            policy,
            signed: false,
        });
    };
    match records.policy.verified(identity.place.policy_key()) {
        Ok(Some(policy)) => Ok(InForce { policy, signed: true }),
        Ok(None) => Err(unusable(&"no policy is held")),
        Err(error) => Err(unusable(&error)),
    }
}

pub(super) fn run(
    state_dir: &Path,
    json: bool,
    clock: &dyn Clock,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    let (records, _) = Records::read(&StateDirectory::to_read(state_dir)?, clock.now())?;
    let added = minimise::added(state_dir)?;
    let InForce { policy, signed } = in_force(&records)?;
    let key = records
        .identity
        .as_ref()
        .map(|identity| *identity.place.policy_key());
    let rows: Vec<(&Product, &DataRow)> = policy
        .products
        .iter()
        .filter(|product| !signed || records.policy.products.contains(&product.id))
        .flat_map(|product| product.data.iter().map(move |row| (product, row)))
        .filter(|(_, row)| row.source == Source::Agent)
        .collect();
    if json {
        let rows: Vec<_> = rows
            .iter()
            .map(|(product, row)| row_as_json(product, row))
            .collect();
        return output::json(
            out,
            &json!({
                "title": policy.title,
                "version": policy.version,
                "controller": policy.controller.name,
                "signed": signed,
                "key": key.map(|key| key.to_string()),
                "products": records.policy.products,
                "rows": rows,
                "sources": added.iter().map(source_as_json).collect::<Vec<_>>(),
            }),
        );
    }
    let mut head = output::Table::default();
    head.row(["Policy", &format!("{}, version {}", policy.title, policy.version)]);
    head.row(["Controller", &policy.controller.name]);
    let signature = key.map_or_else(
        || "none: this machine is not enrolled; shown is the policy compiled in, for all products".to_owned(),
        |key| format!("by key {key}"),
    );
    head.row(["Signature", &signature]);
    output::table(out, &head)?;
    output::line(out, "")?;
    let mut table = output::Table::with_head(["product", "field", "treatment", "term", "ground", "row"]);
    for (product, row) in rows {
        for field in &row.fields {
            let grounds: Vec<String> = row.grounds.iter().map(word).collect();
            table.row([
                product.id.as_str(),
                field.name(),
                &word(&row.treatment_of(*field)),
                &row.term.to_string(),
                &grounds.join(", "),
                &row.id,
            ]);
        }
    }
    output::table(out, &table)?;
    if added.is_empty() {
        return Ok(());
    }
    output::line(out, "")?;
    let mut table = output::Table::with_head(["added source", "product", "feeds", "from"]);
    for definition in &added {
        for (target, path) in feeds(definition) {
            table.row([
                definition.name.as_str(),
                definition.product.as_str(),
                target,
                path,
            ]);
        }
    }
    output::table(out, &table)
}

/// What a definition feeds, and from which path. Link tokens are told by what they identify.
fn feeds(definition: &Definition) -> impl Iterator<Item = (&str, &str)> {
    definition.shapes.iter().flat_map(|shape| {
        let fields = shape.fields.iter().map(|(target, feeds)| (target.name(), feeds));
        let links = shape.links.iter().map(|(name, feeds)| (name.as_str(), feeds));
        fields
            .chain(links)
            .flat_map(|(what, feeds)| feeds.iter().map(move |feed| (what, feed.path.as_str())))
    })
}

fn source_as_json(definition: &Definition) -> serde_json::Value {
    let feeds: Vec<_> = feeds(definition)
        .map(|(what, path)| json!({ "feeds": what, "from": path }))
        .collect();
    json!({ "source": definition.name.as_str(), "product": definition.product, "paths": feeds })
}

fn row_as_json(product: &Product, row: &DataRow) -> serde_json::Value {
    let fields: Vec<_> = row
        .fields
        .iter()
        .map(|field| json!({ "field": field, "treatment": row.treatment_of(*field) }))
        .collect();
    json!({
        "product": product.id,
        "row": row.id,
        "fields": fields,
        "term": row.term.to_string(),
        "grounds": row.grounds,
        "responsible": row.responsible,
        "purpose": row.purpose.en,
    })
}

/// The word that a policy's text uses.
pub(super) fn word<T: serde::Serialize>(value: &T) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => word,
        _ => String::new(),
    }
}
