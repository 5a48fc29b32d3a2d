//! Bytes as they come: a bounded window over a stream, gzip opened on the way.

mod gzip;
mod scan;
mod window;

pub(crate) use gzip::Expanding;
pub use gzip::MAX_RATIO;
pub(crate) use scan::Marks;
pub(crate) use window::Window;
