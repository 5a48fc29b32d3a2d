//! What a simulated machine says of itself: made up, and telling which agent said it and after how many changes.

use zeef_agent::minimise::Fields;
use zeef_proto::field::{DeviceName, MacAddress, Parse, PrivateIp, Username};

/// Fields of agent `number` after so many changes, each of which changes one field, one after the other.
pub(super) fn values(number: u32, changes: u64) -> Fields {
    let [name, user, address, hardware] = [3, 2, 1, 0].map(|later| (changes + later) / 4);
    let [_, a, b, c] = mixed(number, address);
    let [_, x, y, z] = mixed(number, hardware);
    Fields {
        device_name: Some(made_up::<DeviceName>(&format!("sim-{number}-{name}"))),
        usernames: Some(vec![made_up::<Username>(&format!("user-{number}-{user}"))]),
        private_ips: Some(vec![made_up::<PrivateIp>(&format!("10.{a}.{b}.{c}"))]),
        mac_addresses: Some(vec![made_up::<MacAddress>(&format!(
            "00:1a:2b:{x:02x}:{y:02x}:{z:02x}"
        ))]),
    }
}

/// Another address with each change.
fn mixed(number: u32, changes: u64) -> [u8; 4] {
    // Only the lower bits count.
    let step = (changes as u32).wrapping_mul(104_729);
    number.wrapping_add(step).to_be_bytes()
}

fn made_up<T: Parse>(text: &str) -> T {
    T::parse(text).unwrap_or_else(|reason| panic!("{} is {reason}: {text}", T::FIELD))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_change_changes_one_field_and_two_agents_are_never_alike() {
        for number in [0, 1, 99_999] {
            for changes in 0..2_000 {
                let (before, after) = (values(number, changes), values(number, changes + 1));
                let changed = zeef_agent::report::report_of(1, 1, after.changes_from(&before));
                assert_eq!(changed.fields().count(), 1, "{number}, {changes}");
            }
        }
        assert_ne!(values(1, 0), values(2, 0));
    }
}
