//! Keys, a policy with treatments, and a source.

use std::io;
use std::sync::Arc;

use serde_json::Value;
use zeef_agent::policy::REFERENCE;
use zeef_agent::pseudonym::{Key, Scope};
use zeef_agent::sieve::definition::Definition;
use zeef_agent::sieve::{Account, Minimised, Outlet, Refused, Sieve};
use zeef_proto::UnixTime;
use zeef_proto::policy::Policy;

pub(crate) const NOW: UnixTime = UnixTime(1_800_000_000);

/// A source whose records have every field of a device, and an id of its own.
pub(crate) const SOURCE: &str = r#"
name = "own-rmm"
about = "a product of our own"
product = "rmm"

[[shape]]
name = "device"
format = "json"
has = ["host"]

[shape.fields]
device_name = ["host"]
username = ["user"]
private_ip = ["ip"]
mac_address = ["mac"]
public_ip = ["wan"]

[shape.links]
own-device = ["id"]
"#;

/// The secret of the bytes from `first` on.
pub(crate) fn secret(first: u8) -> [u8; 32] {
    std::array::from_fn(|place| first.wrapping_add(place as u8))
}

/// A key whose first epoch has the secret of the bytes from 0 on.
pub(crate) fn key(scope: Scope) -> Key {
    Key::new([1, 2, 3, 4, 5, 6].into(), scope, secret(0).into(), NOW)
}

/// The same key after a rotation to the secret of the bytes from 32 on.
pub(crate) fn rotated(scope: Scope) -> Key {
    key(scope).rotated(secret(32).into(), NOW.plus(1))
}

/// The reference policy, with these treatments for RMM, such as `mac_address = "truncate"`.
pub(crate) fn policy_text(treatments: &str) -> String {
    let row = "id = \"rmm-device\"\n";
    assert!(REFERENCE.contains(row));
    REFERENCE.replacen(row, &format!("{row}treatment = {{ {treatments} }}\n"), 1)
}

pub(crate) fn sieve(treatments: &str, key: Option<Key>) -> Sieve {
    let policy = Policy::parse(&policy_text(treatments)).unwrap();
    let definition = Definition::parse(SOURCE, &policy).unwrap();
    Sieve::new(&definition, &policy, key.map(Arc::new)).unwrap()
}

/// The record that comes out, `null` where none does, and the account.
pub(crate) fn minimise(sieve: &Sieve, record: &Value) -> (Value, Account) {
    struct Last(Value);
    impl Outlet for Last {
        fn record(&mut self, record: &Minimised<'_>) -> io::Result<()> {
            self.0 = serde_json::to_value(record)?;
            Ok(())
        }
        fn refused(&mut self, _: &Refused) -> io::Result<()> {
            Ok(())
        }
    }
    let mut last = Last(Value::Null);
    let account = sieve.run(&mut record.to_string().as_bytes(), &mut last).unwrap();
    (last.0, account)
}
