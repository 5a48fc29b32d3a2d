//! A program that runs: its output as it comes, its end, and whether both were clean.

use std::io::{Read, Write};
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crate::secrets::Secrets;
use crate::wait;

/// A running program. When it is dropped it must end in order, and its log must be clean.
pub struct Process {
    name: String,
    id: u32,
    input: Mutex<Option<ChildStdin>>,
    shared: Arc<Shared>,
    readers: Vec<JoinHandle<()>>,
    secrets: Secrets,
    allowed_errors: Mutex<Vec<String>>,
    forgotten: bool,
}

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    stdout: Vec<u8>,
    stderr: Vec<u8>,
    ended: Option<ExitStatus>,
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn change(&self, change: impl FnOnce(&mut State)) {
        change(&mut self.state());
        self.changed.notify_all();
    }

    fn wait<T>(&self, bound: Duration, mut look: impl FnMut(&State) -> Option<T>) -> Option<T> {
        let end = Instant::now() + bound;
        let mut state = self.state();
        loop {
            if let Some(found) = look(&state) {
                return Some(found);
            }
            let left = end.checked_duration_since(Instant::now())?;
            state = self
                .changed
                .wait_timeout(state, left)
                .unwrap_or_else(PoisonError::into_inner)
                .0;
        }
    }
}

impl Process {
    /// Starts a program whose log must hold none of `secrets`.
    ///
    /// # Panics
    /// If it cannot be started.
    #[must_use]
    pub fn start(mut command: Command, name: &str, secrets: Secrets) -> Self {
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command
            .spawn()
            .unwrap_or_else(|error| panic!("{name} cannot be started: {error}"));
        let shared = Arc::new(Shared::default());
        let stdout = child.stdout.take().expect("stdout is a pipe");
        let stderr = child.stderr.take().expect("stderr is a pipe");
        Self {
            name: name.to_owned(),
            id: child.id(),
            input: Mutex::new(child.stdin.take()),
            readers: vec![
                read_into(stdout, &shared, |state| &mut state.stdout),
                read_into(stderr, &shared, |state| &mut state.stderr),
                await_end(child, &shared),
            ],
            shared,
            secrets,
            allowed_errors: Mutex::default(),
            forgotten: false,
        }
    }

    /// Its process id.
    #[must_use]
    pub const fn id(&self) -> u32 {
        self.id
    }

    /// What it has printed so far.
    #[must_use]
    pub fn stdout(&self) -> String {
        String::from_utf8_lossy(&self.shared.state().stdout).into_owned()
    }

    /// What it has logged so far.
    #[must_use]
    pub fn stderr(&self) -> String {
        String::from_utf8_lossy(&self.shared.state().stderr).into_owned()
    }

    /// Gives it its whole input.
    pub fn write_input(&self, input: &str) {
        let pipe = self.input.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(mut pipe) = pipe {
            // A program that does not read its input has ended or will; what it says of that is looked at elsewhere.
            drop(pipe.write_all(input.as_bytes()));
        }
    }

    /// Waits for a text in its log.
    ///
    /// # Panics
    /// If it does not come soon, or the program ends before.
    #[track_caller]
    pub fn wait_for_log(&self, text: &str) {
        let seen = self.shared.wait(wait::SOON, |state| {
            if String::from_utf8_lossy(&state.stderr).contains(text) {
                Some(true)
            } else {
                state.ended.map(|_| false)
            }
        });
        assert_eq!(
            seen,
            Some(true),
            "{} never said {text:?}; it said: {}",
            self.name,
            self.stderr()
        );
    }

    /// Waits for its end.
    ///
    /// # Panics
    /// If it does not end within `bound`.
    #[track_caller]
    pub fn wait_for_end(&self, bound: Duration) -> ExitStatus {
        let ended = self.shared.wait(bound, |state| state.ended);
        let Some(status) = ended else {
            self.signal("KILL");
            panic!(
                "{} did not end within {bound:?}; it said: {}",
                self.name,
                self.stderr()
            );
        };
        self.wait_for_output_to_end();
        status
    }

    /// The output may arrive after the end.
    fn wait_for_output_to_end(&self) {
        wait::until("the end of a program's output", || {
            self.readers.iter().all(JoinHandle::is_finished).then_some(())
        });
    }

    /// Whether it still runs.
    #[must_use]
    pub fn runs(&self) -> bool {
        self.shared.state().ended.is_none()
    }

