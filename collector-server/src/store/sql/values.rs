//! The values that one origin gave of one device: what is held, and what a report or record makes of it.

use zeef_proto::field::{Field, Parse};
use zeef_proto::{DeviceId, OrganisationId, UnixTime};

use super::columns;
use super::writer::Writing;
use crate::retention::Expiry;
use crate::seal::Place;
use crate::store::sql::driver::{self, Row, params};
use crate::store::{Origin, Result};

/// What is held of a device by one origin, and what that one says at `now` makes of it.
pub(super) struct Values {
    organisation: OrganisationId,
    device: DeviceId,
    origin: Origin,
    now: UnixTime,
    held: Vec<HeldValue>,
    /// Whether anything changed so far.
    pub(super) changed: bool,
}

struct HeldValue {
    field: Field,
    blind: [u8; 16],
    expires_at: i64,
}

impl Values {
    /// Reads what is held.
    pub(super) fn held(
        writing: &Writing,
        organisation: OrganisationId,
        device: DeviceId,
        origin: Origin,
        now: UnixTime,
    ) -> Result<Self> {
        let mut statement = writing.db.prepare_cached(
            "SELECT field, blind, expires_at FROM observation
             WHERE organisation = ?1 AND device = ?2 AND source = ?3 AND product = ?4",
        )?;
        let read = |row: &Row<'_>| {
            Ok(HeldValue {
                field: columns::field_of(row.get_ref(0)?)?,
                blind: row.get(1)?,
                expires_at: row.get(2)?,
            })
        };
        let key = params![
            organisation.as_bytes(),
            device.as_bytes(),
            origin.source(),
            origin.product()
        ];
        let rows = statement.query_map(key, read)?;
        let held = rows.collect::<driver::Result<_>>()?;
        Ok(Self {
            organisation,
            device,
            origin,
            now,
            held,
            changed: false,
        })
    }

    /// Makes `values` all that the origin holds of their field: only the current value is kept. A value that stays keeps its
    /// first sight and its expiry; one whose term is over is a new value. One that was erased is left out.
    pub(super) fn replace<T: Parse>(&mut self, writing: &mut Writing, values: &[T]) -> Result<()> {
        let mut of_field = self.held.iter().filter(|held| held.field == T::FIELD).peekable();
        if of_field.peek().is_none() && values.is_empty() {
            return Ok(());
        }
        let facts = writing.organisation(self.organisation)?;
        let blind = |value: &T| facts.blind.value(T::FIELD, &value.matching_form());
        let wanted: Vec<_> = values
            .iter()
            .map(|value| (blind(value), value))
            .filter(|(blind, _)| !facts.refuses(T::FIELD, blind, self.now))
            .collect();
        let (mut over, mut stays) = (Vec::new(), Vec::new());
        for held in of_field {
            let is_wanted = wanted.iter().any(|(blind, _)| *blind == held.blind);
            if is_wanted && held.expires_at > self.now.0 {
                stays.push(held.blind);
            } else {
                over.push(held.blind);
            }
        }
        for blind in over {
            self.delete(writing, T::FIELD, &blind)?;
        }
        for (blind, value) in wanted {
            if stays.contains(&blind) {
                self.respell(writing, T::FIELD, &blind, &value.expose())?;
            } else if let Some(expiry) = self.expiry(writing, T::FIELD)? {
                self.insert(writing, T::FIELD, &blind, &value.expose(), expiry)?;
            }
        }
        Ok(())
    }

    /// Shows a name as it is spelled now, where only its spelling changed (`LAP-17`, `lap-17`). Addresses have one
    /// spelling.
    fn respell(&mut self, writing: &mut Writing, field: Field, blind: &[u8; 16], value: &str) -> Result<()> {
        if !matches!(field, Field::DeviceName | Field::Username) {
            return Ok(());
        }
        let key = writing.data_key(self.organisation, self.device)?;
        let place = self.place(field);
        let at = params![
            self.organisation.as_bytes(),
            self.device.as_bytes(),
            field.name(),
            blind,
            self.origin.source(),
            self.origin.product()
        ];
        let sealed: Vec<u8> = writing
            .db
            .prepare_cached(
                "SELECT sealed FROM observation
                 WHERE organisation = ?1 AND device = ?2 AND field = ?3 AND blind = ?4
                   AND source = ?5 AND product = ?6",
            )?
            .query_row(at, |row| row.get(0))?;
        if key.open(&place, &sealed)? == value {
            return Ok(());
        }
        writing
            .db
            .prepare_cached(
                "UPDATE observation SET sealed = ?7
                 WHERE organisation = ?1 AND device = ?2 AND field = ?3 AND blind = ?4
                   AND source = ?5 AND product = ?6",
            )?
            .execute(params![
                self.organisation.as_bytes(),
                self.device.as_bytes(),
                field.name(),
                blind,
                self.origin.source(),
                self.origin.product(),
                key.seal(&place, value)
            ])?;
        self.changed = true;
        Ok(())
    }

    const fn place(&self, field: Field) -> Place {
        Place {
            organisation: self.organisation,
            device: self.device,
            field,
        }
    }

    fn expiry(&self, writing: &mut Writing, field: Field) -> Result<Option<Expiry>> {
        let Some(published) = writing.policy()? else {
            return Ok(None);
        };
        let facts = writing.organisation(self.organisation)?;
        let value = (self.device, field, &self.origin);
        Ok(writing.expiry(&published, &facts, value, self.now.to_the_hour()))
    }

    fn delete(&mut self, writing: &Writing, field: Field, blind: &[u8; 16]) -> Result<()> {
        self.changed = true;
        writing
            .db
            .prepare_cached(
                "DELETE FROM observation
                 WHERE organisation = ?1 AND device = ?2 AND field = ?3 AND blind = ?4
                   AND source = ?5 AND product = ?6",
            )?
            .execute(params![
                self.organisation.as_bytes(),
                self.device.as_bytes(),
                field.name(),
                blind,
                self.origin.source(),
                self.origin.product()
            ])?;
        Ok(())
    }

    /// Of two spellings of one name in one message, the first is kept: they match alike.
    fn insert(
        &mut self,
        writing: &mut Writing,
        field: Field,
        blind: &[u8; 16],
        value: &str,
        expiry: Expiry,
    ) -> Result<()> {
        let key = writing.data_key(self.organisation, self.device)?;
        let place = self.place(field);
        let inserted = writing
            .db
            .prepare_cached(
                "INSERT INTO observation VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) ON CONFLICT DO NOTHING",
            )?
            .execute(params![
                self.organisation.as_bytes(),
                self.device.as_bytes(),
                field.name(),
                blind,
                self.origin.source(),
                self.origin.product(),
                key.seal(&place, value),
                self.now.to_the_hour().0,
                expiry.stored(),
            ])?;
        self.changed |= inserted > 0;
        Ok(())
    }
}
