//! Mail: what is written to people, and a server that takes it.
//!
//! * [`Notice`]: what there is to be said, in both languages; [`Message`]: the text, to be sent or copied;
//! * [`Sender`]: sends in the background, and tells how it ended; `error`: why it did not.
//!
//! Nothing is kept for later: whoever has a message sent can make it again, and shows its text to be copied where it was
//! not taken. So no address and no link lies in a queue.

mod error;
mod message;
mod notice;
mod sender;

pub use error::MailError;
pub use message::{Address, InvalidAddress, Mailbox, Message};
pub use notice::{Notice, Text};
pub use sender::{Sender, Sending};
