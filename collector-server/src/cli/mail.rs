//! `mail`.

use clap::Subcommand;
use zeef_proto::Clock;

use super::failure::Failure;
use super::output::print;
use crate::clock::SystemClock;
use crate::config::Config;
use crate::mail::{Address, MailError, Message, Sender};
use crate::web::Language;

#[derive(Subcommand)]
pub(super) enum Command {
    /// Send a message to see whether the mail server takes it
    Test {
        /// To whom
        #[arg(long, value_name = "ADDRESS")]
        to: Address,
    },
}

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
