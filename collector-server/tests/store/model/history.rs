//! Histories: drawn by a seed, run together in one store, and made short where one failed.

use super::dice::Dice;
use super::step::{self, Deed, Event};
use super::world::{Failure, World};

/// One thing that happened to an organisation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Step {
    Deed(Deed),
    Event(Event),
}

/// What happened to one organisation until the store and the model differed.
#[derive(Debug)]
pub(super) struct Failed {
    pub(super) steps: Vec<Step>,
    pub(super) difference: String,
}

/// Runs the histories of a seed, side by side.
pub(super) async fn run(seed: u64, members: usize, rounds: usize) -> Result<(), Failed> {
    let mut world = World::new(members).await;
    let mut dice: Vec<Dice> = (0..members).map(|nth| Dice::of(seed, nth as u64 + 1)).collect();
    let mut turns = Dice::of(seed, 0);
    let mut histories: Vec<Vec<Step>> = vec![Vec::new(); members];
    let failed = |failure: Failure, histories: &[Vec<Step>]| Failed {
        steps: histories[failure.member].clone(),
        difference: failure.difference,
    };
    for round in 0..rounds {
        let deeds: Vec<Vec<Deed>> = dice
            .iter_mut()
            .map(|dice| match round {
                0 => step::beginning(dice),
                _ => (0..3).map(|_| step::deed(dice)).collect(),
            })
            .collect();
        for (history, deeds) in histories.iter_mut().zip(&deeds) {
            history.extend(deeds.iter().cloned().map(Step::Deed));
        }
        world
            .act(deeds)
            .await
            .map_err(|failure| failed(failure, &histories))?;
        for event in world.events(step::turn(&mut turns)) {
            histories
                .iter_mut()
                .for_each(|history| history.push(Step::Event(event)));
            world
                .happen(event)
                .await
                .map_err(|failure| failed(failure, &histories))?;
        }
    }
    Ok(())
}

/// Runs one history by itself; what differs, if anything does.
async fn replay(steps: &[Step]) -> Option<String> {
    let mut world = World::new(1).await;
    for step in steps {
        let result = match step {
            Step::Deed(deed) => world.act(vec![vec![deed.clone()]]).await,
            Step::Event(event) => world.happen(*event).await,
        };
        if let Err(failure) = result {
            return Some(failure.difference);
        }
    }
    None
}

/// Leaves out of a history whatever it fails without.
pub(super) async fn shortened(failed: Failed) -> Failed {
    let Some(mut difference) = replay(&failed.steps).await else {
        return failed;
    };
    let mut steps = failed.steps;
    let mut length = steps.len() / 2;
    while length > 0 {
        let mut start = 0;
        let mut shorter = false;
        while start < steps.len() {
            let mut left = steps.clone();
            left.drain(start..(start + length).min(steps.len()));
            if let Some(found) = replay(&left).await {
                (steps, difference, shorter) = (left, found, true);
            } else {
                start += length;
            }
        }
        if !(shorter && length == 1) {
            length /= 2;
        }
    }
    Failed { steps, difference }
}
