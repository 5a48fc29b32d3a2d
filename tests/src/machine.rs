//! A machine for an agent to look at: its own host name, sessions and system files, in namespaces of its own.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

use crate::secrets::Secrets;

/// Sets the machine up and then waits for the end of its input, which is the end of the test.
const HOLD: &str = r#"set -e
hostname "$1"
mount --bind "$2/run" /run
mount --bind "$2/etc" /etc
if [ -d "$2/dmi" ] && [ -d /sys/class/dmi/id ]; then mount --bind "$2/dmi" /sys/class/dmi/id/; fi
echo ready
exec cat
"#;

/// Namespaces with a host name, `/run` and `/etc` of their own, on the network of the real machine.
pub struct Machine {
    directory: TempDir,
    holder: Child,
    own_users: bool,
    secrets: Secrets,
}

impl Machine {
    /// A machine of that name with nobody signed in.
    ///
    /// # Panics
    /// If namespaces cannot be made, saying what is needed.
    #[must_use]
    pub fn new(hostname: &str) -> Self {
        Self::with_files(hostname, |_| {})
    }

    /// A machine with system files that `plant` puts below the directory it is given: `etc/…`, `run/…`, and
    /// `dmi/…` in place of what the hardware says of itself.
    ///
    /// # Panics
    /// If namespaces cannot be made, saying what is needed.
    #[must_use]
    pub fn with_files(hostname: &str, plant: impl FnOnce(&Path)) -> Self {
        let directory = tempfile::tempdir().expect("a temporary directory");
        for folder in ["run/systemd/sessions", "etc"] {
            std::fs::create_dir_all(directory.path().join(folder)).expect("a folder can be made");
        }
        let identifier = format!("{:032x}\n", u128::from_be_bytes(random()));
        std::fs::write(directory.path().join("etc/machine-id"), identifier).expect("a file can be written");
        plant(directory.path());
        let (holder, own_users) = [false, true]
            .into_iter()
            .find_map(|own_users| Some((hold(hostname, directory.path(), own_users)?, own_users)))
            .unwrap_or_else(|| {
                panic!("no namespaces here: run the tests as root with CAP_SYS_ADMIN, or where user namespaces are allowed")
            });
        let machine = Self {
            directory,
            holder,
            own_users,
            secrets: Secrets::default(),
        };
        machine.note_name(hostname);
        machine
    }

    /// Values of this machine; no log may hold them.
    #[must_use]
    pub const fn secrets(&self) -> &Secrets {
        &self.secrets
    }

