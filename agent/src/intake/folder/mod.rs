//! A watched folder: each file is read once, when it has stopped changing. No file's name is remembered: a file is
//! known again by a keyed digest of its name, size and time of change, so that a changed file is another one.

mod pattern;
mod watch;

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Deserialize;
use tokio::time::MissedTickBehavior;

use super::config::{About, absolute};
use super::digest::{Digest, Digester};
use super::inputs::Surroundings;
use super::piece::{Content, Piece};
use crate::platform::files;
pub use pattern::Pattern;
pub use watch::{Look, MOST_FILES, Watch};

/// Time between two looks.
const INTERVAL: Duration = Duration::from_secs(1);

/// An entry of `intake.toml`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// The folder.
    #[serde(deserialize_with = "absolute")]
    pub path: PathBuf,
    /// Whose records its files hold.
    pub source: String,
    /// Which devices they are about.
    pub about: About,
    /// Which of its files are read.
    #[serde(default)]
    pub files: Pattern,
}

/// A file that was found.
struct Found {
    name: PathBuf,
    stamp: Digest,
}

/// Reads what comes into the folder, until nobody takes it any more.
pub async fn run(settings: Settings, surroundings: Surroundings) {
    let Surroundings {
        position,
        out,
        health,
        clock,
        digester,
    } = surroundings;
    let mut watch = Watch::new(position.files().clone());
    let mut ticks = tokio::time::interval(INTERVAL);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = ticks.tick() => {}
            () = out.closed() => return,
        }
        let found = match look(&settings, &digester).await {
            Ok(found) => found,
            Err(error) => {
                health.trouble(format!("the folder cannot be looked into ({})", error.kind()));
                continue;
            }
        };
        let stamps = found.iter().map(|file| file.stamp).collect();
        match watch.look(stamps) {
            Look::TooMany => {
                health.trouble(format!(
                    "the folder holds more than {MOST_FILES} files; remove those that were read"
                ));
            }
            Look::Ready(ready) => {
                if ready.is_empty() {
                    health.well();
                }
                for file in found.into_iter().filter(|file| ready.contains(&file.stamp)) {
                    let content = match open(&settings.path, &file, &digester).await {
                        Ok(Some(content)) => content,
                        // Changed or gone since: the next look knows.
                        Ok(None) => continue,
                        Err(error) => {
                            health.trouble(format!("a file in the folder cannot be read ({})", error.kind()));
                            continue;
                        }
                    };
                    health.read(clock.now());
                    let mark = Some(watch.hand_on(file.stamp));
                    if out.send(Piece { content, mark }).await.is_err() {
                        return;
                    }
                }
            }
        }
    }
}

/// Looks at the files of the folder, not at those of folders within it, and at nothing that is a link or no file.
async fn look(settings: &Settings, digester: &Digester) -> io::Result<Vec<Found>> {
    let (path, pattern, digester) = (settings.path.clone(), settings.files.clone(), digester.clone());
    blocking(move || {
        let mut found = Vec::new();
        for entry in std::fs::read_dir(&path)? {
            let entry = entry?;
            if !pattern.fits(&entry.file_name().to_string_lossy()) {
                continue;
            }
            // Gone in the meantime, or not to be looked at.
            let Ok(metadata) = entry.metadata() else { continue };
            if metadata.is_file() {
                let name = PathBuf::from(entry.file_name());
                let stamp = stamp(&digester, &name, &metadata);
                found.push(Found { name, stamp });
            }
            if found.len() > MOST_FILES {
                break;
            }
        }
        Ok(found)
    })
    .await
}

/// Opens a file; `None` where it is not as it was seen any more.
async fn open(folder: &Path, file: &Found, digester: &Digester) -> io::Result<Option<Content>> {
    let (path, name, seen, digester) = (
        folder.join(&file.name),
        file.name.clone(),
        file.stamp,
        digester.clone(),
    );
    let opened = blocking(move || {
        let file = files::open_plain(&path)?;
        let now = stamp(&digester, &name, &file.metadata()?);
        Ok((now == seen).then_some(Content::File(file)))
    });
    match opened.await {
        Err(error)
            if matches!(
                error.kind(),
                io::ErrorKind::NotFound | io::ErrorKind::InvalidInput
            ) =>
        {
            Ok(None)
        }
        other => other,
    }
}

fn stamp(digester: &Digester, name: &Path, metadata: &std::fs::Metadata) -> Digest {
    let changed = metadata.modified().ok();
    let since = changed.and_then(|time| time.duration_since(std::time::UNIX_EPOCH).ok());
    digester.digest(&[
        b"file",
        name.as_os_str().as_encoded_bytes(),
        &metadata.len().to_be_bytes(),
        &since.unwrap_or_default().as_nanos().to_be_bytes(),
    ])
}

/// File systems may take their time; the thread on which reports are sent does not wait for them.
pub(super) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> io::Result<T> {
    tokio::task::spawn_blocking(work)
        .await
        .unwrap_or_else(|_| Err(io::ErrorKind::Other.into()))
}
