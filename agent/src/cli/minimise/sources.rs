//! Which definitions there are, which is asked for, and the key.

use std::io::{Read, Write};
use std::path::Path;

use serde_json::json;
use zeroize::Zeroizing;

use super::super::arguments::Minimise;
use super::super::{Exit, Failure, output};
use crate::sieve::LinkKey;
use crate::sieve::definition::{Definition, DefinitionError, embedded, from_directory, from_file};

/// The name that stands for finding out.
const AUTO: &str = "auto";
const MOST_KEY_BYTES: u64 = 4096;

/// All definitions: the embedded ones, and those that were added to the state directory.
pub(super) fn known(state_dir: &Path) -> Result<Vec<Definition>, Failure> {
    let mut definitions = embedded().map_err(unusable)?;
    definitions.append(&mut added(state_dir)?);
    Ok(definitions)
}

/// Those that were added to the state directory.
pub(in crate::cli) fn added(state_dir: &Path) -> Result<Vec<Definition>, Failure> {
    from_directory(state_dir).map_err(unusable)
}

/// The definitions that the command line asks for: one, or all where it is to be found out.
pub(super) fn chosen(options: &Minimise, state_dir: &Path) -> Result<Vec<Definition>, Failure> {
    if let Some(file) = &options.source_file {
        return Ok(vec![from_file(file).map_err(unusable)?]);
    }
    let Some(name) = options.source.as_deref() else {
        let missing =
            "say whose records they are with --source NAME or --source auto; --list shows the names";
        return Err(Failure::new(Exit::Usage, missing));
    };
    let known = known(state_dir)?;
    if name == AUTO {
        return Ok(known);
    }
    let names = || known.iter().map(|definition| definition.name.as_str());
    match names().position(|known| known == name) {
        Some(place) => Ok(known.into_iter().skip(place).take(1).collect()),
        None => {
            let names: Vec<&str> = names().collect();
            let message = format!(
                "no source has that name; known are {} and {AUTO}",
                names.join(", ")
            );
            Err(Failure::new(Exit::Usage, message))
        }
    }
}

/// The key for link tokens.
pub(super) fn key(path: &Path) -> Result<LinkKey, Failure> {
    let mut text = Zeroizing::new(String::new());
    std::fs::File::open(path)
        .and_then(|file| file.take(MOST_KEY_BYTES).read_to_string(&mut text))
        .map_err(|error| {
            Failure::new(
                Exit::Usage,
                format!("the key file cannot be read ({})", error.kind()),
            )
        })?;
    text.parse()
        .map_err(|error| Failure::new(Exit::Usage, format!("the key file holds {error}")))
}

pub(super) fn list(definitions: &[Definition], json: bool, out: &mut dyn Write) -> Result<(), Failure> {
    if json {
        let list: Vec<_> = definitions
            .iter()
            .map(|d| json!({ "source": d.name.as_str(), "product": d.product, "about": d.about }))
            .collect();
        return output::json(out, &json!(list));
    }
    let mut table = output::Table::with_head(["source", "product", "reads"]);
    for definition in definitions {
        table.row([
            definition.name.as_str(),
            definition.product.as_str(),
            &definition.about,
        ]);
    }
    output::table(out, &table)
}

#[expect(clippy::needless_pass_by_value, reason = "the form that map_err wants")]
fn unusable(error: DefinitionError) -> Failure {
    Failure::new(Exit::Usage, error.to_string())
}
