//! From what the sieve lets through to what the wire carries.

use zeef_proto::source::SourceName;
use zeef_proto::wire::{About, LinkToken, MAX_LINKS, SourceRecord};

use crate::sieve::{Minimised, Treated};

/// The record, and how many of its values were dropped because the wire carries only values that are kept whole.
/// `None` where nothing is left that says something of a device.
pub(super) fn of(minimised: &Minimised<'_>, about: About) -> (Option<SourceRecord>, u64) {
    let mut dropped = 0;
    let mut links: Vec<LinkToken> = minimised
        .links
        .iter()
        .filter_map(|token| token.as_str().parse().ok())
        .collect();
    links.sort_unstable();
    links.dedup();
    links.truncate(MAX_LINKS);
    let record = SourceRecord {
        // An administrator chose the name of a definition that was added, and it stays here.
        source: minimised.source.parse().unwrap_or(SourceName::Added),
        product: minimised.product.clone(),
        about,
        device_name: kept(&minimised.device_name, &mut dropped),
        usernames: all_kept(&minimised.usernames, &mut dropped),
        private_ips: all_kept(&minimised.private_ips, &mut dropped),
        mac_addresses: all_kept(&minimised.mac_addresses, &mut dropped),
        public_ips: all_kept(&minimised.public_ips, &mut dropped),
        service_id: kept(&minimised.service_id, &mut dropped),
        line_id: kept(&minimised.line_id, &mut dropped),
        links,
    };
    let says_something = record.fields().next().is_some();
    (says_something.then_some(record), dropped)
}

fn kept<T: Clone>(value: &Option<Treated<T>>, dropped: &mut u64) -> Option<T> {
    all_kept(value.as_slice(), dropped).pop()
}

fn all_kept<T: Clone>(values: &[Treated<T>], dropped: &mut u64) -> Vec<T> {
    let kept = values.iter().filter_map(|value| match value {
        Treated::Kept(value) => Some(value.clone()),
        Treated::Truncated(_) | Treated::Hashed(_) => {
            *dropped += 1;
            None
        }
    });
    kept.collect()
}