    /// Sends a signal, by its name without `SIG`.
    ///
    /// # Panics
    /// If there is no `kill` command.
    pub fn signal(&self, signal: &str) {
        if !self.runs() {
            return;
        }
        let script = format!("kill -{signal} {}", self.id);
        let sent = Command::new("sh")
            .args(["-c", &script])
            .stderr(Stdio::null())
            .status();
        // It may end at this very moment; then there is nobody to signal.
        assert!(sent.is_ok(), "there is no shell");
    }

    /// Its resident memory now, in KiB.
    ///
    /// # Panics
    /// If it does not run.
    #[must_use]
    pub fn resident(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.id)).expect("it runs");
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        line.and_then(|line| line.trim().strip_suffix(" kB")?.parse().ok())
            .expect("a size")
    }

    /// An error that this test provokes may be logged.
    pub fn allow_error(&self, part: &str) {
        self.allowed_errors
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(part.to_owned());
    }

    /// Asks it to end and expects that it does, in order and within `bound`. Gives its whole log.
    ///
    /// # Panics
    /// If it does not, or its log is not clean.
    #[track_caller]
    pub fn stop(mut self, bound: Duration) -> String {
        self.signal("TERM");
        let status = self.wait_for_end(bound);
        assert_eq!(
            status.code(),
            Some(0),
            "{} ended with {status}: {}",
            self.name,
            self.stderr()
        );
        self.finish()
    }

    /// Expects that it has ended by itself, in order. Gives its whole log.
    ///
    /// # Panics
    /// If it does not, or its log is not clean.
    #[track_caller]
    pub fn ended(mut self, code: i32) -> String {
        let status = self.wait_for_end(wait::SOON);
        assert_eq!(
            status.code(),
            Some(code),
            "{} ended with {status}: {}",
            self.name,
            self.stderr()
        );
        self.finish()
    }

    /// Kills it in the middle of whatever it does. Gives its log.
    ///
    /// # Panics
    /// If its log is not clean.
    pub fn kill(mut self) -> String {
        self.signal("KILL");
        self.wait_for_end(wait::SOON);
        self.finish()
    }

    /// Nothing more is expected of it.
    pub(crate) fn forget(mut self) {
        self.forgotten = true;
    }

    #[track_caller]
    fn finish(&mut self) -> String {
        self.forgotten = true;
        let log = self.stderr();
        self.assert_clean(&log);
        log
    }

    #[track_caller]
    fn assert_clean(&self, log: &str) {
        // The agent's own words for it hold no message.
        let panicked = log.contains("panicked at") || log.contains("a mistake of its own");
        assert!(!panicked, "{} panicked: {log}", self.name);
        let allowed = self.allowed_errors.lock().unwrap_or_else(PoisonError::into_inner);
        for line in log
            .lines()
            .filter(|line| line.contains("ERROR") || line.contains("\"level\":\"error\""))
        {
            let announced = allowed.iter().any(|part| line.contains(part));
            assert!(
                announced,
                "{} logged an error that nobody expected: {line}",
                self.name
            );
        }
        let found = self.secrets.found_in(log);
        assert!(found.is_empty(), "{} logged {found:?}: {log}", self.name);
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if self.forgotten {
            self.signal("KILL");
            return;
        }
        if std::thread::panicking() {
            // The log is the best explanation there is.
            self.signal("KILL");
            let log = self.stderr();
            let from = log.len().saturating_sub(4_000);
            let tail = String::from_utf8_lossy(&log.as_bytes()[from..]).into_owned();
            drop(writeln!(
                std::io::stderr(),
                "--- end of the log of {}:\n{tail}---",
                self.name
            ));
            return;
        }
        self.signal("TERM");
        let status = self.wait_for_end(wait::SOON);
        assert_eq!(
            status.code(),
            Some(0),
            "{} ended with {status}: {}",
            self.name,
            self.stderr()
        );
        self.finish();
    }
}

fn read_into(
    mut pipe: impl Read + Send + 'static,
    shared: &Arc<Shared>,
    of: fn(&mut State) -> &mut Vec<u8>,
) -> JoinHandle<()> {
    let shared = Arc::clone(shared);
    std::thread::spawn(move || {
        let mut buffer = [0; 8_192];
        while let Ok(count @ 1..) = pipe.read(&mut buffer) {
            shared.change(|state| of(state).extend_from_slice(&buffer[..count]));
        }
    })
}

fn await_end(mut child: Child, shared: &Arc<Shared>) -> JoinHandle<()> {
    let shared = Arc::clone(shared);
    std::thread::spawn(move || {
        let status = child.wait().expect("a child can be waited for");
        shared.change(|state| state.ended = Some(status));
    })
}
