//! Names of devices and of the people who use them.

use caseless::Caseless;
use unicode_normalization::UnicodeNormalization;

use super::wire_form::field_type;
use super::{Field, Parse, Rejection};

/// A host's own name: the first label, for its suffix would tell the domain. At most 63 characters.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DeviceName(String);

/// The account of a person who is signed in, without domain or realm. At most 64 characters.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Username(String);

field_type!(
    DeviceName,
    r"^[^\p{C}.]{1,63}$",
    "first label of the host's name, in Unicode NFC"
);
field_type!(
    Username,
    r"^[^\p{C}\\@]{1,64}$",
    "name of a signed-in account, in Unicode NFC"
);

const MOST_BYTES: usize = 255;

impl Parse for DeviceName {
    const FIELD: Field = Field::DeviceName;

    fn parse(text: &str) -> Result<Self, Rejection> {
        let text = bounded(text)?;
        clean(before(text, b'.'), 63).map(Self)
    }

    fn expose_to(&self, out: &mut String) {
        out.push_str(&self.0);
    }

    fn matching_form(&self) -> String {
        matching_form(&self.0)
    }
}

impl Parse for Username {
    const FIELD: Field = Field::Username;

    fn parse(text: &str) -> Result<Self, Rejection> {
        let text = bounded(text)?;
        let account = text.rsplit('\\').next().unwrap_or_default();
        let account = trimmed(before(account, b'@'));
        if is_security_identifier(account) {
            return Err(Rejection::SecurityIdentifier);
        }
        if is_service_account(text, account) {
            return Err(Rejection::ServiceAccount);
        }
        clean(account, 64).map(Self)
    }

    fn expose_to(&self, out: &mut String) {
        out.push_str(&self.0);
    }

    fn matching_form(&self) -> String {
        matching_form(&self.0)
    }
}

/// NFKC and case folding that depends on no locale: the form in which names are compared.
#[must_use]
pub fn matching_form(text: &str) -> String {
    // Folding can undo composition, so the order is that of Unicode's toNFKC_Casefold (UAX 31).
    text.nfkc().default_case_fold().nfkc().collect()
}

/// What stands before the first `end`, which is ASCII; all where there is none.
fn before(text: &str, end: u8) -> &str {
    let end = text.bytes().position(|byte| byte == end);
    end.map_or(text, |end| &text[..end])
}

/// As [`str::trim`], which decodes characters where nearly every name has letters at its ends.
fn trimmed(text: &str) -> &str {
    match text.as_bytes() {
        [first, .., last] if first.is_ascii_graphic() && last.is_ascii_graphic() => text,
        _ => text.trim(),
    }
}

fn bounded(text: &str) -> Result<&str, Rejection> {
    let text = trimmed(text);
    if text.is_empty() {
        Err(Rejection::Empty)
    } else if text.len() > 2 * MOST_BYTES {
        Err(Rejection::TooLong)
    } else {
        Ok(text)
    }
}

fn clean(text: &str, most_characters: usize) -> Result<String, Rejection> {
    let text = trimmed(text);
    if text.is_empty() {
        return Err(Rejection::Empty);
    }
    // Printable ASCII is in NFC and hides nothing.
    if text.bytes().all(|byte| (0x20..0x7f).contains(&byte)) {
        return if text.len() > most_characters {
            Err(Rejection::TooLong)
        } else {
            Ok(text.to_owned())
        };
    }
    if text.chars().any(is_forbidden) {
        return Err(Rejection::ForbiddenCharacter);
    }
    let text: String = text.nfc().collect();
    if text.chars().count() > most_characters || text.len() > MOST_BYTES {
        return Err(Rejection::TooLong);
    }
    Ok(text)
}

/// Characters that hide, reorder or break text: controls, format characters, separators, private use,
/// non-characters (Unicode categories Cc, Cf, Zl, Zp, Co, Cn in part).
const fn is_forbidden(c: char) -> bool {
    matches!(c as u32,
        0..=0x1f | 0x7f..=0x9f | 0xad | 0x34f | 0x600..=0x605 | 0x61c | 0x6dd | 0x70f | 0x890..=0x891 | 0x8e2
        | 0x115f..=0x1160 | 0x17b4..=0x17b5 | 0x180b..=0x180f
        | 0x200b..=0x200f | 0x2028..=0x202e | 0x2060..=0x206f | 0x3164 | 0xe000..=0xf8ff | 0xfdd0..=0xfdef
        | 0xfe00..=0xfe0f | 0xfeff | 0xffa0 | 0xfff0..=0xffff
        | 0x110bd | 0x110cd | 0x13430..=0x1343f | 0x1bca0..=0x1bca3 | 0x1d173..=0x1d17a
        | 0xe0000..=0x10ffff)
        || (c as u32) & 0xfffe == 0xfffe
}

