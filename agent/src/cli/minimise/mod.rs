//! `minimise`: records of other products in, their documented fields out. A Unix filter.

mod inputs;
mod outlet;
mod progress;
mod sources;
mod summary;

use std::io::{self, Write};
use std::path::Path;
use std::sync::Arc;

use zeef_proto::Clock;

use super::arguments::Minimise;
use super::policy::in_force;
use super::{Exit, Failure};
use crate::sieve::definition::Definition;
use crate::sieve::{Account, LinkKey, Sieve};
use crate::state::{Records, StateDirectory};
use inputs::Input;
use outlet::Lines;

pub(super) use sources::added;

pub(super) fn run(
    state_dir: &Path,
    json: bool,
    options: &Minimise,
    clock: &dyn Clock,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    if options.list {
        return sources::list(&sources::known(state_dir)?, json, out);
    }
    // All that can be wrong is found before the first byte is read.
    let definitions = sources::chosen(options, state_dir)?;
    let key = options
        .key
        .as_deref()
        .map(sources::key)
        .transpose()?
        .map(Arc::new);
    let (records, _) = Records::read(&StateDirectory::to_read(state_dir)?, clock.now())?;
    let policy = in_force(&records)?.policy;
    let sieves: Vec<Sieve> = definitions
        .iter()
        .map(|definition| sieve(definition, &policy, key.clone(), options))
        .collect::<Result<_, _>>()?;
    let inputs = inputs::open(&options.files)?;

    let mut account = Account::default();
    let mut lines = Lines::new(out, options.explain, json);
    let mut unknown = 0;
    for input in inputs {
        match one(input, &sieves, &mut lines) {
            Ok(Some(of_this)) => account = account.and(&of_this),
            Ok(None) => unknown += 1,
            // A reader that has seen enough and closed the pipe is no failure.
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => return Ok(()),
            Err(error) => {
                return Err(Failure::new(
                    Exit::Failed,
                    format!("the stream broke off ({error})"),
                ));
            }
        }
    }
    lines.finish();
    summary::tell(&account, json);
    if unknown > 0 {
        return Err(Failure::new(
            Exit::Failed,
            format!("{unknown} of the inputs fit no source, or several; name theirs with --source"),
        ));
    }
    match account.refusals() {
        0 => Ok(()),
        _ if !options.strict => Ok(()),
        some => Err(Failure::new(
            Exit::Failed,
            format!("{some} records were refused; the others passed"),
        )),
    }
}

fn sieve(
    definition: &Definition,
    policy: &zeef_proto::policy::Policy,
    key: Option<Arc<LinkKey>>,
    options: &Minimise,
) -> Result<Sieve, Failure> {
    Sieve::new(definition, policy, key)
        .map(|sieve| sieve.with_most_ratio(options.gzip_ratio))
        .map_err(|error| Failure::new(Exit::Usage, error.to_string()))
}

/// Minimises one input. `None` where it is not known whose records it holds.
fn one(mut input: Input, sieves: &[Sieve], lines: &mut Lines<'_>) -> io::Result<Option<Account>> {
    let sieve = match sieves {
        [only] => Some(only),
        several => input.recognised_among(several)?,
    };
    let account = sieve.map(|sieve| sieve.run(&mut input, lines)).transpose()?;
    input.finish();
    lines.flush()?;
    Ok(account)
}
