//! `unenroll`: leaves the collector, which deletes what it holds of this device, and forgets it here.

use std::io::Write;
use std::path::Path;
use std::sync::Arc;

use serde_json::json;
use zeef_proto::Clock;
use zeef_proto::wire::ProblemCode;

use super::{Exit, Failure, output, runtime};
use crate::enrol::connect;
use crate::state::{Records, StateDirectory};
use crate::transport::ExchangeError;

pub(super) fn run(
    state_dir: &Path,
    json: bool,
    local_only: bool,
    clock: Arc<dyn Clock>,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    let directory = StateDirectory::to_write(state_dir)?;
    if !local_only {
        leave(&directory, clock)?;
    }
    Records::wipe(&directory)?;
    if json {
        return output::json(out, &json!({ "enrolled": false, "collector_told": !local_only }));
    }
    output::line(
        out,
        if local_only {
            "This machine forgot its identity. The collector was not told and keeps the device."
        } else {
            "The collector deleted this device and this machine forgot it."
        },
    )
}

fn leave(directory: &StateDirectory, clock: Arc<dyn Clock>) -> Result<(), Failure> {
    let (records, _) = Records::read(directory, clock.now())?;
    let identity = match (&records.identity, &records.enrolment) {
        (Some(identity), _) => identity,
        // Never completed: the collector may hold a device without any value, which is no reason to fail.
        (None, Some(_)) => return Ok(()),
        (None, None) => return Err(Failure::not_enrolled()),
    };
    let connection = connect(identity, clock)?;
    match runtime::block_on(Box::pin(connection.leave()))? {
        // Removed before, or by an earlier try whose answer was lost.
        Ok(())
        | Err(ExchangeError::Refused {
            code: ProblemCode::Gone,
            ..
        }) => Ok(()),
        Err(error) => {
            let failure = Failure::from(error);
            let refused = failure.exit == Exit::Refused;
            Err(failure.and(if refused {
                "nothing was changed; --local-only forgets it here alone"
            } else {
                "nothing was changed"
            }))
        }
    }
}