    /// A command that runs on this machine, with its process id its own.
    #[must_use]
    pub fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = Command::new("nsenter");
        command.arg(format!("--target={}", self.holder.id()));
        if self.own_users {
            command.args(["--user", "--preserve-credentials"]);
        }
        command.args(["--uts", "--mount", "--"]).arg(program);
        command
    }

    /// Where a path of this machine is for the test.
    #[must_use]
    pub fn outside(&self, path: &Path) -> PathBuf {
        PathBuf::from(format!("/proc/{}/root{}", self.holder.id(), path.display()))
    }

    /// Mounts an empty file system of `kilobytes` on a directory, for this machine alone.
    ///
    /// # Panics
    /// If that fails.
    pub fn mount_small(&self, directory: &Path, kilobytes: u32) {
        let mut command = self.command("mount");
        command
            .args([
                "-t",
                "tmpfs",
                "-o",
                &format!("size={kilobytes}k,mode=0700"),
                "zeef-test",
            ])
            .arg(directory);
        assert!(
            command.status().expect("nsenter runs").success(),
            "a small file system could not be mounted"
        );
    }

    /// Changes the host name.
    ///
    /// # Panics
    /// If that fails.
    pub fn set_hostname(&self, hostname: &str) {
        self.note_name(hostname);
        let mut command = self.command("hostname");
        command.arg(hostname);
        assert!(
            command.status().expect("nsenter runs").success(),
            "the host name could not be set"
        );
    }

    fn note_name(&self, hostname: &str) {
        self.secrets.add(hostname.split('.').next().unwrap_or_default());
    }

    /// Somebody signs in at the console.
    pub fn sign_in(&self, account: &str) {
        self.session(account, "active", "");
    }

    /// Somebody has a session, in the state that logind calls `active`, `online` or `closing`, with further lines
    /// in its file.
    ///
    /// # Panics
    /// If its file cannot be written.
    pub fn session(&self, account: &str, state: &str, more: &str) {
        self.secrets.add(account);
        let text = format!(
            "# This is private data. Do not parse.\nUID=1000\nUSER={account}\nACTIVE=1\nSTATE={state}\n\
             REMOTE=0\nTYPE=wayland\nCLASS=user\nSEAT=seat0\n{more}"
        );
        // logind replaces its files as well.
        let new = self.directory.path().join("session");
        std::fs::write(&new, text).expect("a session can be written");
        std::fs::rename(new, self.session_file(account)).expect("a session can be replaced");
    }

    /// Somebody signs out.
    ///
    /// # Panics
    /// If there was no such session.
    pub fn sign_out(&self, account: &str) {
        std::fs::remove_file(self.session_file(account)).expect("there is a session to end");
    }

    fn session_file(&self, account: &str) -> PathBuf {
        let name: String = account.bytes().map(|byte| format!("{byte:02x}")).collect();
        self.directory.path().join("run/systemd/sessions").join(name)
    }

    /// Makes a directory one that cannot be written to, whoever tries, for this machine alone.
    ///
    /// # Panics
    /// If that fails.
    pub fn make_read_only(&self, directory: &Path) {
        for options in ["bind", "remount,bind,ro"] {
            let mut command = self.command("mount");
            command.args(["-o", options]).arg(directory).arg(directory);
            assert!(
                command.status().expect("nsenter runs").success(),
                "a directory could not be made read-only"
            );
        }
    }

    /// Fills the file system that holds `directory`, to the last byte. The file that is given goes with it.
    ///
    /// # Panics
    /// If nothing can be written at all.
    #[must_use]
    pub fn fill(&self, directory: &Path) -> Filler {
        let path = self.outside(&directory.join("filler"));
        let mut file = std::fs::File::create(&path).expect("a file can be made");
        let full = std::iter::repeat_with(|| file.write(&[0; 4_096])).find_map(Result::err);
        assert_eq!(
            full.map(|error| error.kind()),
            Some(std::io::ErrorKind::StorageFull)
        );
        Filler(path)
    }

    /// Gives the machine the identifier of another one, as a copied disk has it.
    ///
    /// # Panics
    /// If that fails.
    pub fn take_identifier_of(&self, other: &Self) {
        let path = "etc/machine-id";
        let text = std::fs::read(other.directory.path().join(path)).expect("a machine has an identifier");
        std::fs::write(self.directory.path().join(path), text).expect("a file can be written");
    }
}

/// A file that takes all the room there is, until it is dropped.
pub struct Filler(PathBuf);

impl Drop for Filler {
    fn drop(&mut self) {
        std::fs::remove_file(&self.0).expect("a file can be removed");
    }
}

impl Drop for Machine {
    fn drop(&mut self) {
        drop(self.holder.stdin.take());
        drop(self.holder.wait());
    }
}

fn hold(hostname: &str, directory: &Path, own_users: bool) -> Option<Child> {
    let mut command = Command::new("unshare");
    if own_users {
        command.args(["--user", "--map-root-user"]);
    }
    let mut holder = command
        .args(["--uts", "--mount", "--", "sh", "-c", HOLD, "machine", hostname])
        .arg(directory)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .ok()?;
    let mut line = String::new();
    let said = BufReader::new(holder.stdout.as_mut()?).read_line(&mut line);
    if said.is_ok() && line == "ready\n" {
        return Some(holder);
    }
    drop(holder.kill());
    drop(holder.wait());
    None
}

fn random<const N: usize>() -> [u8; N] {
    use ring::rand::SecureRandom as _;
    let mut bytes = [0; N];
    ring::rand::SystemRandom::new()
        .fill(&mut bytes)
        .expect("the system gives random bytes");
    bytes
}
