//! Definitions that users add: a file, or those in the folder `sources` of the state directory.

use std::path::Path;

use super::embedded::reference;
use super::{Definition, DefinitionError, embedded_named};

/// A definition is some kilobytes.
const MOST_BYTES: u64 = 1 << 18;
const ENDING: &str = "toml";

/// Reads one, and checks it as the embedded ones are checked.
///
/// # Errors
/// What is wrong with it.
pub fn from_file(path: &Path) -> Result<Definition, DefinitionError> {
    use std::io::Read;
    let mut text = String::new();
    std::fs::File::open(path)
        .and_then(|file| file.take(MOST_BYTES).read_to_string(&mut text))
        .map_err(|error| DefinitionError::File(error.kind()))?;
    let definition = Definition::parse(&text, &reference()?)?;
    if embedded_named(definition.name.as_str())?.is_some() {
        return Err(DefinitionError::NameTaken(definition.name.to_string()));
    }
    Ok(definition)
}

/// Those in the folder `sources` of a state directory, sorted by name; none where there is no such folder.
///
/// # Errors
/// The first thing that is wrong with one of them.
pub fn from_directory(state_directory: &Path) -> Result<Vec<Definition>, DefinitionError> {
    let files = match std::fs::read_dir(state_directory.join("sources")) {
        Ok(files) => files,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(DefinitionError::File(error.kind())),
    };
    let mut definitions = Vec::new();
    for file in files {
        let path = file.map_err(|error| DefinitionError::File(error.kind()))?.path();
        if path.extension().is_some_and(|ending| ending == ENDING) {
            definitions.push(from_file(&path)?);
        }
    }
    definitions.sort_by(|a, b| a.name.cmp(&b.name));
    let names = definitions.windows(2).find(|pair| pair[0].name == pair[1].name);
    match names {
        Some(pair) => Err(DefinitionError::NameTaken(pair[0].name.to_string())),
        None => Ok(definitions),
    }
}
