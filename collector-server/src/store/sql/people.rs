//! Accounts, one-time links and sessions.

use data_encoding::HEXLOWER_PERMISSIVE;
use zeef_proto::id::UserId;
use zeef_proto::{OrganisationId, UnixTime};

use super::administration::taken;
use super::columns;
use super::note::Note;
use super::writer::Writing;
use crate::access::{Reach, Role};
use crate::ledger::{Actor, Event, InstallationEvent};
use crate::store::people::{NewSession, NewUser, Session, User};
use crate::store::sql::driver::{self, Connection, OptionalExtension, Row, params};
use crate::store::{Result, StoreError};

/// The organisations of an account, as 32 characters of hexadecimal each.
pub(super) const ORGANISATIONS: &str =
    "(SELECT {group_concat(hex(organisation), '')|string_agg(encode(organisation, 'hex'), '')}
     FROM user_organisation WHERE user_organisation.\"user\" = \"user\".\"user\")";

/// Whether an account has a second factor.
const SECOND_FACTOR: &str =
    "EXISTS (SELECT 1 FROM second_factor WHERE second_factor.\"user\" = \"user\".\"user\")";

pub(super) fn add_user(writing: &Writing, user: &NewUser, by: Actor, now: UnixTime) -> Result<()> {
    let added = writing.db.execute(
        "INSERT INTO \"user\" (\"user\", name, created_at, role, everywhere) VALUES (?1, ?2, ?3, ?4, ?5)",
        params![
            user.id.as_bytes(),
            user.name,
            now.to_the_hour().0,
            user.role.name(),
            user.reach == Reach::All
        ],
    );
    added.map_err(|error| taken(error, "a user"))?;
    limit(writing, user.id, &user.reach)?;
    let event = Event::Installation(InstallationEvent::UserAdded(user.id));
    writing.note(by, event, now)?;
    note_role(writing, user.id, user.role, by, now)
}

pub(super) fn set_role(
    writing: &Writing,
    user: UserId,
    role: Role,
    reach: &Reach,
    by: Actor,
    now: UnixTime,
) -> Result<()> {
    if role != Role::Administrator {
        keep_an_administrator(writing, user, by)?;
    }
    let set = writing.db.execute(
        "UPDATE \"user\" SET role = ?2, everywhere = ?3 WHERE \"user\" = ?1",
        params![user.as_bytes(), role.name(), *reach == Reach::All],
    )?;
    if set == 0 {
        return Err(StoreError::NotFound("user"));
    }
    writing.db.execute(
        "DELETE FROM user_organisation WHERE \"user\" = ?1",
        [user.as_bytes()],
    )?;
    limit(writing, user, reach)?;
    note_role(writing, user, role, by, now)
}

/// Refuses what somebody who is signed in does to the last administrator. At the command line another can always be
/// made.
fn keep_an_administrator(writing: &Writing, user: UserId, by: Actor) -> Result<()> {
    if !matches!(by, Actor::User(_)) {
        return Ok(());
    }
    let administrators: Vec<[u8; 16]> = {
        let mut statement = writing.db.prepare_cached(
            "SELECT \"user\" FROM \"user\" WHERE role = ?1 ORDER BY \"user\"{| FOR UPDATE}",
        )?;
        let rows = statement.query_map([Role::Administrator.name()], |row| row.get(0))?;
        rows.collect::<driver::Result<_>>()?
    };
    if administrators == [*user.as_bytes()] {
        return Err(StoreError::LastAdministrator);
    }
    Ok(())
}

fn limit(writing: &Writing, user: UserId, reach: &Reach) -> Result<()> {
    for organisation in reach.limits().into_iter().flatten() {
        check_organisation(&writing.db, *organisation)?;
        writing.db.execute(
            "INSERT INTO user_organisation (organisation, \"user\") VALUES (?1, ?2)",
            params![organisation.as_bytes(), user.as_bytes()],
        )?;
    }
    Ok(())
}

