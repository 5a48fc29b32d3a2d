//! `subscription`.

use serde_json::json;
use zeef_proto::id::SubscriptionId;

use super::arguments::Subscription as Command;
use super::failure::Failure;
use super::output::print;
use super::table::Table;
use super::{Context, Output, moment};
use crate::ledger::Actor;
use crate::random;
use crate::store::records::Subscription;

pub(super) async fn run(command: Command, context: Context) -> Result<(), Failure> {
    match command {
        Command::Add {
            organisation,
            product,
            from,
            until,
            device,
            form,
        } => {
            let organisation = context.organisation(&organisation.organisation).await?.id;
            let policy = context.policy().await?;
            if policy.product(&product).is_none() {
                let known: Vec<_> = policy
                    .products
                    .iter()
                    .map(|product| product.id.as_str())
                    .collect();
                return Err(Failure::refused(format!(
                    "the policy has no product {product}; it has {}",
                    known.join(", ")
                )));
            }
            if let Some(device) = device
                && context.owner(device).await? != organisation
            {
                return Err(Failure::refused("the device is not one of this organisation"));
            }
            let read =
                |text: Option<String>| text.map(|text| moment::read(&text, &policy.timezone)).transpose();
            let (starts, ends) = (read(from)?.unwrap_or(context.now), read(until)?);
            if ends.is_some_and(|ends| ends <= starts) {
                return Err(Failure::refused("a subscription ends after it starts"));
            }
            let id = SubscriptionId::from_random(random::bytes());
            let subscription = Subscription {
                id,
                organisation,
                device,
                product,
                starts,
                ends,
            };
            context
                .store
                .add_subscription(subscription, Actor::Administrator, context.now)
                .await?;
            Output::new(form).say(&json!({ "id": id }), &format!("{id}\n"))
        }
        Command::List { organisation, form } => {
            let organisation = context.organisation(&organisation.organisation).await?.id;
            let subscriptions = context.store.subscriptions(organisation).await?;
            let mut table = Table::new(["ID", "PRODUCT", "DEVICE", "STARTS", "ENDS"]);
            let mut list = Vec::new();
            for one in subscriptions {
                table.row([
                    one.id.to_string(),
                    one.product.to_string(),
                    one.device.map_or("all".to_owned(), |device| device.to_string()),
                    one.starts.to_string(),
                    one.ends.map(|ends| ends.to_string()).unwrap_or_default(),
                ]);
                list.push(json!({
                    "id": one.id, "product": one.product, "device": one.device,
                    "starts": one.starts.to_string(), "ends": one.ends.map(|ends| ends.to_string()),
                }));
            }
            Output::new(form).show(&list, &table)
        }
        Command::End { organisation, id, at } => {
            let organisation = context.organisation(&organisation.organisation).await?.id;
            let ends = match at {
                None => context.now,
                Some(text) => moment::read(&text, &context.policy().await?.timezone)?,
            };
            context
                .store
                .end_subscription(organisation, id, ends, Actor::Administrator, context.now)
                .await?;
            print(&format!(
                "The subscription ends at {ends}; what it alone documents is gone then.\n"
            ))
        }
    }
}
