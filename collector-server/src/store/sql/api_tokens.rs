//! Tokens for the API, and answers to requests that may be sent again.

use async_trait::async_trait;
use zeef_proto::UnixTime;
use zeef_proto::id::{ApiTokenId, UserId};
use zeef_proto::time::DAY;

use super::SqlStore;
use super::columns;
use super::people;
use super::writer::Writing;
use crate::access::{Reach, Scopes};
use crate::ledger::{Actor, Event, InstallationEvent};
use crate::store::api_tokens::{Admitted, ApiToken, ApiTokenStore, Holder, NewApiToken, Once, Repeatable};
use crate::store::sql::driver::{self, Connection, OptionalExtension, Row, params};
use crate::store::{Result, StoreError};

/// How long an answer is kept, in seconds.
const KEPT: i64 = DAY;

/// The organisations of a service's token, as 32 characters of hexadecimal each.
const ORGANISATIONS: &str =
    "(SELECT {group_concat(hex(organisation), '')|string_agg(encode(organisation, 'hex'), '')}
     FROM api_token_organisation WHERE api_token_organisation.api_token = api_token.api_token)";

#[async_trait]
impl ApiTokenStore for SqlStore {
    async fn add_api_token(&self, token: NewApiToken, by: Actor) -> Result<()> {
        self.writer.run(move |writing| add(writing, &token, by)).await
    }

    async fn api_tokens(&self, of: Option<UserId>) -> Result<Vec<ApiToken>> {
        self.readers.run(move |reading| list(&reading.db, of)).await
    }

    async fn revoke_api_token(
        &self,
        token: ApiTokenId,
        of: Option<UserId>,
        by: Actor,
        now: UnixTime,
    ) -> Result<bool> {
        self.writer
            .run(move |writing| revoke(writing, token, of, by, now))
            .await
    }

    async fn admitted(&self, secret_hash: [u8; 32], now: UnixTime) -> Result<Option<Admitted>> {
        let now = self.high_water.at(now);
        self.readers
            .run(move |reading| admitted(&reading.db, secret_hash, now))
            .await
    }

    async fn touch_api_token(&self, token: ApiTokenId, now: UnixTime) -> Result<()> {
        self.writer
            .run(move |writing| touch(&writing.db, token, now))
            .await
    }

    async fn begin_once(&self, request: Repeatable, now: UnixTime) -> Result<Once> {
        self.writer
            .run(move |writing| begin_once(&writing.db, &request, now))
            .await
    }

    async fn end_once(&self, request: Repeatable, answer: Option<Vec<u8>>) -> Result<()> {
        self.writer
            .run(move |writing| end_once(&writing.db, &request, answer.as_deref()))
            .await
    }
}

fn add(writing: &Writing, token: &NewApiToken, by: Actor) -> Result<()> {
    let (user, role, reach) = match &token.holder {
        Holder::Account(user) => (Some(user), None, None),
        Holder::Service(role, reach) => (None, Some(role), Some(reach)),
    };
    if let Some(user) = user {
        people::check_user(&writing.db, *user)?;
    }
    writing.db.execute(
        "INSERT INTO api_token (api_token, secret_hash, name, \"user\", role, everywhere, scopes, created_at, expires_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        params![
            token.id.as_bytes(),
            token.secret_hash,
            token.name,
            user.map(UserId::as_bytes),
            role.map(|role| role.name()),
            reach == Some(&Reach::All),
            token.scopes.to_string(),
            token.created_at.0,
            token.expires_at.0,
        ],
    )?;
    for organisation in reach.and_then(Reach::limits).into_iter().flatten() {
        people::check_organisation(&writing.db, *organisation)?;
        writing.db.execute(
            "INSERT INTO api_token_organisation (organisation, api_token) VALUES (?1, ?2)",
            params![organisation.as_bytes(), token.id.as_bytes()],
        )?;
    }
    let event = Event::Installation(InstallationEvent::ApiTokenMade(token.id));
    writing.note(by, event, token.created_at)
}

fn list(db: &Connection, of: Option<UserId>) -> Result<Vec<ApiToken>> {
    let sql = format!(
        "SELECT api_token.*, {ORGANISATIONS} AS organisations FROM api_token
         WHERE \"user\" = ?1 OR ?1 IS NULL ORDER BY created_at DESC, api_token"
    );
    let mut statement = db.prepare_cached(&sql)?;
    let key = of.as_ref().map(UserId::as_bytes);
    Ok(statement
        .query_map([key], token)?
        .collect::<driver::Result<_>>()?)
}

fn token(row: &Row<'_>) -> driver::Result<ApiToken> {
    Ok(ApiToken {
        id: id(row)?,
        name: row.get("name")?,
        holder: match user(row)? {
            Some(user) => Holder::Account(user),
            None => Holder::Service(people::role(row)?, people::reach(row)?),
        },
        scopes: scopes(row)?,
        created_at: columns::time(row, "created_at")?,
        expires_at: columns::time(row, "expires_at")?,
        last_used: columns::optional_time(row, "last_used")?,
    })
}

