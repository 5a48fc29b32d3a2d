//! A tailed file: lines as they are added, through rotation by renaming, by copying and cutting, and deletion.

mod chunk;
mod decide;
mod follow;

use std::io::ErrorKind;
use std::path::PathBuf;
use std::time::Duration;

use serde::Deserialize;
use tokio::time::MissedTickBehavior;

use super::config::{About, absolute};
use super::folder::blocking;
use super::inputs::Surroundings;
use super::piece::{Content, Mark, Piece};
pub use chunk::MOST_LINE;
pub use decide::{Current, From, Observation, Step, next};
use follow::{Follower, Taken};

/// Time between two looks.
const INTERVAL: Duration = Duration::from_secs(1);

/// An entry of `intake.toml`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// The file, which may come later.
    #[serde(deserialize_with = "absolute")]
    pub path: PathBuf,
    /// Whose records its lines are.
    pub source: String,
    /// Which devices they are about.
    pub about: About,
    /// Where to begin with a file that is there at first sight.
    #[serde(default)]
    pub from: From,
}

/// Reads what is added to the file, until nobody takes it any more.
pub async fn run(settings: Settings, surroundings: Surroundings) {
    let Surroundings {
        position,
        out,
        health,
        clock,
        digester,
    } = surroundings;
    let line = match position.last() {
        Some(Mark::Line(line)) => Some(*line),
        _ => None,
    };
    let mut follower = Follower::new(settings, line, digester);
    let mut ticks = tokio::time::interval(INTERVAL);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = ticks.tick() => {}
            () = out.closed() => return,
        }
        loop {
            let looked = blocking(move || {
                let taken = follower.look();
                Ok((follower, taken))
            });
            let Ok((back, taken)) = looked.await else { return };
            follower = back;
            match taken {
                Ok(Taken::Nothing) => {
                    health.well();
                    break;
                }
                Ok(Taken::Lines { lines, line, lost }) => {
                    health.read(clock.now());
                    health.lost(lost);
                    let content = Content::Bytes(lines);
                    let mark = Some(Mark::Line(line));
                    if out.send(Piece { content, mark }).await.is_err() {
                        return;
                    }
                }
                Err(error) => {
                    health.trouble(match error.kind() {
                        ErrorKind::InvalidInput => {
                            "the path is a link or no file; name the file itself".to_owned()
                        }
                        kind => format!("the file cannot be read ({kind})"),
                    });
                    break;
                }
            }
        }
    }
}
