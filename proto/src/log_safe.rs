//! What may be written to a log, a metric or an error text opts in by type.

use std::fmt;

/// Marks a type whose text holds no personal value.
///
/// Field types ([`crate::field`]) never implement it: they have no `Display`, and their `Debug` is redacted.
pub trait LogSafe {
    /// Writes the text that a log line may show.
    ///
    /// # Errors
    /// Only those of the formatter.
    fn fmt_safe(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result;
}

/// The only wrapper through which values enter log lines: `Logged(&device_id)`.
pub struct Logged<'a, T: LogSafe + ?Sized>(pub &'a T);

impl<T: LogSafe + ?Sized> fmt::Display for Logged<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt_safe(f)
    }
}

impl<T: LogSafe + ?Sized> fmt::Debug for Logged<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt_safe(f)
    }
}

/// Lets types whose `Display` is harmless into the logs.
#[macro_export]
macro_rules! log_safe_by_display {
    ($($name:ty),+ $(,)?) => {$(
        impl $crate::log_safe::LogSafe for $name {
            fn fmt_safe(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                ::std::fmt::Display::fmt(self, f)
            }
        }
    )+};
}

log_safe_by_display!(u16, u32, u64, usize, i64, bool);

/// Texts from the program itself, never from input.
impl LogSafe for &'static str {
    fn fmt_safe(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self)
    }
}
