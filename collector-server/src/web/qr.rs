//! A QR code, drawn as one path so that the page needs no image from elsewhere.

use std::fmt::Write;

use qrcodegen::{QrCode, QrCodeEcc};

/// White around it, in modules: less, and some readers do not see it (ISO/IEC 18004).
const QUIET: i32 = 4;

/// What the template draws.
pub(super) struct Qr {
    /// Modules on a side, the white ones around it included.
    pub(super) side: i32,
    /// The dark modules, as the data of an SVG path.
    pub(super) path: String,
}

impl Qr {
    /// Draws a text; `None` where it is too long for any code.
    pub(super) fn of(text: &str) -> Option<Self> {
        let code = QrCode::encode_text(text, QrCodeEcc::Medium).ok()?;
        let mut path = String::new();
        for y in 0..code.size() {
            for x in (0..code.size()).filter(|x| code.get_module(*x, y)) {
                // Writing to a string does not fail.
                let _ = write!(path, "M{},{}h1v1h-1z", x + QUIET, y + QUIET);
            }
        }
        Some(Self {
            side: code.size() + 2 * QUIET,
            path,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_has_its_corners_and_white_around_it() {
        let qr = Qr::of("otpauth://totp/Zeef:anna?secret=GEZDGNBVGY3TQOJQ").unwrap();
        assert!(qr.path.starts_with("M4,4h1v1h-1z"));
        let dark = qr.path.split('M').skip(1).map(|module| {
            let (x, rest) = module.split_once(',').unwrap();
            let y = rest.split_once('h').unwrap().0;
            (x.parse::<i32>().unwrap(), y.parse::<i32>().unwrap())
        });
        for (x, y) in dark {
            assert!((QUIET..qr.side - QUIET).contains(&x) && (QUIET..qr.side - QUIET).contains(&y));
        }
        assert!(Qr::of(&"x".repeat(3_000)).is_none());
    }
}
