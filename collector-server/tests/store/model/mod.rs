//! Random histories, done to the store and to a plain model of what the documents say of it. The model is written from
//! docs/retention.md, docs/operations.md, docs/decisions and ARCHITECTURE.md, and knows nothing of the engine.
//!
//! Organisations are independent, so that many histories share one store, and with it clock, policy, purges and
//! restarts. `ZEEF_MODEL_SEEDS=17` or `17..40` runs the stores of those seeds; a failure says its own.

mod compare;
mod deeds;
mod device;
mod dice;
mod history;
mod member;
mod message;
mod organisation;
mod policy;
mod send;
mod step;
mod stored;
mod time;
mod world;

use std::ops::Range;

use tokio::task::JoinSet;

use crate::engine::ON_POSTGRES;

/// Organisations in one store.
const TOGETHER: usize = 125;

/// Stores at a time: while one waits for its disk, another goes on.
const STORES: usize = 4;

/// Rounds of three deeds and a turn of the whole.
const ROUNDS: usize = 6;

fn seeds() -> Range<u64> {
    let Ok(text) = std::env::var("ZEEF_MODEL_SEEDS") else {
        // The rules are the same on every engine; a server takes its time for each step.
        return if ON_POSTGRES { 0..4 } else { 0..80 };
    };
    match text.split_once("..") {
        Some((first, end)) => first.parse().unwrap()..end.parse().unwrap(),
        None => text.parse().map(|seed| seed..seed + 1).unwrap(),
    }
}

#[test]
fn in_random_histories_the_store_does_what_the_documents_say() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let failed = runtime.block_on(async {
        let mut running = JoinSet::new();
        for seed in seeds() {
            running.spawn(async move { (seed, history::run(seed, TOGETHER, ROUNDS).await) });
            if running.len() == STORES {
                let (seed, result) = running.join_next().await?.unwrap();
                if let Err(failed) = result {
                    return Some((seed, history::shortened(failed).await));
                }
            }
        }
        let rest = running.join_all().await.into_iter();
        let (seed, failed) = rest
            .filter_map(|(seed, result)| Some((seed, result.err()?)))
            .next()?;
        Some((seed, history::shortened(failed).await))
    });
    if let Some((seed, failed)) = failed {
        let steps: Vec<String> = failed.steps.iter().map(|step| format!("  {step:?}")).collect();
        panic!(
            "{}\nafter, by ZEEF_MODEL_SEEDS={seed},\n{}",
            failed.difference,
            steps.join("\n")
        );
    }
}
