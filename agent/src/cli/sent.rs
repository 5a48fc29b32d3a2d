//! `sent`: what the collector acknowledged last, to the byte.

use std::io::Write;
use std::path::Path;

use serde_json::json;
use zeef_proto::Clock;

use super::{Failure, intake, output};
use crate::intake::spool;
use crate::state::{Records, StateDirectory};

pub(super) fn run(
    state_dir: &Path,
    json: bool,
    clock: &dyn Clock,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    let directory = StateDirectory::to_read(state_dir)?;
    let (records, _) = Records::read(&directory, clock.now())?;
    let identity = records.identity.as_ref().ok_or_else(Failure::not_enrolled)?;
    let progress = &records.progress;
    let last_batch = spool::last_sent(&directory)?;
    let held = serde_json::to_value(progress.held()).unwrap_or_default();
    if json {
        return output::json(
            out,
            &json!({
                "collector": identity.place.url,
                "last": progress.last().map(|last| json!({ "at": last.at.to_string(), "body": last.body })),
                "held": held,
                "pending": progress.pending(),
                "last_records": intake::last_as_json(last_batch.as_ref()),
            }),
        );
    }
    match progress.last() {
        None => output::line(out, "Nothing was acknowledged yet.")?,
        Some(last) => {
            let mut table = output::Table::default();
            table.row(["Acknowledged by", &identity.place.url.to_string()]);
            table.row(["At", &last.at.to_string()]);
            table.row(["Bytes", &last.body.len().to_string()]);
            output::table(out, &table)?;
            output::line(out, &last.body)?;
        }
    }
    if let Some(pending) = progress.pending() {
        output::line(out, "\nOn its way, not acknowledged yet:")?;
        output::line(out, pending)?;
    }
    if let Some((body, at)) = &last_batch {
        output::line(
            out,
            &format!("\nThe last records of other products, acknowledged at {at}:"),
        )?;
        output::line(out, body)?;
    }
    output::line(
        out,
        "\nWhat the collector holds of the fields that this agent sends:",
    )?;
    output::line(out, &format!("{held:#}"))
}
