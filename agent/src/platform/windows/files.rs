//! Files that only their owner and administrators may read, written whole or not at all.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::os::windows::fs::OpenOptionsExt;
use std::os::windows::io::AsRawHandle;
use std::path::Path;

use windows_sys::Win32::Foundation::LocalFree;
use windows_sys::Win32::Security::Authorization::{
    ConvertSecurityDescriptorToStringSecurityDescriptorW,
    ConvertStringSecurityDescriptorToSecurityDescriptorW, GetNamedSecurityInfoW, SDDL_REVISION_1,
    SE_FILE_OBJECT, SetNamedSecurityInfoW,
};
use windows_sys::Win32::Security::{
    ACL, DACL_SECURITY_INFORMATION, GetSecurityDescriptorDacl, PROTECTED_DACL_SECURITY_INFORMATION,
    PSECURITY_DESCRIPTOR,
};
use windows_sys::Win32::Storage::FileSystem::{
    BY_HANDLE_FILE_INFORMATION, FILE_FLAG_OPEN_REPARSE_POINT, GetFileInformationByHandle,
    MOVEFILE_REPLACE_EXISTING, MOVEFILE_WRITE_THROUGH, MoveFileExW,
};
use windows_sys::w;

use super::wide;
use crate::platform::Privacy;

/// Makes a directory and its parents; a new one is for the system, administrators and its owner alone, and so is
/// everything in it. An existing one is left as it is.
///
/// # Errors
/// Those of the operating system.
pub fn create_private_directory(path: &Path) -> io::Result<()> {
    if let Some(parent) = path.parent() {
        std::fs::create_dir_all(parent)?;
    }
    match std::fs::create_dir(path) {
        Ok(()) => restrict(path),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(error),
    }
}

/// Full access for SYSTEM, administrators and the owner, inherited by what is made inside, nothing from above.
#[allow(unsafe_code, reason = "access control is of C functions")]
fn restrict(path: &Path) -> io::Result<()> {
    let rules = w!("D:P(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)(A;OICI;FA;;;OW)");
    let path = wide::of_path(path);
    let mut descriptor: PSECURITY_DESCRIPTOR = std::ptr::null_mut();
    let (mut present, mut defaulted) = (0, 0);
    let mut list: *mut ACL = std::ptr::null_mut();
    // SAFETY: all pointers are to live values; the descriptor, which holds the list, is freed after its last use.
    let result = unsafe {
        if ConvertStringSecurityDescriptorToSecurityDescriptorW(
            rules,
            SDDL_REVISION_1,
            &raw mut descriptor,
            std::ptr::null_mut(),
        ) == 0
        {
            return Err(io::Error::last_os_error());
        }
        let found =
            GetSecurityDescriptorDacl(descriptor, &raw mut present, &raw mut list, &raw mut defaulted);
        let result = if found == 0 {
            Err(io::Error::last_os_error())
        } else {
            result_of(SetNamedSecurityInfoW(
                path.as_ptr(),
                SE_FILE_OBJECT,
                DACL_SECURITY_INFORMATION | PROTECTED_DACL_SECURITY_INFORMATION,
                std::ptr::null_mut(),
                std::ptr::null_mut(),
                list,
                std::ptr::null(),
            ))
        };
        LocalFree(descriptor);
        result
    };
    result
}

/// Who can look into a directory, by its access control list.
///
/// # Errors
/// Those of the operating system.
pub fn privacy(path: &Path) -> io::Result<Privacy> {
    if !std::fs::metadata(path)?.is_dir() {
        return Err(io::ErrorKind::NotADirectory.into());
    }
    privacy_by_rules(path)
}

fn privacy_by_rules(path: &Path) -> io::Result<Privacy> {
    match rules_of(path) {
        Ok(rules) if is_private(&rules) => Ok(Privacy::Private),
        Ok(_) => Ok(Privacy::Open),
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => Ok(Privacy::Foreign),
        Err(error) => Err(error),
    }
}

/// Who can look into a file, by its access control list.
///
/// # Errors
/// Those of the operating system.
pub fn file_privacy(path: &Path) -> io::Result<Privacy> {
    std::fs::metadata(path)?;
    privacy_by_rules(path)
}

/// Whether a list in Microsoft's text form (SDDL) allows something to nobody but SYSTEM, administrators and the owner.
fn is_private(rules: &str) -> bool {
    let Some((_, entries)) = rules.split_once("D:") else {
        return false;
    };
    let mut entries = entries.split('(').skip(1).peekable();
    entries.peek().is_some()
        && entries.all(|entry| {
            let mut parts = entry.trim_end_matches(')').split(';');
            let denies = parts.next() == Some("D");
            denies || matches!(parts.nth(4), Some("SY" | "BA" | "OW"))
        })
}

