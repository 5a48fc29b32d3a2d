//! The mail server.

use std::path::{Path, PathBuf};
use std::time::Duration;

use toml::Value;

use super::duration::Length;
use super::section::{Section, count, from_text, text};
use crate::mail::Mailbox;

/// The server that takes the collector's mail.
#[derive(Debug, Clone)]
pub struct Mail {
    /// Its name, which its certificate must have.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How TLS begins; there is none without.
    pub tls: MailTls,
    /// The account there and the file with its password, where the server asks for one.
    pub account: Option<MailAccount>,
    /// Who sends.
    pub from: Mailbox,
    /// The certificate authority by which it is known; without, those that this machine believes.
    pub certificate_authority: Option<PathBuf>,
    /// How often a message is tried.
    pub attempts: u32,
    /// How long after the first attempt; after each further one twice as long.
    pub retry_after: Duration,
}

/// How TLS begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum MailTls {
    /// In the open, and nothing is said before it is on (RFC 3207).
    #[default]
    StartTls,
    /// At once (RFC 8314).
    Implicit,
}

/// An account at the mail server.
#[derive(Debug, Clone)]
pub struct MailAccount {
    /// Its name.
    pub user: String,
    /// The file with its password.
    pub password_file: PathBuf,
}

/// The inner `None` where there is no such section, the outer one only after a mistake.
pub(super) fn mail(mut section: Section<'_>, directory: &Path) -> Option<Option<Mail>> {
    if section.is_absent() {
        return Some(None);
    }
    let path = |value: &Value| text(value).map(|path| directory.join(path));
    let host = section.required("host", host);
    let tls = section.or("tls", MailTls::default(), |value| match text(value)?.as_str() {
        "starttls" => Ok(MailTls::StartTls),
        "implicit" => Ok(MailTls::Implicit),
        _ => Err("must be starttls or implicit; mail is not sent without TLS".to_owned()),
    });
    let usual = match tls {
        Some(MailTls::Implicit) => 465,
        _ => 587,
    };
    let port = section.or("port", usual, |value| {
        let port = count(value)?;
        u16::try_from(port).map_err(|_| "must be a port, at most 65535".to_owned())
    });
    let user = section.optional("user", text);
    let password_file = section.optional("password_file", path);
    let from = section.required("from", from_text::<Mailbox>);
    let certificate_authority = section.optional("certificate_authority", path);
    let attempts = section.or("attempts", 3, |value| match count(value)? {
        attempts @ 1..=10 => Ok(attempts),
        _ => Err("must be at most 10".to_owned()),
    });
    let retry_after = section.or("retry_after", Duration::from_secs(10), |value| {
        from_text::<Length>(value).map(Length::duration)
    });
    let account = match (user?, password_file?) {
        (Some(user), Some(password_file)) => Some(MailAccount { user, password_file }),
        (None, None) => None,
        _ => {
            section.mistake("user", "and password_file belong together; give both or neither");
            section.finish();
            return None;
        }
    };
    section.finish();
    Some(Some(Mail {
        host: host?,
        port: port?,
        tls: tls?,
        account,
        from: from?,
        certificate_authority: certificate_authority?,
        attempts: attempts?,
        retry_after: retry_after?,
    }))
}

fn host(value: &Value) -> Result<String, String> {
    let host = text(value)?;
    match rustls::pki_types::ServerName::try_from(host.as_str()) {
        Ok(_) => Ok(host),
        Err(_) => Err("must be a DNS name or an address, without a port".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::super::section::Mistakes;
    use super::*;

    fn read(text: &str) -> Result<Mail, Vec<String>> {
        let mut mistakes = Mistakes::default();
        let section = Section::new("mail.", text.parse().unwrap(), &mut mistakes);
        match mail(section, Path::new("/etc/zeef")).flatten() {
            Some(mail) => Ok(mail),
            None => Err(mistakes.into_list()),
        }
    }

    #[test]
    fn a_server_is_spoken_to_over_tls_on_its_usual_port() {
        let required = "host = \"mail.example.org\"\nfrom = \"Zeef <zeef@example.org>\"\n";
        let mail = read(required).unwrap();
        assert_eq!((mail.port, mail.tls, mail.attempts), (587, MailTls::StartTls, 3));
        assert_eq!(
            read(&format!("{required}tls = \"implicit\"\n")).unwrap().port,
            465
        );
        for (line, start) in [
            ("tls = \"none\"", "mail.tls: must be starttls or implicit"),
            ("user = \"zeef\"", "mail.user: and password_file belong together"),
            ("attempts = 11", "mail.attempts: must be at most 10"),
            ("port = 70000", "mail.port: must be a port"),
        ] {
            let mistakes = read(&format!("{required}{line}\n")).unwrap_err();
            assert!(mistakes[0].starts_with(start), "{mistakes:?}");
        }
        let mistakes = read("host = \"mail.example.org:25\"\nfrom = \"zeef\"\n").unwrap_err();
        assert_eq!(mistakes.len(), 2, "{mistakes:?}");
    }
}
