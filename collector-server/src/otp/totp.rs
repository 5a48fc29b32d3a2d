//! Codes that change every half minute (TOTP, RFC 6238): HMAC-SHA-1, six digits, for that is what authenticators take.

use std::fmt;

use data_encoding::BASE32_NOPAD;
use ring::hmac::{HMAC_SHA1_FOR_LEGACY_USE_ONLY, Key, sign};
use subtle::ConstantTimeEq;
use zeef_proto::UnixTime;
use zeroize::Zeroizing;

/// Seconds for which one code holds.
const PERIOD: i64 = 30;
/// Six digits.
const MODULUS: u32 = 1_000_000;
/// Steps by which an authenticator's clock may be off, each way.
const LEEWAY: i64 = 1;

/// The secret that an authenticator shares with the collector: as many bytes as SHA-1 gives (RFC 4226, section 4).
#[derive(Clone)]
pub struct Secret(Zeroizing<[u8; 20]>);

/// The number of a half minute, from the epoch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Step(pub i64);

/// What an authenticator shows.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Code(u32);

impl Secret {
    /// Takes the raw bytes.
    #[must_use]
    pub fn from_bytes(bytes: [u8; 20]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// The raw bytes, to be sealed.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 20] {
        &self.0
    }

    /// As authenticators take it: base32.
    #[must_use]
    pub fn to_text(&self) -> String {
        BASE32_NOPAD.encode(&*self.0)
    }

    /// The code of a step (RFC 4226, section 5.3).
    #[must_use]
    pub fn code(&self, step: Step) -> Code {
        let key = Key::new(HMAC_SHA1_FOR_LEGACY_USE_ONLY, &*self.0);
        let tag = sign(&key, &step.0.to_be_bytes());
        let tag = tag.as_ref();
        let offset = usize::from(tag[tag.len() - 1] & 0x0f);
        let mut number = [0; 4];
        number.copy_from_slice(&tag[offset..offset + 4]);
        Code((u32::from_be_bytes(number) & 0x7fff_ffff) % MODULUS)
    }

    /// The step of which this is the code, among those around `now`.
    #[must_use]
    pub fn step_of(&self, code: Code, now: UnixTime) -> Option<Step> {
        let current = Step::at(now).0;
        let near = (current - LEEWAY..=current + LEEWAY).map(Step);
        // All are looked at, whichever it is.
        near.fold(None, |found, step| {
            let same = bool::from(self.code(step).0.ct_eq(&code.0));
            if same { Some(step) } else { found }
        })
    }
}

impl Step {
    /// The step at that time.
    #[must_use]
    pub const fn at(now: UnixTime) -> Self {
        Self(now.0.div_euclid(PERIOD))
    }
}

impl Code {
    /// Reads six digits.
    pub(super) fn read(text: &str) -> Option<Self> {
        let digits = text.len() == 6 && text.bytes().all(|byte| byte.is_ascii_digit());
        digits.then(|| text.parse().map(Self).ok()).flatten()
    }

    /// The six digits.
    #[must_use]
    pub fn expose(self) -> String {
        format!("{:06}", self.0)
    }
}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Code(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret() -> Secret {
        Secret::from_bytes(*b"12345678901234567890")
    }

    #[test]
    fn the_codes_are_those_of_the_standard() {
        // RFC 6238, appendix B, the last six of its eight digits.
        for (time, expected) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            let code = secret().code(Step::at(UnixTime(time)));
            assert_eq!(code.expose(), expected, "{time}");
        }
        assert_eq!(secret().to_text(), "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
    }

    #[test]
    fn a_code_holds_in_its_step_and_in_those_beside_it() {
        let now = UnixTime(1_780_000_000);
        let code = secret().code(Step::at(now));
        for (seconds, holds) in [(-60, false), (-30, true), (0, true), (30, true), (60, false)] {
            let found = secret().step_of(code, now.plus(seconds));
            assert_eq!(found, holds.then_some(Step::at(now)), "{seconds}");
        }
    }

    #[test]
    fn a_code_is_six_digits_with_its_zeros() {
        assert_eq!(Code::read("005924").map(Code::expose).as_deref(), Some("005924"));
        assert_eq!(Code::read("+12345"), None);
        assert_eq!(format!("{:?}", Code(1)), "Code(…)");
    }
}
