//! Requests on this engine: each step is one transaction with all that it entails.

mod case;
mod correction;
mod details;
mod purge;
mod restriction;
mod step;
mod task;

use async_trait::async_trait;
use zeef_proto::field::Field;
use zeef_proto::id::RequestId;
use zeef_proto::{DeviceId, OrganisationId, UnixTime};

pub(super) use correction::forget as forget_corrections;
pub(super) use purge::purge;

use super::SqlStore;
use super::writer::Writing;
use crate::ledger::{Event, OrganisationEvent};
use crate::requests::{Case, Line, Officer};
use crate::store::requests::{Correction, Counted, NewRequest, Request, RequestStore, Stepped, Taking};
use crate::store::sql::driver::params;
use crate::store::{Result, StoreError};

#[async_trait]
impl RequestStore for SqlStore {
    async fn open_request(&self, request: NewRequest, by: Officer, now: UnixTime) -> Result<Case> {
        self.writer
            .run(move |writing| open(writing, &request, by, now))
            .await
    }

    async fn requests(&self, of: Option<Vec<OrganisationId>>, now: UnixTime) -> Result<Vec<Case>> {
        let now = self.high_water.at(now);
        self.readers
            .run(move |reading| case::all(&reading.db, of.as_deref(), now))
            .await
    }

    async fn read_request(
        &self,
        organisation: OrganisationId,
        request: RequestId,
        by: Officer,
        now: UnixTime,
    ) -> Result<Option<Request>> {
        let seen = self.high_water.at(now);
        self.writer
            .run(move |writing| {
                let read = whole(writing, organisation, request, seen)?;
                if read.is_some() {
                    let event = Event::Of(organisation, OrganisationEvent::RequestRead(request));
                    writing.note(by.actor(), event, now)?;
                }
                Ok(read)
            })
            .await
    }

    async fn find_request(&self, request: RequestId) -> Result<Option<OrganisationId>> {
        self.readers
            .run(move |reading| case::owner(&reading.db, request))
            .await
    }

    async fn step_request(&self, taking: Taking, now: UnixTime) -> Result<Stepped> {
        let seen = self.high_water.at(now);
        // What a step erases is relied on by others' transactions.
        self.writer
            .run_alone(move |writing| step::take(writing, &taking, seen))
            .await
    }

    async fn counted_requests(&self, organisation: OrganisationId) -> Result<Vec<Counted>> {
        self.readers
            .run(move |reading| purge::counted(&reading.db, organisation))
            .await
    }

    async fn correct_value(
        &self,
        organisation: OrganisationId,
        device: DeviceId,
        correction: Correction,
        by: Officer,
        now: UnixTime,
    ) -> Result<()> {
        let now = self.high_water.at(now);
        self.writer
            .run(move |writing| correction::add(writing, organisation, device, &correction, by, now))
            .await
    }

    async fn take_correction_back(
        &self,
        organisation: OrganisationId,
        device: DeviceId,
        field: Field,
        said: Line,
        by: Officer,
        now: UnixTime,
    ) -> Result<bool> {
        self.writer
            .run(move |writing| {
                correction::take_back(writing, organisation, device, (field, said.expose()), by, now)
            })
            .await
    }

    async fn corrections(&self, organisation: OrganisationId, device: DeviceId) -> Result<Vec<Correction>> {
        self.readers
            .run(move |reading| correction::all(reading, organisation, device))
            .await
    }

    async fn restricted(&self, organisation: OrganisationId) -> Result<Vec<DeviceId>> {
        self.readers
            .run(move |reading| restriction::all(&reading.db, organisation))
            .await
    }

    async fn lift_restriction(
        &self,
        organisation: OrganisationId,
        device: DeviceId,
        by: Officer,
        now: UnixTime,
    ) -> Result<bool> {
        self.writer
            .run(move |writing| restriction::lift(writing, organisation, device, by, now))
            .await
    }
}

fn open(writing: &Writing, request: &NewRequest, by: Officer, now: UnixTime) -> Result<Case> {
    let key = writing.keys.request_key(request.organisation, request.id)?;
    let key = key.ok_or(StoreError::NotFound("organisation"))?;
    let case = Case::received(
        request.id,
        request.organisation,
        request.kind,
        request.received.min(now),
    );
    let known = writing
        .db
        .prepare_cached("SELECT 1 FROM organisation WHERE organisation = ?1")?
        .exists([request.organisation.as_bytes()])?;
    if !known {
        return Err(StoreError::NotFound("organisation"));
    }
    case::insert(&writing.db, &case, &details::seal(&key, &request.details))?;
    let event = OrganisationEvent::RequestOpened(request.id, request.kind);
    writing.note(by.actor(), Event::Of(request.organisation, event), now)?;
    Ok(case)
}

/// A request with what was said and is to be done.
fn whole(
    writing: &Writing,
    organisation: OrganisationId,
    request: RequestId,
    now: UnixTime,
) -> Result<Option<Request>> {
    let Some(case) = case::one(&writing.db, organisation, request, now)? else {
        return Ok(None);
    };
    let key = writing.keys.request_key(organisation, request)?;
    let key = key.ok_or(StoreError::Unsealing)?;
    let sealed: Option<Vec<u8>> = writing
        .db
        .prepare_cached("SELECT details FROM request WHERE organisation = ?1 AND request = ?2")?
        .query_row(params![organisation.as_bytes(), request.as_bytes()], |row| {
            row.get(0)
        })?;
    let is_shown = case.held || case.contact_until().is_none_or(|until| now < until);
    let sealed = sealed.filter(|_| is_shown);
    Ok(Some(Request {
        case,
        details: sealed.map(|sealed| details::open(&key, &sealed)).transpose()?,
        tasks: task::all(&writing.db, &key, &case, is_shown)?,
    }))
}
