//! The device that an address names, as the pages about it begin.

use askama::Template;
use axum::response::Response;
use http::StatusCode;
use zeef_proto::field::Field;
use zeef_proto::{DeviceId, OrganisationId};

use super::super::failure::Failure;
use super::super::page::{Page, Place, html};
use super::super::state::App;
use super::super::visit::SignedIn;
use crate::access::Permission;
use crate::store::ledger::LookedAt;
use crate::store::records::Device;

/// The organisation and the device in an address.
#[derive(Debug, Clone, Copy)]
pub(super) struct Target {
    pub(super) organisation: OrganisationId,
    pub(super) device: DeviceId,
}

impl Target {
    /// Reads the two parts.
    pub(super) fn parse(organisation: &str, device: &str) -> Result<Self, Failure> {
        Ok(Self {
            organisation: organisation.parse().map_err(|_| Failure::NotFound)?,
            device: device.parse().map_err(|_| Failure::NotFound)?,
        })
    }

    /// The device's page.
    pub(super) fn address(self) -> String {
        format!("/devices/{}/{}", self.organisation, self.device)
    }

    /// The list of its organisation's devices.
    pub(super) fn list(self) -> String {
        format!("/inventory?organisation={}", self.organisation)
    }

    /// The device as it is now; a page of its own says where it has gone meanwhile.
    pub(super) async fn read(self, app: &App, person: &SignedIn) -> Result<Device, Failure> {
        let found = app
            .store
            .device(self.organisation, self.device, app.now())
            .await?;
        let found = found.ok_or(Failure::DeviceGone)?;
        if found.restricted && !person.may(Permission::HandleRequests) {
            return Err(Failure::NotFound);
        }
        Ok(found)
    }

    /// The name of its organisation.
    pub(super) async fn owner(self, app: &App) -> Result<String, Failure> {
        let organisations = app.store.organisations().await?;
        let owner = organisations
            .into_iter()
            .find(|known| known.id == self.organisation);
        Ok(owner.ok_or(Failure::NotFound)?.name)
    }
}

/// A page that says what will be done to a device, and has the button that does it.
#[derive(Template)]
#[template(path = "device_action.html")]
struct ConfirmPage {
    page: Page,
    target: Target,
    organisation: String,
    name: Option<String>,
    plan: Plan,
    mistake: Option<String>,
}

/// What will be done, in words.
pub(super) struct Plan {
    pub(super) title: String,
    /// A sentence each.
    pub(super) effects: Vec<String>,
    /// What is counted, and how much there is of it.
    pub(super) counts: Vec<(String, u64)>,
    pub(super) button: String,
    /// It cannot be taken back.
    pub(super) for_good: bool,
}

/// Shows the page; with a mistake where it was tried and could not be done.
pub(super) async fn confirm(
    app: &App,
    person: &SignedIn,
    (target, device): (Target, &Device),
    plan: Plan,
    mistake: Option<String>,
) -> Result<Response, Failure> {
    // It shows the device's name.
    let look = LookedAt::Device(target.organisation, target.device);
    app.note_look(person, look).await?;
    let status = if mistake.is_some() {
        StatusCode::CONFLICT
    } else {
        StatusCode::OK
    };
    let template = ConfirmPage {
        page: Page::of(person, Place::Inventory, plan.title.clone()),
        target,
        organisation: target.owner(app).await?,
        name: device.values(Field::DeviceName).next().map(ToOwned::to_owned),
        plan,
        mistake,
    };
    Ok(html(status, &template))
}
