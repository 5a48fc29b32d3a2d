//! The tables of both databases. A test holds the list against the schemas of both engines.

use super::super::place::Kind;

/// A table, by the columns that are taken over.
#[derive(Debug)]
pub(super) struct Table {
    pub(super) name: &'static str,
    /// What tells its rows apart, and puts them in order.
    pub(super) key: &'static [&'static str],
    /// The other columns that are taken over.
    pub(super) other: &'static [&'static str],
    /// A column that each engine fills in by itself, and what with.
    pub(super) filled: Option<(&'static str, &'static str)>,
}

impl Table {
    const fn new(name: &'static str, key: &'static [&'static str], other: &'static [&'static str]) -> Self {
        Self {
            name,
            key,
            other,
            filled: None,
        }
    }

    /// All columns that are taken over, those of the key first.
    pub(super) fn columns(&self) -> impl Iterator<Item = &'static str> {
        self.key.iter().chain(self.other).copied()
    }
}

/// The tables of a database, in an order in which every reference finds its other end. The installation comes last:
/// without it, a database holds none.
pub(super) const fn of(kind: Kind) -> &'static [Table] {
    match kind {
        Kind::Database => DATABASE,
        Kind::KeyStore => KEY_STORE,
    }
}

const DATABASE: &[Table] = &[
    Table::new("organisation", &["organisation"], &["name", "created_at"]),
    Table::new(
        "subscription",
        &["organisation", "subscription"],
        &["device", "product", "starts", "ends"],
    ),
    Table::new(
        "token",
        &["organisation", "token"],
        &[
            "secret_hash",
            "uses",
            "uses_left",
            "expires_at",
            "created_at",
            "revoked",
        ],
    ),
    Table::new(
        "device",
        &["organisation", "device"],
        &[
            "state",
            "platform",
            "agent",
            "policy",
            "enrolled_at",
            "last_contact",
            "sequence",
            "report_check",
            "record_sequence",
            "record_check",
            "suspected_clone",
            "speaks_for_site",
            "token",
            "key_hash",
            "serial",
            "not_before",
            "not_after",
        ],
    ),
    Table::new(
        "observation",
        &["organisation", "device", "field", "blind", "source", "product"],
        &["sealed", "first_seen", "expires_at"],
    ),
    Table::new(
        "link",
        &["organisation", "mark", "device", "source", "product"],
        &["kind"],
    ),
    Table::new("tombstone", &["organisation", "mark"], &["expires_at"]),
    Table::new(
        "erased",
        &["organisation", "kind", "mark"],
        &["erased_at", "expires_at"],
    ),
    Table::new("receipt", &["organisation", "receipt"], &["entry", "facts"]),
    Table::new("key_to_destroy", &["organisation", "device"], &[]),
    Table::new(
        "key_to_rotate",
        &["organisation", "device", "rotation"],
        &["newest"],
    ),
    Table::new("key_store_note", &["organisation", "kind", "id"], &[]),
    // Numbers of changes mean something in their own database alone. Whoever follows them has read all anew by then: on
    // PostgreSQL each is as old as can be.
    Table {
        filled: Some(("sequence", "{NULL|0}")),
        ..Table::new("device_change", &["organisation", "device"], &["gone_at"])
    },
    Table::new("policy", &["version"], &["document", "signature", "published_at"]),
    Table::new(
        "user",
        &["user"],
        &["name", "password_hash", "created_at", "role", "everywhere"],
    ),
    Table::new("user_organisation", &["organisation", "user"], &[]),
    Table::new("saved_view", &["user", "name"], &["asked"]),
    Table::new("sign_in_link", &["secret_hash"], &["user", "expires_at"]),
    Table::new(
        "session",
        &["token_hash"],
        &[
            "user",
            "form_secret",
            "created_at",
            "idle_until",
            "absolute_until",
            "by_provider",
        ],
    ),
    Table::new("second_factor", &["user"], &["sealed", "set_at", "last_step"]),
    Table::new("recovery_code", &["user", "hash"], &[]),
    Table::new("provider_account", &["mark"], &["user"]),
    Table::new(
        "api_token",
        &["api_token"],
        &[
            "secret_hash",
            "name",
            "user",
            "role",
            "everywhere",
            "scopes",
            "created_at",
            "expires_at",
            "last_used",
        ],
    ),
    Table::new("api_token_organisation", &["organisation", "api_token"], &[]),
    Table::new(
        "api_answer",
        &["api_token", "key_hash"],
        &["body_hash", "answer", "expires_at"],
    ),
    Table::new("ledger_entry", &["idx"], &["entry", "leaf"]),
    Table::new(
        "ledger_head",
        &["only"],
        &["size", "frontier", "time", "signature"],
    ),
    Table::new("retention_time", &["only"], &["high_water", "ahead_since"]),
    Table::new(
        "retention_run",
        &["only"],
        &["ended_at", "completed", "observations", "other", "log_kept_since"],
    ),
    Table::new("silence", &["organisation"], &["days"]),
    Table::new(
        "device_silence",
        &["organisation", "device"],
        &["asked_at", "kept_at"],
    ),
    Table::new(
        "legal_hold",
        &["organisation", "hold"],
        &["device", "reason", "starts", "ends"],
    ),
    Table::new(
        "request",
        &["organisation", "request"],
        &[
            "version",
            "kind",
            "received_at",
            "due_at",
            "extension",
            "state",
            "ending",
            "ground",
            "proposed_by",
            "responsibility",
            "method",
            "established",
            "identified_by",
            "identified_at",
            "held",
            "closed_at",
            "contact_until",
            "record_until",
            "details",
        ],
    ),
    Table::new(
        "request_task",
        &["organisation", "request", "task"],
        &["kind", "device", "named", "done", "done_at", "receipt"],
    ),
    Table::new(
        "request_count",
        &["organisation", "year", "kind", "ending"],
        &["requests"],
    ),
    Table::new(
        "device_restriction",
        &["organisation", "device", "request"],
        &["meanwhile", "since"],
    ),
    Table::new(
        "correction",
        &["organisation", "device", "field", "said"],
        &["blind", "request", "sealed", "since"],
    ),
    Table::new("installation", &["id"], &["generation"]),
];

