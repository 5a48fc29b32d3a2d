//! What is to be written to whoever asked, as the request stands: a text to copy, in each language of the pages.

use super::super::locale::{Language, Texts};
use super::super::moment::Moments;
use super::super::state::Published;
use crate::mail::{Notice, Text};
use crate::requests::{Answer, Case, Details, State};
use zeef_proto::UnixTime;

/// A text for the person.
pub(super) struct Letter {
    pub(super) language: Language,
    pub(super) text: Text,
}

/// The texts that are due; none where nothing is, or where no policy says who answers.
pub(super) fn letters(
    case: &Case,
    details: Option<&Details>,
    published: Option<&Published>,
    now: UnixTime,
) -> Vec<Letter> {
    let Some(published) = published else {
        return Vec::new();
    };
    let one = |language: Language| {
        let text = text(case, details, published, language.texts(), (language, now))?;
        Some(Letter { language, text })
    };
    Language::ALL.into_iter().filter_map(one).collect()
}

fn text(
    case: &Case,
    details: Option<&Details>,
    published: &Published,
    texts: &'static Texts,
    (language, now): (Language, UnixTime),
) -> Option<Text> {
    let controller = &published.policy.controller;
    let due = Moments::new(texts, Some(&published.policy), now)
        .day(case.due.plus(-1))
        .text;
    let id = case.id.to_string();
    let reference = id.split('-').next().unwrap_or_default();
    let reason;
    let notice = match (case.state, case.extension) {
        (State::Closed { .. } | State::Review { .. } | State::Answered(Answer::Delivered), _) => return None,
        (State::Answered(Answer::PartlyRefused(ground) | Answer::Refused(ground)), _) => {
            let explanation = details.and_then(|details| details.explanation.as_ref());
            let ground = texts.of_refusal(ground).to_string();
            reason = explanation.map_or(ground.clone(), |more| format!("{ground}. {}", more.expose()));
            Notice::Refused {
                reference,
                reason: &reason,
                authority: controller.complaints.last().map_or("", String::as_str),
            }
        }
        (_, Some(extension)) => {
            reason = texts.of_extension(extension).to_string();
            Notice::Extended {
                reference,
                reason: &reason,
                due: &due,
            }
        }
        (_, None) => Notice::Received { reference, due: &due },
    };
    Some(notice.text(language, &controller.name))
}
