//! `mail`.

use super::arguments::Mail as Command;
use super::failure::Failure;
use super::output::print;
use crate::clock::SystemClock;
use crate::config::Config;
use crate::mail::{MailError, Message, Sender};
use crate::web::Language;
use zeef_proto::Clock;

pub(super) async fn run(command: Command, config: &std::path::Path) -> Result<(), Failure> {
    let Command::Test { to } = command;
    let config = Config::read(config)?;
    let sender = Sender::new(config.mail.as_ref()).map_err(failure)?;
    let texts = &Language::English.texts().mail;
    let message = Message {
        to,
        subject: texts.test.to_string(),
        body: texts.test_body.to_string(),
    };
    sender.send(message, SystemClock.now()).await.map_err(failure)?;
    print("The mail server took the message.\n")
}

fn failure(error: MailError) -> Failure {
    match error {
        MailError::Unset => Failure::refused(error.to_string()),
        _ => Failure::failed(error.to_string()),
    }
}
