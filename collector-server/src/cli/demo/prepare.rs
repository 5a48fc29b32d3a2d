//! What a demonstration needs to be there, made once and found again.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};

use zeef_proto::id::{SubscriptionId, UserId};
use zeef_proto::policy::ProductId;
use zeef_proto::{Clock, OrganisationId, UnixTime};

use crate::access::{Reach, Role};
use crate::cli::failure::Failure;
use crate::clock::SystemClock;
use crate::files::create_private_directory;
use crate::installation::{self, Addresses};
use crate::ledger::Actor;
use crate::random;
use crate::store::Store;
use crate::store::people::NewUser;
use crate::store::records::Subscription;

pub(super) const ORGANISATION: &str = "Demo BV";
pub(super) const USER: &str = "demo";
const PRODUCTS: [&str; 2] = ["antivirus", "rmm"];

/// The configuration of the installation in `directory`, which is made if it is not there.
pub(super) async fn installation(directory: &Path) -> Result<PathBuf, Failure> {
    let collector = directory.join("collector");
    let config = collector.join("collector.toml");
    if config.exists() {
        return Ok(config);
    }
    create_private_directory(directory).map_err(|error| {
        Failure::failed(format!(
            "{} cannot be made ({})",
            directory.display(),
            error.kind()
        ))
    })?;
    let names = ["localhost".to_owned(), Ipv4Addr::LOCALHOST.to_string()];
    let made = installation::create(&collector, &names, &addresses()?, None, SystemClock.now()).await?;
    Ok(made.config)
}

/// The usual ports on loopback, or free ones where somebody has those.
fn addresses() -> Result<Addresses, Failure> {
    let usual = Addresses::default();
    let (agents, web, operations) = (
        free(usual.agents.port())?,
        free(usual.web.port())?,
        free(usual.operations.port())?,
    );
    Ok(Addresses {
        agents: address(&agents)?,
        web: address(&web)?,
        operations: address(&operations)?,
    })
}

fn free(usual: u16) -> Result<TcpListener, Failure> {
    let listen = |port| TcpListener::bind((Ipv4Addr::LOCALHOST, port));
    listen(usual).or_else(|_| listen(0)).map_err(no_port)
}

fn address(listener: &TcpListener) -> Result<SocketAddr, Failure> {
    listener.local_addr().map_err(no_port)
}

#[allow(clippy::needless_pass_by_value, reason = "the form that map_err asks for")]
fn no_port(error: std::io::Error) -> Failure {
    Failure::failed(format!(
        "no port is free on the loopback address ({})",
        error.kind()
    ))
}

/// The organisation of the demonstration, subscribed.
pub(super) async fn organisation(store: &dyn Store, now: UnixTime) -> Result<OrganisationId, Failure> {
    let found = store
        .organisations()
        .await?
        .into_iter()
        .find(|one| one.name == ORGANISATION);
    let organisation = match found {
        Some(found) => found.id,
        None => {
            let id = OrganisationId::from_random(random::bytes());
            store.add_organisation(id, ORGANISATION.to_owned(), now).await?;
            id
        }
    };
    let held = store.subscriptions(organisation).await?;
    for name in PRODUCTS {
        let product: ProductId = name
            .parse()
            .map_err(|_| Failure::failed("a product of the demonstration has no name"))?;
        if held.iter().all(|one| one.product != product) {
            let subscription = Subscription {
                id: SubscriptionId::from_random(random::bytes()),
                organisation,
                device: None,
                product,
                starts: now,
                ends: None,
            };
            store
                .add_subscription(subscription, Actor::Administrator, now)
                .await?;
        }
    }
    Ok(organisation)
}

/// The account of the demonstration.
pub(super) async fn user(store: &dyn Store, now: UnixTime) -> Result<UserId, Failure> {
    if let Some(user) = store.user_by_name(USER.to_owned()).await? {
        return Ok(user.id);
    }
    let id = UserId::from_random(random::bytes());
    let user = NewUser {
        id,
        name: USER.to_owned(),
        role: Role::Administrator,
        reach: Reach::All,
    };
    store.add_user(user, Actor::Administrator, now).await?;
    Ok(id)
}
