//! A message, and to whom.

use std::fmt;
use std::str::FromStr;
use std::time::{Duration, UNIX_EPOCH};

use data_encoding::HEXLOWER;
use lettre::message::header::{ContentType, HeaderName, HeaderValue};
use zeef_proto::UnixTime;

use super::MailError;
use crate::random;

/// A person's mail address.
#[derive(Clone, PartialEq, Eq)]
pub struct Address(lettre::Address);

/// A name and an address, as in `Zeef <zeef@example.org>`.
#[derive(Clone, PartialEq, Eq)]
pub struct Mailbox(pub(super) lettre::message::Mailbox);

/// Not an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be a mail address, such as name@example.org")]
pub struct InvalidAddress;

/// A text to somebody. Its `Debug` tells nothing.
#[derive(Clone, PartialEq, Eq)]
pub struct Message {
    /// To whom.
    pub to: Address,
    /// One line; holds no personal value, for it passes every server in the open.
    pub subject: String,
    /// Plain text.
    pub body: String,
}

impl Address {
    /// The address, to be shown to who may see it.
    #[must_use]
    pub fn expose(&self) -> String {
        self.0.to_string()
    }
}

impl FromStr for Address {
    type Err = InvalidAddress;

    fn from_str(text: &str) -> Result<Self, InvalidAddress> {
        text.trim().parse().map(Self).map_err(|_| InvalidAddress)
    }
}

impl FromStr for Mailbox {
    type Err = InvalidAddress;

    fn from_str(text: &str) -> Result<Self, InvalidAddress> {
        text.parse().map(Self).map_err(|_| InvalidAddress)
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Address(…)")
    }
}

impl fmt::Debug for Mailbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Mailbox(…)")
    }
}

impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Message(…)")
    }
}

impl Message {
    /// The message as mail (RFC 5322). It says that a program wrote it, so that no program answers (RFC 3834).
    pub(super) fn to_mail(&self, from: &Mailbox, now: UnixTime) -> Result<lettre::Message, MailError> {
        let date = UNIX_EPOCH + Duration::from_secs(u64::try_from(now.0).unwrap_or(0));
        let id = HEXLOWER.encode(&random::bytes::<16>());
        let automatic = HeaderValue::new(
            HeaderName::new_from_ascii_str("Auto-Submitted"),
            "auto-generated".to_owned(),
        );
        lettre::Message::builder()
            .from(from.0.clone())
            .to(lettre::message::Mailbox::new(None, self.to.0.clone()))
            .subject(self.subject.as_str())
            .date(date)
            .message_id(Some(format!("<{id}@{}>", from.0.email.domain())))
            .raw_header(automatic)
            .header(ContentType::TEXT_PLAIN)
            .body(self.body.clone())
            .map_err(|_| MailError::Unwritable)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(subject: &str) -> Message {
        Message {
            to: "anna@example.org".parse().unwrap(),
            subject: subject.to_owned(),
            body: "Beste Zoë,\n\n.\nTot ziens.\n".to_owned(),
        }
    }

    fn written(subject: &str) -> String {
        let from = "Zeef <zeef@example.com>".parse().unwrap();
        let mail = message(subject).to_mail(&from, UnixTime(1_785_924_000)).unwrap();
        String::from_utf8(mail.formatted()).unwrap()
    }

    #[test]
    fn a_message_says_who_wrote_it_and_when_and_that_it_was_a_program() {
        let text = written("Uw verzoek");
        for line in [
            "From: Zeef <zeef@example.com>\r\n",
            "To: anna@example.org\r\n",
            "Subject: Uw verzoek\r\n",
            "Date: Wed, 05 Aug 2026 10:00:00 +0000\r\n",
            "Auto-Submitted: auto-generated\r\n",
            "Content-Type: text/plain; charset=utf-8\r\n",
        ] {
            assert!(text.contains(line), "{line} in {text}");
        }
    }

    #[test]
    fn nothing_in_a_subject_becomes_another_header() {
        let text = written("x\r\nBcc: eve@example.net\r\n\r\nbody");
        let headers = text.split("\r\n\r\n").next().unwrap();
        assert!(!headers.lines().any(|line| line.starts_with("Bcc:")), "{headers}");
    }

    #[test]
    fn an_address_is_one_and_shows_itself_to_no_log() {
        for wrong in [
            "",
            "anna",
            "anna@",
            "a@b\r\nRCPT TO:<c@d>",
            "a@example.org, b@example.org",
        ] {
            assert_eq!(wrong.parse::<Address>(), Err(InvalidAddress), "{wrong:?}");
        }
        assert_eq!(format!("{:?}", message("x")), "Message(…)");
        assert_eq!(format!("{:?}", message("x").to), "Address(…)");
    }
}
