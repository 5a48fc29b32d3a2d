//! `docs/dependencies.md` and the workspace's dependencies name the same crates.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where")]

use std::collections::BTreeSet;
use std::path::Path;

fn read(path: &str) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    std::fs::read_to_string(root.join(path)).unwrap()
}

/// Third-party crates of the workspace: those that come from a registry, thus with a version.
fn used() -> BTreeSet<String> {
    let manifest: toml::Table = read("Cargo.toml").parse().unwrap();
    let dependencies = manifest["workspace"]["dependencies"].as_table().unwrap();
    let ours = |value: &toml::Value| value.get("path").is_some();
    dependencies
        .iter()
        .filter(|(_, value)| !ours(value))
        .map(|(name, _)| name.clone())
        .collect()
}

/// Crates with a row in the document: its first cell is the name in backticks, its second is not empty.
fn explained() -> BTreeSet<String> {
    read("docs/dependencies.md")
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.split_once("` | "))
        .filter(|(_, reason)| !reason.trim_start().starts_with('|'))
        .map(|(name, _)| name.to_owned())
        .collect()
}

#[test]
fn every_dependency_has_its_reason_written_down() {
    let missing: Vec<_> = used().difference(&explained()).cloned().collect();
    assert!(
        missing.is_empty(),
        "without a row in docs/dependencies.md: {missing:?}"
    );
}

#[test]
fn no_reason_is_given_for_a_dependency_that_is_gone() {
    let stale: Vec<_> = explained().difference(&used()).cloned().collect();
    assert!(stale.is_empty(), "in docs/dependencies.md only: {stale:?}");
}

#[test]
fn no_member_takes_a_dependency_past_the_workspace() {
    for member in ["proto", "agent", "collector-server", "tests"] {
        let manifest: toml::Table = read(&format!("{member}/Cargo.toml")).parse().unwrap();
        for (name, value) in dependencies_of(&manifest) {
            let inherited = value.get("workspace").and_then(toml::Value::as_bool);
            assert_eq!(
                inherited,
                Some(true),
                "{member} names a version of {name} by itself"
            );
        }
    }
}

fn dependencies_of(manifest: &toml::Table) -> Vec<(String, toml::Value)> {
    let per_system = manifest.get("target").and_then(toml::Value::as_table);
    let tables = per_system
        .into_iter()
        .flat_map(|systems| systems.values().filter_map(toml::Value::as_table))
        .chain([manifest]);
    tables
        .flat_map(|table| {
            ["dependencies", "dev-dependencies", "build-dependencies"].map(|kind| table.get(kind))
        })
        .flatten()
        .filter_map(toml::Value::as_table)
        .flat_map(|entries| entries.clone().into_iter())
        .collect()
}
