//! The three servers that are compared: the collector, the bare one, nginx.

use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use zeef_collector::clock::SystemClock;
use zeef_collector::pki::IssuingAuthority;
use zeef_proto::Clock;
use zeef_proto::wire::EnrolmentToken;

use crate::process::{Running, wait_until};

/// A server that takes reports.
pub(crate) struct Server {
    pub(crate) name: &'static str,
    pub(crate) address: SocketAddr,
    pub(crate) process: Running,
}

/// A collector's installation with one subscribed organisation.
pub(crate) struct Installation {
    directory: PathBuf,
    collector: PathBuf,
    pub(crate) root: CertificateDer<'static>,
}

/// The collector's binary, of the same build profile as this program.
pub(crate) fn collector_binary() -> PathBuf {
    built("release", "zeef-collector")
}

/// The agent's binary, of the profile that ships.
pub(crate) fn agent_binary() -> PathBuf {
    built("agent", "zeef-agent")
}

/// cargo puts each profile's programs into a folder of its name, side by side.
pub(crate) fn built(profile: &str, name: &str) -> PathBuf {
    let own = std::env::current_exe().expect("this program has a path");
    let target = own
        .parent()
        .and_then(Path::parent)
        .expect("a folder of the build");
    let path = target.join(profile).join(name);
    assert!(path.exists(), "{} is not built: run `make bench`", path.display());
    path
}

pub(crate) fn free_address() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().expect("its address")
}

fn started(name: &'static str, address: SocketAddr, command: &mut Command) -> Server {
    let process = Running::start(command);
    let listens = wait_until(Duration::from_secs(20), || TcpStream::connect(address).is_ok());
    assert!(listens, "{name} does not listen");
    Server {
        name,
        address,
        process,
    }
}

impl Installation {
    pub(crate) fn new(directory: &Path) -> Self {
        let collector = collector_binary();
        let directory = directory.join("collector");
        let status = Command::new(&collector)
            .args(["init", "--name", "127.0.0.1", "--directory"])
            .arg(&directory)
            .stdout(std::process::Stdio::null())
            .status();
        assert!(
            status.is_ok_and(|status| status.success()),
            "zeef-collector init failed"
        );
        let root = CertificateDer::from_pem_file(directory.join("authority/root.pem")).expect("the root");
        let installation = Self {
            directory,
            collector,
            root,
        };
        installation.command(&["organisation", "add", "Bench BV"]);
        for product in ["antivirus", "rmm"] {
            installation.command(&["subscription", "add", "--organisation", "Bench BV", product]);
        }
        installation
    }

    /// The authority's root, in PEM.
    pub(crate) fn root_file(&self) -> PathBuf {
        self.directory.join("authority/root.pem")
    }

    fn configuration(&self) -> PathBuf {
        self.directory.join("collector.toml")
    }

    fn command(&self, arguments: &[&str]) -> String {
        let output = Command::new(&self.collector)
            .args(arguments)
            .arg("--config")
            .arg(self.configuration())
            .output()
            .expect("the collector's command runs");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(
            output.status.success(),
            "zeef-collector {}: {said}",
            arguments.join(" ")
        );
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    pub(crate) fn token(&self, uses: usize) -> EnrolmentToken {
        let said = self.token_text(uses);
        said.parse().expect("a token")
    }

    pub(crate) fn token_text(&self, uses: usize) -> String {
        let said = self.command(&[
            "token",
            "create",
            "--organisation",
            "Bench BV",
            "--uses",
            &uses.to_string(),
        ]);
        let token = said.split_whitespace().find(|word| word.starts_with("zeef1."));
        token.expect("the command prints a token").to_owned()
    }

    /// Starts the collector on free ports and without bounds that the load would meet.
    pub(crate) fn serve(&self) -> Server {
        let (agents, web, operations) = (free_address(), free_address(), free_address());
        let written = std::fs::read_to_string(self.configuration()).expect("the configuration");
        let policy_key = written
            .lines()
            .find(|line| line.starts_with("policy_key"))
            .expect("a policy key");
        let text = format!(
            "{policy_key}\n[agents]\nlisten = \"{agents}\"\nnames = [\"127.0.0.1\"]\n[agents.limits]\n\
             enrolments_per_address = 1000000\nenrolments = 1000000\nrequests_per_device = 1000000\n\
             [web]\nlisten = \"{web}\"\n[operations]\nlisten = \"{operations}\"\n[log]\nlevel = \"warn\"\n"
        );
        std::fs::write(self.configuration(), text).expect("the configuration is written");
        let mut command = Command::new(&self.collector);
        command.arg("serve").arg("--config").arg(self.configuration());
        started("zeef-collector", agents, &mut command)
    }

    /// Writes a server certificate of the same authority, for the servers that are compared.
    fn identity_for_others(&self) -> PathBuf {
        let read =
            |name: &str| std::fs::read_to_string(self.directory.join("authority").join(name)).expect(name);
        let (root, issuing) = (read("root.pem"), read("issuing.pem"));
        let authority =
            IssuingAuthority::from_pem(&root, &issuing, &read("issuing.key")).expect("the authority");
        let server = authority
            .certify_server(&["127.0.0.1".to_owned()], SystemClock.now())
            .expect("a certificate");
        let directory = self.directory.with_file_name("others");
        std::fs::create_dir_all(&directory).expect("a directory");
        let pem = |label: &str, der: &[u8]| {
            let body = data_encoding::BASE64.encode(der);
            format!("-----BEGIN {label}-----\n{body}\n-----END {label}-----\n")
        };
        let chain: String = server.chain.iter().map(|der| pem("CERTIFICATE", der)).collect();
        let write = |name: &str, text: &str| std::fs::write(directory.join(name), text).expect(name);
        write("chain.pem", &chain);
        write("key.pem", &pem("PRIVATE KEY", server.key.secret_der()));
        write("clients.pem", &(issuing + &root));
        directory
    }

    pub(crate) fn bare(&self) -> Server {
        let address = free_address();
        let mut command = Command::new(std::env::current_exe().expect("this program"));
        command
            .arg("bare-server")
            .arg(address.to_string())
            .arg(self.identity_for_others());
        started("bare rustls server", address, &mut command)
    }

    /// nginx with `ssl_verify_client on; return 204`.
    pub(crate) fn nginx(&self) -> Server {
        let address = free_address();
        let directory = self.identity_for_others();
        let at = directory.display();
        let text = format!(
            "daemon off; worker_processes 2; pid {at}/nginx.pid; error_log {at}/error.log;\n\
             events {{ worker_connections 1024; }}\n\
             http {{ access_log off; keepalive_requests 10000000; client_body_temp_path {at}/body;\n\
             proxy_temp_path {at}/t1; fastcgi_temp_path {at}/t2; uwsgi_temp_path {at}/t3; scgi_temp_path {at}/t4;\n\
             ssl_session_tickets off; ssl_session_cache off;\n\
             server {{ listen {address} ssl; ssl_protocols TLSv1.3; ssl_certificate {at}/chain.pem;\n\
             ssl_certificate_key {at}/key.pem; ssl_client_certificate {at}/clients.pem; ssl_verify_client on;\n\
             ssl_verify_depth 3; location / {{ return 204; }} }} }}\n"
        );
        let file = directory.join("nginx.conf");
        std::fs::write(&file, text).expect("nginx's configuration");
        let mut command = Command::new("/usr/sbin/nginx");
        command
            .arg("-e")
            .arg(directory.join("error.log"))
            .arg("-c")
            .arg(file);
        started("nginx", address, &mut command)
    }
}
