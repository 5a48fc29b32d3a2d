//! Organisations, subscriptions, tokens and the policy.

use zeef_proto::id::{SubscriptionId, TokenId};
use zeef_proto::policy::SignedPolicy;
use zeef_proto::{DeviceId, OrganisationId, UnixTime};

use super::columns;
use super::facts;
use super::readers::Reading;
use super::terms;
use super::writer::Writing;
use crate::ledger::{Actor, Event, InstallationEvent, OrganisationEvent};
use crate::store::records::{NewToken, Organisation, Subscription, Token};
use crate::store::sql::driver::{self, Row, ToSql, params};
use crate::store::{Result, StoreError};

pub(super) fn add_organisation(
    writing: &mut Writing,
    id: OrganisationId,
    name: &str,
    now: UnixTime,
) -> Result<()> {
    writing.keys.create_blind_key(id)?;
    let added = writing.db.execute(
        "INSERT INTO organisation VALUES (?1, ?2, ?3)",
        params![id.as_bytes(), name, now.to_the_hour().0],
    );
    added.map_err(|error| taken(error, "an organisation"))?;
    let event = Event::Of(id, OrganisationEvent::OrganisationAdded);
    writing.note(Actor::Administrator, event, now)
}

/// A broken UNIQUE constraint on a name is the user's mistake, anything else the database's.
pub(super) fn taken(error: driver::Error, what: &'static str) -> StoreError {
    if error.is_taken() {
        StoreError::NameTaken(what)
    } else {
        error.into()
    }
}

pub(super) fn organisations(reading: &Reading) -> Result<Vec<Organisation>> {
    let mut statement = reading.db.prepare_cached(
        "SELECT organisation, name,
                (SELECT count(*) FROM device WHERE device.organisation = organisation.organisation) AS devices
         FROM organisation ORDER BY lower(name)",
    )?;
    let read = |row: &Row<'_>| {
        Ok(Organisation {
            id: columns::organisation_id(row)?,
            name: row.get("name")?,
            devices: row.get("devices")?,
        })
    };
    Ok(statement.query_map([], read)?.collect::<driver::Result<_>>()?)
}

pub(super) fn add_subscription(
    writing: &mut Writing,
    subscription: &Subscription,
    by: Actor,
    (now, believed): (UnixTime, UnixTime),
) -> Result<()> {
    let known = |sql: &str, key: &[&dyn ToSql]| writing.db.prepare_cached(sql)?.exists(key);
    let organisation = subscription.organisation.as_bytes();
    if !known(
        "SELECT 1 FROM organisation WHERE organisation = ?1",
        &[&organisation],
    )? {
        return Err(StoreError::NotFound("organisation"));
    }
    if let Some(device) = &subscription.device
        && !known(
            "SELECT 1 FROM device WHERE organisation = ?1 AND device = ?2",
            &[&organisation, &device.as_bytes()],
        )?
    {
        return Err(StoreError::NotFound("device"));
    }
    writing.db.execute(
        "INSERT INTO subscription VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        params![
            organisation,
            subscription.id.as_bytes(),
            subscription.device.as_ref().map(DeviceId::as_bytes),
            subscription.product.as_str(),
            subscription.starts.0,
            subscription.ends.map(|ends| ends.0),
        ],
    )?;
    let event = OrganisationEvent::SubscriptionAdded(subscription.id);
    let event = Event::Of(subscription.organisation, event);
    writing.note(by, event, now)?;
    terms::set_anew(writing, subscription.organisation, believed)
}

pub(super) fn end_subscription(
    writing: &mut Writing,
    organisation: OrganisationId,
    subscription: SubscriptionId,
    ends: UnixTime,
    by: Actor,
    (now, believed): (UnixTime, UnixTime),
) -> Result<()> {
    let ended = writing.db.execute(
        "UPDATE subscription SET ends = ?3 WHERE organisation = ?1 AND subscription = ?2",
        params![organisation.as_bytes(), subscription.as_bytes(), ends.0],
    )?;
    if ended == 0 {
        return Err(StoreError::NotFound("subscription"));
    }
    let event = OrganisationEvent::SubscriptionEnded(subscription, ends);
    writing.note(by, Event::Of(organisation, event), now)?;
    terms::set_anew(writing, organisation, believed)
}

pub(super) fn add_token(writing: &Writing, token: &NewToken, by: Actor) -> Result<()> {
    writing.db.execute(
        "INSERT INTO token (organisation, token, secret_hash, uses, uses_left, expires_at, created_at)
         VALUES (?1, ?2, ?3, ?4, ?4, ?5, ?6)",
        params![
            token.organisation.as_bytes(),
            token.id.as_bytes(),
            token.secret_hash,
            token.uses,
            token.expires_at.0,
            token.created_at.0,
        ],
    )?;
    let event = OrganisationEvent::TokenMade(token.id, token.uses);
    let event = Event::Of(token.organisation, event);
    writing.note(by, event, token.created_at)
}

pub(super) fn tokens(reading: &Reading, organisation: OrganisationId) -> Result<Vec<Token>> {
    let mut statement = reading
        .db
        .prepare_cached("SELECT * FROM token WHERE organisation = ?1 ORDER BY created_at, token")?;
    let read = |row: &Row<'_>| {
        Ok(Token {
            id: TokenId::from_bytes(row.get("token")?),
            uses: row.get("uses")?,
            uses_left: row.get("uses_left")?,
            expires_at: columns::time(row, "expires_at")?,
            revoked: row.get("revoked")?,
        })
    };
    Ok(statement
        .query_map([organisation.as_bytes()], read)?
        .collect::<driver::Result<_>>()?)
}

pub(super) fn revoke_token(
    writing: &Writing,
    organisation: OrganisationId,
    token: TokenId,
    by: Actor,
    now: UnixTime,
) -> Result<bool> {
    let revoked = writing.db.execute(
        "UPDATE token SET revoked = 1 WHERE organisation = ?1 AND token = ?2",
        params![organisation.as_bytes(), token.as_bytes()],
    )?;
    if revoked > 0 {
        let event = Event::Of(organisation, OrganisationEvent::TokenRevoked(token));
        writing.note(by, event, now)?;
    }
    Ok(revoked > 0)
}

/// Publishes a policy; what is held already gets its terms.
pub(super) fn publish_policy(
    writing: &mut Writing,
    policy: &SignedPolicy,
    (now, believed): (UnixTime, UnixTime),
) -> Result<()> {
    let version = facts::published(&policy.document)?.policy.version;
    writing.db.execute(
        "INSERT INTO policy VALUES (?1, ?2, ?3, ?4)",
        params![version, policy.document, policy.signature, now.0],
    )?;
    let event = InstallationEvent::PolicyPublished {
        version,
        hash: policy.digest(),
    };
    writing.note(Actor::Administrator, Event::Installation(event), now)?;
    writing.cache.clear();
    let organisations: Vec<[u8; 16]> = {
        let mut statement = writing
            .db
            .prepare_cached("SELECT organisation FROM organisation")?;
        let rows = statement.query_map([], |row| row.get(0))?;
        rows.collect::<driver::Result<_>>()?
    };
    organisations
        .into_iter()
        .try_for_each(|id| terms::set_anew(writing, OrganisationId::from_bytes(id), believed))
}