const KEY_STORE: &[Table] = &[
    Table::new("installation_key", &["purpose"], &["wrapped"]),
    Table::new("organisation_key", &["organisation"], &["wrapped"]),
    Table::new(
        "device_key",
        &["organisation", "device"],
        &["wrapped", "revoked", "rotated"],
    ),
    Table::new(
        "next_device_key",
        &["rotation"],
        &["organisation", "device", "wrapped"],
    ),
    Table::new(
        "erased",
        &["organisation", "kind", "mark"],
        &["erased_at", "expires_at"],
    ),
    Table::new("erased_device", &["organisation", "mark"], &["expires_at"]),
    Table::new("removed_user", &["user"], &[]),
    Table::new("backup_key", &["backup"], &["wrapped", "expires_at"]),
    Table::new("installation", &["id"], &["generation"]),
];

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::super::super::{postgres, sqlite};
    use super::*;

    /// What is not taken over, and why not.
    const LEFT_OUT: [(&str, &str); 4] = [
        // Computed from the entry.
        ("ledger_entry", "organisation"),
        // Counts within one database.
        ("installation", "changes"),
        // Said of one database, not of what is in it.
        ("installation", "moved"),
        // How the schema came about.
        ("zeef_schema", ""),
    ];

    type Columns = BTreeMap<String, BTreeSet<String>>;

    fn without_left_out(mut columns: Columns) -> Columns {
        for (table, column) in LEFT_OUT {
            if column.is_empty() {
                columns.remove(table);
            } else if let Some(columns) = columns.get_mut(table) {
                columns.remove(column);
            }
        }
        columns
    }

    fn listed(kind: Kind) -> Columns {
        let columns = |table: &Table| {
            let filled = table.filled.map(|(column, _)| column);
            table.columns().chain(filled).map(str::to_owned).collect()
        };
        of(kind)
            .iter()
            .map(|table| (table.name.to_owned(), columns(table)))
            .collect()
    }

    fn of_sqlite(kind: Kind) -> Columns {
        let db = rusqlite::Connection::open_in_memory().unwrap();
        sqlite::migrate::migrate(&db, kind.schema()).unwrap();
        let mut statement = db
            .prepare(
                "SELECT t.name, c.name FROM sqlite_schema AS t, pragma_table_xinfo(t.name) AS c
                 WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite_%'",
            )
            .unwrap();
        let rows = statement
            .query_map([], |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?)))
            .unwrap();
        let mut columns = Columns::new();
        for row in rows {
            let (table, column) = row.unwrap();
            columns.entry(table).or_default().insert(column);
        }
        columns
    }

    /// Read out of the migrations themselves: one column a line.
    fn of_postgres(kind: Kind) -> Columns {
        let mut columns = Columns::new();
        let mut table = String::new();
        for line in postgres::migrations(kind).iter().flat_map(|sql| sql.lines()) {
            let mut words = line.split_whitespace().map(|word| word.trim_matches(['"', ',']));
            let mut next = || words.next().unwrap_or_default().to_owned();
            match (next().as_str(), next().as_str()) {
                ("CREATE", "TABLE") => table = next(),
                ("ALTER", "TABLE") => {
                    table = next();
                    match (next().as_str(), next().as_str()) {
                        ("ADD", "COLUMN") => {
                            columns.entry(table.clone()).or_default().insert(next());
                        }
                        ("ALTER", "COLUMN") => {}
                        _ => panic!("what does this do to the columns? {line}"),
                    }
                }
                (name, _)
                    if line.starts_with("    ") && name.starts_with(|c: char| c.is_ascii_lowercase()) =>
                {
                    columns.entry(table.clone()).or_default().insert(name.to_owned());
                }
                _ => {}
            }
        }
        columns
    }

    #[test]
    fn every_column_of_either_engine_is_taken_over_or_left_out_on_purpose() {
        for kind in [Kind::Database, Kind::KeyStore] {
            let listed = without_left_out(listed(kind));
            assert_eq!(listed, without_left_out(of_sqlite(kind)), "{kind:?} on SQLite");
            assert_eq!(
                listed,
                without_left_out(of_postgres(kind)),
                "{kind:?} on PostgreSQL"
            );
        }
    }

    #[test]
    fn what_is_left_out_is_there() {
        let there = [Kind::Database, Kind::KeyStore].map(of_postgres);
        for (table, column) in LEFT_OUT {
            let is_there = |columns: &Columns| {
                columns
                    .get(table)
                    .is_some_and(|columns| column.is_empty() || columns.contains(column))
            };
            assert!(there.iter().any(is_there), "{table}.{column}");
        }
    }
}