/// Refuses an organisation that does not exist.
pub(super) fn check_organisation(db: &Connection, organisation: OrganisationId) -> Result<()> {
    let known = db
        .prepare_cached("SELECT 1 FROM organisation WHERE organisation = ?1")?
        .exists([organisation.as_bytes()])?;
    known.then_some(()).ok_or(StoreError::NotFound("organisation"))
}

/// Refuses an account that does not exist.
pub(super) fn check_user(db: &Connection, user: UserId) -> Result<()> {
    let known = db
        .prepare_cached("SELECT 1 FROM \"user\" WHERE \"user\" = ?1")?
        .exists([user.as_bytes()])?;
    known.then_some(()).ok_or(StoreError::NotFound("account"))
}

fn note_role(writing: &Writing, user: UserId, role: Role, by: Actor, now: UnixTime) -> Result<()> {
    let event = Event::Installation(InstallationEvent::RoleSet(user, role));
    writing.note(by, event, now)
}

/// Reads accounts, which ones `rest` says.
fn of_user(rest: &str) -> String {
    format!(
        "SELECT \"user\".*, {ORGANISATIONS} AS organisations, {SECOND_FACTOR} AS second_factor FROM \"user\" {rest}"
    )
}

fn read_user(row: &Row<'_>) -> driver::Result<User> {
    Ok(User {
        id: UserId::from_bytes(row.get("user")?),
        name: row.get("name")?,
        password_hash: row.get("password_hash")?,
        second_factor: row.get("second_factor")?,
        role: role(row)?,
        reach: reach(row)?,
    })
}

pub(super) fn role(row: &Row<'_>) -> driver::Result<Role> {
    let name = row.get_ref("role")?.as_str()?;
    name.parse().map_err(|_| driver::Error::Type)
}

pub(super) fn reach(row: &Row<'_>) -> driver::Result<Reach> {
    if row.get("everywhere")? {
        return Ok(Reach::All);
    }
    let ids = row.get::<_, Option<String>>("organisations")?.unwrap_or_default();
    let ids = HEXLOWER_PERMISSIVE
        .decode(ids.as_bytes())
        .map_err(|_| driver::Error::Type)?;
    let (ids, rest) = ids.as_chunks();
    if !rest.is_empty() {
        return Err(driver::Error::Type);
    }
    Ok(Reach::of(ids.iter().copied().map(OrganisationId::from_bytes)))
}

pub(super) fn users(db: &Connection) -> Result<Vec<User>> {
    let sql = of_user("ORDER BY lower(name)");
    let mut statement = db.prepare_cached(&sql)?;
    Ok(statement
        .query_map([], read_user)?
        .collect::<driver::Result<_>>()?)
}

pub(super) fn user(db: &Connection, id: UserId) -> Result<Option<User>> {
    let sql = of_user("WHERE \"user\".\"user\" = ?1");
    let mut statement = db.prepare_cached(&sql)?;
    Ok(statement.query_row([id.as_bytes()], read_user).optional()?)
}

pub(super) fn user_by_name(db: &Connection, name: &str) -> Result<Option<User>> {
    let sql = of_user("WHERE lower(name) = lower(?1)");
    let mut statement = db.prepare_cached(&sql)?;
    Ok(statement.query_row([name], read_user).optional()?)
}

pub(super) fn set_password(
    writing: &Writing,
    user: UserId,
    password_hash: &str,
    keep: Option<[u8; 32]>,
    by: Actor,
    now: UnixTime,
) -> Result<()> {
    let db = &writing.db;
    let set = db.execute(
        "UPDATE \"user\" SET password_hash = ?2 WHERE \"user\" = ?1",
        params![user.as_bytes(), password_hash],
    )?;
    if set == 0 {
        return Err(StoreError::NotFound("user"));
    }
    end_sessions(db, user, keep)?;
    let event = Event::Installation(InstallationEvent::PasswordSet(user));
    writing.note(by, event, now)
}

/// Ends an account's sessions but `keep`. Its links go with them: one that was sent before must not outlive them.
pub(super) fn end_sessions(db: &Connection, user: UserId, keep: Option<[u8; 32]>) -> Result<()> {
    db.execute(
        "DELETE FROM session WHERE \"user\" = ?1 AND token_hash {IS NOT|IS DISTINCT FROM} ?2",
        params![user.as_bytes(), keep],
    )?;
    db.execute("DELETE FROM sign_in_link WHERE \"user\" = ?1", [user.as_bytes()])?;
    Ok(())
}

