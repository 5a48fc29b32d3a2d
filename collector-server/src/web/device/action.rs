//! Revoking a device, answering for a silent one, and whether it may tell of others: each has a page that says what
//! will happen, and a button that does it.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;
use zeef_proto::UnixTime;

use super::super::failure::Failure;
use super::super::form::SignedForm;
use super::super::locale::Texts;
use super::super::state::App;
use super::super::visit::SignedIn;
use super::target::{Plan, Target, confirm};
use crate::index;
use crate::ledger::Actor;
use crate::store::records::Device;

/// What can be done to a device and leaves it there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Action {
    Revoke,
    Keep,
    AllowSite,
    DenySite,
}

impl Action {
    pub(super) const ALL: [Self; 4] = [Self::Keep, Self::AllowSite, Self::DenySite, Self::Revoke];

    /// The last part of its page's address.
    pub(super) const fn path(self) -> &'static str {
        match self {
            Self::Revoke => "revoke",
            Self::Keep => "keep",
            Self::AllowSite => "site/allow",
            Self::DenySite => "site/deny",
        }
    }

    /// Whether there is something to do.
    pub(super) fn fits(self, device: &Device, now: UnixTime) -> bool {
        let agent = device.agent.as_ref().filter(|agent| !agent.revoked);
        match self {
            Self::Revoke => agent.is_some(),
            Self::Keep => device.asked_at.is_some() || index::State::of(device, now) == index::State::Silent,
            Self::AllowSite => agent.is_some_and(|agent| !agent.speaks_for_site),
            Self::DenySite => agent.is_some_and(|agent| agent.speaks_for_site),
        }
    }

    /// What the link to its page says.
    pub(super) fn name(self, texts: &Texts) -> &str {
        let texts = &texts.action;
        match self {
            Self::Revoke => texts.revoke.as_str(),
            Self::Keep => texts.keep.as_str(),
            Self::AllowSite => texts.allow_site.as_str(),
            Self::DenySite => texts.deny_site.as_str(),
        }
    }

    fn plan(self, texts: &Texts) -> Plan {
        let words = &texts.action;
        let effects = match self {
            Self::Revoke => vec![&words.revoke_refused, &words.revoke_kept, &words.revoke_again],
            Self::Keep => vec![&words.keep_counted, &words.keep_once],
            Self::AllowSite => vec![&words.allow_site_tells, &words.allow_site_minimised],
            Self::DenySite => vec![&words.deny_site_refused, &words.deny_site_kept],
        };
        Plan {
            title: self.name(texts).to_owned(),
            effects: effects.into_iter().map(ToString::to_string).collect(),
            counts: Vec::new(),
            button: self.name(texts).to_owned(),
            for_good: self == Self::Revoke,
        }
    }

    async fn show(
        self,
        app: Arc<App>,
        person: SignedIn,
        path: (String, String),
    ) -> Result<Response, Failure> {
        let target = Target::parse(&path.0, &path.1)?;
        let device = target.read(&app, &person).await?;
        if !self.fits(&device, app.now()) {
            return Ok(Redirect::to(&target.address()).into_response());
        }
        let plan = self.plan(person.visit.language.texts());
        confirm(&app, &person, (target, &device), plan, None).await
    }

    /// What was done meanwhile is not done again: the device's page shows how it stands.
    async fn perform(
        self,
        app: Arc<App>,
        person: SignedIn,
        path: (String, String),
    ) -> Result<Redirect, Failure> {
        let target = Target::parse(&path.0, &path.1)?;
        let device = target.read(&app, &person).await?;
        let (now, by) = (app.now(), Actor::User(person.session.user));
        if !self.fits(&device, now) {
            return Ok(Redirect::to(&target.address()));
        }
        let Target { organisation, device } = target;
        let store = &app.store;
        let there = match self {
            Self::Revoke => store.revoke_device(organisation, device, by, now).await?,
            Self::Keep => store.keep_device(organisation, device, by, now).await?,
            Self::AllowSite => store.allow_site(organisation, device, true, by, now).await?,
            Self::DenySite => store.allow_site(organisation, device, false, by, now).await?,
        };
        if !there {
            return Err(Failure::DeviceGone);
        }
        Ok(Redirect::to(&format!("{}?done=yes", target.address())))
    }
}

/// The button's form has no fields of its own.
#[derive(Deserialize)]
pub(in crate::web) struct Press {}

/// A page and its button, as a module each.
macro_rules! pages {
    ($($name:ident: $action:expr),+) => {$(
        pub(in crate::web) mod $name {
            use super::*;

            pub(in crate::web) async fn show(
                State(app): State<Arc<App>>,
                person: SignedIn,
                Path(path): Path<(String, String)>,
            ) -> Result<Response, Failure> {
                $action.show(app, person, path).await
            }

            pub(in crate::web) async fn perform(
                State(app): State<Arc<App>>,
                Path(path): Path<(String, String)>,
                SignedForm { person, form: Press {} }: SignedForm<Press>,
            ) -> Result<Redirect, Failure> {
                $action.perform(app, person, path).await
            }
        }
    )+};
}

pages! {
    revoke: Action::Revoke,
    keep: Action::Keep,
    allow_site: Action::AllowSite,
    deny_site: Action::DenySite
}
