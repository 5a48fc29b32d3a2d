//! Making a package: one read of the store, written in three forms at once; then the ledger's entry; then the manifest.

use std::collections::HashMap;
use std::fs::{File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use data_encoding::HEXLOWER;
use ring::digest::{Context, SHA256};
use tokio::sync::mpsc::{self, Receiver};
use zeef_proto::field::{Parse, Username};
use zeef_proto::policy::{Policy, SignedPolicy};
use zeef_proto::{DeviceId, OrganisationId, UnixTime};

use super::facts::{Archive, Asked, Counts, Facts, PolicyFacts};
use super::json::Json;
use super::looked::Looks;
use super::manifest::Manifest;
use super::overview::Overview;
use super::part::Part;
use super::record::Recorder;
use super::table::Table;
use super::zip::{self, Directory};
use super::{FILES, MANIFEST, named};
use crate::erasure;
use crate::files;
use crate::ledger::read::{ProofError, inclusion};
use crate::ledger::{Actor, DeviceMark};
use crate::store::ledger::PackageMade;
use crate::store::snapshot::{DeviceThen, Which};
use crate::store::{Store, StoreError};
use crate::web::{Language, Moments, PackageTexts};

/// What a package is asked for.
#[derive(Clone)]
pub enum Scope {
    /// Everything of the organisation.
    Organisation,
    /// One device.
    Device(DeviceId),
    /// The devices that hold a username; the usernames of others on them are left out.
    Person(Username),
}

/// What is to be made.
pub struct Order {
    /// Of which organisation.
    pub organisation: OrganisationId,
    /// Of what of it.
    pub scope: Scope,
    /// In which language.
    pub language: Language,
    /// The policy in force, as signed and as verified.
    pub policy: Option<(SignedPolicy, Policy)>,
    /// Who makes it.
    pub by: Actor,
    /// As of when.
    pub now: UnixTime,
}

/// A package that was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Made {
    /// What it tells of itself.
    pub facts: Facts,
    /// The index of its entry in the ledger.
    pub entry: u64,
}