/// `S-1-5-21-…`, as Windows writes an account whose name it cannot find.
fn is_security_identifier(account: &str) -> bool {
    let mut parts = account.split('-');
    parts.next().is_some_and(|s| s.eq_ignore_ascii_case("s"))
        && parts.next() == Some("1")
        && parts.clone().next().is_some()
        && parts.all(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit()))
}

const SERVICE_ACCOUNTS: [&str; 16] = [
    "system",
    "local service",
    "network service",
    "lokale dienst",
    "netwerkservice",
    "localsystem",
    "localservice",
    "networkservice",
    "anonymous logon",
    "_windowserver",
    "loginwindow",
    "gdm",
    "gdm-greeter",
    "sddm",
    "lightdm",
    "nobody",
];

/// Accounts under which systems run services; `SYSTEM` is `SYSTEM` in every language of Windows, the domain
/// before it is not.
fn is_service_account(whole: &str, account: &str) -> bool {
    let domain = whole.rsplit_once('\\').map_or("", |(domain, _)| domain);
    let numbered = |prefix: &str| {
        account
            .split_at_checked(prefix.len())
            .filter(|(start, _)| start.eq_ignore_ascii_case(prefix))
            .is_some_and(|(_, n)| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()))
    };
    account.ends_with('$')
        || ["nt service", "iis apppool", "font driver host", "window manager"]
            .iter()
            .any(|name| domain.eq_ignore_ascii_case(name))
        || SERVICE_ACCOUNTS
            .iter()
            .any(|name| account.eq_ignore_ascii_case(name))
        || numbered("dwm-")
        || numbered("umfd-")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn username(text: &str) -> Result<String, Rejection> {
        Username::parse(text).map(|name| name.expose())
    }

    #[test]
    fn domain_and_realm_are_stripped() {
        assert_eq!(username("CONTOSO\\j.jansen"), Ok("j.jansen".into()));
        assert_eq!(username("j.jansen@contoso.example"), Ok("j.jansen".into()));
        assert_eq!(
            username("CONTOSO\\j.jansen@contoso.example"),
            Ok("j.jansen".into())
        );
        assert_eq!(
            DeviceName::parse("lap-17.contoso.example").map(|n| n.expose()),
            Ok("lap-17".into())
        );
    }

    #[test]
    fn accounts_that_are_no_person_are_refused() {
        for text in [
            "NT AUTHORITY\\SYSTEM",
            "NT-AUTORITÄT\\SYSTEM",
            "LAP-17$",
            "Window Manager\\DWM-3",
            "UMFD-0",
            "gdm",
            "NT SERVICE\\MSSQL",
            "Lokale dienst",
        ] {
            assert_eq!(username(text), Err(Rejection::ServiceAccount), "{text}");
        }
        assert_eq!(
            username("S-1-5-21-1004336348-1177238915"),
            Err(Rejection::SecurityIdentifier)
        );
        assert_eq!(username("s-1-test"), Ok("s-1-test".into()));
    }

    #[test]
    fn names_that_hide_or_reorder_text_are_refused() {
        for text in [
            "jan\u{202e}nesnaj",
            "jan\u{200b}",
            "jan\0",
            "ja\u{ad}n",
            "jan\u{e0041}",
            "jan\u{feff}sen",
            "jan\nsen",
        ] {
            assert_eq!(username(text), Err(Rejection::ForbiddenCharacter), "{text:?}");
        }
    }

    #[test]
    fn composed_and_decomposed_spellings_come_out_alike() {
        assert_eq!(username("rene\u{301}"), username("ren\u{e9}"));
        assert_eq!(username("rene\u{301}"), Ok("ren\u{e9}".into()));
    }

    #[test]
    fn names_match_whatever_their_case_and_width() {
        let form = |text: &str| Username::parse(text).unwrap().matching_form();
        assert_eq!(form("RENÉ"), form("rené"));
        assert_eq!(form("ＪＡＮ"), form("jan"));
        assert_eq!(form("Straße"), form("STRASSE"));
    }

    #[test]
    fn lengths_are_bounded() {
        assert_eq!(username(&"a".repeat(64)), Ok("a".repeat(64)));
        assert_eq!(username(&"a".repeat(65)), Err(Rejection::TooLong));
        assert_eq!(DeviceName::parse(&"a".repeat(64)).err(), Some(Rejection::TooLong));
        assert_eq!(username("   "), Err(Rejection::Empty));
        assert_eq!(username("CONTOSO\\"), Err(Rejection::Empty));
    }
}
