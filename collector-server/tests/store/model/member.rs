//! One organisation in the store and in the model: the same deed is done to both, and what comes of it is compared.

use std::collections::{BTreeMap, BTreeSet};

use zeef_collector::ledger::Actor;
use zeef_collector::store::Store;
use zeef_collector::store::records::NewToken;
use zeef_proto::id::TokenId;
use zeef_proto::policy::ProductId;
use zeef_proto::time::DAY;
use zeef_proto::wire::{RecordBatch, Report};
use zeef_proto::{DeviceId, OrganisationId};

use super::organisation::{Organisation, Token};
use super::step::{MACHINES, Who};
use crate::fixture::START;

/// What differs between store and model, in words.
pub(super) type Difference = String;

/// Two things that must be the same.
pub(super) fn same<T: PartialEq + std::fmt::Debug>(
    what: &str,
    store: &T,
    model: &T,
) -> Result<(), Difference> {
    if store == model {
        Ok(())
    } else {
        Err(format!("{what}\n  store: {store:?}\n  model: {model:?}"))
    }
}

pub(super) struct Member {
    pub(super) id: OrganisationId,
    pub(super) model: Organisation,
    /// The device that a machine's last enrolment made.
    pub(super) machines: [Option<DeviceId>; MACHINES],
    /// Sent last and taken, to be sent again.
    pub(super) reports: BTreeMap<DeviceId, (Report, Option<String>)>,
    pub(super) batches: BTreeMap<DeviceId, RecordBatch>,
    /// Tells ids apart.
    number: u64,
}

impl Member {
    /// The organisation of that number, with two tokens.
    pub(super) async fn join(store: &dyn Store, nth: u64) -> Self {
        let mut member = Self {
            id: OrganisationId::from_bytes(id_of(nth, 0)),
            model: Organisation {
                asks_after: Some(60),
                ..Organisation::default()
            },
            machines: [None; MACHINES],
            reports: BTreeMap::new(),
            batches: BTreeMap::new(),
            number: nth << 32,
        };
        store
            .add_organisation(member.id, format!("Bakkerij {nth}"), START)
            .await
            .unwrap();
        for (uses, days) in [(3, 40), (2, 400)] {
            let expires_at = START.plus(days * DAY);
            let token = NewToken {
                id: TokenId::from_bytes(member.unique()),
                organisation: member.id,
                secret_hash: member.secret(member.model.tokens.len()),
                uses,
                expires_at,
                created_at: START,
            };
            store.add_token(token, Actor::Administrator).await.unwrap();
            member.model.tokens.push(Token {
                uses_left: uses,
                expires_at,
                revoked: false,
            });
        }
        member
    }

    pub(super) fn unique(&mut self) -> [u8; 16] {
        self.number += 1;
        id_of(self.number, 1)
    }

    pub(super) fn secret(&self, token: usize) -> [u8; 32] {
        let mut secret = [u8::try_from(token).unwrap(); 32];
        secret[..16].copy_from_slice(self.id.as_bytes());
        secret
    }

    pub(super) fn find(&self, who: Who) -> Option<DeviceId> {
        let last = |letter| {
            let linked = self.model.devices.iter().filter(|(_, device)| {
                device.agent.is_none() && device.links.iter().any(|(_, one)| *one == letter)
            });
            linked.max_by_key(|(_, device)| device.nth).map(|(id, _)| *id)
        };
        match who {
            Who::Machine(machine) => self.machines[machine],
            Who::Linked(letter) => last(letter),
        }
    }
}

/// Products' names.
pub(super) fn names(products: &[ProductId]) -> BTreeSet<String> {
    products
        .iter()
        .map(|product| product.as_str().to_owned())
        .collect()
}

/// An id that is like no other of the same number and kind; ids of one kind rise.
fn id_of(number: u64, kind: u8) -> [u8; 16] {
    let mut id = [kind; 16];
    id[..8].copy_from_slice(&number.to_be_bytes());
    id
}
