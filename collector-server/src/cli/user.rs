//! `user`.

use std::collections::BTreeSet;

use clap::{Args, Subcommand};
use serde_json::json;
use zeef_proto::id::UserId;

use super::arguments::Form;
use super::failure::Failure;
use super::output::print;
use super::table::Table;
use super::terminal::read_secret;
use super::{Context, Output};
use crate::access::{Reach, Role, account_name};
use crate::ledger::Actor;
use crate::random;
use crate::store::people::{NewUser, User};
use crate::web::{one_time_link, password};

#[derive(Subcommand)]
pub(super) enum Command {
    /// Make an account and show a link with which its owner signs in and sets a password
    Add {
        /// The name to sign in with
        name: String,
        #[command(flatten)]
        rights: Rights,
        #[command(flatten)]
        form: Form,
    },
    /// Give an account another role, and other organisations
    Role {
        /// The account
        name: String,
        #[command(flatten)]
        rights: Rights,
    },
    /// Show a new one-time link for an account
    Link {
        /// The account
        name: String,
        #[command(flatten)]
        form: Form,
    },
    /// Set an account's password, read from standard input; ends its sessions
    Password {
        /// The account
        name: String,
    },
    /// Take the second factor off an account whose owner lost it; ends its sessions
    SecondFactor {
        /// The account
        name: String,
        /// Take it off
        #[arg(long, required = true)]
        reset: bool,
    },
    /// List accounts
    List {
        #[command(flatten)]
        form: Form,
    },
    /// Delete an account and end its sessions
    Remove {
        /// The account
        name: String,
    },
}

/// What an account may do, and to whom.
#[derive(Args)]
pub(super) struct Rights {
    /// What it is: administrator, privacy-officer, technician or customer-contact
    #[arg(long, value_name = "ROLE")]
    pub(super) role: Role,
    /// An organisation to which it is limited; may be given more than once. All where it is left out, but for a
    /// customer's contact, who needs one
    #[arg(long = "organisation", value_name = "NAME")]
    pub(super) organisations: Vec<String>,
}

pub(super) async fn run(command: Command, context: Context) -> Result<(), Failure> {
    match command {
        Command::Add { name, rights, form } => {
            let name = account_name(&name).map_err(|invalid| Failure::refused(invalid.to_string()))?;
            let id = UserId::from_random(random::bytes());
            let (role, reach) = read(&context, rights).await?;
            let user = NewUser {
                id,
                name,
                role,
                reach,
            };
            let (by, now) = (Actor::Administrator, context.now);
            context.store.add_user(user, by, now).await?;
            show_link(&context, id, form).await
        }
        Command::Role { name, rights } => {
            let user = find(&context, name).await?;
            let (role, reach) = read(&context, rights).await?;
            let (by, now) = (Actor::Administrator, context.now);
            context.store.set_role(user.id, role, reach, by, now).await?;
            print("The account has its new role from its next page on.\n")
        }
        Command::Link { name, form } => {
            let user = find(&context, name).await?;
            show_link(&context, user.id, form).await
        }
        Command::Password { name } => {
            let user = find(&context, name).await?;
            let password = read_secret("New password: ")?;
            password::check(&password, &user.name).map_err(|weak| Failure::refused(weak.to_string()))?;
            let (hash, by) = (password::hash(&password), Actor::Administrator);
            context
                .store
                .set_password(user.id, hash, None, by, context.now)
                .await?;
            print("The password was set and the account's sessions ended.\n")
        }
        Command::SecondFactor { name, reset: _ } => {
            let user = find(&context, name).await?;
            let (by, now) = (Actor::Administrator, context.now);
            if !context.store.remove_second_factor(user.id, None, by, now).await? {
                return Err(Failure::refused(
                    "the account has no second factor; nothing was changed",
                ));
            }
            print("The account's second factor was taken off and its sessions ended.\n")
        }
        Command::List { form } => {
            let users = context.store.users().await?;
            let organisations = context.store.organisations().await?;
            let mut table = Table::new(["NAME", "ROLE", "ORGANISATIONS", "PASSWORD", "SECOND FACTOR", "ID"]);
            let mut list = Vec::new();
            for user in users {
                let has_password = user.password_hash.is_some();
                let password = if has_password { "set" } else { "not set" };
                let names = user.reach.limits().map(|reached| {
                    let within = organisations.iter().filter(|one| reached.contains(&one.id));
                    within.map(|one| one.name.as_str()).collect::<Vec<_>>()
                });
                table.row([
                    user.name.clone(),
                    user.role.to_string(),
                    names
                        .as_ref()
                        .map_or_else(|| "all".to_owned(), |names| names.join(", ")),
                    password.to_owned(),
                    if user.second_factor { "set" } else { "not set" }.to_owned(),
                    user.id.to_string(),
                ]);
                list.push(json!({
                    "id": user.id, "name": user.name, "role": user.role.name(), "organisations": names,
                    "password": has_password, "second_factor": user.second_factor,
                }));
            }
            Output::new(form).show(&list, &table)
        }
        Command::Remove { name } => {
            let user = find(&context, name).await?;
            context
                .store
                .remove_user(user.id, Actor::Administrator, context.now)
                .await?;
            print("The account was deleted and its sessions ended.\n")
        }
    }
}

/// The role and the reach that a command names.
pub(super) async fn read(context: &Context, rights: Rights) -> Result<(Role, Reach), Failure> {
    let Rights { role, organisations } = rights;
    let mut limits = BTreeSet::new();
    for name in organisations {
        limits.insert(context.organisation(&name).await?.id);
    }
    let reach = Reach::for_role(role, limits).map_err(|misfit| Failure::refused(misfit.to_string()))?;
    Ok((role, reach))
}

pub(super) async fn find(context: &Context, name: String) -> Result<User, Failure> {
    let user = context.store.user_by_name(name).await?;
    user.ok_or_else(|| Failure::refused("there is no such account; see `zeef-collector user list`"))
}

async fn show_link(context: &Context, user: UserId, form: Form) -> Result<(), Failure> {
    let link = one_time_link(
        context.store.as_ref(),
        Actor::Administrator,
        context.now,
        user,
        &context.config.web.public_url,
    )
    .await?;
    let text = format!(
        "{link}\n\nIt signs in once, within 15 minutes. Hand it over by a way that only its owner reads.\n"
    );
    Output::new(form).say(&json!({ "id": user, "link": link }), &text)
}
