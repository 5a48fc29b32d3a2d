//! SQL as each engine spells it.

use std::borrow::Cow;

/// Which engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Dialect {
    Sqlite,
    Postgres,
}

impl Dialect {
    /// Chooses this engine's words and parameters.
    pub(super) fn spell(self, sql: &str) -> Cow<'_, str> {
        match self {
            Self::Sqlite if !sql.contains('{') => Cow::Borrowed(sql),
            Self::Sqlite => Cow::Owned(choose(sql, 0)),
            Self::Postgres => Cow::Owned(choose(sql, 1).replace('?', "$")),
        }
    }
}

/// Replaces each `{this|that}` by one of the two.
fn choose(sql: &str, which: usize) -> String {
    let mut chosen = String::with_capacity(sql.len());
    let mut rest = sql;
    while let Some((before, from)) = rest.split_once('{') {
        let (choice, after) = from.split_once('}').unwrap_or((from, ""));
        chosen.push_str(before);
        chosen.push_str(choice.split('|').nth(which).unwrap_or_default());
        rest = after;
    }
    chosen + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_engine_gets_its_own_words_and_parameters() {
        let sql = "SELECT {max|greatest}(a, ?1) FROM t WHERE b = ?2{| FOR UPDATE}";
        assert_eq!(
            Dialect::Sqlite.spell(sql),
            "SELECT max(a, ?1) FROM t WHERE b = ?2"
        );
        assert_eq!(
            Dialect::Postgres.spell(sql),
            "SELECT greatest(a, $1) FROM t WHERE b = $2 FOR UPDATE"
        );
        assert!(matches!(Dialect::Sqlite.spell("SELECT ?1"), Cow::Borrowed(_)));
    }
}
