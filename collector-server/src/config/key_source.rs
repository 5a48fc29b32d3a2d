//! Where the key-encryption key comes from.

use std::path::{Path, PathBuf};

/// Where the key-encryption key comes from. However it comes, it is base64 of 32 bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeySource {
    /// A file that its owner alone can read.
    File(PathBuf),
    /// A file descriptor that the process is started with; its number is in `ZEEF_KEK_FD`.
    Descriptor,
    /// A credential that systemd hands over, by name (`LoadCredential=`, `LoadCredentialEncrypted=`).
    Credential(String),
}

impl KeySource {
    /// Reads `PATH`, `file:PATH`, `fd` or `credential:NAME`; a relative path starts from `directory`.
    pub(super) fn read(text: &str, directory: &Path) -> Result<Self, String> {
        if text == "fd" {
            return Ok(Self::Descriptor);
        }
        if let Some(name) = text.strip_prefix("credential:") {
            // A credential is a file in a directory of its own, and its name is no path.
            return if name.is_empty() || name.starts_with('.') || name.contains('/') {
                Err("must name a credential after credential:, without a path".to_owned())
            } else {
                Ok(Self::Credential(name.to_owned()))
            };
        }
        match text.strip_prefix("file:").unwrap_or(text) {
            "" => Err("must be a file, file:FILE, fd or credential:NAME".to_owned()),
            path => Ok(Self::File(directory.join(path))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_comes_from_a_file_a_descriptor_or_a_credential() {
        let read = |text| KeySource::read(text, Path::new("/srv/zeef"));
        let file = KeySource::File("/srv/zeef/keys/kek".into());
        assert_eq!(read("keys/kek").as_ref(), Ok(&file));
        assert_eq!(read("file:keys/kek").as_ref(), Ok(&file));
        assert_eq!(read("file:/run/kek"), Ok(KeySource::File("/run/kek".into())));
        assert_eq!(read("fd"), Ok(KeySource::Descriptor));
        assert_eq!(read("credential:zeef"), Ok(KeySource::Credential("zeef".into())));
        for wrong in ["", "file:", "credential:", "credential:../kek", "credential:a/b"] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }
}
