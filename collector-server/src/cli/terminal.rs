//! Asking the person at the terminal, also for what nobody should see.

use std::io::{BufRead, IsTerminal, Write, stderr, stdin};
use std::process::{Command, Stdio};

use zeroize::Zeroizing;

use super::failure::Failure;

/// One line of standard input. On a terminal it is asked for, twice, and not shown.
pub(super) fn read_secret(prompt: &str) -> Result<Zeroizing<String>, Failure> {
    if !stdin().is_terminal() {
        return line();
    }
    let _hidden = Hidden::start();
    let first = ask(prompt)?;
    if *ask("Once more: ")? == *first {
        Ok(first)
    } else {
        Err(Failure::refused("the two were not the same; nothing was changed"))
    }
}

/// Whether somebody is there to be asked.
pub(super) fn is_there() -> bool {
    stdin().is_terminal()
}

/// Asks a question; yes is `y` or `yes`.
pub(super) fn confirm(question: &str) -> Result<bool, Failure> {
    let mut terminal = stderr();
    // Where the question cannot be shown, the answer is taken all the same.
    drop(terminal.write_all(question.as_bytes()));
    let answer = line()?;
    Ok(matches!(answer.trim().to_lowercase().as_str(), "y" | "yes"))
}

fn ask(prompt: &str) -> Result<Zeroizing<String>, Failure> {
    let mut terminal = stderr();
    // Where the prompt cannot be shown, the answer is taken all the same.
    drop(terminal.write_all(prompt.as_bytes()));
    let answer = line();
    drop(terminal.write_all(b"\n"));
    answer
}

fn line() -> Result<Zeroizing<String>, Failure> {
    let mut text = Zeroizing::new(String::new());
    match stdin().lock().read_line(&mut text) {
        Ok(read) if read > 0 => Ok(Zeroizing::new(text.trim_end_matches(['\r', '\n']).to_owned())),
        _ => Err(Failure::refused(
            "standard input ended before a line was read; nothing was changed",
        )),
    }
}

/// The terminal does not show what is typed while this lives.
struct Hidden;

impl Hidden {
    fn start() -> Self {
        echo("-echo");
        Self
    }
}

impl Drop for Hidden {
    fn drop(&mut self) {
        echo("echo");
    }
}

/// POSIX has every terminal set by this program; without it what is typed can be seen, and nothing else is lost.
fn echo(setting: &str) {
    drop(Command::new("stty").arg(setting).stdin(Stdio::inherit()).status());
}
