//! Where a list goes on: an opaque text that the client sends back.

use data_encoding::BASE64URL_NOPAD;
use ring::digest::{SHA256, digest};

use super::problem::Problem;

/// Items on a page where no number is asked for.
pub(super) const USUAL: u16 = 50;
/// Items on a page at most.
pub(super) const MOST: u16 = 200;

/// How many items are asked for.
pub(super) fn limit(asked: Option<u16>) -> Result<usize, Problem> {
    let limit = asked.unwrap_or(USUAL);
    if (1..=MOST).contains(&limit) {
        Ok(limit.into())
    } else {
        Err(Problem::Input(format!("limit is a number from 1 to {MOST}")))
    }
}

/// A place in the list that these words describe. They must hold no personal value.
pub(super) fn write(list: &str, place: u64) -> String {
    BASE64URL_NOPAD.encode(&[&mark(list)[..], &place.to_be_bytes()].concat())
}

/// The place, if the cursor is of this list.
pub(super) fn read(list: &str, cursor: &str) -> Result<u64, Problem> {
    let bytes = BASE64URL_NOPAD.decode(cursor.as_bytes()).ok();
    let bytes: Option<[u8; 16]> = bytes.and_then(|bytes| bytes.try_into().ok());
    let parts = bytes.map(|bytes| (bytes[..8].to_vec(), bytes[8..].to_vec()));
    parts
        .filter(|(of, _)| *of == mark(list))
        .and_then(|(_, place)| place.try_into().ok())
        .map(u64::from_be_bytes)
        .ok_or_else(|| {
            Problem::Input(
                "cursor is not one that this list gave; begin without it, and leave filters and limit as they were"
                    .to_owned(),
            )
        })
}

fn mark(list: &str) -> [u8; 8] {
    let mut mark = [0; 8];
    mark.copy_from_slice(&digest(&SHA256, list.as_bytes()).as_ref()[..8]);
    mark
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_goes_on_in_its_own_list_alone() {
        let cursor = write("devices by name", 150);
        assert_eq!(read("devices by name", &cursor), Ok(150));
        assert!(read("devices by user", &cursor).is_err());
        for other in ["", "AAAA", &cursor[1..], &format!("{cursor}AA")] {
            assert!(read("devices by name", other).is_err());
        }
    }

    #[test]
    fn a_page_has_one_to_two_hundred_items() {
        assert_eq!(limit(None), Ok(50));
        assert_eq!(limit(Some(200)), Ok(200));
        assert!(limit(Some(0)).is_err() && limit(Some(201)).is_err());
    }
}
