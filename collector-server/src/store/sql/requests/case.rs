//! A case's row. Every read carries the term of the record.

use zeef_proto::id::{RequestId, UserId};
use zeef_proto::{OrganisationId, UnixTime};

use super::super::columns;
use crate::requests::{
    Answer, Case, Ending, Extension, Ground, Identity, Kind, Method, Officer, Outcome, Responsibility, State,
    Tasks,
};
use crate::store::Result;
use crate::store::sql::driver::{self, Connection, OptionalExtension, Row, ToSql, params};

/// Stands for the command line where an account's id would; no random id is this.
const COMMAND_LINE: [u8; 16] = [0; 16];

pub(super) fn insert(db: &Connection, case: &Case, details: &[u8]) -> Result<()> {
    db.prepare_cached(
        "INSERT INTO request (organisation, request, version, kind, received_at, due_at, state, held, details)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 0, ?8)",
    )?
    .execute(params![
        case.organisation.as_bytes(),
        case.id.as_bytes(),
        case.version,
        i64::from(case.kind.number()),
        case.received.0,
        case.due.0,
        number(&case.state),
        details,
    ])?;
    Ok(())
}

/// Stores a case over the version that it follows; `false` where that is not what is stored.
pub(super) fn update(db: &Connection, case: &Case, seen: u64) -> Result<bool> {
    let (ending, proposed_by, closed_at) = match case.state {
        State::Review { answer, by } => (Some(Ending::Answered(answer)), Some(bytes(by)), None),
        State::Answered(answer) => (Some(Ending::Answered(answer)), None, None),
        State::Closed { ending, at } => (Some(ending), None, Some(at.0)),
        _ => (None, None, None),
    };
    let ground = ending.and_then(Ending::ground);
    let small = |number: Option<u8>| number.map(i64::from);
    let changed = db
        .prepare_cached(
            "UPDATE request SET version = ?4, due_at = ?5, extension = ?6, state = ?7, ending = ?8, ground = ?9,
                 proposed_by = ?10, responsibility = ?11, method = ?12, established = ?13, identified_by = ?14,
                 identified_at = ?15, held = ?16, closed_at = ?17, contact_until = ?18, record_until = ?19
             WHERE organisation = ?1 AND request = ?2 AND version = ?3",
        )?
        .execute(params![
            case.organisation.as_bytes(),
            case.id.as_bytes(),
            seen,
            case.version,
            case.due.0,
            small(case.extension.map(Extension::number)),
            number(&case.state),
            small(ending.map(|ending| ending.outcome().number())),
            small(ground.map(Ground::number)),
            proposed_by,
            small(case.responsibility.map(Responsibility::number)),
            small(case.identity.map(|identity| identity.method.number())),
            case.identity.map(|identity| i64::from(identity.established)),
            case.identity.map(|identity| bytes(identity.by)),
            case.identity.map(|identity| identity.at.0),
            case.held,
            closed_at,
            case.contact_until().map(|until| until.0),
            case.record_until().map(|until| until.0),
        ])?;
    Ok(changed > 0)
}

/// What is read of a case, its tasks counted.
macro_rules! columns_of_a_case {
    ($rest:literal) => {
        concat!(
            "SELECT r.*,
                 (SELECT count(*) FROM request_task AS t WHERE t.organisation = r.organisation
                  AND t.request = r.request AND kind <> 4 AND done = 0) AS open,
                 (SELECT count(*) FROM request_task AS t WHERE t.organisation = r.organisation
                  AND t.request = r.request AND kind <> 4 AND done = 1) AS done,
                 (SELECT count(*) FROM request_task AS t WHERE t.organisation = r.organisation
                  AND t.request = r.request AND kind <> 4 AND done = 2) AS passed_over,
                 (SELECT count(*) FROM request_task AS t WHERE t.organisation = r.organisation
                  AND t.request = r.request AND kind = 4 AND done = 0) AS untold
             FROM request AS r ",
            $rest
        )
    };
}

pub(super) fn one(
    db: &Connection,
    organisation: OrganisationId,
    request: RequestId,
    now: UnixTime,
) -> Result<Option<Case>> {
    let sql = columns_of_a_case!(
        "WHERE r.organisation = ?1 AND r.request = ?2 AND (record_until IS NULL OR record_until > ?3 OR held = 1)"
    );
    let key = params![organisation.as_bytes(), request.as_bytes(), now.0];
    Ok(db.prepare_cached(sql)?.query_row(key, read).optional()?)
}

