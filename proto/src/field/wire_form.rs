//! How field types travel: as JSON strings in canonical form, and in no other.

use std::borrow::Cow;

use serde::de::{Deserializer, Error as _};

use super::{Parse, Rejection};
use crate::wire::refusal;

/// Reads one value of `T`, refusing every spelling but the canonical one, with an error that names the field.
pub(crate) fn deserialize<'de, T: Parse, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
    struct Text;
    impl<'de> serde::de::Visitor<'de> for Text {
        type Value = Result<Cow<'de, str>, Rejection>;

        fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("a string")
        }
        fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
            Ok(Ok(Cow::Borrowed(text)))
        }
        fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
            Ok(Ok(Cow::Owned(text.to_owned())))
        }
        fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
            Ok(Err(Rejection::WrongType))
        }
        fn visit_i64<E>(self, _: i64) -> Result<Self::Value, E> {
            Ok(Err(Rejection::WrongType))
        }
        fn visit_u64<E>(self, _: u64) -> Result<Self::Value, E> {
            Ok(Err(Rejection::WrongType))
        }
        fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> {
            Ok(Err(Rejection::WrongType))
        }
        fn visit_unit<E>(self) -> Result<Self::Value, E> {
            Ok(Err(Rejection::WrongType))
        }
    }

    let refuse = |reason| D::Error::custom(refusal::mark(T::FIELD, reason));
    let text = deserializer.deserialize_any(Text)?.map_err(refuse)?;
    let value = T::parse(&text).map_err(refuse)?;
    if value.expose() == *text {
        Ok(value)
    } else {
        Err(refuse(Rejection::NotCanonical))
    }
}

/// Gives a field type its redacted `Debug` and its wire form.
macro_rules! field_type {
    ($name:ident, $pattern:literal, $about:literal) => {
        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(concat!(stringify!($name), "(…)"))
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&$crate::field::Parse::expose(self))
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                $crate::field::wire_form::deserialize(deserializer)
            }
        }

        #[cfg(feature = "schema")]
        impl schemars::JsonSchema for $name {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }
            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                schemars::json_schema!({ "type": "string", "pattern": $pattern, "description": $about })
            }
        }
    };
}
pub(crate) use field_type;
