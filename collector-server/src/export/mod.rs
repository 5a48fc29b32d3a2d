//! Lists of devices as files, exactly as a query gives them: made as they are read, in constant memory.

mod body;
mod row;

use std::collections::HashMap;
use std::sync::Arc;

use bytes::Bytes;
use tokio::sync::mpsc::{self, Sender};
use zeef_proto::{DeviceId, OrganisationId, UnixTime};

pub use body::Chunks;
use row::Row;

use crate::sheet::Sheet;
use crate::store::records::Device;
use crate::store::{Result, Store};

/// Devices that are read at once.
const BATCH: usize = 500;

/// Pieces that wait for a slow reader.
const WAITING: usize = 2;

/// The form of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// For spreadsheets, see [`crate::sheet`].
    Csv,
    /// For programs: one list, an object for each device.
    Json,
}

/// What is to be written.
pub struct Export {
    /// The form.
    pub form: Form,
    /// The devices, in order.
    pub ids: Vec<(OrganisationId, DeviceId)>,
    /// The organisations' names.
    pub names: HashMap<OrganisationId, String>,
    /// As of when.
    pub now: UnixTime,
}

impl Export {
    /// Writes it, a piece at a time, as fast as it is taken. A device that goes meanwhile is left out. Where the store
    /// fails the body breaks off, so that nobody takes a part for the whole.
    #[must_use]
    pub fn start(self, store: Arc<dyn Store>) -> Chunks {
        let (to, from) = mpsc::channel(WAITING);
        tokio::spawn(async move {
            if let Err(error) = self.write(&store, &to).await {
                // Whoever took it may be gone, and then it is nobody's loss.
                drop(to.send(Err(error)).await);
            }
        });
        Chunks::new(from)
    }

    async fn write(&self, store: &Arc<dyn Store>, to: &Sender<Result<Bytes>>) -> Result<()> {
        let read = |ids: &[(OrganisationId, DeviceId)]| {
            let (store, ids, now) = (Arc::clone(store), ids.to_vec(), self.now);
            tokio::spawn(async move { store.devices(ids, now).await })
        };
        let mut batches = self.ids.chunks(BATCH);
        // One batch is read while the one before it is written.
        let mut next = batches.next().map(&read);
        let mut piece = self.head();
        let mut first = true;
        while let Some(reading) = next {
            next = batches.next().map(&read);
            let mut devices = reading.await.map_err(|_| crate::store::StoreError::Stopping)??;
            // One may have been restricted since the index proposed it.
            devices.retain(|device| !device.restricted);
            self.rows(&mut piece, &devices, &mut first);
            if to.send(Ok(std::mem::take(&mut piece).into())).await.is_err() {
                return Ok(());
            }
        }
        piece.extend(self.end());
        drop(to.send(Ok(piece.into())).await);
        Ok(())
    }

    fn head(&self) -> Vec<u8> {
        match self.form {
            Form::Csv => row::head(),
            Form::Json => b"[".to_vec(),
        }
    }

    fn rows(&self, piece: &mut Vec<u8>, devices: &[Device], first: &mut bool) {
        let row = |device| Row::new(device, &self.names, self.now);
        match self.form {
            Form::Csv => {
                let mut sheet = Sheet::go_on(std::mem::take(piece));
                for device in devices {
                    row(device).write_cells(&mut sheet);
                }
                *piece = sheet.finish().unwrap_or_default();
            }
            Form::Json => {
                for device in devices {
                    piece.extend(if std::mem::take(first) { "\n" } else { ",\n" }.as_bytes());
                    row(device).write_object(piece);
                }
            }
        }
    }

    const fn end(&self) -> &'static [u8] {
        match self.form {
            Form::Csv => b"",
            Form::Json => b"\n]\n",
        }
    }
}
