//! `api-token`.

use clap::Subcommand;
use serde_json::json;
use zeef_proto::UnixTime;
use zeef_proto::id::ApiTokenId;

use super::arguments::Form;
use super::failure::Failure;
use super::output::print;
use super::table::Table;
use super::user::Rights;
use super::{Context, Output, user};
use crate::access::{Role, Scope};
use crate::api::token::{self, TokenError, Wish};
use crate::config::duration::Length;
use crate::ledger::Actor;
use crate::store::api_tokens::{ApiToken, Holder};

#[derive(Subcommand)]
pub(super) enum Command {
    /// Make a token and show it, this once: for a program of its own, or in somebody's name with --user
    Add {
        /// What it is called in lists
        name: String,
        /// What it is for, such as inventory:read; may be given more than once
        #[arg(long = "scope", required = true, value_name = "SCOPE")]
        scopes: Vec<Scope>,
        /// How long it is good; at most 366d
        #[arg(long, default_value = "90d", value_name = "TIME")]
        valid: Length,
        /// The account whose role and organisations it has
        #[arg(long, value_name = "ACCOUNT", conflicts_with_all = ["role", "organisations"])]
        user: Option<String>,
        /// The role that it has: administrator, privacy-officer, technician or customer-contact
        #[arg(long, value_name = "ROLE", required_unless_present = "user")]
        role: Option<Role>,
        /// An organisation to which it is limited; may be given more than once. All where it is left out
        #[arg(long = "organisation", value_name = "NAME")]
        organisations: Vec<String>,
        #[command(flatten)]
        form: Form,
    },
    /// List tokens, the newest first
    List {
        #[command(flatten)]
        form: Form,
    },
    /// Make a token worthless
    Revoke {
        /// The token's id
        id: ApiTokenId,
    },
}

pub(super) async fn run(command: Command, context: Context) -> Result<(), Failure> {
    let by = Actor::Administrator;
    match command {
        Command::Add {
            name,
            scopes,
            valid,
            user,
            role,
            organisations,
            form,
        } => {
            let (holder, role) = match (user, role) {
                (Some(user), _) => {
                    let user = user::find(&context, user).await?;
                    (Holder::Account(user.id), user.role)
                }
                (None, Some(role)) => {
                    let (role, reach) = user::read(&context, Rights { role, organisations }).await?;
                    (Holder::Service(role, reach), role)
                }
                (None, None) => return Err(Failure::refused("name an account with --user, or a --role")),
            };
            let wish = Wish {
                name,
                holder,
                scopes: scopes.into_iter().collect(),
                seconds: valid.seconds(),
            };
            let store = context.store.as_ref();
            let (id, secret) = token::make(store, wish, role, by, context.now).await?;
            let (token, until) = (secret.expose(), context.now.plus(valid.seconds()));
            let text = format!(
                "{token}\n\nIt is good until {until}, and is not shown again. To make it worthless before that:\n  \
                 zeef-collector api-token revoke {id}\n"
            );
            let json = json!({ "id": id, "token": token, "expires_at": until.to_string() });
            Output::new(form).say(&json, &text)
        }
        Command::List { form } => list(&context, form).await,
        Command::Revoke { id } => {
            if context.store.revoke_api_token(id, None, by, context.now).await? {
                print("The token is worthless now.\n")
            } else {
                Err(Failure::refused(
                    "there is no such token; see `zeef-collector api-token list`",
                ))
            }
        }
    }
}

async fn list(context: &Context, form: Form) -> Result<(), Failure> {
    let tokens = context.store.api_tokens(None).await?;
    let users = context.store.users().await?;
    let names = super::device::names(context.store.as_ref()).await?;
    let mut table = Table::new(["NAME", "OF", "SCOPES", "EXPIRES", "LAST USED", "ID"]);
    let mut list = Vec::new();
    for one in tokens {
        let (of, reached) = match &one.holder {
            Holder::Account(id) => {
                let user = users.iter().find(|user| user.id == *id);
                (user.map(|user| user.name.clone()).unwrap_or_default(), None)
            }
            Holder::Service(role, reach) => {
                let reached = reach.limits().map(|reached| {
                    let known = reached.iter().filter_map(|id| names.get(id));
                    known.cloned().collect::<Vec<_>>()
                });
                (format!("service, {role}"), reached)
            }
        };
        table.row([
            one.name.clone(),
            of,
            one.scopes.to_string(),
            one.expires_at.to_string(),
            used(&one),
            one.id.to_string(),
        ]);
        let (user, role) = match &one.holder {
            Holder::Account(user) => (Some(user), None),
            Holder::Service(role, _) => (None, Some(role.name())),
        };
        list.push(json!({
            "id": one.id, "name": one.name, "user": user, "role": role, "organisations": reached,
            "scopes": one.scopes.names().collect::<Vec<_>>(),
            "created_at": one.created_at.to_string(), "expires_at": one.expires_at.to_string(),
            "last_used": one.last_used.map(|at| at.to_string()),
        }));
    }
    Output::new(form).show(&list, &table)
}

fn used(token: &ApiToken) -> String {
    token
        .last_used
        .map_or_else(|| "never".to_owned(), |at: UnixTime| at.to_string())
}

impl From<TokenError> for Failure {
    fn from(error: TokenError) -> Self {
        match error {
            TokenError::Store(error) => error.into(),
            other => Self::refused(other.to_string()),
        }
    }
}