/// Why there is no package.
#[derive(Debug, thiserror::Error)]
pub enum PackageError {
    /// The store failed, or there is no such organisation or device.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// It could not be put under the ledger's head.
    #[error(transparent)]
    Proof(#[from] ProofError),
    /// It could not be written.
    #[error("the package cannot be written ({}); see to the directory and its space, and make it again", .0.kind())]
    File(#[from] io::Error),
}

/// Makes a package as a new file with mode 0600, and notes it in the ledger. Constant memory, whatever the number of
/// devices; compresses on this thread, a few hundred devices at a time.
///
/// # Errors
/// [`PackageError`]; no file is left then.
pub async fn make(store: &dyn Store, order: &Order, file: &Path) -> Result<Made, PackageError> {
    let out = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(file)?;
    let made = Box::pin(write(store, order, file, out)).await;
    if made.is_err() {
        drop(std::fs::remove_file(file));
    }
    made
}

async fn write(store: &dyn Store, order: &Order, file: &Path, out: File) -> Result<Made, PackageError> {
    let organisations = store.organisations().await?;
    let organisation = organisations.into_iter().find(|one| one.id == order.organisation);
    let organisation = organisation.ok_or(StoreError::NotFound("organisation"))?.name;
    let contents = Contents::begin(order, &organisation, file)?;
    let mut archive = Archived::new(BufWriter::new(out));
    let (facts, shown) = contents.fill(store, order, &mut archive).await?;
    let entry = store
        .record_package(
            PackageMade {
                by: order.by,
                organisation: order.organisation,
                digest: facts.digest(),
                devices: facts.counts.devices,
                shown,
            },
            order.now,
        )
        .await?;
    let manifest = Manifest::new(facts.clone(), inclusion(store, entry).await?);
    zip::write_plain(
        &mut archive.to,
        &mut archive.directory,
        MANIFEST,
        &manifest.to_bytes(),
    )?;
    let end = archive.directory.end()?;
    archive.to.write_all(&end)?;
    let out = archive.to.into_inner().map_err(io::IntoInnerError::into_error)?;
    files::sync(&out, file)?;
    Ok(Made { facts, entry })
}

impl Order {
    const fn asked(&self) -> Asked {
        match self.scope {
            Scope::Organisation => Asked::Organisation,
            Scope::Device(device) => Asked::Device { device },
            Scope::Person(_) => Asked::Person,
        }
    }

    fn which(&self) -> Which {
        match &self.scope {
            Scope::Organisation => Which::All,
            Scope::Device(device) => Which::Device(*device),
            Scope::Person(username) => Which::OfUser(username.matching_form()),
        }
    }

    pub(super) const fn person(&self) -> Option<&Username> {
        match &self.scope {
            Scope::Person(username) => Some(username),
            _ => None,
        }
    }

    pub(super) fn policy(&self) -> Option<&Policy> {
        self.policy.as_ref().map(|(_, policy)| policy)
    }

    pub(super) fn policy_facts(&self) -> Option<PolicyFacts> {
        self.policy.as_ref().map(|(signed, policy)| PolicyFacts {
            sha256: erasure::Facts::policy_hash(&signed.document),
            version: policy.version,
        })
    }
}

/// What is in the package, while it is being filled.
struct Contents {
    readme: Part,
    schema: Part,
    json: Json,
    table: Table,
    overview: Overview,
    counts: Counts,
    marks: HashMap<DeviceMark, DeviceId>,
}

impl Contents {
    fn begin(order: &Order, organisation: &str, file: &Path) -> io::Result<Self> {
        let begin = |place: usize| Part::begin(FILES[place][named(order.language)], file);
        let head = Head::new(order, organisation);
        let mut readme = begin(0)?;
        readme.write_all(head.readme().replace('\n', "\r\n").as_bytes())?;
        let mut schema = begin(2)?;
        schema.write_all(include_bytes!("data.schema.json"))?;
        Ok(Self {
            readme,
            schema,
            json: Json::begin(begin(1)?, order, organisation)?,
            table: Table::begin(begin(3)?, order.language)?,
            overview: Overview::begin(begin(4)?, order, &head)?,
            counts: Counts::default(),
            marks: HashMap::new(),
        })
    }

    /// Fills it from the store, closes it and puts it into the archive; with the devices that were shown by themselves.
    async fn fill(
        mut self,
        store: &dyn Store,
        order: &Order,
        archive: &mut Archived,
    ) -> Result<(Facts, Vec<DeviceId>), PackageError> {
        let before = store.ledger_head().await?.map_or(0, |head| head.head.size);
        let (to, from) = mpsc::channel(1);
        let (read, written) = tokio::join!(
            store.snapshot(order.organisation, order.which(), order.now, to),
            self.devices(order, from),
        );
        // Where writing failed the reader stopped, and that is no news of it.
        written?;
        read?;
        if self.counts.devices == 0 && matches!(order.scope, Scope::Device(_)) {
            return Err(StoreError::NotFound("device").into());
        }
        let mut looks = Looks {
            store,
            organisation: order.organisation,
            asked: order.asked(),
            marks: &self.marks,
            before,
        };
        self.json.begin_looks()?;
        while let Some(page) = looks.next().await? {
            for look in &page {
                self.counts.looks += 1;
                self.json.look(look)?;
                self.overview.look(look);
            }
        }
        let Self {
            readme,
            schema,
            json,
            table,
            overview,
            counts,
            marks,
        } = self;
        let parts = [
            readme,
            json.finish(&counts)?,
            schema,
            table.finish()?,
            overview.finish(&counts)?,
        ];
        let mut files = Vec::with_capacity(parts.len());
        for part in parts {
            let mut directory = std::mem::take(&mut archive.directory);
            let facts = part.finish(archive, &mut directory);
            archive.directory = directory;
            files.push(facts?);
        }
        let facts = Facts {
            archive: Archive {
                bytes: archive.directory.size,
                sha256: HEXLOWER.encode(archive.hash.clone().finish().as_ref()),
            },
            asked: order.asked(),
            counts,
            files,
            made_at: order.now.0,
            organisation: order.organisation,
            policy: order.policy_facts(),
        };
        // Of the whole organisation, the package's own entry says it.
        let shown = match order.scope {
            Scope::Organisation => Vec::new(),
            _ => {
                let mut shown: Vec<_> = marks.into_values().collect();
                shown.sort_unstable();
                shown
            }
        };
        Ok((facts, shown))
    }

    async fn devices(&mut self, order: &Order, mut from: Receiver<Vec<DeviceThen>>) -> io::Result<()> {
        let moments = Moments::dated(order.language.texts(), order.policy());
        let recorder = Recorder {
            language: order.language,
            policy: order.policy(),
            moments: &moments,
            now: order.now,
            person: order.person(),
        };
        while let Some(devices) = from.recv().await {
            for then in devices {
                let record = recorder.record(&then);
                self.counts.devices += 1;
                self.counts.values += record.values.len() as u64;
                self.counts.redacted += record.values.iter().filter(|one| one.redacted).count() as u64;
                self.marks.insert(then.mark, then.device.id);
                self.json.device(&record)?;
                self.table.device(&record)?;
                self.overview.device(&record)?;
            }
        }
        Ok(())
    }
}

/// What every form says first.
pub(super) struct Head {
    pub(super) words: &'static PackageTexts,
    pub(super) provider: String,
    pub(super) email: String,
    pub(super) scope: String,
    pub(super) made_at: String,
}

impl Head {
    fn new(order: &Order, organisation: &str) -> Self {
        let words = &order.language.texts().package;
        let scope = match order.scope {
            Scope::Organisation => &words.of_organisation,
            Scope::Device(_) => &words.of_device,
            Scope::Person(_) => &words.of_person,
        };
        let controller = order.policy().map(|policy| &policy.controller);
        let said = |text: fn(&zeef_proto::policy::Controller) -> &String| {
            controller.map_or_else(|| "–".to_owned(), |one| text(one).clone())
        };
        Self {
            words,
            provider: said(|one| &one.name),
            email: said(|one| &one.email),
            scope: scope.with("organisation", organisation).to_string(),
            made_at: order.now.to_string(),
        }
    }

    fn readme(&self) -> String {
        let text = self.words.readme.with("provider", &self.provider);
        let text = text.with("scope", &self.scope).with("made_at", &self.made_at);
        text.with("email", &self.email).to_string()
    }

    pub(super) fn intro(&self) -> String {
        let text = self.words.intro.with("provider", &self.provider);
        text.with("scope", &self.scope)
            .with("made_at", &self.made_at)
            .to_string()
    }
}

/// The archive, hashed as it is written.
struct Archived {
    to: BufWriter<File>,
    hash: Context,
    directory: Directory,
}

impl Archived {
    fn new(to: BufWriter<File>) -> Self {
        Self {
            to,
            hash: Context::new(&SHA256),
            directory: Directory::default(),
        }
    }
}

impl Write for Archived {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = self.to.write(bytes)?;
        self.hash.update(&bytes[..count]);
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.to.flush()
    }
}
