//! What is to be read: `intake.toml` in the state directory, as the administrator wrote it. All that can be wrong
//! with it is said at start, before anything is read.

use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Deserializer};
use zeef_proto::wire;

use super::inputs::{Input, Kind, Source};
use super::{folder, pull, syslog, tail};
use crate::sieve::definition::{Definition, DefinitionError, embedded, from_directory};

/// The file's name in the state directory.
pub const FILE: &str = "intake.toml";

/// The word that stands for finding out whose records a file holds.
pub const AUTO: &str = "auto";

/// It is some hundred lines at most.
const MOST_BYTES: u64 = 1 << 18;

/// What was read of each is remembered in one file.
const MOST_FOLDERS: usize = 8;

/// Bytes in a MiB.
const MIB: u64 = 1 << 20;

/// What is to be read, and how much may wait.
#[derive(Debug, Clone)]
pub struct Configuration {
    /// The inputs.
    pub inputs: Vec<Input>,
    /// How many bytes the spool may take on disk.
    pub most_bytes: u64,
}

/// Why nothing is read.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file is there and cannot be read.
    #[error(
        "intake.toml in the state directory cannot be read ({0}); make it readable for the agent's account"
    )]
    Read(io::ErrorKind),
    /// Not TOML, or not of the form.
    #[error("intake.toml is wrong at line {line}: {message}")]
    Form {
        /// The line, from 1.
        line: usize,
        /// What is wrong with it.
        message: String,
    },
    /// A source that nobody knows.
    #[error("intake.toml names a source in {place} that is not known; known are {known}")]
    UnknownSource {
        /// Which entry.
        place: String,
        /// The names.
        known: String,
    },
    /// A pull that cannot be done.
    #[error("intake.toml cannot be followed in {place}: {error}")]
    Pull {
        /// Which entry.
        place: String,
        /// Why.
        error: pull::SettingsError,
    },
    /// The same input again.
    #[error("intake.toml has in {place} what it has in an earlier entry; leave one of them out")]
    Twice {
        /// Which entry.
        place: String,
    },
    /// More folders than can be remembered.
    #[error(
        "intake.toml has more than {MOST_FOLDERS} folders; bring files together, and use source = \"auto\""
    )]
    TooManyFolders,
    /// A definition.
    #[error(transparent)]
    Definition(#[from] DefinitionError),
}

/// Which devices an input's records are about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum About {
    /// The one that the agent runs on.
    ThisDevice,
    /// Devices of the site, perhaps this one.
    Site,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Text {
    #[serde(default, rename = "folder")]
    folders: Vec<folder::Settings>,
    #[serde(default, rename = "tail")]
    tails: Vec<tail::Settings>,
    #[serde(default, rename = "syslog")]
    sockets: Vec<syslog::Table>,
    #[serde(default, rename = "pull")]
    pulls: Vec<pull::Table>,
    #[serde(default)]
    spool: SpoolText,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SpoolText {
    #[serde(default = "default_mib", deserialize_with = "mib")]
    most_mib: u64,
}

impl Default for SpoolText {
    fn default() -> Self {
        Self {
            most_mib: default_mib(),
        }
    }
}

const fn default_mib() -> u64 {
    64
}

fn mib<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    let mib = u64::deserialize(deserializer)?;
    if (1..=4096).contains(&mib) {
        Ok(mib)
    } else {
        Err(serde::de::Error::custom("most_mib is 1 to 4096"))
    }
}

impl Configuration {
    /// Reads what stands in a state directory; `None` where there is no such file, so that nothing is to be read.
    ///
    /// # Errors
    /// The first thing that is wrong with it, or with a definition that was added.
    pub fn read(state_directory: &Path) -> Result<Option<Self>, ConfigError> {
        use io::Read;
        let mut text = String::new();
        let file = std::fs::File::open(state_directory.join(FILE));
        match file.and_then(|file| file.take(MOST_BYTES).read_to_string(&mut text)) {
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(ConfigError::Read(error.kind())),
        }
        let mut definitions = embedded()?;
        definitions.append(&mut from_directory(state_directory)?);
        Self::parse(&text, &definitions).map(Some)
    }

