//! One organisation in the store and in the model: the same deed is done to both, and what comes of it is compared.

use std::collections::{BTreeMap, BTreeSet};

use zeef_collector::ledger::Actor;
use zeef_collector::retention::{LegalHold, Reason, Silence};
use zeef_collector::store::Store;
use zeef_collector::store::records::{Enrolment, NewToken, Subscription as Stored};
use zeef_proto::id::{HoldId, SubscriptionId, TokenId};
use zeef_proto::policy::ProductId;
use zeef_proto::time::DAY;
use zeef_proto::wire::{Platform, RecordBatch, Report};
use zeef_proto::{DeviceId, OrganisationId, UnixTime};

use super::organisation::{Hold, Organisation, Rules, Subscription, Token};
use super::policy::NEVER;
use super::step::{Deed, MACHINES, Who};
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
            store.add_token(token).await.unwrap();
            member.model.tokens.push(Token {
                uses_left: uses,
                expires_at,
                revoked: false,
            });
        }
        member
    }

    fn unique(&mut self) -> [u8; 16] {
        self.number += 1;
        id_of(self.number, 1)
    }

    fn secret(&self, token: usize) -> [u8; 32] {
        let mut secret = [u8::try_from(token).unwrap(); 32];
        secret[..16].copy_from_slice(self.id.as_bytes());
        secret
    }

    fn find(&self, who: Who) -> Option<DeviceId> {
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

    /// Does a deed to both. One that is about nothing that is there is not done.
    pub(super) async fn perform(
        &mut self,
        store: &dyn Store,
        deed: &Deed,
        rules: &Rules,
    ) -> Result<(), Difference> {
        match *deed {
            Deed::Enrol { machine, token } => self.enrol(store, machine, token, rules).await,
            Deed::RevokeToken(token) => self.revoke_token(store, token, rules).await,
            Deed::Report {
                machine,
                number,
                says,
                is_public,
            } => match self.machines[machine] {
                Some(device) => {
                    self.report(store, device, (machine, number, &says), is_public, rules)
                        .await
                }
                None => Ok(()),
            },
            Deed::Replay(machine) => match self.machines[machine] {
                Some(device) => self.replay(store, device, rules).await,
                None => Ok(()),
            },
            Deed::Tell {
                machine,
                number,
                ref records,
            } => match self.machines[machine] {
                Some(device) => self.tell(store, device, (machine, number, records), rules).await,
                None => Ok(()),
            },
            Deed::TellAgain(machine) => match self.machines[machine] {
                Some(device) => self.tell_again(store, device, rules).await,
                None => Ok(()),
            },
            Deed::Subscribe {
                product,
                only,
                starts,
                ends,
            } => {
                let period = (
                    rules.time.clock.plus(starts * DAY),
                    ends.map(|ends| rules.time.clock.plus(ends * DAY)),
                );
                let only = only.map(|machine| self.machines[machine]);
                match only {
                    Some(None) => Ok(()),
                    only => {
                        self.subscribe(store, product, only.flatten(), period, rules)
                            .await
                    }
                }
            }
            Deed::EndSubscription { which, ends } => {
                self.end_subscription(store, which, rules.time.clock.plus(ends * DAY), rules)
                    .await
            }
            Deed::AskAfter(days) => {
                store
                    .set_silence(self.id, Silence(days), rules.time.clock)
                    .await
                    .unwrap();
                self.model.ask_after(days);
                Ok(())
            }
            Deed::End(who) => match self.find(who).filter(|id| self.model.devices.contains_key(id)) {
                Some(device) => {
                    let ended = store
                        .end_device(self.id, device, Actor::Administrator, rules.time.clock)
                        .await;
                    same("end of a device", &ended, &self.model.end(device, rules))
                }
                None => Ok(()),
            },
            Deed::Revoke(machine) => match self.machines[machine] {
                Some(device) => {
                    let revoked = store
                        .revoke_device(self.id, device, rules.time.clock)
                        .await
                        .unwrap();
                    let agent = self.model.agent(device);
                    let expected = agent.map(|agent| (agent.revoked, agent.speaks_for_site) = (true, false));
                    same("revocation", &revoked, &expected.is_some())
                }
                None => Ok(()),
            },
            Deed::AllowSite(machine, allowed) => match self.machines[machine] {
                Some(device) => {
                    let set = store
                        .allow_site(self.id, device, allowed, rules.time.clock)
                        .await
                        .unwrap();
                    let expected = self
                        .model
                        .agent(device)
                        .map(|agent| agent.speaks_for_site = allowed);
                    same("permission for the site", &set, &expected.is_some())
                }
                None => Ok(()),
            },
            Deed::Hold { only, ends } => match only.map(|who| self.find(who)) {
                Some(None) => Ok(()),
                only => {
                    self.hold(store, only.flatten(), rules.time.clock.plus(ends * DAY), rules)
                        .await
                }
            },
            Deed::EndHold(which) => self.end_hold(store, which, rules).await,
            Deed::Keep(who) => match self.find(who) {
                Some(device) => {
                    let kept = store
                        .keep_device(self.id, device, rules.time.clock)
                        .await
                        .unwrap();
                    same("answer", &kept, &self.model.keep(device, rules.time.shows()))
                }
                None => Ok(()),
            },
        }
    }

    async fn enrol(
        &mut self,
        store: &dyn Store,
        machine: usize,
        token: usize,
        rules: &Rules,
    ) -> Result<(), Difference> {
        let fresh = DeviceId::from_bytes(self.unique());
        let mut key_hash = self.secret(machine);
        key_hash[31] = 1;
        let enrolment = Enrolment {
            secret_hash: self.secret(token),
            key_hash,
            device: fresh,
            platform: Platform::Linux,
            agent: "0.1.0".parse().unwrap(),
            now: rules.time.clock,
        };
        let enrolled = store.enrol(enrolment).await.unwrap();
        let enrolled = enrolled.map(|enrolled| (enrolled.device, names(&enrolled.products)));
        let expected = self.model.enrol(machine, token, fresh, rules).map(|device| {
            let products = self.model.products(device, rules.time.shows());
            (device, products.into_iter().map(str::to_owned).collect())
        });
        if let Some((device, _)) = expected {
            self.machines[machine] = Some(device);
        }
        same("enrolment", &enrolled, &expected)
    }

    async fn revoke_token(
        &mut self,
        store: &dyn Store,
        token: usize,
        rules: &Rules,
    ) -> Result<(), Difference> {
        // A token that is past its use leaves the list, and then there is nothing to revoke.
        let tokens = store.tokens(self.id).await.unwrap();
        if let Some(listed) = tokens
            .get(token)
            .filter(|_| tokens.len() == self.model.tokens.len())
        {
            assert!(
                store
                    .revoke_token(self.id, listed.id, rules.time.clock)
                    .await
                    .unwrap()
            );
            self.model.tokens[token].revoked = true;
        }
        Ok(())
    }

    async fn subscribe(
        &mut self,
        store: &dyn Store,
        product: &'static str,
        only: Option<DeviceId>,
        (starts, ends): (UnixTime, Option<UnixTime>),
        rules: &Rules,
    ) -> Result<(), Difference> {
        let id = SubscriptionId::from_bytes(self.unique());
        let subscription = Stored {
            id,
            organisation: self.id,
            device: only,
            product: product.parse().unwrap(),
            starts,
            ends,
        };
        let added = store.add_subscription(subscription, rules.time.clock).await;
        let exists = only.is_none_or(|device| self.model.devices.contains_key(&device));
        if exists {
            let ends = ends.unwrap_or(NEVER);
            self.model.subscriptions.insert(
                id,
                Subscription {
                    product,
                    only,
                    starts,
                    ends,
                },
            );
            self.model.set_terms_anew(rules);
        }
        same("a new subscription", &added.is_ok(), &exists)
    }

    async fn end_subscription(
        &mut self,
        store: &dyn Store,
        which: usize,
        ends: UnixTime,
        rules: &Rules,
    ) -> Result<(), Difference> {
        let Some((id, subscription)) = self.model.subscriptions.iter_mut().nth(which) else {
            return Ok(());
        };
        subscription.ends = ends;
        store
            .end_subscription(self.id, *id, ends, rules.time.clock)
            .await
            .unwrap();
        self.model.set_terms_anew(rules);
        Ok(())
    }

    async fn hold(
        &mut self,
        store: &dyn Store,
        only: Option<DeviceId>,
        ends: UnixTime,
        rules: &Rules,
    ) -> Result<(), Difference> {
        let id = HoldId::from_bytes(self.unique());
        let hold = LegalHold {
            id,
            organisation: self.id,
            device: only,
            reason: Reason::parse("a case before the court").unwrap(),
            starts: rules.time.clock,
            ends,
        };
        store.add_hold(hold).await.unwrap();
        self.model.holds.insert(id, Hold { only, ends });
        Ok(())
    }

    async fn end_hold(&mut self, store: &dyn Store, which: usize, rules: &Rules) -> Result<(), Difference> {
        let Some((id, hold)) = self.model.holds.iter_mut().nth(which) else {
            return Ok(());
        };
        let now = rules.time.believed;
        let stood = now < hold.ends;
        hold.ends = hold.ends.min(now);
        let ended = store.end_hold(*id, rules.time.clock).await.unwrap();
        same("end of a hold", &ended, &stood)
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
