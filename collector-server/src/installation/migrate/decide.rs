//! What a move has to do, by what stands at both ends.

use super::MigrateError;
use crate::store::StoreError;
use crate::store::sql::{End, Moved};

/// What is to be done next.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// Copy, whatever a move that was cut off has left.
    Copy,
    /// End a move of which nothing but the last step is missing.
    End,
    /// The installation is there.
    Nothing,
}

/// Decides by what stands at both ends.
pub(super) fn next(from: &End, to: &End) -> Result<Next, MigrateError> {
    let there = to.database.map(|(_, moved)| moved);
    let Some((installation, here)) = from.database else {
        return match there {
            Some(Moved::Here) => Ok(Next::Nothing),
            _ => Err(MigrateError::Nothing),
        };
    };
    let is_ours = |id: [u8; 16]| id == installation;
    if !to.database.is_none_or(|(id, _)| is_ours(id)) || !to.key_store.is_none_or(is_ours) {
        return Err(MigrateError::Foreign);
    }
    match (here, there) {
        (Moved::Here, Some(Moved::Here)) => Err(MigrateError::Twice),
        (Moved::Here, _) if from.key_store == Some(installation) => Ok(Next::Copy),
        (Moved::Here, _) => Err(StoreError::ForeignKeyStore.into()),
        (Moved::Away, Some(Moved::Arriving)) => Ok(Next::End),
        (Moved::Away, Some(Moved::Here)) => Ok(Next::Nothing),
        (Moved::Away, _) => Err(MigrateError::Elsewhere),
        (Moved::Arriving, _) => Err(MigrateError::OtherWay),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OURS: [u8; 16] = [1; 16];

    fn end(moved: Moved) -> End {
        End {
            database: Some((OURS, moved)),
            key_store: Some(OURS),
        }
    }

    const NOTHING: End = End {
        database: None,
        key_store: None,
    };

    #[test]
    fn what_stands_at_both_ends_decides_what_is_next() {
        use Moved::{Arriving, Away, Here};
        let keys_alone = End {
            database: None,
            ..end(Here)
        };
        for to in [NOTHING, keys_alone, end(Arriving), end(Away)] {
            assert_eq!(next(&end(Here), &to).unwrap(), Next::Copy, "{to:?}");
        }
        assert_eq!(next(&end(Away), &end(Arriving)).unwrap(), Next::End);
        assert_eq!(next(&end(Away), &end(Here)).unwrap(), Next::Nothing);
        let keys_deleted = End {
            key_store: None,
            ..end(Away)
        };
        assert_eq!(next(&keys_deleted, &end(Here)).unwrap(), Next::Nothing);
        assert_eq!(next(&NOTHING, &end(Here)).unwrap(), Next::Nothing);
    }

    #[test]
    fn what_could_lose_an_installation_or_double_it_is_refused() {
        use Moved::{Arriving, Away, Here};
        type Refusal = fn(&MigrateError) -> bool;
        let without_keys = End {
            key_store: None,
            ..end(Here)
        };
        let theirs = End {
            database: Some(([2; 16], Away)),
            key_store: None,
        };
        let their_keys = End {
            database: None,
            key_store: Some([2; 16]),
        };
        let cases: [(End, End, Refusal); 9] = [
            (NOTHING, NOTHING, |error| matches!(error, MigrateError::Nothing)),
            (NOTHING, end(Away), |error| matches!(error, MigrateError::Nothing)),
            (end(Here), theirs, |error| matches!(error, MigrateError::Foreign)),
            (end(Here), their_keys, |error| {
                matches!(error, MigrateError::Foreign)
            }),
            (end(Here), end(Here), |error| matches!(error, MigrateError::Twice)),
            (end(Away), NOTHING, |error| {
                matches!(error, MigrateError::Elsewhere)
            }),
            (end(Away), end(Away), |error| {
                matches!(error, MigrateError::Elsewhere)
            }),
            (end(Arriving), end(Here), |error| {
                matches!(error, MigrateError::OtherWay)
            }),
            (without_keys, NOTHING, |error| {
                matches!(error, MigrateError::Store(StoreError::ForeignKeyStore))
            }),
        ];
        for (from, to, refusal) in cases {
            let error = next(&from, &to).unwrap_err();
            assert!(refusal(&error), "{from:?} to {to:?}: {error}");
        }
    }
}
