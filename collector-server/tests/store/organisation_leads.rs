//! Organisation id leads every key and every query of tenants' data, so that each table can be distributed by it, on
//! Citus or another engine that speaks PostgreSQL.

use std::collections::BTreeMap;
use std::path::Path;

use crate::engine::{Engine, Part};
use crate::fixture::open;

/// Tables of the installation as a whole: copied to each node where the others are distributed.
const OF_THE_INSTALLATION: &[&str] = &[
    "api_answer",
    "api_token",
    "api_token_organisation",
    "installation",
    "ledger_entry",
    "ledger_head",
    "policy",
    "provider_account",
    "recovery_code",
    "retention_run",
    "retention_time",
    "second_factor",
    "saved_view",
    "session",
    "sign_in_link",
    "user",
    "user_organisation",
    "zeef_schema",
];

/// Statements that go through all organisations at once, by how they begin: they would ask every node.
const OF_ALL_ORGANISATIONS: [&str; 31] = [
    // What every organisation has expired, counted or deleted by its expiry.
    "SELECT count(*) FILTER",
    "SELECT min(expires_at)",
    "SELECT organisation, device, field, source, product, first_seen, expires_at FROM observation WHERE expires_at",
    "DELETE FROM token WHERE expires_at",
    "DELETE FROM legal_hold WHERE ends",
    "DELETE FROM tombstone WHERE expires_at",
    "DELETE FROM erased WHERE expires_at",
    "DELETE FROM device_change WHERE gone_at",
    // An agent that enrols names no organisation, a command no device's organisation.
    "SELECT organisation, token, uses_left FROM token",
    "SELECT organisation FROM device WHERE device",
    "SELECT * FROM legal_hold ORDER BY",
    "UPDATE legal_hold SET ends = ?2 WHERE hold",
    "SELECT entry, facts FROM receipt",
    // What an index follows, and what a start looks through.
    "SELECT coalesce(max(sequence), 0)",
    "SELECT sequence, organisation",
    "SELECT organisation FROM organisation",
    "SELECT organisation, device FROM device",
    "SELECT organisation, device FROM key_to_destroy",
    "SELECT organisation, mark, expires_at FROM tombstone",
    "SELECT kind, organisation, id FROM key_store_note",
    "SELECT organisation, device, rotation, newest FROM key_to_rotate",
    "SELECT organisation, name, (SELECT count(*)",
    // What of requests is past its term, the queue of all, and a command that names no organisation.
    "SELECT r.*, (SELECT count(*) FROM request_task",
    "UPDATE request SET details = NULL",
    "UPDATE request_task SET named = NULL",
    "SELECT organisation, request, kind, ending, closed_at",
    "SELECT organisation FROM request WHERE request",
    "DELETE FROM correction WHERE NOT EXISTS",
    // Everybody, once, after a restore or a move.
    "UPDATE device_change SET sequence = 0",
    "DELETE FROM key_store_note",
    "UPDATE token SET revoked = 1",
];

/// The texts that a query gives, a line each.
fn lines(engine: &Engine, text: &str, rest: &str) -> String {
    let sql = format!("SELECT convert_to(string_agg({text}, E'\\n'), 'UTF8') {rest}");
    String::from_utf8(engine.raw(Part::Database).bytes(&sql)).unwrap()
}

fn keys(engine: &Engine, rest: &str) -> BTreeMap<String, String> {
    let rows = lines(engine, "t.relname || '.' || i.relname || ' ' || a.attname", rest);
    let pairs = rows.lines().filter_map(|line| line.split_once(' '));
    pairs
        .map(|(index, column)| (index.to_owned(), column.to_owned()))
        .collect()
}

#[test]
fn organisation_id_leads_every_key_of_tenants_data() {
    let engine = Engine::new();
    drop(open(&engine, 7).unwrap());
    let first_columns = keys(
        &engine,
        "FROM pg_index AS x
         JOIN pg_class AS i ON i.oid = x.indexrelid
         JOIN pg_class AS t ON t.oid = x.indrelid
         JOIN pg_namespace AS n ON n.oid = t.relnamespace AND n.nspname = 'public'
         JOIN pg_attribute AS a ON a.attrelid = t.oid AND a.attnum = x.indkey[0]
         WHERE x.indisunique",
    );
    assert!(first_columns.len() > 15, "{first_columns:?}");
    for (index, column) in first_columns {
        let table = index.split('.').next().unwrap();
        assert!(
            column == "organisation" || OF_THE_INSTALLATION.contains(&table),
            "{index} is led by {column}"
        );
    }
    let references = keys(
        &engine,
        "FROM (SELECT conname AS relname, conrelid, conkey[1] AS first FROM pg_constraint WHERE contype = 'f') AS i
         JOIN pg_class AS t ON t.oid = i.conrelid
         JOIN pg_attribute AS a ON a.attrelid = t.oid AND a.attnum = i.first",
    );
    for (reference, column) in references {
        let table = reference.split('.').next().unwrap();
        assert!(
            column == "organisation" || OF_THE_INSTALLATION.contains(&table),
            "{reference} is led by {column}"
        );
    }
}

#[test]
fn every_query_of_tenants_data_names_its_organisation() {
    let engine = Engine::new();
    drop(open(&engine, 7).unwrap());
    let tables = lines(
        &engine,
        "table_name",
        "FROM information_schema.columns WHERE table_schema = 'public' AND column_name = 'organisation'",
    );
    let tenants: Vec<&str> = tables
        .lines()
        .filter(|table| !OF_THE_INSTALLATION.contains(table))
        .collect();
    let mut looked_at = 0;
    let mut without = Vec::new();
    let mut unused: Vec<&str> = OF_ALL_ORGANISATIONS.to_vec();
    for statement in statements(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src/store/sql")) {
        let words: Vec<&str> = statement
            .split(|c: char| !c.is_alphanumeric() && c != '_')
            .collect();
        let asks_tenants = words
            .windows(2)
            .any(|pair| ["FROM", "INTO", "UPDATE", "JOIN"].contains(&pair[0]) && tenants.contains(&pair[1]));
        if !asks_tenants {
            continue;
        }
        looked_at += 1;
        if let Some(walk) = OF_ALL_ORGANISATIONS
            .iter()
            .find(|walk| statement.starts_with(**walk))
        {
            unused.retain(|other| other != walk);
            continue;
        }
        let names_it = ["organisation = ?", "INSERT INTO", "(organisation, "]
            .iter()
            .any(|part| statement.contains(part));
        if !names_it {
            without.push(statement);
        }
    }
    assert!(without.is_empty(), "name no organisation: {without:#?}");
    assert!(looked_at > 60, "{looked_at}");
    assert!(unused.is_empty(), "no longer asked: {unused:?}");
}

/// The texts in the sources that are SQL, on one line each.
fn statements(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        // The key store is a database of its own.
        if path.ends_with("key_store") || path.ends_with("key_store.rs") {
            continue;
        }
        if path.is_dir() {
            found.extend(statements(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") && !path.ends_with("tests.rs") {
            let source = std::fs::read_to_string(&path).unwrap();
            let source = source
                .split("#[cfg(test)]\nmod tests {")
                .next()
                .unwrap()
                .replace("\\\"", "");
            let texts = source.split('"').skip(1).step_by(2);
            let one_line = texts.map(|text| text.split_whitespace().collect::<Vec<_>>().join(" "));
            found.extend(one_line.filter(|text| {
                ["SELECT ", "INSERT ", "UPDATE ", "DELETE ", "{INSERT "]
                    .iter()
                    .any(|verb| text.starts_with(verb))
            }));
        }
    }
    found
}