fn id(row: &Row<'_>) -> driver::Result<ApiTokenId> {
    row.get("api_token").map(ApiTokenId::from_bytes)
}

fn user(row: &Row<'_>) -> driver::Result<Option<UserId>> {
    let user: Option<[u8; 16]> = row.get("user")?;
    Ok(user.map(UserId::from_bytes))
}

fn scopes(row: &Row<'_>) -> driver::Result<Scopes> {
    let scopes = row.get_ref("scopes")?.as_str()?;
    scopes.parse().map_err(|_| driver::Error::Type)
}

fn revoke(
    writing: &Writing,
    token: ApiTokenId,
    of: Option<UserId>,
    by: Actor,
    now: UnixTime,
) -> Result<bool> {
    let revoked = writing.db.execute(
        "DELETE FROM api_token WHERE api_token = ?1 AND (\"user\" = ?2 OR ?2 IS NULL)",
        params![token.as_bytes(), of.as_ref().map(UserId::as_bytes)],
    )? > 0;
    if revoked {
        let event = Event::Installation(InstallationEvent::ApiTokenRevoked(token));
        writing.note(by, event, now)?;
    }
    Ok(revoked)
}

fn admitted(db: &Connection, secret_hash: [u8; 32], now: UnixTime) -> Result<Option<Admitted>> {
    let find = "SELECT api_token, \"user\" FROM api_token WHERE secret_hash = ?1 AND expires_at > ?2";
    let found = db
        .prepare_cached(find)?
        .query_row(params![secret_hash, now.0], |row| Ok((id(row)?, user(row)?)))
        .optional()?;
    let Some((id, user)) = found else { return Ok(None) };
    let sql = match user {
        Some(_) => format!(
            "SELECT scopes, last_used, \"user\".role, \"user\".everywhere, {} AS organisations
             FROM api_token JOIN \"user\" USING (\"user\") WHERE api_token = ?1",
            people::ORGANISATIONS
        ),
        None => format!(
            "SELECT scopes, last_used, role, everywhere, {ORGANISATIONS} AS organisations
             FROM api_token WHERE api_token = ?1"
        ),
    };
    let read = |row: &Row<'_>| {
        Ok(Admitted {
            id,
            user,
            role: people::role(row)?,
            reach: people::reach(row)?,
            scopes: scopes(row)?,
            last_used: columns::optional_time(row, "last_used")?,
        })
    };
    Ok(db
        .prepare_cached(&sql)?
        .query_row([id.as_bytes()], read)
        .optional()?)
}

fn touch(db: &Connection, token: ApiTokenId, now: UnixTime) -> Result<()> {
    db.execute(
        "UPDATE api_token SET last_used = ?2 WHERE api_token = ?1",
        params![token.as_bytes(), now.to_the_hour().0],
    )?;
    Ok(())
}

fn begin_once(db: &Connection, request: &Repeatable, now: UnixTime) -> Result<Once> {
    let key = params![request.token.as_bytes(), request.key_hash];
    db.execute(
        "DELETE FROM api_answer WHERE api_token = ?1 AND key_hash = ?2 AND expires_at <= ?3",
        params![request.token.as_bytes(), request.key_hash, now.0],
    )?;
    let read = |row: &Row<'_>| Ok((row.get("body_hash")?, row.get("answer")?));
    let found: Option<([u8; 32], Option<Vec<u8>>)> = db
        .prepare_cached("SELECT body_hash, answer FROM api_answer WHERE api_token = ?1 AND key_hash = ?2")?
        .query_row(key, read)
        .optional()?;
    Ok(match found {
        Some((body_hash, _)) if body_hash != request.body_hash => Once::Other,
        Some((_, Some(answer))) => Once::Answered(answer),
        Some((_, None)) => Once::Unfinished,
        None => {
            let added = db.execute(
                "INSERT INTO api_answer (api_token, key_hash, body_hash, expires_at) VALUES (?1, ?2, ?3, ?4)",
                params![
                    request.token.as_bytes(),
                    request.key_hash,
                    request.body_hash,
                    now.plus(KEPT).0
                ],
            );
            match added {
                // Another collector got the same request at the same time.
                Err(error) if error.is_taken() => return Err(StoreError::Contended),
                added => added?,
            };
            Once::First
        }
    })
}

fn end_once(db: &Connection, request: &Repeatable, answer: Option<&[u8]>) -> Result<()> {
    let (token, key) = (request.token.as_bytes(), request.key_hash);
    match answer {
        Some(answer) => db.execute(
            "UPDATE api_answer SET answer = ?3 WHERE api_token = ?1 AND key_hash = ?2",
            params![token, key, answer],
        )?,
        None => db.execute(
            "DELETE FROM api_answer WHERE api_token = ?1 AND key_hash = ?2",
            params![token, key],
        )?,
    };
    Ok(())
}