/// Cases of these organisations or of all: those that wait for an answer first, by when it is due.
pub(super) fn all(db: &Connection, of: Option<&[OrganisationId]>, now: UnixTime) -> Result<Vec<Case>> {
    let mut cases = Vec::new();
    let mut take = |sql: &str, key: &[&dyn ToSql]| -> Result<()> {
        let mut statement = db.prepare_cached(sql)?;
        for case in statement.query_map(key, read)? {
            cases.push(case?);
        }
        Ok(())
    };
    match of {
        None => take(
            columns_of_a_case!("WHERE (record_until IS NULL OR record_until > ?1 OR held = 1)"),
            params![now.0],
        )?,
        Some(organisations) => {
            for organisation in organisations {
                take(
                    columns_of_a_case!(
                        "WHERE r.organisation = ?1 AND (record_until IS NULL OR record_until > ?2 OR held = 1)"
                    ),
                    params![organisation.as_bytes(), now.0],
                )?;
            }
        }
    }
    cases.sort_by_key(|case: &Case| (!case.is_open(), case.due, case.received, case.id));
    Ok(cases)
}

pub(super) fn owner(db: &Connection, request: RequestId) -> Result<Option<OrganisationId>> {
    Ok(db
        .prepare_cached("SELECT organisation FROM request WHERE request = ?1")?
        .query_row([request.as_bytes()], columns::organisation_id)
        .optional()?)
}

fn read(row: &Row<'_>) -> driver::Result<Case> {
    let number = |column: &str| small(row, column);
    let ground = named(number("ground")?, Ground::from_number)?;
    let outcome = named(number("ending")?, Outcome::from_number)?;
    let ending = outcome
        .map(|outcome| Ending::of(outcome, ground).ok_or(driver::Error::Type))
        .transpose()?;
    let by = |column: &str| Ok::<_, driver::Error>(row.get::<_, Option<[u8; 16]>>(column)?.map(officer));
    let answer = match ending {
        Some(Ending::Answered(answer)) => Some(answer),
        _ => None,
    };
    let state: u16 = row.get("state")?;
    let closed_at = columns::optional_time(row, "closed_at")?;
    let state = state_of(state, answer, by("proposed_by")?, ending.zip(closed_at));
    let method = named(number("method")?, Method::from_number)?;
    let established: Option<i64> = row.get("established")?;
    let identified_at = columns::optional_time(row, "identified_at")?;
    let identity = method
        .zip(established)
        .zip(by("identified_by")?.zip(identified_at))
        .map(|((method, established), (by, at))| Identity {
            method,
            established: established != 0,
            by,
            at,
        });
    Ok(Case {
        id: RequestId::from_bytes(row.get("request")?),
        organisation: columns::organisation_id(row)?,
        version: row.get("version")?,
        kind: named(number("kind")?, Kind::from_number)?.ok_or(driver::Error::Type)?,
        received: columns::time(row, "received_at")?,
        due: columns::time(row, "due_at")?,
        extension: named(number("extension")?, Extension::from_number)?,
        state: state.ok_or(driver::Error::Type)?,
        responsibility: named(number("responsibility")?, Responsibility::from_number)?,
        identity,
        held: row.get("held")?,
        tasks: Tasks {
            open: row.get("open")?,
            done: row.get("done")?,
            passed_over: row.get("passed_over")?,
            untold: row.get("untold")?,
        },
    })
}

fn small(row: &Row<'_>, column: &str) -> driver::Result<Option<u8>> {
    let number: Option<i64> = row.get(column)?;
    number
        .map(|number| u8::try_from(number).map_err(|_| driver::Error::Type))
        .transpose()
}

/// A number of one of the program's lists.
fn named<T>(number: Option<u8>, from_number: impl Fn(u8) -> Option<T>) -> driver::Result<Option<T>> {
    number
        .map(|number| from_number(number).ok_or(driver::Error::Type))
        .transpose()
}

const fn number(state: &State) -> u16 {
    match state {
        State::Received => 1,
        State::RoleChecked => 2,
        State::Identified => 3,
        State::Scoped => 4,
        State::Restricted => 5,
        State::Executing => 6,
        State::Recipients => 7,
        State::Review { .. } => 8,
        State::Answered(_) => 9,
        State::Closed { .. } => 10,
    }
}

fn state_of(
    number: u16,
    answer: Option<Answer>,
    by: Option<Officer>,
    closed: Option<(Ending, UnixTime)>,
) -> Option<State> {
    Some(match number {
        1 => State::Received,
        2 => State::RoleChecked,
        3 => State::Identified,
        4 => State::Scoped,
        5 => State::Restricted,
        6 => State::Executing,
        7 => State::Recipients,
        8 => answer.zip(by).map(|(answer, by)| State::Review { answer, by })?,
        9 => State::Answered(answer?),
        10 => closed.map(|(ending, at)| State::Closed { ending, at })?,
        _ => return None,
    })
}

const fn bytes(officer: Officer) -> [u8; 16] {
    match officer {
        Officer::CommandLine => COMMAND_LINE,
        Officer::Account(user) => *user.as_bytes(),
    }
}

const fn officer(bytes: [u8; 16]) -> Officer {
    match bytes {
        COMMAND_LINE => Officer::CommandLine,
        user => Officer::Account(UserId::from_bytes(user)),
    }
}
