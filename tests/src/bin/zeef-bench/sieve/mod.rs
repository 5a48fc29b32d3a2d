//! The minimiser: its speed beside that of parsers on the same bytes, and its memory over a long stream.

mod memory;
mod records;
mod speed;
mod vrl;

pub(crate) fn measure() {
    speed::measure();
    memory::measure();
}
