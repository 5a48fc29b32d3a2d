//! A deed, done to the store and to the model.

use zeef_collector::ledger::Actor;
use zeef_collector::retention::{LegalHold, Reason, Silence};
use zeef_collector::store::Store;
use zeef_collector::store::records::{Enrolment, Subscription as Stored};
use zeef_proto::id::{HoldId, SubscriptionId};
use zeef_proto::time::DAY;
use zeef_proto::wire::Platform;
use zeef_proto::{DeviceId, UnixTime};

use super::member::{Difference, Member, names, same};
use super::organisation::{Hold, Rules, Subscription};
use super::policy::NEVER;
use super::step::Deed;

impl Member {
    /// Does a deed to both. One about a device that is not there is not done.
    pub(super) async fn perform(
        &mut self,
        store: &dyn Store,
        deed: &Deed,
        rules: &Rules,
    ) -> Result<(), Difference> {
        let clock = rules.time.clock;
        match (deed, self.meant_by(deed)) {
            (&Deed::Enrol { machine, token }, _) => self.enrol(store, machine, token, rules).await,
            (&Deed::RevokeToken(token), _) => self.revoke_token(store, token, rules).await,
            (
                &Deed::Report {
                    machine,
                    number,
                    says,
                    is_public,
                },
                Some(device),
            ) => {
                let report = (machine, number, &says);
                self.report(store, device, report, is_public, rules).await
            }
            (&Deed::Replay(_), Some(device)) => self.replay(store, device, rules).await,
            (
                &Deed::Tell {
                    machine,
                    number,
                    ref records,
                },
                Some(device),
            ) => self.tell(store, device, (machine, number, records), rules).await,
            (&Deed::TellAgain(_), Some(device)) => self.tell_again(store, device, rules).await,
            (
                &Deed::Subscribe {
                    product,
                    only,
                    starts,
                    ends,
                },
                device,
            ) if only.is_some() == device.is_some() => {
                let period = (clock.plus(starts * DAY), ends.map(|ends| clock.plus(ends * DAY)));
                self.subscribe(store, product, device, period, rules).await
            }
            (&Deed::EndSubscription { which, ends }, _) => {
                let ends = clock.plus(ends * DAY);
                self.end_subscription(store, which, ends, rules).await
            }
            (&Deed::End(_), Some(device)) => {
                let ended = store.end_device(self.id, device, Actor::Administrator, clock);
                same("end of a device", &ended.await, &self.model.end(device, rules))
            }
            (&Deed::Revoke(_), Some(device)) => {
                let revoked = store
                    .revoke_device(self.id, device, Actor::Administrator, clock)
                    .await
                    .unwrap();
                let agent = self.model.agent(device);
                let expected = agent.map(|agent| (agent.revoked, agent.speaks_for_site) = (true, false));
                same("revocation", &revoked, &expected.is_some())
            }
            (&Deed::AllowSite(_, allowed), Some(device)) => {
                let set = store
                    .allow_site(self.id, device, allowed, Actor::Administrator, clock)
                    .await
                    .unwrap();
                let agent = self.model.agent(device);
                let expected = agent.map(|agent| agent.speaks_for_site = allowed);
                same("permission for the site", &set, &expected.is_some())
            }
            (&Deed::Hold { only, ends }, device) if only.is_some() == device.is_some() => {
                self.hold(store, device, clock.plus(ends * DAY), rules).await;
                Ok(())
            }
            (&Deed::EndHold(which), _) => self.end_hold(store, which, rules).await,
            (&Deed::AskAfter(days), _) => {
                store.set_silence(self.id, Silence(days), clock).await.unwrap();
                self.model.ask_after(days);
                Ok(())
            }
            (&Deed::Keep(_), Some(device)) => {
                let kept = store
                    .keep_device(self.id, device, Actor::Administrator, clock)
                    .await
                    .unwrap();
                same("answer", &kept, &self.model.keep(device, rules.time.shows()))
            }
            _ => Ok(()),
        }
    }

    /// The one device that a deed is about.
    fn meant_by(&self, deed: &Deed) -> Option<DeviceId> {
        match *deed {
            Deed::Report { machine, .. }
            | Deed::Replay(machine)
            | Deed::Tell { machine, .. }
            | Deed::TellAgain(machine)
            | Deed::Subscribe {
                only: Some(machine), ..
            }
            | Deed::Revoke(machine)
            | Deed::AllowSite(machine, _) => self.machines[machine],
            Deed::End(who) | Deed::Hold { only: Some(who), .. } | Deed::Keep(who) => self.find(who),
            _ => None,
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
                    .revoke_token(self.id, listed.id, Actor::Administrator, rules.time.clock)
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
        let added = store
            .add_subscription(subscription, Actor::Administrator, rules.time.clock)
            .await;
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
            .end_subscription(self.id, *id, ends, Actor::Administrator, rules.time.clock)
            .await
            .unwrap();
        self.model.set_terms_anew(rules);
        Ok(())
    }

    async fn hold(&mut self, store: &dyn Store, only: Option<DeviceId>, ends: UnixTime, rules: &Rules) {
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
