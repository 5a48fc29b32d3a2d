//! One face for the databases of both engines: a connection, its statements, and the few types that stand in columns.
//!
//! SQL is written once. Parameters are `?1`, `?2`, …; where the engines differ, `{this|that}` has SQLite's words first and
//! PostgreSQL's second. Every integer is 64 bits wide, every flag an integer, and every id and key bytes.

mod connection;
mod dialect;
mod error;
mod params;
mod row;
mod value;

pub(super) use connection::{Connection, Postgres};
pub(super) use error::{Error, OptionalExtension, Result};
pub(super) use params::{Params, params};
pub(super) use row::Row;
pub(super) use value::{ToSql, Value, ValueRef};
