//! Values as they go into columns and come out of them.

use std::error::Error as StdError;

use postgres::types::{FromSql as FromPostgres, IsNull, ToSql as ToPostgres, Type, to_sql_checked};

use super::{Error, Result};

/// A value to be bound to a parameter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::store::sql) enum Value<'a> {
    Null,
    Integer(i64),
    Text(&'a str),
    Bytes(&'a [u8]),
}

/// A value that was read; as long as its row.
pub(in crate::store::sql) type ValueRef<'a> = Value<'a>;

/// What can be bound to a parameter.
pub(in crate::store::sql) trait ToSql {
    /// The value; an integer of more than 63 bits has none.
    fn to_value(&self) -> Result<Value<'_>>;
}

/// What can be read from a column.
pub(in crate::store::sql) trait FromSql: Sized {
    /// Reads it.
    fn from_value(value: ValueRef<'_>) -> Result<Self>;
}

impl<'a> Value<'a> {
    /// Text that is there.
    pub(in crate::store::sql) fn as_str(&self) -> Result<&'a str> {
        match self {
            Value::Text(text) => Ok(text),
            _ => Err(Error::Type),
        }
    }
}

impl ToSql for i64 {
    fn to_value(&self) -> Result<Value<'_>> {
        Ok(Value::Integer(*self))
    }
}

macro_rules! integers {
    ($($of:ty),*) => {$(
        impl ToSql for $of {
            fn to_value(&self) -> Result<Value<'_>> {
                i64::try_from(*self).map(Value::Integer).map_err(|_| Error::Type)
            }
        }

        impl FromSql for $of {
            fn from_value(value: ValueRef<'_>) -> Result<Self> {
                i64::from_value(value)?.try_into().map_err(|_| Error::Type)
            }
        }
    )*};
}
integers!(u16, u32, u64, usize);

impl ToSql for bool {
    fn to_value(&self) -> Result<Value<'_>> {
        Ok(Value::Integer(i64::from(*self)))
    }
}

impl ToSql for str {
    fn to_value(&self) -> Result<Value<'_>> {
        Ok(Value::Text(self))
    }
}

impl ToSql for String {
    fn to_value(&self) -> Result<Value<'_>> {
        Ok(Value::Text(self))
    }
}

impl ToSql for [u8] {
    fn to_value(&self) -> Result<Value<'_>> {
        Ok(Value::Bytes(self))
    }
}

impl<const N: usize> ToSql for [u8; N] {
    fn to_value(&self) -> Result<Value<'_>> {
        Ok(Value::Bytes(self))
    }
}

impl ToSql for Vec<u8> {
    fn to_value(&self) -> Result<Value<'_>> {
        Ok(Value::Bytes(self))
    }
}

impl<T: ToSql> ToSql for Option<T> {
    fn to_value(&self) -> Result<Value<'_>> {
        self.as_ref().map_or(Ok(Value::Null), ToSql::to_value)
    }
}

impl<T: ToSql + ?Sized> ToSql for &T {
    fn to_value(&self) -> Result<Value<'_>> {
        (**self).to_value()
    }
}

impl FromSql for i64 {
    fn from_value(value: ValueRef<'_>) -> Result<Self> {
        match value {
            Value::Integer(number) => Ok(number),
            _ => Err(Error::Type),
        }
    }
}

impl FromSql for bool {
    fn from_value(value: ValueRef<'_>) -> Result<Self> {
        Ok(i64::from_value(value)? != 0)
    }
}

impl FromSql for String {
    fn from_value(value: ValueRef<'_>) -> Result<Self> {
        value.as_str().map(str::to_owned)
    }
}

impl FromSql for Vec<u8> {
    fn from_value(value: ValueRef<'_>) -> Result<Self> {
        match value {
            Value::Bytes(bytes) => Ok(bytes.to_vec()),
            _ => Err(Error::Type),
        }
    }
}

impl<const N: usize> FromSql for [u8; N] {
    fn from_value(value: ValueRef<'_>) -> Result<Self> {
        match value {
            Value::Bytes(bytes) => bytes.try_into().map_err(|_| Error::Type),
            _ => Err(Error::Type),
        }
    }
}

impl<T: FromSql> FromSql for Option<T> {
    fn from_value(value: ValueRef<'_>) -> Result<Self> {
        match value {
            Value::Null => Ok(None),
            there => T::from_value(there).map(Some),
        }
    }
}

impl rusqlite::ToSql for Value<'_> {
    fn to_sql(&self) -> rusqlite::Result<rusqlite::types::ToSqlOutput<'_>> {
        use rusqlite::types::{ToSqlOutput, ValueRef};
        Ok(ToSqlOutput::Borrowed(match self {
            Value::Null => ValueRef::Null,
            Value::Integer(number) => ValueRef::Integer(*number),
            Value::Text(text) => ValueRef::Text(text.as_bytes()),
            Value::Bytes(bytes) => ValueRef::Blob(bytes),
        }))
    }
}

/// A value of one of SQLite's columns.
pub(super) fn of_sqlite(value: rusqlite::types::ValueRef<'_>) -> Result<ValueRef<'_>> {
    use rusqlite::types::ValueRef;
    match value {
        ValueRef::Null => Ok(Value::Null),
        ValueRef::Integer(number) => Ok(Value::Integer(number)),
        ValueRef::Text(text) => std::str::from_utf8(text)
            .map(Value::Text)
            .map_err(|_| Error::Type),
        ValueRef::Blob(bytes) => Ok(Value::Bytes(bytes)),
        ValueRef::Real(_) => Err(Error::Type),
    }
}

impl ToPostgres for Value<'_> {
    fn to_sql(
        &self,
        column: &Type,
        out: &mut bytes::BytesMut,
    ) -> Result<IsNull, Box<dyn StdError + Sync + Send>> {
        match self {
            Value::Null => Ok(IsNull::Yes),
            Value::Integer(number) if *column == Type::INT8 => number.to_sql(column, out),
            Value::Integer(number) if *column == Type::INT4 => i32::try_from(*number)?.to_sql(column, out),
            Value::Text(text) if matches!(*column, Type::TEXT | Type::VARCHAR) => text.to_sql(column, out),
            Value::Bytes(bytes) if *column == Type::BYTEA => bytes.to_sql(column, out),
            _ => Err("a parameter of another type".into()),
        }
    }

    fn accepts(column: &Type) -> bool {
        matches!(
            *column,
            Type::INT8 | Type::INT4 | Type::TEXT | Type::VARCHAR | Type::BYTEA
        )
    }

    to_sql_checked!();
}

impl<'a> FromPostgres<'a> for Value<'a> {
    fn from_sql(column: &Type, raw: &'a [u8]) -> Result<Self, Box<dyn StdError + Sync + Send>> {
        match *column {
            Type::INT8 => i64::from_sql(column, raw).map(Value::Integer),
            Type::INT4 => i32::from_sql(column, raw).map(|number| Value::Integer(number.into())),
            Type::BOOL => bool::from_sql(column, raw).map(|flag| Value::Integer(flag.into())),
            Type::TEXT | Type::VARCHAR => <&str>::from_sql(column, raw).map(Value::Text),
            _ => Ok(Value::Bytes(raw)),
        }
    }

    fn from_sql_null(_: &Type) -> Result<Self, Box<dyn StdError + Sync + Send>> {
        Ok(Value::Null)
    }

    fn accepts(column: &Type) -> bool {
        matches!(
            *column,
            Type::INT8 | Type::INT4 | Type::BOOL | Type::TEXT | Type::VARCHAR | Type::BYTEA
        )
    }
}
