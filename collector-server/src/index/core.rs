//! The index itself: applied changes in, pages of ids out. No I/O, no clock.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap, HashSet};

use zeef_proto::field::matching_form;
use zeef_proto::policy::ProductId;
use zeef_proto::{DeviceId, OrganisationId, UnixTime};

use super::entry::Entry;
use super::natural;
use super::order::{Order, Slots};
use super::query::{Column, Page, Query};
use crate::store::records::{Device, Subscription};

/// Devices with their opened values, in memory.
pub struct Index {
    entries: Vec<Option<Entry>>,
    slots: HashMap<(OrganisationId, DeviceId), u32>,
    free: Vec<u32>,
    orders: [Order; Column::ALL.len()],
    /// When a slot must next be looked at because a value expires, soonest first.
    expiries: BinaryHeap<Reverse<(i64, u32)>>,
    /// For each slot, the soonest instant at which it stands in `expiries`.
    watched: Vec<i64>,
    tenants: HashMap<OrganisationId, u32>,
    tenant_keys: Vec<Box<[u8]>>,
    subscriptions: Vec<Vec<Subscription>>,
    /// By slot; kept between queries to spare its allocation.
    selected: Vec<bool>,
}

impl Default for Index {
    fn default() -> Self {
        Self {
            entries: Vec::new(),
            slots: HashMap::new(),
            free: Vec::new(),
            orders: Column::ALL.map(Order::new),
            expiries: BinaryHeap::new(),
            watched: Vec::new(),
            tenants: HashMap::new(),
            tenant_keys: Vec::new(),
            subscriptions: Vec::new(),
            selected: Vec::new(),
        }
    }
}

impl Index {
    /// Devices that are known.
    #[must_use]
    pub fn len(&self) -> usize {
        self.slots.len()
    }

