//! `token`.

use serde_json::json;
use zeef_proto::UnixTime;

use super::arguments::Token;
use super::failure::Failure;
use super::output::print;
use super::table::Table;
use super::{Context, Output};
use crate::enrolment::{Invitation, Invitations};
use crate::ledger::Actor;
use crate::store::records::Token as Stored;

pub(super) async fn run(command: Token, context: Context) -> Result<(), Failure> {
    match command {
        Token::Create {
            organisation,
            uses,
            valid,
            form,
        } => {
            let organisation = context.organisation(&organisation.organisation).await?;
            let expires_at = context.now.plus(valid.seconds());
            let invitations = Invitations::of(&context.config)?;
            let invitation = Invitation {
                organisation: organisation.id,
                uses,
                expires_at,
            };
            let (store, by) = (context.store.as_ref(), Actor::Administrator);
            let (id, token) = invitations.invite(store, invitation, by, context.now).await?;
            let (token, url) = (token.expose(), &invitations.url);
            let text = format!(
                "\
{token}

It enrols {uses} device(s) of this organisation until {expires_at}, and is not shown again. On each device, as root:
  zeef-agent enroll --url {url} --token-file FILE
with the token in FILE, or in the environment as ZEEF_ENROLL_TOKEN. To make it worthless before that:
  zeef-collector token revoke --organisation {organisation} {id}
",
                organisation = organisation.id,
            );
            let json = json!({
                "id": id, "token": token, "url": url, "uses": uses, "expires_at": expires_at.to_string(),
            });
            Output::new(form).say(&json, &text)
        }
        Token::List { organisation, form } => {
            let organisation = context.organisation(&organisation.organisation).await?.id;
            let tokens = context.store.tokens(organisation).await?;
            let mut table = Table::new(["ID", "USES LEFT", "OF", "EXPIRES", "STATE"]);
            let mut list = Vec::new();
            for one in tokens {
                let state = state(&one, context.now);
                table.row([
                    one.id.to_string(),
                    one.uses_left.to_string(),
                    one.uses.to_string(),
                    one.expires_at.to_string(),
                    state.to_owned(),
                ]);
                list.push(json!({
                    "id": one.id, "uses": one.uses, "uses_left": one.uses_left,
                    "expires_at": one.expires_at.to_string(), "state": state,
                }));
            }
            Output::new(form).show(&list, &table)
        }
        Token::Revoke { organisation, id } => {
            let organisation = context.organisation(&organisation.organisation).await?.id;
            if context
                .store
                .revoke_token(organisation, id, Actor::Administrator, context.now)
                .await?
            {
                print("The token is worthless now; devices that it enrolled stay.\n")
            } else {
                Err(Failure::refused(
                    "there is no such token; see `zeef-collector token list`",
                ))
            }
        }
    }
}

fn state(token: &Stored, now: UnixTime) -> &'static str {
    if token.revoked {
        "revoked"
    } else if token.expires_at <= now {
        "expired"
    } else if token.uses_left == 0 {
        "used up"
    } else {
        "good"
    }
}