    /// Reads a text in the light of the definitions that there are.
    ///
    /// # Errors
    /// The first thing that is wrong with it.
    pub fn parse(text: &str, definitions: &[Definition]) -> Result<Self, ConfigError> {
        let Text {
            folders,
            tails,
            sockets,
            pulls,
            spool,
        } = toml::from_str(text).map_err(|error| wrong_form(text, &error))?;
        if folders.len() > MOST_FOLDERS {
            return Err(ConfigError::TooManyFolders);
        }
        let mut inputs = Vec::new();
        for (index, settings) in folders.into_iter().enumerate() {
            let place = place("folder", index);
            let source = source(&settings.source, definitions, true, &place)?;
            let about = settings.about.into();
            add(&mut inputs, source, about, Kind::Folder(settings), place)?;
        }
        for (index, settings) in tails.into_iter().enumerate() {
            let place = place("tail", index);
            let source = source(&settings.source, definitions, false, &place)?;
            let about = settings.about.into();
            add(&mut inputs, source, about, Kind::Tail(settings), place)?;
        }
        for (index, table) in sockets.into_iter().enumerate() {
            let place = place("syslog", index);
            let source = source(&table.source, definitions, false, &place)?;
            let kind = Kind::Syslog(syslog::Settings {
                listen: table.listen,
                transport: table.transport,
            });
            add(&mut inputs, source, table.about.into(), kind, place)?;
        }
        for (index, table) in pulls.into_iter().enumerate() {
            let place = place("pull", index);
            let definition = named(table.source.as_str(), definitions)
                .ok_or_else(|| unknown(definitions, false, &place))?;
            let kind = pull::Settings::new(table, definition).map_err(|error| ConfigError::Pull {
                place: place.clone(),
                error,
            })?;
            let source = Source::One(Box::new(definition.clone()));
            let kind = Kind::Pull(Box::new(kind));
            add(&mut inputs, source, wire::About::SiteDevice, kind, place)?;
        }
        Ok(Self {
            inputs,
            most_bytes: spool.most_mib.saturating_mul(MIB),
        })
    }
}

fn place(kind: &str, index: usize) -> String {
    format!("[[{kind}]] {}", index + 1)
}

fn add(
    inputs: &mut Vec<Input>,
    source: Source,
    about: wire::About,
    kind: Kind,
    place: String,
) -> Result<(), ConfigError> {
    // A port can be listened at once; files can be read for several sources.
    let alone = matches!(kind, Kind::Syslog(_));
    let same =
        |other: &Input| other.kind.same_place(&kind) && (alone || other.source.name() == source.name());
    if inputs.iter().any(same) {
        return Err(ConfigError::Twice { place });
    }
    inputs.push(Input { kind, source, about });
    Ok(())
}

fn source(
    name: &str,
    definitions: &[Definition],
    may_be_auto: bool,
    place: &str,
) -> Result<Source, ConfigError> {
    if may_be_auto && name == AUTO {
        return Ok(Source::Auto(definitions.to_vec()));
    }
    named(name, definitions)
        .map(|definition| Source::One(Box::new(definition.clone())))
        .ok_or_else(|| unknown(definitions, may_be_auto, place))
}

fn named<'d>(name: &str, definitions: &'d [Definition]) -> Option<&'d Definition> {
    definitions
        .iter()
        .find(|definition| definition.name.as_str() == name)
}

fn unknown(definitions: &[Definition], may_be_auto: bool, place: &str) -> ConfigError {
    let mut known: Vec<&str> = definitions
        .iter()
        .map(|definition| definition.name.as_str())
        .collect();
    known.extend(may_be_auto.then_some(AUTO));
    ConfigError::UnknownSource {
        place: place.to_owned(),
        known: known.join(", "),
    }
}

fn wrong_form(text: &str, error: &toml::de::Error) -> ConfigError {
    let before = error
        .span()
        .and_then(|span| text.get(..span.start))
        .unwrap_or_default();
    ConfigError::Form {
        line: before.matches('\n').count() + 1,
        message: error.message().split_whitespace().collect::<Vec<_>>().join(" "),
    }
}

impl From<About> for wire::About {
    fn from(about: About) -> Self {
        match about {
            About::ThisDevice => Self::ThisDevice,
            About::Site => Self::SiteDevice,
        }
    }
}

