//! A collector of a test's own: made with `init`, run on loopback addresses that nobody else uses.

mod admin;
mod host;
mod settings;
mod watch;

use std::fs::OpenOptions;
use std::io::Write;
use std::net::{IpAddr, SocketAddr};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use tempfile::TempDir;

pub use admin::Device;
pub use host::Host;
pub use settings::Settings;
pub use watch::Browser;

use crate::command::{self, Outcome};
use crate::device::Contact;
use crate::loopback::own_address;
use crate::postgres::{Databases, PASSWORD};
use crate::process::Process;
use crate::secrets::Secrets;
use crate::{Machine, binaries};

/// Requests in progress may take ten seconds at a stop, and a database that does not answer some more; the rest takes none.
pub const STOPS_WITHIN: Duration = Duration::from_secs(20);

/// The agents' port.
pub const AGENTS: u16 = 8443;
/// The pages.
pub const WEB: u16 = 8080;
/// Metrics and health.
pub const OPERATIONS: u16 = 9090;
/// The name, besides the address, for which the collector has a certificate.
pub const NAME: &str = "collector.test";

/// The password of the server that holds the databases, where one does.
pub const PASSWORD_FILE: &str = "keys/postgres.password";

const CONFIG: &str = "collector.toml";

/// An installation and, mostly, the collector that runs in it.
pub struct Installation {
    directory: TempDir,
    address: IpAddr,
    settings: Settings,
    host: Host,
    secrets: Secrets,
    running: Option<Process>,
}

impl Installation {
    /// Makes an installation and starts it.
    #[must_use]
    pub fn started() -> Self {
        Self::started_with(Settings::default(), Host::default())
    }

    /// As above, with settings, on a host of some kind.
    #[must_use]
    pub fn started_with(settings: Settings, host: Host) -> Self {
        let mut installation = Self::new(settings, host);
        installation.start();
        installation
    }