pub(super) fn remove_user(writing: &Writing, user: UserId, by: Actor, now: UnixTime) -> Result<bool> {
    keep_an_administrator(writing, user, by)?;
    let key = [user.as_bytes()];
    let removed = writing
        .db
        .execute("DELETE FROM \"user\" WHERE \"user\" = ?1", key)?
        > 0;
    if removed {
        Note::UserRemoved(user).make(&writing.db)?;
        let event = Event::Installation(InstallationEvent::UserRemoved(user));
        writing.note(by, event, now)?;
    }
    Ok(removed)
}

pub(super) fn add_link(
    writing: &Writing,
    secret_hash: [u8; 32],
    user: UserId,
    expires_at: UnixTime,
    by: Actor,
    now: UnixTime,
) -> Result<()> {
    writing.db.execute(
        "INSERT INTO sign_in_link VALUES (?1, ?2, ?3)",
        params![secret_hash, user.as_bytes(), expires_at.0],
    )?;
    let event = Event::Installation(InstallationEvent::LinkMade(user));
    writing.note(by, event, now)
}

pub(super) fn spend_link(db: &Connection, secret_hash: [u8; 32], now: UnixTime) -> Result<Option<UserId>> {
    let spent = db
        .prepare_cached("DELETE FROM sign_in_link WHERE secret_hash = ?1 RETURNING \"user\", expires_at")?
        .query_row([secret_hash], |row| {
            Ok((
                UserId::from_bytes(row.get("user")?),
                columns::time(row, "expires_at")?,
            ))
        })
        .optional()?;
    Ok(spent
        .filter(|(_, expires_at)| now < *expires_at)
        .map(|(user, _)| user))
}

pub(super) fn add_session(writing: &Writing, session: &NewSession) -> Result<()> {
    writing.db.execute(
        "INSERT INTO session VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        params![
            session.token_hash,
            session.user.as_bytes(),
            session.form_secret,
            session.created_at.0,
            session.idle_until.0,
            session.absolute_until.0,
            session.by_provider,
        ],
    )?;
    let event = Event::Installation(InstallationEvent::SignedIn);
    writing.note(Actor::User(session.user), event, session.created_at)
}

pub(super) fn session(db: &Connection, token_hash: [u8; 32], now: UnixTime) -> Result<Option<Session>> {
    let sql = format!(
        "SELECT session.*, \"user\".name, \"user\".role, \"user\".everywhere, {ORGANISATIONS} AS organisations,
                {SECOND_FACTOR} AS second_factor
         FROM session JOIN \"user\" USING (\"user\")
         WHERE token_hash = ?1 AND {{min|least}}(idle_until, absolute_until) > ?2"
    );
    let mut statement = db.prepare_cached(&sql)?;
    let read = |row: &Row<'_>| {
        Ok(Session {
            user: UserId::from_bytes(row.get("user")?),
            user_name: row.get("name")?,
            role: role(row)?,
            reach: reach(row)?,
            form_secret: row.get("form_secret")?,
            created_at: columns::time(row, "created_at")?,
            idle_until: columns::time(row, "idle_until")?,
            absolute_until: columns::time(row, "absolute_until")?,
            second_factor: row.get("second_factor")?,
            by_provider: row.get("by_provider")?,
        })
    };
    Ok(statement.query_row(params![token_hash, now.0], read).optional()?)
}

pub(super) fn touch_session(db: &Connection, token_hash: [u8; 32], idle_until: UnixTime) -> Result<()> {
    db.execute(
        "UPDATE session SET idle_until = ?2 WHERE token_hash = ?1",
        params![token_hash, idle_until.0],
    )?;
    Ok(())
}

pub(super) fn end_session(db: &Connection, token_hash: [u8; 32]) -> Result<()> {
    db.execute("DELETE FROM session WHERE token_hash = ?1", [token_hash])?;
    Ok(())
}
