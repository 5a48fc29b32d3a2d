//! Steps from the command line.

use zeef_proto::field::{Parse, Username};
use zeef_proto::id::RequestId;

use super::super::Context;
use super::super::failure::Failure;
use super::super::output::print;
use super::arguments::{Scope as Named, Step as Command};
use super::{input, owner, unreadable};
use crate::requests::{Kind, Officer, Scope, Step, Text, elsewhere, recipients};
use crate::store::requests::{Stepped, Taking};

pub(super) async fn take(context: &Context, request: RequestId, command: Command) -> Result<(), Failure> {
    let organisation = owner(context, request).await?;
    let cases = context
        .store
        .requests(Some(vec![organisation]), context.now)
        .await?;
    let case = cases.into_iter().find(|case| case.id == request);
    let case = case.ok_or_else(|| Failure::refused("the record of this request is past its term"))?;
    let taking = Taking {
        organisation,
        request,
        seen: case.version,
        step: read(context, case.kind, command).await?,
        by: Officer::CommandLine,
        rules: context.config.requests,
    };
    match context.store.step_request(taking, context.now).await? {
        Stepped::Taken(case) => print(&format!("The request is now: {}.\n", case.state.name())),
        Stepped::Overtaken(_) => Err(Failure::refused(
            "somebody else has just taken a step; nothing was changed. Look at the request again",
        )),
        Stepped::Refused(refused) => Err(refused.into()),
    }
}

async fn read(context: &Context, kind: Kind, command: Command) -> Result<Step, Failure> {
    Ok(match command {
        Command::CheckRole { who } => Step::CheckRole(who),
        Command::Verify { method, failed } => Step::Verify {
            method,
            established: !failed,
        },
        Command::Scope(named) => Step::Scope(scope(context, kind, named).await?),
        Command::Restrict => Step::Restrict,
        Command::Execute => Step::Execute,
        Command::Finish { task } => Step::Finish(task),
        Command::PassOver { task } => Step::PassOver(task),
        Command::Inform => Step::Inform,
        Command::Acknowledge { task } => Step::Acknowledge(task),
        Command::Propose { answer, ground } => {
            let answer = answer
                .answer(ground)
                .ok_or_else(|| Failure::refused("a refusal has a ground, and what is delivered has none"))?;
            let text = input()?;
            let explanation = (!text.trim().is_empty()).then(|| Text::parse(&text));
            Step::Propose {
                answer,
                explanation: explanation.transpose().map_err(unreadable)?,
            }
        }
        Command::Approve => Step::Approve,
        Command::SendBack => Step::SendBack,
        Command::Close => Step::Close,
        Command::Extend { reason } => Step::Extend(reason),
        Command::Withdraw => Step::Withdraw,
        Command::Hold => Step::Hold,
        Command::Release => Step::Release,
    })
}

async fn scope(context: &Context, kind: Kind, named: Named) -> Result<Scope, Failure> {
    let policy = context.policy().await?;
    if let Some(unknown) = named.products.iter().find(|id| policy.product(id).is_none()) {
        return Err(Failure::refused(format!("the policy has no product {unknown}")));
    }
    let usernames = if named.usernames { input()? } else { String::new() };
    let usernames = usernames.lines().filter(|line| !line.trim().is_empty());
    let usernames = usernames.map(Username::parse).collect::<Result<_, _>>();
    Ok(Scope {
        devices: named.devices,
        usernames: usernames.map_err(|_| Failure::refused("a line of standard input is no username"))?,
        elsewhere: elsewhere(&policy, &named.products)
            .map(|(_, row)| row.id.clone())
            .collect(),
        recipients: recipients(&policy, kind, &named.products),
    })
}
