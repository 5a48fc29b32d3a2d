//! A program of others that ends with the test, together with all that it started and wrote.

use std::ffi::OsStr;
use std::fs::OpenOptions;
use std::io::Write;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use crate::wait;

/// Waits for the end of its input, which comes with the end of the test however that ends. Then it kills the first
/// process of the program's namespace, and the system kills the rest with it. It does so before, and begins anew, where a
/// line tells it to.
const KEEPER: &str = r#"
directory=$1
shift
program=
begin() {
    if [ $# -gt 0 ]; then
        "$@" >>"$directory/log" 2>&1 </dev/null &
        program=$!
    fi
}
end() {
    if [ -n "$program" ]; then
        kill -KILL $(pgrep -P "$program") || kill -KILL "$program"
        wait "$program"
        program=
    fi
}
begin "$@"
while read -r order; do
    case $order in
        end) end ;;
        begin) begin "$@" ;;
    esac
done
end
rm -rf "$directory"
"#;

/// A directory and, mostly, the program that runs on it. Both are gone when this is dropped, and when the test is killed.
pub(crate) struct Throwaway {
    directory: PathBuf,
    keeper: Child,
}

impl Throwaway {
    /// Keeps a directory, without a program.
    pub(crate) fn directory(directory: Directory) -> Self {
        Self::keep(directory, &[])
    }

    /// Starts a program as an ordinary user, alone among its processes. What it prints is in `log`, in the directory.
    pub(crate) fn start(directory: Directory, program: &Command) -> Self {
        // Nothing of it outlives the keeper, should somebody kill that.
        let mut words: Vec<&OsStr> = ["setpriv", "--pdeathsig", "KILL", "unshare"]
            .map(OsStr::new)
            .into();
        let user = User::unprivileged();
        if user.is_none() {
            words.extend(["--user", "--map-current-user"].map(OsStr::new));
        }
        words.extend(["--pid", "--fork", "--kill-child", "--mount-proc"].map(OsStr::new));
        let become_user = user.map(User::command);
        if let Some(command) = &become_user {
            words.extend(all_words(command));
        }
        words.extend(all_words(program));
        Self::keep(directory, &words)
    }

    fn keep(directory: Directory, words: &[&OsStr]) -> Self {
        let keeper = Command::new("sh")
            .args(["-c", KEEPER, "keeper"])
            .arg(directory.path())
            .args(words)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            // What interrupts the test must not interrupt who cleans up after it.
            .process_group(0)
            .spawn()
            .expect("there is a shell");
        Self {
            directory: directory.0.keep(),
            keeper,
        }
    }

    /// Kills the program; the directory stays. It is not waited for.
    pub(crate) fn kill_program(&mut self) {
        self.order("end");
    }

    /// Starts the program that was killed, as it was started before.
    pub(crate) fn start_program(&mut self) {
        self.order("begin");
    }

    fn order(&mut self, order: &str) {
        let input = self.keeper.stdin.as_mut().expect("the keeper has an input");
        writeln!(input, "{order}").expect("the keeper lives as long as the test");
    }

    pub(crate) fn path(&self) -> &Path {
        &self.directory
    }

    /// The process from which the program's descend.
    pub(crate) fn process_id(&self) -> u32 {
        self.keeper.id()
    }

    /// What the program has printed so far.
    pub(crate) fn log(&self) -> String {
        let log = std::fs::read(self.directory.join("log")).unwrap_or_default();
        String::from_utf8_lossy(&log).into_owned()
    }

    /// Asks again and again until there is an answer.
    ///
    /// # Panics
    /// After `bound`, with the program's log.
    #[track_caller]
    pub(crate) fn wait_for<T>(&self, bound: Duration, what: &str, probe: impl FnMut() -> Option<T>) -> T {
        let answer = wait::try_until(bound, probe);
        answer.unwrap_or_else(|| panic!("waited {bound:?} in vain for {what}; it said: {}", self.log()))
    }
}

impl Drop for Throwaway {
    fn drop(&mut self) {
        drop(self.keeper.stdin.take());
        drop(self.keeper.wait());
    }
}

/// A temporary directory of the user as whom programs run.
pub(crate) struct Directory(tempfile::TempDir);

impl Directory {
    pub(crate) fn new() -> Self {
        let directory = tempfile::tempdir().expect("a temporary directory");
        give_away(directory.path());
        Self(directory)
    }

    /// Writes a file that this user alone can read.
    pub(crate) fn write_private(&self, name: &str, text: &str) -> PathBuf {
        let path = self.path().join(name);
        let mut options = OpenOptions::new();
        let file = options.write(true).create_new(true).mode(0o600).open(&path);
        file.and_then(|mut file| file.write_all(text.as_bytes()))
            .expect("a file can be written");
        give_away(&path);
        path
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }
}

/// Makes what root made that user's own.
pub(crate) fn give_away(path: &Path) {
    if let Some(user) = User::unprivileged() {
        chown(path, Some(user.id), Some(user.group)).expect("root gives away what it owns");
    }
}

/// A command that runs as the user as whom programs run.
pub(crate) fn unprivileged(program: impl AsRef<OsStr>) -> Command {
    match User::unprivileged() {
        None => Command::new(program),
        Some(user) => {
            let mut command = user.command();
            command.arg(program);
            command
        }
    }
}

/// Another user than root, as whom PostgreSQL refuses to run.
#[derive(Clone, Copy)]
struct User {
    id: u32,
    group: u32,
}

impl User {
    /// Debian's `postgres`; `None` where the test is an ordinary user's already.
    fn unprivileged() -> Option<Self> {
        let own = std::fs::metadata("/proc/self").expect("Linux").uid();
        (own == 0).then(|| {
            let accounts = std::fs::read_to_string("/etc/passwd").expect("accounts");
            let account = accounts.lines().find_map(|line| line.strip_prefix("postgres:"));
            let mut ids = account
                .expect("there is no user postgres: run packaging/setup/setup.sh test")
                .split(':')
                .skip(1)
                .map(|id| id.parse().expect("an account has two ids"));
            Self {
                id: ids.next().expect("an account has an id"),
                group: ids.next().expect("an account has a group"),
            }
        })
    }

    fn command(self) -> Command {
        let mut command = Command::new("setpriv");
        command
            .arg(format!("--reuid={}", self.id))
            .arg(format!("--regid={}", self.group))
            .args(["--init-groups", "--"]);
        command
    }
}

fn all_words(command: &Command) -> impl Iterator<Item = &OsStr> {
    std::iter::once(command.get_program()).chain(command.get_args())
}
