//! Definitions of one's own: only documented fields, all mistakes told.

use zeef_agent::sieve::definition::{Definition, DefinitionError, embedded, from_directory, from_file};
use zeef_proto::field::Field;

use crate::harness::policy;

fn parse(text: &str) -> Result<Definition, DefinitionError> {
    Definition::parse(text, &policy())
}

fn definition(product: &str, shape: &str) -> String {
    format!(
        "name = 'mine'\nabout = ''\nproduct = '{product}'\n[[shape]]\nname = 's'\nformat = 'json'\n{shape}\n"
    )
}

#[test]
fn a_field_that_the_product_does_not_document_is_refused() {
    for (product, target, field) in [
        ("wifi", "mac_address", Field::MacAddress),
        ("wifi", "username", Field::Username),
        ("voip", "ip", Field::PublicIp),
        ("rmm", "service_id", Field::ServiceId),
        ("general", "device_name", Field::DeviceName),
    ] {
        let text = definition(product, &format!("has = ['id']\nfields = {{ {target} = ['a'] }}"));
        let refused =
            matches!(&parse(&text), Err(DefinitionError::NotDocumented { field: f, .. }) if *f == field);
        assert!(refused, "{product} {target}: {:?}", parse(&text));
    }
    let text = definition("telepathy", "has = ['id']");
    assert!(matches!(
        parse(&text),
        Err(DefinitionError::UnknownProduct { .. })
    ));
}

#[test]
fn what_is_no_definition_is_refused() {
    for shape in [
        "has = ['id']\nfields = { phone = ['a'] }",
        "has = ['id']\nfields = { ip = [{ path = 'a', wen = {} }] }",
        "has = ['id']\nregex = 'a'",
        "has = 'id'",
    ] {
        let error = parse(&definition("rmm", shape));
        assert!(
            matches!(error, Err(DefinitionError::Syntax(_))),
            "{shape}: {error:?}"
        );
    }
    for path in ["", "a..b", "a[", "a[]b"] {
        let text = definition("rmm", &format!("has = ['id']\nfields = {{ ip = ['{path}'] }}"));
        assert!(
            matches!(parse(&text), Err(DefinitionError::Path { .. })),
            "{path}"
        );
    }
    let any = definition("rmm", "fields = { ip = ['a'] }");
    assert!(matches!(parse(&any), Err(DefinitionError::Unrecognisable { .. })));
    let other_array = "has = ['id']\nfields = { ip = [{ path = 'a[].b', when = { 'c[].d' = 'x' } }] }";
    assert!(matches!(
        parse(&definition("rmm", other_array)),
        Err(DefinitionError::Scope { .. })
    ));
}

fn with_pull(pull: &str) -> Result<Definition, DefinitionError> {
    parse(&format!("{}{pull}\n", definition("rmm", "has = ['id']")))
}

#[test]
fn the_documented_pull_is_a_part_of_a_definition() {
    let document = include_str!("../../../docs/intake.md");
    let blocks = document.split("```toml\n").skip(1);
    let mut blocks = blocks.filter_map(|part| part.split("```").next());
    let sample = blocks.find(|block| block.contains("authenticate")).unwrap();
    let pull = &with_pull(sample).unwrap().pulls[0];
    let parameters: Vec<&str> = pull.path.parameters().map(|name| name.as_str()).collect();
    assert_eq!(parameters, ["site"]);
}

#[test]
fn a_pull_names_no_host_and_is_told_from_others() {
    let pull = |path: &str, rest: &str| {
        format!(
            "[[pull]]\nname = 'p'\nabout = ''\npath = '{path}'\nauthenticate = {{ header = 'X-Key' }}\n{rest}\n"
        )
    };
    assert!(with_pull(&pull("/a/{site}", "")).is_ok());
    for (path, rest) in [
        ("https://evil.example/a", ""),
        ("//evil.example/a", ""),
        ("/a/../b", ""),
        ("/a", "host = 'evil.example'"),
        ("/a", "paging = { next = 'a..b' }"),
        (
            "/a",
            "paging = { offset = { offset = 'o', limit = 'l', size = 0, count = 'c', total = 't' } }",
        ),
    ] {
        let error = with_pull(&pull(path, rest));
        assert!(matches!(error, Err(DefinitionError::Syntax(_))), "{path} {rest}");
    }
    let twice = [pull("/a", ""), pull("/b", "")].concat();
    assert!(matches!(
        with_pull(&twice),
        Err(DefinitionError::PullTwice { .. })
    ));
}

#[test]
fn definitions_are_added_to_the_state_directory() {
    let directory = tempfile::tempdir().unwrap();
    assert_eq!(from_directory(directory.path()), Ok(Vec::new()));
    let sources = directory.path().join("sources");
    std::fs::create_dir(&sources).unwrap();
    std::fs::write(sources.join("note.txt"), "not a definition").unwrap();
    std::fs::write(sources.join("mine.toml"), definition("rmm", "has = ['id']")).unwrap();
    let added = from_directory(directory.path()).unwrap();
    assert_eq!(added.len(), 1);
    std::fs::write(sources.join("again.toml"), definition("rmm", "has = ['id']")).unwrap();
    assert_eq!(
        from_directory(directory.path()),
        Err(DefinitionError::NameTaken("mine".into()))
    );
}

#[test]
fn an_added_definition_takes_no_name_of_the_agents_own() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("mine.toml");
    let text = definition("rmm", "has = ['id']").replace("'mine'", "'unifi'");
    std::fs::write(&path, text).unwrap();
    assert_eq!(from_file(&path), Err(DefinitionError::NameTaken("unifi".into())));
    assert!(matches!(
        from_file(&directory.path().join("none.toml")),
        Err(DefinitionError::File(_))
    ));
}

#[test]
fn the_first_set_is_there() {
    let names: Vec<String> = embedded().unwrap().iter().map(|d| d.name.to_string()).collect();
    for name in [
        "eset-protect",
        "webroot",
        "datto-rmm",
        "defender",
        "osquery",
        "wazuh-syscollector",
        "unifi",
        "zyxel-nebula",
        "draytek",
        "windows-event",
        "voip-csv",
        "internet-csv",
    ] {
        assert!(names.iter().any(|known| known == name), "{name}");
    }
}
