//! What follows a committed transaction in the key store: keys of what was deleted are destroyed, and it is told what
//! an earlier copy of the database must be told again. Marks in the database say what is due, so that a restart finishes
//! what was begun.

use zeef_proto::{DeviceId, OrganisationId};

use super::erasure::Rotation;
use super::key_store::Generation;
use super::note::Note;
use super::writer::Writing;
use crate::failpoint::{Point, reached};
use crate::store::Result;
use crate::store::sql::driver;

/// What is due.
pub(super) struct Due {
    keys: Vec<(OrganisationId, DeviceId)>,
    rotations: Vec<Rotation>,
    notes: Vec<Note>,
}

impl Writing {
    /// Destroys the data keys that committed transactions have marked, and passes on what they noted.
    pub(super) fn finish_begun(&mut self) -> Result<()> {
        let due = self.due()?;
        if due.keys.is_empty() && due.rotations.is_empty() && due.notes.is_empty() {
            return Ok(());
        }
        let generation = self.tell_key_store(&due)?;
        self.forget(&due, generation)
    }

    pub(super) fn due(&self) -> Result<Due> {
        let mut marks = self
            .db
            .prepare_cached("SELECT organisation, device FROM key_to_destroy")?;
        let rows = marks.query_map([], |row| {
            Ok((
                OrganisationId::from_bytes(row.get(0)?),
                DeviceId::from_bytes(row.get(1)?),
            ))
        })?;
        Ok(Due {
            keys: rows.collect::<driver::Result<_>>()?,
            rotations: Rotation::all(&self.db)?,
            notes: self.notes()?,
        })
    }

    /// What is erased enters the key store's log with the destruction of its key.
    pub(super) fn tell_key_store(&mut self, due: &Due) -> Result<Option<Generation>> {
        for (organisation, device) in &due.keys {
            self.cache.forget_data_key(*organisation, *device);
            if let Some(erased) = self.tombstone(*organisation, *device)? {
                self.keys.note_erased(&erased)?;
            }
            self.keys.destroy_data_key(*organisation, *device)?;
            reached(Point::KeyDestroyed);
        }
        for rotation in &due.rotations {
            rotation.finish(&mut self.keys)?;
        }
        for note in &due.notes {
            note.pass_on(self)?;
            reached(Point::NotePassedOn);
        }
        let generation = self.keys.commit()?;
        reached(Point::KeyStoreTold);
        Ok(generation)
    }

    /// Forgets these marks and notes, and no others: another process may have made one meanwhile.
    pub(super) fn forget(&self, due: &Due, generation: Option<Generation>) -> Result<()> {
        self.db.begin()?;
        for (organisation, device) in &due.keys {
            self.db
                .prepare_cached("DELETE FROM key_to_destroy WHERE organisation = ?1 AND device = ?2")?
                .execute([organisation.as_bytes(), device.as_bytes()])?;
        }
        for rotation in &due.rotations {
            rotation.forget(&self.db)?;
        }
        for note in &due.notes {
            note.forget(&self.db)?;
        }
        self.keep_step(generation)?;
        reached(Point::MarksForgetting);
        self.db.commit()?;
        reached(Point::MarksForgotten);
        Ok(())
    }

