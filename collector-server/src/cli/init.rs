//! `init`.

use zeef_proto::Clock;

use super::arguments::Init;
use super::failure::Failure;
use super::output::print;
use crate::clock::SystemClock;
use crate::installation::{self, Addresses};

pub(super) async fn run(init: Init) -> Result<(), Failure> {
    let policy = match &init.policy {
        Some(path) => Some(super::policy::read_text(path)?),
        None => None,
    };
    let now = SystemClock.now();
    let made = installation::create(
        &init.directory,
        &init.names,
        &Addresses::default(),
        policy.as_deref(),
        now,
    )
    .await?;
    print(&format!(
        "\
An installation was made in {directory}.

1. Move {offline} to a medium that is kept apart: it holds the root's key and the key that signs policies.
   Neither is needed to run; without them the authority cannot be renewed and no policy can be changed.
2. Look through {config}, then start the collector:
     zeef-collector serve --config {config}
3. In another terminal, make the first organisation and a token for its devices:
     zeef-collector organisation add --config {config} \"Bakkerij Jansen\"
     zeef-collector subscription add --config {config} --organisation \"Bakkerij Jansen\" antivirus
     zeef-collector token create --config {config} --organisation \"Bakkerij Jansen\"
4. Make an account for the pages:
     zeef-collector user add --config {config} --role administrator NAME
",
        directory = init.directory.display(),
        offline = made.offline.display(),
        config = made.config.display(),
    ))
}
