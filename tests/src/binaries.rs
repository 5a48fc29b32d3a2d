//! Where the programs under test are: beside the test that runs.

use std::path::PathBuf;

/// The agent.
#[must_use]
pub fn agent() -> PathBuf {
    find("zeef-agent")
}

/// The collector.
#[must_use]
pub fn collector() -> PathBuf {
    find("zeef-collector")
}

fn find(name: &str) -> PathBuf {
    let test = std::env::current_exe().expect("a running program has a path");
    // Tests lie in target/PROFILE/deps, programs of this crate in target/PROFILE.
    let found = test
        .ancestors()
        .skip(1)
        .take(2)
        .map(|folder| folder.join(name))
        .find(|path| path.is_file());
    found.unwrap_or_else(|| {
        panic!("{name} is not built: run `cargo build --workspace --bins` (or `make test`, which does)")
    })
}
