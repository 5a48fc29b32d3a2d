//! Keyed hashes: link tokens, and the treatment `pseudonymise`.
//!
//! * [`Key`]: a secret of one [`Scope`] with its current epoch and the one before; [`Secret`]: 32 random bytes;
//! * [`Input`]: what is hashed; [`Token`]: what comes out;
//! * `text`: the key as text; [`read`], [`create`], [`replace`]: its file.
//!
//! A token is pseudonymous, never anonymous: who has the key can try all values that may be behind it.

mod epoch;
mod file;
mod input;
mod key;
mod scope;
mod text;
mod token;

pub use epoch::Secret;
pub use file::{KeyFileError, create, read, replace};
pub use input::Input;
pub use key::{EpochShown, Key, KeyId};
pub use scope::Scope;
pub use text::DamagedKey;
pub use token::Token;
