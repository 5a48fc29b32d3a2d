//! Lists of values for a statement's parameters.

use super::{Result, ToSql, Value};

/// Values for parameters `?1`, `?2`, ….
pub(in crate::store::sql) trait Params {
    /// The values in order.
    fn values(&self) -> Result<Vec<Value<'_>>>;
}

/// Values of several types.
macro_rules! params {
    ($($value:expr),* $(,)?) => {
        &[$(&$value as &dyn $crate::store::sql::driver::ToSql),*] as &[&dyn $crate::store::sql::driver::ToSql]
    };
}
pub(in crate::store::sql) use params;

impl Params for &[&dyn ToSql] {
    fn values(&self) -> Result<Vec<Value<'_>>> {
        self.iter().map(|value| value.to_value()).collect()
    }
}

/// No parameters.
impl Params for [(); 0] {
    fn values(&self) -> Result<Vec<Value<'_>>> {
        Ok(Vec::new())
    }
}

impl<T: ToSql> Params for [T; 1] {
    fn values(&self) -> Result<Vec<Value<'_>>> {
        self.iter().map(ToSql::to_value).collect()
    }
}

impl<T: ToSql> Params for [T; 2] {
    fn values(&self) -> Result<Vec<Value<'_>>> {
        self.iter().map(ToSql::to_value).collect()
    }
}
