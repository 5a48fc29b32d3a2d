//! What must hold in an installation that was opened again, whatever was done to it before.

use data_encoding::BASE64;
use zeef_collector::installation::{self, OpenError};
use zeef_collector::ledger::{Engine as Kept, Head, read};
use zeef_collector::seal::KeyEncryptionKey;
use zeef_collector::store::StoreError;
use zeef_collector::store::sql::{SqlStore, opens};
use zeef_proto::UnixTime;

use crate::engine::{Engine, Part, Raw};
use crate::hand::{Home, aside, unless_held};

/// Nothing is due any more, and database and key store say the same of each other.
pub(crate) fn in_step(database: &Raw, keys: &Raw) {
    for due in ["key_to_destroy", "key_store_note"] {
        assert_eq!(
            database.number(&format!("SELECT count(*) FROM {due}")),
            0,
            "{due}"
        );
    }
    let same = [
        (
            "SELECT generation FROM installation",
            "SELECT generation FROM installation",
        ),
        (
            "SELECT count(*) FROM tombstone",
            "SELECT count(*) FROM erased_device",
        ),
        (
            "SELECT count(*) FROM device WHERE state <> 0",
            "SELECT count(*) FROM device_key WHERE revoked <> 0",
        ),
    ];
    for (of_database, of_keys) in same {
        assert_eq!(
            database.number(of_database),
            keys.number(of_keys),
            "{of_database}"
        );
    }
}

/// Every device has its key, and no other has one. A process that is killed between the two commits leaves a key under
/// which nothing was ever sealed: so many may be there besides.
pub(crate) fn keys(database: &Raw, keys: &Raw, besides: i64) {
    let devices = database.number("SELECT count(*) FROM device");
    let keys = keys.number("SELECT count(*) FROM device_key");
    assert!(
        (devices..=devices + besides).contains(&keys),
        "{keys} keys of {devices} devices, {besides} may be left over"
    );
}

/// What has expired is off the tables.
pub(crate) fn purged(engine: &Engine, now: UnixTime) {
    let due = format!("SELECT count(*) FROM observation WHERE expires_at <= {}", now.0);
    assert_eq!(
        engine.raw(Part::Database).number(&due),
        0,
        "what was due is purged"
    );
}

/// The ledger verifies, and goes on from every head that was seen.
pub(crate) async fn ledger(store: &SqlStore, seen: &[Head]) {
    let checked = read::check(store, seen.to_vec()).await.unwrap();
    assert_eq!(checked.kept, seen.len());
}

/// What serves after a move that was cut off.
pub(crate) enum Serving {
    /// The installation, where it is kept by this.
    At(Kept),
    /// Nothing, before the move to this is ended.
    NotBefore(Kept),
}

/// Where a move was cut off, one of the two ends serves at most; where none does, the one that it was to arrive at
/// says so.
pub(crate) fn one_end_serves(home: &Home) -> Serving {
    let ends = [false, true].map(|moved| {
        Home {
            moved,
            ..home.clone()
        }
        .files()
    });
    let opened = ends.map(|files| unless_held(|| installation::store(&files)).map(drop));
    match opened {
        [Ok(()), Err(_)] => Serving::At(Kept::Postgres),
        [Err(_), Ok(())] => Serving::At(Kept::Sqlite),
        [Err(OpenError::Store(StoreError::Arriving)), _] => Serving::NotBefore(Kept::Postgres),
        [_, Err(OpenError::Store(StoreError::Arriving))] => Serving::NotBefore(Kept::Sqlite),
        other => panic!("{other:?}"),
    }
}

/// Of the keys that there are, exactly one opens the key store.
pub(crate) fn one_key_opens(home: &Home, former: &str) {
    let (_, key_store) = installation::places(&home.files()).unwrap();
    let mut keys = vec![former.to_owned()];
    for name in ["kek", "kek.next"] {
        keys.extend(std::fs::read_to_string(home.file(name)));
    }
    // A process that is killed while it writes a key leaves a part of it.
    let whole = |text: &String| <[u8; 32]>::try_from(BASE64.decode(text.trim().as_bytes()).ok()?).ok();
    let mut whole: Vec<_> = keys.iter().filter_map(whole).collect();
    whole.sort_unstable();
    whole.dedup();
    let opening = |key: &&[u8; 32]| {
        let key = KeyEncryptionKey::from_bytes(key);
        aside(|| opens(key_store.clone(), &key)).unwrap()
    };
    assert_eq!(whole.iter().filter(opening).count(), 1, "of {} keys", whole.len());
}
