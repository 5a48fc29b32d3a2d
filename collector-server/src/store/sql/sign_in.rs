//! Second factors, accounts of an identity provider, and signing out everywhere.

use async_trait::async_trait;
use zeef_proto::UnixTime;
use zeef_proto::id::UserId;

use super::columns;
use super::people::{self, end_sessions};
use super::readers::Reading;
use super::writer::Writing;
use super::{Result, SqlStore};
use crate::ledger::{Actor, Event, InstallationEvent};
use crate::otp::{RecoveryHash, Secret, Step};
use crate::store::StoreError;
use crate::store::people::NewUser;
use crate::store::sign_in::{ProviderMark, SecondFactor, SignInStore};
use crate::store::sql::driver::{OptionalExtension, params};

#[async_trait]
impl SignInStore for SqlStore {
    async fn second_factor(&self, user: UserId) -> Result<Option<SecondFactor>> {
        self.readers
            .run(move |reading| second_factor(reading, user))
            .await
    }

    async fn set_second_factor(
        &self,
        user: UserId,
        secret: Secret,
        step: Step,
        codes: Vec<RecoveryHash>,
        now: UnixTime,
    ) -> Result<()> {
        self.writer
            .run(move |writing| set_second_factor(writing, user, &secret, step, &codes, now))
            .await
    }

    async fn spend_step(&self, user: UserId, step: Step) -> Result<bool> {
        self.writer
            .run(move |writing| {
                let spent = writing.db.execute(
                    "UPDATE second_factor SET last_step = ?2 WHERE \"user\" = ?1 AND last_step < ?2",
                    params![user.as_bytes(), step.0],
                )?;
                Ok(spent > 0)
            })
            .await
    }

    async fn spend_recovery_code(&self, user: UserId, code: RecoveryHash, now: UnixTime) -> Result<bool> {
        self.writer
            .run(move |writing| spend_recovery_code(writing, user, code, now))
            .await
    }

    async fn replace_recovery_codes(
        &self,
        user: UserId,
        codes: Vec<RecoveryHash>,
        now: UnixTime,
    ) -> Result<()> {
        self.writer
            .run(move |writing| replace_recovery_codes(writing, user, &codes, now))
            .await
    }

    async fn remove_second_factor(
        &self,
        user: UserId,
        keep: Option<[u8; 32]>,
        by: Actor,
        now: UnixTime,
    ) -> Result<bool> {
        self.writer
            .run(move |writing| remove_second_factor(writing, user, keep, by, now))
            .await
    }

    async fn sign_out_everywhere(&self, user: UserId, now: UnixTime) -> Result<()> {
        self.writer
            .run(move |writing| {
                end_sessions(&writing.db, user, None)?;
                let event = Event::Installation(InstallationEvent::SignedOutEverywhere(user));
                writing.note(Actor::User(user), event, now)
            })
            .await
    }

    async fn provider_account(&self, mark: ProviderMark) -> Result<Option<UserId>> {
        self.readers
            .run(move |reading| {
                Ok(reading
                    .db
                    .prepare_cached("SELECT \"user\" FROM provider_account WHERE mark = ?1")?
                    .query_row([mark.0], |row| Ok(UserId::from_bytes(row.get("user")?)))
                    .optional()?)
            })
            .await
    }

    async fn add_provider_account(&self, mark: ProviderMark, user: NewUser, now: UnixTime) -> Result<()> {
        self.writer
            .run(move |writing| {
                let by = Actor::User(user.id);
                people::add_user(writing, &user, by, now)?;
                writing.db.execute(
                    "INSERT INTO provider_account (mark, \"user\") VALUES (?1, ?2)",
                    params![mark.0, user.id.as_bytes()],
                )?;
                let event = Event::Installation(InstallationEvent::ProviderLinked(user.id));
                writing.note(by, event, now)
            })
            .await
    }
}