    /// Notes in the database how far the key store has come.
    pub(super) fn keep_step(&self, generation: Option<Generation>) -> Result<()> {
        if let Some(Generation(generation)) = generation {
            self.db
                .prepare_cached("UPDATE installation SET generation = {max|greatest}(generation, ?1)")?
                .execute([generation])?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::sync::Arc;

    use zeef_proto::UnixTime;

    use super::super::driver::params;
    use super::super::place::Place;
    use super::super::{administration, device};
    use super::*;
    use crate::ledger::Actor;
    use crate::seal::KeyEncryptionKey;
    use crate::store::records::Standing;

    const ORGANISATION: OrganisationId = OrganisationId::from_bytes([1; 16]);
    const NOW: UnixTime = UnixTime(1_767_603_600);

    /// The writer of one of the processes that share an installation.
    fn process(directory: &Path) -> Writing {
        let wrapping = Arc::new(KeyEncryptionKey::from_bytes(&[7; 32]));
        let file = |name: &str| Place::File(directory.join(name));
        Writing::open(&file("zeef.db"), &file("keys.db"), wrapping).unwrap()
    }

    /// A device of which nothing but its key and its row is there.
    fn enrol(process: &mut Writing, device: DeviceId) {
        process.begin().unwrap();
        if process.keys.blind_key(ORGANISATION).unwrap().is_none() {
            administration::add_organisation(
                process,
                ORGANISATION,
                "Bakkerij Jansen",
                Actor::Administrator,
                NOW,
            )
            .unwrap();
        }
        process.keys.create_data_key(ORGANISATION, device).unwrap();
        process
            .db
            .execute(
                "INSERT INTO device (organisation, device, platform, agent, enrolled_at, token, key_hash)
                 VALUES (?1, ?2, 0, '0.1.0', 0, ?2, ?2)",
                params![ORGANISATION.as_bytes(), device.as_bytes()],
            )
            .unwrap();
        process.commit().unwrap();
    }

    fn end(process: &mut Writing, device: DeviceId) {
        process.begin().unwrap();
        assert!(device::end(process, ORGANISATION, device, Actor::Administrator, NOW).unwrap());
        process.commit().unwrap();
    }

    fn is_erased(process: &mut Writing, device: DeviceId) -> bool {
        process.keys.data_key(ORGANISATION, device).unwrap().is_none()
            && device::absent(process, ORGANISATION, device).unwrap() == Standing::Gone
            && process.keys.erased().unwrap().len() == process.devices_ended()
    }

    impl Writing {
        fn devices_ended(&self) -> usize {
            self.db
                .query_row("SELECT count(*) FROM tombstone", [], |row| row.get(0))
                .unwrap()
        }
    }

    #[test]
    fn a_key_that_another_process_marks_meanwhile_is_destroyed_as_well() {
        let directory = tempfile::tempdir().unwrap();
        let (first, second) = (DeviceId::from_bytes([1; 16]), DeviceId::from_bytes([2; 16]));
        let (mut service, mut command) = (process(directory.path()), process(directory.path()));
        enrol(&mut service, first);
        enrol(&mut service, second);
        end(&mut service, first);
        let seen = service.due().unwrap();
        end(&mut command, second);
        let generation = service.tell_key_store(&seen).unwrap();
        service.forget(&seen, generation).unwrap();
        command.finish_begun().unwrap();
        for device in [first, second] {
            assert!(is_erased(&mut service, device));
        }
        assert!(service.due().unwrap().keys.is_empty());
    }

    /// A process that is killed leaves its files as they are at that instant, which is what a copy of them is too.
    #[test]
    fn a_device_is_gone_for_good_at_whatever_step_of_its_end_the_process_is_killed() {
        let directory = tempfile::tempdir().unwrap();
        let (ended, other) = (DeviceId::from_bytes([1; 16]), DeviceId::from_bytes([2; 16]));
        let mut copies = Vec::new();
        let mut killed = |step| {
            let copy = tempfile::tempdir().unwrap();
            for entry in std::fs::read_dir(directory.path()).unwrap() {
                let path = entry.unwrap().path();
                std::fs::copy(&path, copy.path().join(path.file_name().unwrap())).unwrap();
            }
            copies.push((step, copy));
        };
        let mut service = process(directory.path());
        enrol(&mut service, ended);
        enrol(&mut service, other);
        end(&mut service, ended);
        killed("deleted and marked");
        let due = service.due().unwrap();
        let generation = service.tell_key_store(&due).unwrap();
        killed("key destroyed and logged");
        service.forget(&due, generation).unwrap();
        killed("mark forgotten");
        assert_eq!(copies.len(), 3);
        for (step, copy) in copies {
            let mut again = process(copy.path());
            again.catch_up().unwrap();
            again.finish_begun().unwrap();
            assert!(is_erased(&mut again, ended), "{step}");
            let key = again.keys.data_key(ORGANISATION, other).unwrap();
            assert!(key.is_some(), "{step}");
            assert!(again.due().unwrap().keys.is_empty(), "{step}");
        }
    }
}
