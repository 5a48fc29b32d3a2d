//! What the repository's documents point to is there: files that they link to, tests that they name.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where")]

use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The Markdown files at the top and under `docs/`.
fn documents() -> Vec<PathBuf> {
    let mut found = markdown_in(&root());
    let mut folders = vec![root().join("docs")];
    while let Some(folder) = folders.pop() {
        found.extend(markdown_in(&folder));
        let entries = folder.read_dir().unwrap().map(|entry| entry.unwrap().path());
        folders.extend(entries.filter(|path| path.is_dir()));
    }
    found
}

fn markdown_in(folder: &Path) -> Vec<PathBuf> {
    let entries = folder.read_dir().unwrap().map(|entry| entry.unwrap().path());
    entries
        .filter(|path| path.extension().is_some_and(|extension| extension == "md"))
        .collect()
}

/// What stands between `](` and `)`, without a fragment; addresses of other sites are left out.
fn targets(text: &str) -> impl Iterator<Item = &str> {
    text.split("](")
        .skip(1)
        .filter_map(|rest| rest.split([')', '#']).next())
        .filter(|target| !target.is_empty() && !target.contains("://"))
}

/// Every Rust file of the workspace's members, as one text.
fn sources() -> String {
    let mut text = String::new();
    let mut folders: Vec<_> = ["proto", "agent", "collector-server", "tests"]
        .map(|member| root().join(member))
        .into();
    while let Some(folder) = folders.pop() {
        for entry in folder.read_dir().unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                text.push_str(&std::fs::read_to_string(path).unwrap());
            }
        }
    }
    text
}

#[test]
fn every_test_that_a_promise_names_exists() {
    let architecture = std::fs::read_to_string(root().join("ARCHITECTURE.md")).unwrap();
    let sources = sources();
    let promises = architecture.lines().filter(|line| line.starts_with("| P"));
    let named: Vec<_> = promises
        .flat_map(|row| row.rsplit('|').nth(1).unwrap().split('`').skip(1).step_by(2))
        .collect();
    assert!(named.len() > 10, "only {} tests are named", named.len());
    for name in named {
        assert!(
            sources.contains(&format!("fn {name}(")),
            "there is no test {name}"
        );
    }
}

#[test]
fn every_link_leads_to_a_file_or_folder() {
    let documents = documents();
    assert!(documents.len() > 5, "only {} documents found", documents.len());
    for document in documents {
        let text = std::fs::read_to_string(&document).unwrap();
        for target in targets(&text) {
            let path = document.parent().unwrap().join(target);
            assert!(path.exists(), "{}: nothing at {target}", document.display());
        }
    }
}
