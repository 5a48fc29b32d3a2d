//! Forms that messages share: numbers that every reader keeps whole, and lists in their only order.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{Error, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

use super::refusal;
use crate::field::{MAX_VALUES, Parse, Rejection};

/// The largest number that every reader of JSON keeps whole (RFC 8259, section 6).
pub(super) const MAX_COUNT: u64 = (1 << 53) - 1;

/// A number that every store and every language holds.
pub(super) fn counted<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    let count = u64::deserialize(deserializer)?;
    if count <= MAX_COUNT {
        Ok(count)
    } else {
        Err(D::Error::custom("a number above 2^53 - 1"))
    }
}

/// What is there is not `null`.
pub(super) fn present<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

/// Values of one field, in the only order and number in which they may be sent; none is a statement too.
pub(super) fn sorted<'de, T, D>(deserializer: D) -> Result<Option<Vec<T>>, D::Error>
where
    T: Parse + Ord + Deserialize<'de>,
    D: Deserializer<'de>,
{
    let refuse = |reason| refusal::mark(T::FIELD, reason);
    ascending(deserializer, MAX_VALUES, refuse).map(Some)
}

/// The same, where a list that is there holds something.
pub(super) fn some_sorted<'de, T, D>(deserializer: D) -> Result<Vec<T>, D::Error>
where
    T: Parse + Ord + Deserialize<'de>,
    D: Deserializer<'de>,
{
    let refuse = |reason| refusal::mark(T::FIELD, reason);
    let list = ascending(deserializer, MAX_VALUES, refuse)?;
    if list.is_empty() {
        return Err(D::Error::custom(refuse(Rejection::Empty)));
    }
    Ok(list)
}

/// At most `most` values, each above the one before.
pub(super) fn ascending<'de, T, D, R>(deserializer: D, most: usize, refuse: R) -> Result<Vec<T>, D::Error>
where
    T: Ord + Deserialize<'de>,
    D: Deserializer<'de>,
    R: Fn(Rejection) -> String,
{
    struct List<T, R> {
        most: usize,
        refuse: R,
        of: PhantomData<T>,
    }
    impl<'de, T: Ord + Deserialize<'de>, R: Fn(Rejection) -> String> Visitor<'de> for List<T, R> {
        type Value = Vec<T>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a list")
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Vec<T>, A::Error> {
            let refuse = |reason| A::Error::custom((self.refuse)(reason));
            let mut values: Vec<T> = Vec::new();
            while let Some(value) = list.next_element::<T>()? {
                if values.len() == self.most {
                    return Err(refuse(Rejection::TooMany));
                }
                if values.last().is_some_and(|last| *last >= value) {
                    return Err(refuse(Rejection::NotSorted));
                }
                values.push(value);
            }
            Ok(values)
        }
    }
    let of = PhantomData;
    deserializer.deserialize_seq(List { most, refuse, of })
}