    /// Whether no device is known.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.slots.is_empty()
    }

    /// Takes in an organisation's name, by which lists are sorted.
    pub fn name_organisation(&mut self, id: OrganisationId, name: &str) {
        let tenant = self.tenant(id) as usize;
        let key = natural::key(&matching_form(name));
        if self.tenant_keys[tenant] != key {
            self.tenant_keys[tenant] = key;
            self.orders[Column::Organisation as usize].note_all_changed();
        }
    }

    /// Whether there are devices of an organisation whose name is not known.
    #[must_use]
    pub fn has_unnamed(&self) -> bool {
        self.tenant_keys.iter().any(|key| key.is_empty())
    }

    /// Takes in an organisation's subscriptions, by which lists are filtered.
    pub fn set_subscriptions(&mut self, id: OrganisationId, subscriptions: Vec<Subscription>) {
        let tenant = self.tenant(id) as usize;
        self.subscriptions[tenant] = subscriptions;
    }

    /// Takes in a device, new or changed, as the store gave it.
    pub fn apply(&mut self, device: &Device) {
        let tenant = self.tenant(device.organisation);
        let entry = Entry::new(device, tenant);
        let slot = match self.slots.get(&(device.organisation, device.id)) {
            Some(slot) => *slot,
            None => self.new_slot(device.organisation, device.id),
        };
        self.watch(slot, entry.next_expiry());
        self.entries[slot as usize] = Some(entry);
        self.note_change(slot);
    }

    /// Forgets a device.
    pub fn remove(&mut self, organisation: OrganisationId, device: DeviceId) {
        if let Some(slot) = self.slots.remove(&(organisation, device)) {
            self.entries[slot as usize] = None;
            self.free.push(slot);
            self.note_change(slot);
        }
    }

    /// Proposes one page of devices. Values that are past their term at `now` are forgotten first, so that they
    /// neither match nor sort; a clock that is set back later does not bring them back.
    pub fn query(&mut self, query: &Query, now: UnixTime) -> Page {
        self.expire(now);
        self.select(query, now);
        let slots = Slots {
            entries: &self.entries,
            tenants: &self.tenant_keys,
        };
        let order = &mut self.orders[query.sort.column as usize];
        order.settle(&slots);
        let selected = &self.selected;
        let total = selected.iter().filter(|selected| **selected).count();
        let per_page = query.per_page.max(1);
        let page = query.page.min(total.saturating_sub(1) / per_page);
        let in_order = order.run(query.sort, &slots).map(|slot| slot as usize);
        let on_page = in_order
            .filter(|slot| selected[*slot])
            .skip(page * per_page)
            .take(per_page);
        let ids = on_page
            .filter_map(|slot| self.entries[slot].as_ref())
            .map(|entry| (entry.organisation, entry.device))
            .collect();
        Page { ids, total, page }
    }

    /// Marks what the query asks for. Goes by slot, not by order: memory is then read from front to back.
    fn select(&mut self, query: &Query, now: UnixTime) {
        let tenant = query.organisation.map(|id| self.tenants.get(&id));
        let reached = query.reach.limits().map(|organisations| {
            let tenants = organisations.iter().filter_map(|id| self.tenants.get(id));
            tenants.copied().collect::<HashSet<u32>>()
        });
        let product = query.product.as_ref();
        let asked_for = |entry: &Entry| {
            reached
                .as_ref()
                .is_none_or(|reached| reached.contains(&entry.tenant))
                && tenant.is_none_or(|tenant| tenant == Some(&entry.tenant))
                && query.kind.is_none_or(|kind| entry.is_of(kind, now))
                && product.is_none_or(|product| match entry.is_said_for(product) {
                    Some(is_said) => is_said,
                    None => has_product(&self.subscriptions, entry, product, now),
                })
                && query.term.as_ref().is_none_or(|term| entry.matches(term))
        };
        self.selected.clear();
        let slots = self
            .entries
            .iter()
            .map(|entry| entry.as_ref().is_some_and(asked_for));
        self.selected.extend(slots);
    }

    fn expire(&mut self, now: UnixTime) {
        while let Some(Reverse((at, slot))) = self.expiries.peek().copied()
            && at <= now.0
        {
            self.expiries.pop();
            let place = slot as usize;
            if self.watched[place] == at {
                self.watched[place] = i64::MAX;
            }
            let Some(entry) = &mut self.entries[place] else {
                continue;
            };
            entry.expire(now);
            if entry.is_gone() {
                let (organisation, device) = (entry.organisation, entry.device);
                self.remove(organisation, device);
                continue;
            }
            let next = entry.next_expiry();
            self.watch(slot, next);
            self.note_change(slot);
        }
    }

    /// Sees to it that the slot is looked at by `at`, without a second mark where an earlier one stands.
    fn watch(&mut self, slot: u32, at: i64) {
        if at < self.watched[slot as usize] {
            self.watched[slot as usize] = at;
            self.expiries.push(Reverse((at, slot)));
        }
    }

    fn note_change(&mut self, slot: u32) {
        for order in &mut self.orders {
            order.note_change(slot);
        }
    }

    fn new_slot(&mut self, organisation: OrganisationId, device: DeviceId) -> u32 {
        let slot = self.free.pop().unwrap_or_else(|| {
            self.entries.push(None);
            self.watched.push(i64::MAX);
            u32::try_from(self.entries.len() - 1).unwrap_or(u32::MAX)
        });
        self.slots.insert((organisation, device), slot);
        slot
    }

    fn tenant(&mut self, id: OrganisationId) -> u32 {
        *self.tenants.entry(id).or_insert_with(|| {
            self.tenant_keys.push(Box::default());
            self.subscriptions.push(Vec::new());
            u32::try_from(self.tenant_keys.len() - 1).unwrap_or(u32::MAX)
        })
    }
}

fn has_product(all: &[Vec<Subscription>], entry: &Entry, product: &ProductId, now: UnixTime) -> bool {
    all[entry.tenant as usize]
        .iter()
        .any(|s| s.product == *product && s.runs_at(now) && s.covers(entry.device))
}

#[cfg(test)]
#[path = "core_tests.rs"]
mod tests;
