//! What collectors that share a database agree on: locks of PostgreSQL that end with the transaction. SQLite has one writer
//! at a time, and needs none of them.

use zeef_proto::OrganisationId;

use super::super::driver::{Connection, Result};

/// What is locked until the transaction ends.
#[derive(Clone, Copy)]
pub(in crate::store::sql) enum Lock {
    /// What decides about reports: organisations, subscriptions, the policy. Shared by all that rely on it.
    Facts,
    /// The same, alone: by who changes it.
    FactsAlone,
    /// The ledger's end.
    Ledger,
    /// The purge: collectors take turns, step by step.
    Purge,
    /// Which devices of an organisation records speak of.
    Joins(OrganisationId),
}

/// Names this program's locks among those of others in the same database.
const OURS: i32 = 0x7a65_6566;

impl Lock {
    /// Waits until it is free, and holds it.
    pub(in crate::store::sql) fn take(self, db: &Connection) -> Result<()> {
        if db.sqlite().is_some() {
            return Ok(());
        }
        let key: i64 = match self {
            Self::Facts | Self::FactsAlone => ours(1),
            Self::Ledger => ours(2),
            Self::Purge => ours(3),
            // Two organisations that fall on one number wait for each other, no more.
            Self::Joins(organisation) => {
                let [.., a, b, c, d] = *organisation.as_bytes();
                (i64::from(OURS ^ 1) << 32) | i64::from(u32::from_be_bytes([a, b, c, d]))
            }
        };
        let sql = match self {
            Self::Facts => "SELECT pg_advisory_xact_lock_shared(?1)::text",
            _ => "SELECT pg_advisory_xact_lock(?1)::text",
        };
        db.query_row(sql, [key], |_| Ok(()))
    }
}

/// Holds the installation open beside others, as long as this connection; `false` where somebody has it alone.
pub(in crate::store::sql) fn installation_shared(db: &Connection) -> Result<bool> {
    hold(db, "SELECT pg_advisory_lock_shared(?1)::text")
}

/// Holds it alone; `false` where somebody has it open.
pub(in crate::store::sql) fn installation_alone(db: &Connection) -> Result<bool> {
    hold(db, "SELECT pg_advisory_lock(?1)::text")
}

/// Takes the lock of the installation, which outlives the transaction. It is waited for a moment, for the server takes as
/// long to notice that a connection has ended.
fn hold(db: &Connection, sql: &str) -> Result<bool> {
    db.begin()?;
    let held = db
        .execute_batch("SET LOCAL lock_timeout = '1s'")
        .and_then(|()| db.query_row(sql, [ours(4)], |_| Ok(())));
    match held {
        Ok(()) => db.commit().map(|()| true),
        Err(error) => {
            db.roll_back();
            if error.is_lock_timeout() {
                Ok(false)
            } else {
                Err(error)
            }
        }
    }
}

const fn ours(number: u32) -> i64 {
    ((OURS as i64) << 32) | number as i64
}