#[allow(unsafe_code, reason = "access control is of C functions")]
fn rules_of(path: &Path) -> io::Result<String> {
    let path = wide::of_path(path);
    let mut descriptor: PSECURITY_DESCRIPTOR = std::ptr::null_mut();
    let mut text: *mut u16 = std::ptr::null_mut();
    let mut length = 0_u32;
    // SAFETY: all pointers are to live values; what the system allocated is freed after its last use.
    unsafe {
        result_of(GetNamedSecurityInfoW(
            path.as_ptr(),
            SE_FILE_OBJECT,
            DACL_SECURITY_INFORMATION,
            std::ptr::null_mut(),
            std::ptr::null_mut(),
            std::ptr::null_mut(),
            std::ptr::null_mut(),
            &raw mut descriptor,
        ))?;
        let done = ConvertSecurityDescriptorToStringSecurityDescriptorW(
            descriptor,
            SDDL_REVISION_1,
            DACL_SECURITY_INFORMATION,
            &raw mut text,
            &raw mut length,
        );
        let rules = if done == 0 {
            Err(io::Error::last_os_error())
        } else {
            let units = std::slice::from_raw_parts(text, length as usize);
            Ok(String::from_utf16_lossy(units).trim_end_matches('\0').to_owned())
        };
        LocalFree(descriptor);
        LocalFree(text.cast());
        rules
    }
}

fn result_of(code: u32) -> io::Result<()> {
    match code {
        0 => Ok(()),
        code => Err(io::Error::from_raw_os_error(code.cast_signed())),
    }
}

/// Opens the file whose lock says that an agent runs here.
///
/// # Errors
/// Those of the file system.
pub fn open_lock_file(path: &Path) -> io::Result<File> {
    OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(false)
        .open(path)
}

/// Opens a file to read it, and nothing else: no link is followed.
///
/// # Errors
/// Those of the file system; [`io::ErrorKind::InvalidInput`] where it is no file.
pub fn open_plain(path: &Path) -> io::Result<File> {
    let file = OpenOptions::new()
        .read(true)
        .custom_flags(FILE_FLAG_OPEN_REPARSE_POINT)
        .open(path)?;
    // A link that is opened as itself is no file either.
    if file.metadata()?.is_file() {
        Ok(file)
    } else {
        Err(io::ErrorKind::InvalidInput.into())
    }
}

/// What tells an open file from all others of this machine while it exists, under whatever name.
///
/// # Errors
/// Those of the operating system.
#[allow(unsafe_code, reason = "GetFileInformationByHandle is a C function")]
pub fn identity(file: &File) -> io::Result<[u8; 16]> {
    let mut found = BY_HANDLE_FILE_INFORMATION::default();
    // SAFETY: the handle is open and the pointer is to a live value.
    let done = unsafe { GetFileInformationByHandle(file.as_raw_handle(), &raw mut found) };
    if done == 0 {
        return Err(io::Error::last_os_error());
    }
    let index = (u64::from(found.nFileIndexHigh) << 32) | u64::from(found.nFileIndexLow);
    let number = (u128::from(found.dwVolumeSerialNumber) << 64) | u128::from(index);
    Ok(number.to_be_bytes())
}

/// Writes a file that is not there yet, for the system, administrators and its owner alone.
///
/// # Errors
/// Those of the operating system, [`io::ErrorKind::AlreadyExists`] among them; nothing of it is left then.
pub fn create_private(path: &Path, content: &[u8]) -> io::Result<()> {
    let mut file = File::create_new(path)?;
    let written = restrict(path)
        .and_then(|()| file.write_all(content))
        .and_then(|()| file.sync_all());
    if written.is_err() {
        drop(std::fs::remove_file(path));
    }
    written
}

/// Replaces a file by way of a temporary one beside it, so that a reader sees the old or the new content, never a
/// part; durable when this returns.
///
/// # Errors
/// Those of the file system; the old content stays then.
pub fn replace_private(path: &Path, content: &[u8]) -> io::Result<()> {
    let temporary = path.with_extension("new");
    let written = write_whole(&temporary, content).and_then(|()| rename_durably(&temporary, path));
    if written.is_err() {
        // What is left of it would only take room that is short already.
        drop(std::fs::remove_file(&temporary));
    }
    written
}

fn write_whole(path: &Path, content: &[u8]) -> io::Result<()> {
    let mut file = File::create(path)?;
    file.write_all(content)?;
    file.sync_all()
}

/// Puts a file in the place of another, durably and whole.
///
/// # Errors
/// Those of the operating system.
#[allow(unsafe_code, reason = "MoveFileExW is a C function")]
pub fn rename_durably(from: &Path, to: &Path) -> io::Result<()> {
    let (from, to) = (wide::of_path(from), wide::of_path(to));
    // SAFETY: both names end in zero and live through the call.
    let done = unsafe {
        MoveFileExW(
            from.as_ptr(),
            to.as_ptr(),
            MOVEFILE_REPLACE_EXISTING | MOVEFILE_WRITE_THROUGH,
        )
    };
    if done == 0 {
        Err(io::Error::last_os_error())
    } else {
        Ok(())
    }
}

/// Nothing to do: NTFS journals its directories, and renames are written through.
///
/// # Errors
/// Never.
pub const fn sync_directory(_: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_that_allows_others_anything_is_not_private() {
        assert!(is_private("D:P(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)(A;OICI;FA;;;OW)"));
        assert!(is_private("O:BAD:P(D;;FA;;;WD)(A;;FA;;;SY)"));
        assert!(!is_private("D:P(A;OICI;FA;;;SY)(A;;0x1200a9;;;BU)"));
        assert!(!is_private("D:NO_ACCESS_CONTROL"));
        assert!(!is_private(""));
    }
}
