//! How typed values stand in columns.

use zeef_proto::field::Field;
use zeef_proto::id::SubscriptionId;
use zeef_proto::policy::{ProductId, SignedPolicy};
use zeef_proto::wire::Platform;
use zeef_proto::{DeviceId, OrganisationId, UnixTime};

use crate::store::records::{Agent, IssuedCertificate, PublishedPolicy, Subscription};
use crate::store::sql::driver::{self, Connection, OptionalExtension, Row, ValueRef, params};
use crate::store::{Origin, Result};

pub(super) fn time(row: &Row<'_>, column: &str) -> driver::Result<UnixTime> {
    row.get(column).map(UnixTime)
}

pub(super) fn optional_time(row: &Row<'_>, column: &str) -> driver::Result<Option<UnixTime>> {
    row.get::<_, Option<i64>>(column)
        .map(|seconds| seconds.map(UnixTime))
}

pub(super) fn organisation_id(row: &Row<'_>) -> driver::Result<OrganisationId> {
    row.get("organisation").map(OrganisationId::from_bytes)
}

pub(super) fn device_id(row: &Row<'_>) -> driver::Result<DeviceId> {
    row.get("device").map(DeviceId::from_bytes)
}

/// The two ids that lead every row about a device.
pub(super) fn key_of_device(row: &Row<'_>) -> driver::Result<(OrganisationId, DeviceId)> {
    Ok((organisation_id(row)?, device_id(row)?))
}

pub(super) fn field(row: &Row<'_>) -> driver::Result<Field> {
    field_of(row.get_ref("field")?)
}

/// The same of a column that was found already: a name is looked up for each row.
pub(super) fn field_of(value: ValueRef<'_>) -> driver::Result<Field> {
    value.as_str()?.parse().map_err(|_| driver::Error::Type)
}

/// Who said a value.
pub(super) fn origin(row: &Row<'_>) -> driver::Result<Origin> {
    let (source, product) = (
        row.get_ref("source")?.as_str()?,
        row.get_ref("product")?.as_str()?,
    );
    Origin::named(source, product).ok_or_else(|| driver::Error::Type)
}

pub(super) const fn platform_number(platform: Platform) -> i64 {
    match platform {
        Platform::Linux => 0,
        Platform::Windows => 1,
        Platform::Macos => 2,
    }
}

/// A device's platform; `None` where it has no agent.
fn platform(row: &Row<'_>) -> driver::Result<Option<Platform>> {
    match row.get::<_, Option<i64>>("platform")? {
        None => Ok(None),
        Some(0) => Ok(Some(Platform::Linux)),
        Some(1) => Ok(Some(Platform::Windows)),
        Some(2) => Ok(Some(Platform::Macos)),
        Some(_) => Err(driver::Error::Type),
    }
}

/// A device's agent; `None` where it has none.
pub(super) fn agent(row: &Row<'_>) -> driver::Result<Option<Agent>> {
    let Some(platform) = platform(row)? else {
        return Ok(None);
    };
    Ok(Some(Agent {
        revoked: row.get::<_, i64>("state")? != 0,
        suspected_clone: row.get("suspected_clone")?,
        speaks_for_site: row.get("speaks_for_site")?,
        platform,
        version: row.get("agent")?,
        policy: row.get("policy")?,
        sequence: row.get("sequence")?,
        certificate: certificate(row)?,
    }))
}

/// A device's newest certificate.
fn certificate(row: &Row<'_>) -> driver::Result<Option<IssuedCertificate>> {
    let serial: Option<Vec<u8>> = row.get("serial")?;
    let (not_before, not_after) = (
        optional_time(row, "not_before")?,
        optional_time(row, "not_after")?,
    );
    Ok(serial
        .zip(not_before.zip(not_after))
        .map(|(serial, (not_before, not_after))| IssuedCertificate {
            serial,
            not_before,
            not_after,
        }))
}

fn subscription(row: &Row<'_>) -> driver::Result<Subscription> {
    let product: String = row.get("product")?;
    Ok(Subscription {
        id: SubscriptionId::from_bytes(row.get("subscription")?),
        organisation: organisation_id(row)?,
        device: row
            .get::<_, Option<[u8; 16]>>("device")?
            .map(DeviceId::from_bytes),
        product: ProductId::try_from(product).map_err(|_| driver::Error::Type)?,
        starts: time(row, "starts")?,
        ends: optional_time(row, "ends")?,
    })
}

/// Subscriptions of an organisation, by start.
pub(super) fn subscriptions(db: &Connection, organisation: OrganisationId) -> Result<Vec<Subscription>> {
    let mut statement = db
        .prepare_cached("SELECT * FROM subscription WHERE organisation = ?1 ORDER BY starts, subscription")?;
    let rows = statement.query_map([organisation.as_bytes()], subscription)?;
    Ok(rows.collect::<driver::Result<_>>()?)
}

/// The newest published policy.
pub(super) fn policy(db: &Connection) -> Result<Option<SignedPolicy>> {
    let mut statement =
        db.prepare_cached("SELECT document, signature FROM policy ORDER BY version DESC LIMIT 1")?;
    Ok(statement.query_row([], signed_policy).optional()?)
}

/// All published policies, the newest first.
pub(super) fn policies(db: &Connection) -> Result<Vec<PublishedPolicy>> {
    let mut statement =
        db.prepare_cached("SELECT document, signature, published_at FROM policy ORDER BY version DESC")?;
    let published = |row: &Row<'_>| {
        Ok(PublishedPolicy {
            signed: signed_policy(row)?,
            published_at: time(row, "published_at")?,
        })
    };
    let rows = statement.query_map([], published)?;
    Ok(rows.collect::<driver::Result<_>>()?)
}

fn signed_policy(row: &Row<'_>) -> driver::Result<SignedPolicy> {
    Ok(SignedPolicy {
        document: row.get("document")?,
        signature: row.get("signature")?,
    })
}

/// A change gets a number above all that are in sight: that of its transaction on PostgreSQL, where one that began earlier
/// may commit later.
const NOTE_CHANGE: &str = "{INSERT OR REPLACE INTO device_change (organisation, device, gone_at) VALUES (?1, ?2, ?3)\
     |INSERT INTO device_change VALUES (pg_current_xact_id()::text::bigint, ?1, ?2, ?3)\
      ON CONFLICT (organisation, device) DO UPDATE SET sequence = excluded.sequence, gone_at = excluded.gone_at}";

/// Notes that a device changed or appeared, so that an index looks at it again.
pub(super) fn note_change(db: &Connection, organisation: OrganisationId, device: DeviceId) -> Result<()> {
    db.prepare_cached(NOTE_CHANGE)?.execute(params![
        organisation.as_bytes(),
        device.as_bytes(),
        None::<i64>
    ])?;
    Ok(())
}

/// Notes that a device went at `now`.
pub(super) fn note_end(
    db: &Connection,
    organisation: OrganisationId,
    device: DeviceId,
    now: UnixTime,
) -> Result<()> {
    db.prepare_cached(NOTE_CHANGE)?
        .execute(params![organisation.as_bytes(), device.as_bytes(), now.0])?;
    Ok(())
}
