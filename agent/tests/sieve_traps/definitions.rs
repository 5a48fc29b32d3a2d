//! Definitions with a mistake, and the worked example of the documents.

use serde_json::json;
use zeef_agent::sieve::Sieve;
use zeef_agent::sieve::definition::{Definition, DefinitionError};

use super::support::{Ran, policy};

const DOCUMENT: &str = include_str!("../../../docs/minimise.md");

fn definition(product: &str, fields: &str) -> Result<Definition, DefinitionError> {
    let text = format!(
        "name = \"own\"\nabout = \"a test\"\nproduct = \"{product}\"\n\
         [[shape]]\nname = \"row\"\nformat = \"json\"\nhas = [\"serial\"]\n{fields}\n"
    );
    Definition::parse(&text, &policy())
}

#[test]
fn a_field_that_the_product_does_not_document_is_refused() {
    for (product, feed) in [
        ("wifi", "mac_address"),
        ("wifi", "username"),
        ("internet", "mac_address"),
        ("voip", "username"),
        ("rmm", "service_id"),
    ] {
        let error = definition(product, &format!("[shape.fields]\n{feed} = [\"a\"]")).unwrap_err();
        assert!(
            matches!(error, DefinitionError::NotDocumented { .. }),
            "{product} {feed}"
        );
        assert!(error.to_string().contains(feed), "{error}");
    }
}

#[test]
fn a_field_that_there_is_not_is_refused() {
    let error = definition("rmm", "[shape.fields]\nserial_number = [\"serial\"]").unwrap_err();
    assert!(matches!(error, DefinitionError::Syntax(_)));
}

#[test]
fn a_damaged_definition_is_refused_with_its_mistake() {
    let error = definition("rmm", "[shape.fields]\ndevice_name = [\"a..b\"]").unwrap_err();
    assert!(matches!(error, DefinitionError::Path { .. }));
    let error = definition("rmm", "colour = \"red\"").unwrap_err();
    assert!(matches!(error, DefinitionError::Syntax(_)));
    let error = definition("fax", "").unwrap_err();
    assert!(matches!(error, DefinitionError::UnknownProduct { .. }));
    let by = "username = [{ path = \"a[].b\", when = { \"c[].d\" = \"1\" } }]";
    let error = definition("rmm", &format!("[shape.fields]\n{by}")).unwrap_err();
    assert!(matches!(error, DefinitionError::Scope { .. }));
    let any =
        "name = \"own\"\nabout = \"a\"\nproduct = \"rmm\"\n[[shape]]\nname = \"row\"\nformat = \"json\"\n";
    let error = Definition::parse(any, &policy()).unwrap_err();
    assert!(matches!(error, DefinitionError::Unrecognisable { .. }));
}

/// The last fenced block of this language in the document.
fn block(language: &str) -> &'static str {
    let (_, after) = DOCUMENT.rsplit_once(&format!("```{language}\n")).unwrap();
    after.split_once("```").unwrap().0
}

#[test]
fn the_worked_example_of_the_document_does_what_the_document_says() {
    let definition = Definition::parse(block("toml"), &policy()).unwrap();
    let mut ran = Ran::default();
    let sieve = Sieve::new(&definition, &policy(), None).unwrap();
    ran.account = sieve.run(&mut block("json").as_bytes(), &mut ran).unwrap();
    let mut shown: serde_json::Value = serde_json::from_str(block("jsonl")).unwrap();
    let object = shown.as_object_mut().unwrap();
    assert_eq!(object.remove("source"), Some(json!(definition.name.as_str())));
    assert_eq!(object.remove("product"), Some(json!(definition.product)));
    assert_eq!(ran.records, [shown]);
    assert_eq!(ran.refusals(), []);
}

#[test]
fn the_document_lists_the_sources_that_there_are() {
    for definition in zeef_agent::sieve::definition::embedded().unwrap() {
        let row = format!("| `{}` | {} |", definition.name, definition.product);
        assert!(DOCUMENT.contains(&row), "no row \"{row}\"");
    }
}
