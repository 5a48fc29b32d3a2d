//! What is held, as pages and agents see it.

use zeef_collector::backup::{self, Progress, Step, Wanted};
use zeef_collector::installation;
use zeef_collector::store::people::PeopleStore;
use zeef_collector::store::records::{Device, Standing};
use zeef_collector::store::sql::SqlStore;
use zeef_collector::store::{AgentStore, InventoryStore};
use zeef_proto::UnixTime;
use zeef_proto::field::Field;

use crate::hand::{Home, ORGANISATION, device, name_at_site, patiently, put_back, user};
use crate::model::{Held, Model, Subject, nothing};

/// Looks at an installation.
pub(crate) struct Look<'a> {
    pub(crate) home: &'a Home,
    pub(crate) store: &'a SqlStore,
    pub(crate) now: UnixTime,
}

impl Look<'_> {
    /// What is seen of a subject.
    pub(crate) async fn at(&self, subject: Subject, model: &Model) -> Held {
        match subject {
            Subject::Device(run, number) => {
                let id = device(self.store, run, number).await;
                let standing = match self.store.standing(ORGANISATION, id).await.unwrap() {
                    Standing::Active => "Active",
                    Standing::Revoked => "Revoked",
                    Standing::Gone => "Gone",
                    Standing::Unknown => "Unknown",
                };
                let shown = self.store.device(ORGANISATION, id, self.now).await.unwrap();
                let values = shown.as_ref().map(values).unwrap_or_default();
                Held { standing, values }
            }
            Subject::AtSite(run, number, sequence) => {
                let name = name_at_site(run, number, sequence);
                let ids = self
                    .store
                    .devices_with(ORGANISATION, Field::DeviceName, name, self.now)
                    .await
                    .unwrap();
                let Some(id) = ids.first() else {
                    return nothing(subject);
                };
                assert_eq!(ids.len(), 1, "stored once");
                let shown = self.store.device(ORGANISATION, *id, self.now).await.unwrap();
                there(values(&shown.unwrap()))
            }
            Subject::User(run) => {
                let users = self.store.users().await.unwrap();
                match users.iter().filter(|one| one.id == user(run)).count() {
                    0 => nothing(subject),
                    _ => there(Vec::new()),
                }
            }
            Subject::Data(run) if self.home.saved("data", run).exists() => {
                Box::pin(self.open_backup(run, model)).await;
                there(Vec::new())
            }
            Subject::Keys(run) if self.home.saved("keys", run).exists() => {
                self.open_keys(run);
                there(Vec::new())
            }
            Subject::Data(_) | Subject::Keys(_) => nothing(subject),
        }
    }

    /// A backup of the database that is there is whole: it is restored elsewhere, beside a copy of the key store.
    async fn open_backup(&self, run: u8, model: &Model) {
        let elsewhere = Elsewhere::new(self.home);
        let keys = self.home.saved("copied-keys", run);
        drop(std::fs::remove_file(&keys));
        let key = installation::key_encryption_key(&self.home.files()).unwrap();
        backup::save_keys(&self.home.files(), &key, &keys, self.now, &mut Nobody).unwrap();
        let saved = self.home.saved("data", run);
        let files = elsewhere.home.files();
        put_back(&files, &Wanted::Both(&saved, &keys), self.now, &mut Nobody);
        std::fs::remove_file(&keys).unwrap();
        let Some(saved) = model.of_backup() else { return };
        let store = patiently(|| installation::store(&files));
        let look = Look {
            home: &elsewhere.home,
            store: &store,
            now: self.now,
        };
        for subject in saved.subjects() {
            let Subject::Device(of, _) = subject else { continue };
            // Of what later runs did with what earlier ones left nothing is known here.
            if of == run && model.expected(subject, self.now).standing == "Active" {
                let seen = Box::pin(look.at(subject, &saved)).await;
                assert_eq!(seen, saved.expected(subject, self.now), "{subject:?} in a backup");
            }
        }
    }

    /// And one of the key store as well.
    fn open_keys(&self, run: u8) {
        let elsewhere = Elsewhere::new(self.home);
        let saved = self.home.saved("keys", run);
        let wanted = Wanted::KeyStore(&saved);
        put_back(&elsewhere.home.files(), &wanted, self.now, &mut Nobody);
    }
}

/// An installation that has nothing yet but the key-encryption key.
struct Elsewhere {
    home: Home,
    _directory: tempfile::TempDir,
}

impl Elsewhere {
    fn new(home: &Home) -> Self {
        let directory = tempfile::tempdir_in(&home.directory).unwrap();
        std::fs::copy(home.file("kek"), directory.path().join("kek")).unwrap();
        Self {
            home: Home {
                directory: directory.path().to_owned(),
                postgres: None,
                moved: false,
            },
            _directory: directory,
        }
    }
}

fn there(values: Vec<String>) -> Held {
    Held {
        standing: "there",
        values,
    }
}

fn values(device: &Device) -> Vec<String> {
    Field::ALL
        .into_iter()
        .flat_map(|field| device.values(field).map(str::to_owned).collect::<Vec<_>>())
        .collect()
}

struct Nobody;

impl Progress for Nobody {
    fn reached(&mut self, _step: Step) {}
    fn part(&mut self, _done: u64, _total: u64) {}
}