fn second_factor(reading: &Reading, user: UserId) -> Result<Option<SecondFactor>> {
    let held = reading
        .db
        .prepare_cached(
            "SELECT sealed, set_at, (SELECT count(*) FROM recovery_code AS r WHERE r.\"user\" = f.\"user\") AS codes
             FROM second_factor AS f WHERE \"user\" = ?1",
        )?
        .query_row([user.as_bytes()], |row| {
            let sealed: Vec<u8> = row.get("sealed")?;
            Ok((sealed, columns::time(row, "set_at")?, row.get::<_, u32>("codes")?))
        })
        .optional()?;
    let Some((sealed, set_at, recovery_codes)) = held else {
        return Ok(None);
    };
    let secret = reading.keys.second_factor_key()?.open(user, &sealed);
    Ok(Some(SecondFactor {
        secret: secret.ok_or(StoreError::Unsealing)?,
        set_at,
        recovery_codes,
    }))
}

fn set_second_factor(
    writing: &Writing,
    user: UserId,
    secret: &Secret,
    step: Step,
    codes: &[RecoveryHash],
    now: UnixTime,
) -> Result<()> {
    let sealed = writing.keys.second_factor_key()?.seal(user, secret);
    writing.db.execute(
        "INSERT INTO second_factor (\"user\", sealed, set_at, last_step) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT (\"user\") DO UPDATE SET sealed = excluded.sealed, set_at = excluded.set_at,
                                            last_step = excluded.last_step",
        params![user.as_bytes(), sealed, now.0, step.0],
    )?;
    keep_codes(writing, user, codes)?;
    end_sessions(&writing.db, user, None)?;
    let event = Event::Installation(InstallationEvent::SecondFactorSet(user));
    writing.note(Actor::User(user), event, now)
}

fn keep_codes(writing: &Writing, user: UserId, codes: &[RecoveryHash]) -> Result<()> {
    writing
        .db
        .execute("DELETE FROM recovery_code WHERE \"user\" = ?1", [user.as_bytes()])?;
    for code in codes {
        writing.db.execute(
            "INSERT INTO recovery_code (\"user\", hash) VALUES (?1, ?2)",
            params![user.as_bytes(), code.0],
        )?;
    }
    Ok(())
}

fn spend_recovery_code(writing: &Writing, user: UserId, code: RecoveryHash, now: UnixTime) -> Result<bool> {
    let spent = writing.db.execute(
        "DELETE FROM recovery_code WHERE \"user\" = ?1 AND hash = ?2",
        params![user.as_bytes(), code.0],
    )? > 0;
    if spent {
        let event = Event::Installation(InstallationEvent::RecoveryCodeUsed(user));
        writing.note(Actor::User(user), event, now)?;
    }
    Ok(spent)
}

fn replace_recovery_codes(
    writing: &Writing,
    user: UserId,
    codes: &[RecoveryHash],
    now: UnixTime,
) -> Result<()> {
    let there = writing
        .db
        .prepare_cached("SELECT 1 FROM second_factor WHERE \"user\" = ?1")?
        .exists([user.as_bytes()])?;
    if !there {
        return Err(StoreError::NotFound("second factor"));
    }
    keep_codes(writing, user, codes)?;
    let event = Event::Installation(InstallationEvent::RecoveryCodesMade(user));
    writing.note(Actor::User(user), event, now)
}

fn remove_second_factor(
    writing: &Writing,
    user: UserId,
    keep: Option<[u8; 32]>,
    by: Actor,
    now: UnixTime,
) -> Result<bool> {
    let removed = writing
        .db
        .execute("DELETE FROM second_factor WHERE \"user\" = ?1", [user.as_bytes()])?
        > 0;
    if removed {
        keep_codes(writing, user, &[])?;
        end_sessions(&writing.db, user, keep)?;
        let event = Event::Installation(InstallationEvent::SecondFactorRemoved(user));
        writing.note(by, event, now)?;
    }
    Ok(removed)
}