    /// Makes an installation that does not run yet.
    ///
    /// # Panics
    /// If `init` fails.
    #[must_use]
    pub fn new(settings: Settings, host: Host) -> Self {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let mut installation = Self {
            directory,
            address: own_address(),
            settings,
            host,
            secrets: Secrets::default(),
            running: None,
        };
        installation.host.mount_disk(installation.directory.path());
        let names = format!("{},{NAME}", installation.address);
        let mut init = installation.host.command(binaries::collector());
        init.args(["init", "--name", &names, "--directory"])
            .arg(installation.path());
        drop(command::run(init).done());
        installation.configure(|_| {});
        installation
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> PathBuf {
        self.directory.path().join("zeef")
    }

    /// Its loopback address.
    #[must_use]
    pub const fn address(&self) -> IpAddr {
        self.address
    }

    /// Where agents connect.
    #[must_use]
    pub fn url(&self) -> String {
        format!("https://{}:{AGENTS}", self.address)
    }

    /// One of its ports.
    #[must_use]
    pub const fn port(&self, port: u16) -> SocketAddr {
        SocketAddr::new(self.address, port)
    }

    /// How a device reaches it.
    ///
    /// # Panics
    /// If there is no root certificate.
    #[must_use]
    pub fn contact(&self) -> Contact {
        let root = self.file("authority/root.pem");
        Contact {
            address: self.port(AGENTS),
            name: NAME.to_owned(),
            root: CertificateDer::from_pem_file(root).expect("a root certificate"),
        }
    }

    /// Values that its log must not hold.
    #[must_use]
    pub const fn secrets(&self) -> &Secrets {
        &self.secrets
    }

    /// What is known of a machine must not be in this log.
    pub fn knows(&self, machine: &Machine) {
        machine.secrets().share_with(&self.secrets);
    }

    /// Changes the configuration, for the next start.
    ///
    /// # Panics
    /// If it cannot be written.
    pub fn configure(&mut self, change: impl FnOnce(&mut Settings)) {
        change(&mut self.settings);
        self.write_config(CONFIG, self.address);
    }

    /// Names a server that holds the databases, from the next start on, and its password.
    ///
    /// # Panics
    /// If that cannot be written.
    pub fn configure_server(&mut self, databases: Databases) {
        self.configure(|settings| settings.server = Some(databases));
        let mut options = OpenOptions::new();
        let file = options.write(true).create(true).truncate(true).mode(0o600);
        file.open(self.file(PASSWORD_FILE))
            .and_then(|mut file| file.write_all(PASSWORD.as_bytes()))
            .expect("the password can be written");
    }

    /// Moves what it holds to a server, and deletes the files. It must not run.
    ///
    /// # Panics
    /// If the command fails.
    #[track_caller]
    pub fn move_to(&mut self, databases: Databases) {
        self.configure_server(databases);
        let to = ["migrate", "--to", "postgres"];
        drop(self.run(&to).done());
        drop(self.run(&[&to[..], &["--delete-source"]].concat()).done());
    }

    fn write_config(&self, name: &str, address: IpAddr) {
        let made = std::fs::read_to_string(self.file(CONFIG)).expect("init wrote a configuration");
        let policy_key = made
            .lines()
            .find_map(|line| line.strip_prefix("policy_key = "))
            .expect("the configuration holds the policy key");
        let text = self.settings.text(policy_key, address);
        std::fs::write(self.file(name), text).expect("the configuration can be written");
    }

    /// The configuration file.
    #[must_use]
    pub fn config(&self) -> PathBuf {
        self.path().join(CONFIG)
    }

    /// A command of the collector, in this installation.
    #[must_use]
    pub fn command(&self, arguments: &[&str]) -> Command {
        self.command_with(arguments, CONFIG)
    }

    fn command_with(&self, arguments: &[&str], config: &str) -> Command {
        let mut command = self.host.command(binaries::collector());
        command
            .args(arguments)
            .arg("--config")
            .arg(self.path().join(config));
        command
    }

    /// Runs a command of the collector to its end.
    #[must_use]
    pub fn run(&self, arguments: &[&str]) -> Outcome {
        command::run(self.command(arguments))
    }

    /// Starts it and waits until it is ready.
    ///
    /// # Panics
    /// If it does not get ready.
    #[track_caller]
    pub fn start(&mut self) {
        self.running = Some(self.serve(CONFIG));
    }

    /// Starts another collector of the same installation, with the same ports at an address of its own.
    ///
    /// # Panics
    /// If it does not get ready.
    #[track_caller]
    #[must_use]
    pub fn start_another(&self) -> (IpAddr, Process) {
        let address = own_address();
        self.write_config(&config_of(address), address);
        (address, self.start_again(address))
    }

    /// Starts one of those other collectors that has ended.
    ///
    /// # Panics
    /// If it does not get ready.
    #[track_caller]
    #[must_use]
    pub fn start_again(&self, address: IpAddr) -> Process {
        self.serve(&config_of(address))
    }

    #[track_caller]
    fn serve(&self, config: &str) -> Process {
        let command = self.command_with(&["serve"], config);
        let process = Process::start(command, "zeef-collector", self.secrets.clone());
        process.wait_for_log("the collector is ready");
        process
    }

    /// The running collector.
    ///
    /// # Panics
    /// If it does not run.
    #[must_use]
    pub const fn process(&self) -> &Process {
        self.running.as_ref().expect("the collector runs")
    }

    /// Stops it in order; gives its log.
    ///
    /// # Panics
    /// If it does not stop as it should.
    #[track_caller]
    pub fn stop(&mut self) -> String {
        self.running
            .take()
            .expect("the collector runs")
            .stop(STOPS_WITHIN)
    }

    /// Kills it; gives its log.
    ///
    /// # Panics
    /// If it does not run.
    pub fn kill(&mut self) -> String {
        self.running.take().expect("the collector runs").kill()
    }

    /// The host that it runs on.
    #[must_use]
    pub const fn host(&self) -> &Host {
        &self.host
    }

    /// A file of the installation, as the collector's host sees it.
    #[must_use]
    pub fn file(&self, path: impl AsRef<Path>) -> PathBuf {
        self.host.outside(&self.path().join(path))
    }
}

/// The configuration of another collector of an installation.
fn config_of(address: IpAddr) -> String {
    format!("{address}.toml")
}
