//! Saved views.

use async_trait::async_trait;
use zeef_proto::id::UserId;

use super::SqlStore;
use crate::store::Result;
use crate::store::sql::driver::{self, Connection, Row, params};
use crate::store::views::{MOST_VIEWS, SavedView, ViewStore};

#[async_trait]
impl ViewStore for SqlStore {
    async fn views(&self, user: UserId) -> Result<Vec<SavedView>> {
        self.readers.run(move |reading| all(&reading.db, user)).await
    }

    async fn save_view(&self, user: UserId, view: SavedView) -> Result<bool> {
        self.writer
            .run(move |writing| save(&writing.db, user, &view))
            .await
    }

    async fn forget_view(&self, user: UserId, name: String) -> Result<bool> {
        self.writer
            .run(move |writing| {
                let sql = "DELETE FROM saved_view WHERE \"user\" = ?1 AND name = ?2";
                Ok(writing.db.execute(sql, params![user.as_bytes(), name])? > 0)
            })
            .await
    }
}

fn all(db: &Connection, user: UserId) -> Result<Vec<SavedView>> {
    let mut statement = db.prepare_cached(
        "SELECT name, asked FROM saved_view WHERE \"user\" = ?1 ORDER BY lower(name), name",
    )?;
    let read = |row: &Row<'_>| {
        Ok(SavedView {
            name: row.get("name")?,
            asked: row.get("asked")?,
        })
    };
    Ok(statement
        .query_map([user.as_bytes()], read)?
        .collect::<driver::Result<_>>()?)
}

fn save(db: &Connection, user: UserId, view: &SavedView) -> Result<bool> {
    let others: u64 = db
        .prepare_cached("SELECT count(*) FROM saved_view WHERE \"user\" = ?1 AND name <> ?2")?
        .query_row(params![user.as_bytes(), view.name], |row| row.get(0))?;
    if others >= MOST_VIEWS as u64 {
        return Ok(false);
    }
    db.execute(
        "INSERT INTO saved_view (\"user\", name, asked) VALUES (?1, ?2, ?3)
         ON CONFLICT (\"user\", name) DO UPDATE SET asked = excluded.asked",
        params![user.as_bytes(), view.name, view.asked],
    )?;
    Ok(true)
}
