//! Lists the source definitions, and refuses to build one that names a field which its product does not document, or
//! that fetches from a host of its own.
//! What else a definition must keep to is checked when it is loaded, and by a test for those listed here.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

const POLICY: &str = "../proto/policies/vokus-1.1.toml";
const SOURCES: &str = "sources";

fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("cargo::rerun-if-changed={POLICY}");
    println!("cargo::rerun-if-changed={SOURCES}");
    let root = PathBuf::from(std::env::var("CARGO_MANIFEST_DIR")?);
    let documented = documented(&read(&root.join(POLICY))?);
    let mut files: Vec<PathBuf> = std::fs::read_dir(root.join(SOURCES))?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<_, _>>()?;
    files.sort();
    let mut list = String::from("&[\n");
    for file in files
        .iter()
        .filter(|file| file.extension().is_some_and(|e| e == "toml"))
    {
        let name = file.file_stem().unwrap_or_default().to_string_lossy();
        check(&read(file)?, &documented).map_err(|mistake| format!("sources/{name}.toml {mistake}"))?;
        writeln!(list, "    ({name:?}, include_str!({file:?})),")?;
    }
    list.push(']');
    std::fs::write(Path::new(&std::env::var("OUT_DIR")?).join("sources.rs"), list)?;
    Ok(())
}

fn read(path: &Path) -> Result<toml::Table, Box<dyn std::error::Error>> {
    let text = std::fs::read_to_string(path)?;
    text.parse()
        .map_err(|error| format!("{} cannot be read: {error}", path.display()).into())
}

/// Fields by product, of all rows.
fn documented(policy: &toml::Table) -> BTreeMap<String, BTreeSet<String>> {
    let mut documented = BTreeMap::<_, BTreeSet<String>>::new();
    for product in tables(policy, "product") {
        let fields = documented.entry(text(product, "id")).or_default();
        for row in tables(product, "data") {
            let names = row
                .get("fields")
                .and_then(toml::Value::as_array)
                .into_iter()
                .flatten();
            fields.extend(names.filter_map(toml::Value::as_str).map(str::to_owned));
        }
    }
    documented
}

fn check(definition: &toml::Table, documented: &BTreeMap<String, BTreeSet<String>>) -> Result<(), String> {
    let product = text(definition, "product");
    let allowed = documented
        .get(&product)
        .ok_or_else(|| format!("names the product {product:?}, which the policy does not have"))?;
    for pull in tables(definition, "pull") {
        // Where a token is sent is never for a definition to say.
        let path = text(pull, "path");
        if !path.starts_with('/') || path.starts_with("//") {
            return Err(format!(
                "has a pull whose path {path:?} does not begin with one slash"
            ));
        }
    }
    for shape in tables(definition, "shape") {
        let targets = shape.get("fields").and_then(toml::Value::as_table);
        for target in targets.into_iter().flat_map(toml::Table::keys) {
            let fields: &[&str] = match target.as_str() {
                "ip" => &["private_ip", "public_ip"],
                other => &[other],
            };
            if let Some(field) = fields.iter().find(|field| !allowed.contains(**field)) {
                return Err(format!(
                    "feeds {field}, which the policy does not document for {product}"
                ));
            }
        }
    }
    Ok(())
}

fn tables<'a>(table: &'a toml::Table, key: &str) -> impl Iterator<Item = &'a toml::Table> {
    let list = table.get(key).and_then(toml::Value::as_array);
    list.into_iter().flatten().filter_map(toml::Value::as_table)
}

fn text(table: &toml::Table, key: &str) -> String {
    table
        .get(key)
        .and_then(toml::Value::as_str)
        .unwrap_or_default()
        .to_owned()
}
