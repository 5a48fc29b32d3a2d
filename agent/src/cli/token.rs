//! The enrolment token: from the command line, a file, standard input or the environment.

use std::io::Read;
use std::path::Path;

use zeef_proto::wire::EnrolmentToken;
use zeroize::Zeroizing;

use super::arguments::Token;
use super::{Exit, Failure};

const VARIABLE: &str = "ZEEF_ENROLL_TOKEN";
const MOST_BYTES: u64 = 4096;

pub(super) fn find(options: &Token) -> Result<EnrolmentToken, Failure> {
    let text = match (&options.token, &options.token_file) {
        (Some(token), _) => Zeroizing::new(token.clone()),
        (None, Some(path)) => read(path, "token file")?,
        (None, None) => std::env::var(VARIABLE).map(Zeroizing::new).map_err(|_| {
            Failure::new(
                Exit::Usage,
                format!("no token given; use --token-file FILE, --token TOKEN or the variable {VARIABLE}"),
            )
        })?,
    };
    text.parse()
        .map_err(|error: zeef_proto::wire::InvalidToken| Failure::new(Exit::Usage, error.to_string()))
}

/// Reads a small file of secrets, or standard input.
pub(super) fn read(path: &Path, what: &str) -> Result<Zeroizing<String>, Failure> {
    let mut text = Zeroizing::new(String::with_capacity(MOST_BYTES as usize));
    let read = if path == Path::new("-") {
        std::io::stdin().take(MOST_BYTES).read_to_string(&mut text)
    } else {
        std::fs::File::open(path).and_then(|file| file.take(MOST_BYTES).read_to_string(&mut text))
    };
    match read {
        Ok(_) => Ok(text),
        Err(error) => Err(Failure::new(
            Exit::Usage,
            format!("the {what} cannot be read ({})", error.kind()),
        )),
    }
}
