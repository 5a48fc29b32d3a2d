//! `organisation`.

use serde_json::json;
use zeef_proto::OrganisationId;

use super::arguments::Organisation;
use super::failure::Failure;
use super::output::print;
use super::table::Table;
use super::{Context, Output};
use crate::access::organisation_name;
use crate::ledger::Actor;
use crate::random;
use crate::retention::Silence;

pub(super) async fn run(command: Organisation, context: Context) -> Result<(), Failure> {
    match command {
        Organisation::Add { name, form } => {
            let name = organisation_name(&name).map_err(|invalid| Failure::refused(invalid.to_string()))?;
            let id = OrganisationId::from_random(random::bytes());
            context
                .store
                .add_organisation(id, name, Actor::Administrator, context.now)
                .await?;
            Output::new(form).say(&json!({ "id": id }), &format!("{id}\n"))
        }
        Organisation::List { form } => {
            let organisations = context.store.organisations().await?;
            let mut table = Table::new(["ID", "NAME", "DEVICES", "ASKED ABOUT AFTER"]);
            let mut list = Vec::new();
            for one in organisations {
                let silence = context.store.silence(one.id).await?.0;
                let after = silence.map_or("never".to_owned(), |days| format!("{days} days"));
                list.push(json!({
                    "id": one.id, "name": one.name, "devices": one.devices, "silence_days": silence,
                }));
                table.row([one.id.to_string(), one.name, one.devices.to_string(), after]);
            }
            Output::new(form).show(&list, &table)
        }
        Organisation::Silence {
            organisation,
            days,
            never: _,
        } => {
            let organisation = context.organisation(&organisation).await?.id;
            context
                .store
                .set_silence(organisation, Silence(days), Actor::Administrator, context.now)
                .await?;
            print(&match days {
                Some(days) => format!(
                    "A device is asked about after {days} days without contact, and counts as ended thirty days later.\n"
                ),
                None => "No device is asked about, however long it is silent.\n".to_owned(),
            })
        }
    }
}
