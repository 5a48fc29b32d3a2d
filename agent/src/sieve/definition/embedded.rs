//! The definitions that the agent brings along. The build script checks them against the reference policy and
//! lists them here.

use zeef_proto::policy::Policy;

use super::{Definition, DefinitionError};
use crate::policy::REFERENCE;

/// File name without its ending, and text.
const TEXTS: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/sources.rs"));

/// All of them, by name.
///
/// # Errors
/// None that the tests would let pass.
pub fn embedded() -> Result<Vec<Definition>, DefinitionError> {
    let policy = reference()?;
    TEXTS
        .iter()
        .map(|(_, text)| Definition::parse(text, &policy))
        .collect()
}

/// The one of this name.
///
/// # Errors
/// None that the tests would let pass.
pub fn embedded_named(name: &str) -> Result<Option<Definition>, DefinitionError> {
    TEXTS
        .iter()
        .find(|(known, _)| *known == name)
        .map(|(_, text)| Definition::parse(text, &reference()?))
        .transpose()
}

/// The policy that bounds every definition, whatever policy is in force.
pub(super) fn reference() -> Result<Policy, DefinitionError> {
    Policy::parse(REFERENCE).map_err(|error| DefinitionError::Syntax(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_definition_can_be_used_and_is_named_as_its_file() {
        for (name, text) in TEXTS {
            let definition = Definition::parse(text, &reference().unwrap()).unwrap();
            assert_eq!(definition.name.as_str(), *name);
        }
    }
}
