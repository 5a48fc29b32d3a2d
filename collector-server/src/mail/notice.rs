//! What is written to people about a request. The texts stand in `locales`, in both languages.

use super::{Address, Message};
use crate::web::Language;

/// A subject and what stands below it.
#[derive(Clone, PartialEq, Eq)]
pub struct Text {
    /// The subject.
    pub subject: String,
    /// The body.
    pub body: String,
}

/// What there is to be said. Every text that is filled in is shown as it is, and dates are already in words.
#[derive(Clone, Copy)]
pub enum Notice<'a> {
    /// To who asked: the request has come in.
    Received {
        /// By which both sides know it.
        reference: &'a str,
        /// The day until which it is answered.
        due: &'a str,
    },
    /// To the registered contact: show who you are.
    IdentityAsked {
        /// By which both sides know it.
        reference: &'a str,
        /// The link to do so.
        link: &'a str,
        /// Until when the link works.
        until: &'a str,
    },
    /// To who asked: it takes longer (GDPR, article 12(3)).
    Extended {
        /// By which both sides know it.
        reference: &'a str,
        /// Why.
        reason: &'a str,
        /// The day until which it is answered now.
        due: &'a str,
    },
    /// To who asked: here it is.
    Delivered {
        /// By which both sides know it.
        reference: &'a str,
        /// The link, which works once.
        link: &'a str,
        /// Until when the link works.
        until: &'a str,
    },
    /// To who asked: it is refused, wholly or in part (GDPR, article 12(4)).
    Refused {
        /// By which both sides know it.
        reference: &'a str,
        /// Why.
        reason: &'a str,
        /// Where to complain.
        authority: &'a str,
    },
    /// To a recipient of data: do likewise (GDPR, article 19).
    RecipientTask {
        /// By which both sides know it.
        reference: &'a str,
        /// The customer whose data it is about.
        organisation: &'a str,
        /// What is to be done.
        task: &'a str,
        /// The link to say that it was done.
        link: &'a str,
    },
}

impl Notice<'_> {
    /// Writes it to somebody. `provider` is who signs: the name of the controller.
    #[must_use]
    pub fn write(&self, language: Language, to: Address, provider: &str) -> Message {
        let Text { subject, body } = self.text(language, provider);
        Message { to, subject, body }
    }

    /// The same without an address, to be sent by other means.
    #[must_use]
    pub fn text(&self, language: Language, provider: &str) -> Text {
        let texts = &language.texts().mail;
        let (subject, body) = match *self {
            Self::Received { due, .. } => (&texts.received, texts.received_body.with("due", due)),
            Self::IdentityAsked { link, until, .. } => (
                &texts.identity,
                texts.identity_body.with("link", link).with("until", until),
            ),
            Self::Extended { reason, due, .. } => (
                &texts.extended,
                texts.extended_body.with("due", due).with("reason", reason),
            ),
            Self::Delivered { link, until, .. } => (
                &texts.delivered,
                texts.delivered_body.with("link", link).with("until", until),
            ),
            Self::Refused {
                reason, authority, ..
            } => (
                &texts.refused,
                texts
                    .refused_body
                    .with("authority", authority)
                    .with("reason", reason),
            ),
            Self::RecipientTask {
                organisation,
                task,
                link,
                ..
            } => (
                &texts.task,
                texts
                    .task_body
                    .with("link", link)
                    .with("organisation", organisation)
                    .with("task", task),
            ),
        };
        let reference = self.reference();
        let frame = texts
            .frame
            .with("provider", provider)
            .with("reference", reference);
        Text {
            subject: subject.with("reference", reference).to_string(),
            // The body last, so that nothing in it is taken for a place.
            body: frame.with("body", body).to_string(),
        }
    }

    const fn reference(&self) -> &str {
        match self {
            Self::Received { reference, .. }
            | Self::IdentityAsked { reference, .. }
            | Self::Extended { reference, .. }
            | Self::Delivered { reference, .. }
            | Self::Refused { reference, .. }
            | Self::RecipientTask { reference, .. } => reference,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn every() -> [Notice<'static>; 6] {
        let reference = "2026-0042";
        let (link, until, due) = ("https://zeef.example.org/x/abc", "12 aug 2026", "5 sep 2026");
        [
            Notice::Received { reference, due },
            Notice::IdentityAsked {
                reference,
                link,
                until,
            },
            Notice::Extended {
                reference,
                reason: "{link} {body}",
                due,
            },
            Notice::Delivered {
                reference,
                link,
                until,
            },
            Notice::Refused {
                reference,
                reason: "{authority} {provider}",
                authority: "Autoriteit Persoonsgegevens",
            },
            Notice::RecipientTask {
                reference,
                organisation: "Bakkerij Jansen",
                task: "wissen",
                link,
            },
        ]
    }

    #[test]
    fn every_notice_names_its_request_and_who_writes_and_has_no_place_left_open() {
        for language in Language::ALL {
            for notice in every() {
                let to = "anna@example.org".parse().unwrap();
                let message = notice.write(language, to, "Example BV");
                assert!(message.subject.contains("2026-0042"), "{}", message.subject);
                assert!(message.body.contains("Example BV") && message.body.contains("2026-0042"));
                assert!(!message.subject.contains('{'), "{}", message.subject);
                let typed = ["{link} {body}", "{authority} {provider}"];
                let rest = typed
                    .iter()
                    .fold(message.body.clone(), |body, typed| body.replace(typed, ""));
                assert!(!rest.contains('{'), "{rest}");
                assert!(message.body.lines().all(|line| line.chars().count() <= 400));
            }
        }
    }

    #[test]
    fn what_somebody_typed_is_shown_as_it_was_typed() {
        let to: Address = "anna@example.org".parse().unwrap();
        let bodies: Vec<String> = every()
            .map(|notice| notice.write(Language::English, to.clone(), "Example BV").body)
            .into();
        assert!(bodies[2].contains("{link} {body}"), "{}", bodies[2]);
        assert!(bodies[4].contains("{authority} {provider}"), "{}", bodies[4]);
    }
}