/// A path that does not depend on where the agent was started.
pub(super) fn absolute<'de, D: Deserializer<'de>>(deserializer: D) -> Result<PathBuf, D::Error> {
    let path = PathBuf::deserialize(deserializer)?;
    if path.has_root() {
        Ok(path)
    } else {
        Err(serde::de::Error::custom(
            "path is not absolute; write it from the root on",
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Configuration, String> {
        Configuration::parse(text, &embedded().unwrap()).map_err(|error| error.to_string())
    }

    #[test]
    fn the_documented_sample_is_a_configuration() {
        let sample = include_str!("../../../docs/config-samples/intake.toml");
        let configuration = parse(sample).unwrap();
        let kinds: Vec<&str> = configuration
            .inputs
            .iter()
            .map(|input| input.kind.name())
            .collect();
        assert_eq!(kinds, ["folder", "tail", "syslog", "pull", "pull"]);
        assert_eq!(configuration.most_bytes, 64 << 20);
    }

    #[test]
    fn an_empty_file_reads_nothing() {
        let configuration = parse("").unwrap();
        assert!(configuration.inputs.is_empty());
        assert_eq!(configuration.most_bytes, 64 << 20);
    }

    #[test]
    fn every_mistake_is_one_sentence_with_its_place() {
        let folder = "[[folder]]\npath = \"/srv/in\"\nsource = \"unifi\"\nabout = \"site\"\n";
        let socket = "[[syslog]]\nlisten = \"127.0.0.1:5514\"\ntransport = \"udp\"\nsource = \"draytek\"\nabout = \"site\"\n";
        let fetch = "[[pull]]\nsource = \"unifi\"\npull = \"clients\"\nurl = \"https://192.0.2.1\"\nparameters = { site = \"1\" }\n\
                     every = \"15m\"\ntoken_file = \"/etc/zeef/token\"\n";
        for (text, expected) in [
            ("[[folder]]\npath = 1\n", "line 2"),
            (
                "[[folder]]\npath = \"in\"\nsource = \"unifi\"\nabout = \"site\"\n",
                "not absolute",
            ),
            (
                "[[folder]]\npath = \"/in\"\nsource = \"unify\"\nabout = \"site\"\n",
                "[[folder]] 1",
            ),
            (
                "[[tail]]\npath = \"/in\"\nsource = \"auto\"\nabout = \"site\"\n",
                "[[tail]] 1",
            ),
            (
                "[[tail]]\npath = \"/in\"\nsource = \"unifi\"\nabout = \"others\"\n",
                "line 4",
            ),
            (
                "[[tail]]\npath = \"/in\"\nsource = \"unifi\"\nabout = \"site\"\nfollow = true\n",
                "line 5",
            ),
            (&format!("{folder}files = \"../*.json\"\n"), "line 5"),
            (&format!("{folder}{folder}"), "[[folder]] 2"),
            (&folder.repeat(9), "8 folders"),
            (&socket.replace("127.0.0.1", "0.0.0.0"), "line 2"),
            (
                &format!("{socket}{}", socket.replace("draytek", "unifi")),
                "[[syslog]] 2",
            ),
            (
                &fetch.replace("clients", "laptops"),
                "[[pull]] 1: the source unifi has no pull",
            ),
            (&fetch.replace("unifi", "voip-csv"), "[[pull]] 1"),
            (&fetch.replace("site = ", "house = "), "[[pull]] 1"),
            (&fetch.replace("https:", "http:"), "line 4"),
            ("[[directory]]\n", "line 1"),
            ("[spool]\nmost_mib = 0\n", "1 to 4096"),
            ("[spool]\nmost_mib = 5000\n", "1 to 4096"),
            ("folder", "line 1"),
        ] {
            let said = parse(text).unwrap_err();
            assert!(said.contains(expected), "{text}: {said}");
            assert!(said.starts_with("intake.toml") && !said.contains('\n'), "{said}");
        }
    }

    #[test]
    fn a_source_that_is_not_known_is_told_with_those_that_are() {
        let said = parse("[[tail]]\npath = \"/x\"\nsource = \"x\"\nabout = \"site\"\n").unwrap_err();
        assert!(said.contains("eset-protect, ") && !said.contains(AUTO), "{said}");
    }
}
