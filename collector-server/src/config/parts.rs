//! The tables of the file, their keys and defaults.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

use postgres::config::Host;
use toml::Value;

use super::duration::Length;
use super::openid::{OpenId, openid};
use super::section::{Section, count, flag, from_text, list, text};
use super::{AddressRange, KeySource};
use crate::requests::Rules;
use crate::retention::Lags;

/// The agents' port.
#[derive(Debug, Clone)]
pub struct Agents {
    /// Where it listens.
    pub listen: SocketAddr,
    /// DNS names and addresses that agents may use; they stand in the server's certificate.
    pub names: Vec<String>,
    /// Proxies that precede each connection with a PROXY protocol v2 header.
    pub proxies: Vec<AddressRange>,
    /// Connections at a time.
    pub max_connections: usize,
    /// Of them, those of one address (IPv6: one /64).
    pub max_connections_per_address: usize,
    /// For the TLS handshake, the PROXY header included.
    pub handshake_timeout: Duration,
    /// For a request's headers, the wait on an idle connection included, and again for its body.
    pub request_timeout: Duration,
    /// How often what may be asked.
    pub limits: Limits,
}

/// Bounds per minute. Up to as many may come at once.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Enrolments from one address (IPv6: one /64); recoveries have as many of their own.
    pub enrolments_per_address: Rate,
    /// Enrolments in all; recoveries have as many of their own.
    pub enrolments: Rate,
    /// Requests of one device.
    pub requests_per_device: Rate,
}

/// So many a minute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate(pub u32);

/// The pages.
#[derive(Debug, Clone)]
pub struct Web {
    /// Where they are served.
    pub listen: SocketAddr,
    /// How browsers reach them, without a slash at the end.
    pub public_url: String,
    /// A proxy in front does TLS, and adds the client to `X-Forwarded-For`.
    pub behind_proxy: bool,
    /// TLS of our own.
    pub tls: Option<WebTls>,
    /// Whether people may do without a second factor.
    pub second_factor: SecondFactor,
    /// The identity provider, if people may sign in at one.
    pub openid: Option<OpenId>,
}

/// Whether people who sign in with a password or a link need a second factor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SecondFactor {
    /// Who has none is led to set one up before anything else.
    Required,
    /// Each decides.
    #[default]
    Optional,
}

/// Certificate chain and key for the pages, PEM.
#[derive(Debug, Clone)]
pub struct WebTls {
    /// Chain.
    pub certificate: PathBuf,
    /// Private key.
    pub key: PathBuf,
}

/// Where everything is kept.
#[derive(Debug, Clone)]
pub struct Files {
    /// The database.
    pub database: PathBuf,
    /// Wrapped data keys; outside data backups.
    pub key_store: PathBuf,
    /// Where the key that wraps them comes from; apart from both.
    pub key_encryption_key: KeySource,
    /// `root.pem`, `issuing.pem` and `issuing.key`.
    pub authority: PathBuf,
    /// The server that holds database and key store instead of the two files.
    pub postgres: Option<Postgres>,
}

/// Two databases on a server of PostgreSQL.
#[derive(Debug, Clone)]
pub struct Postgres {
    /// Connection string of the database.
    pub database: String,
    /// Connection string of the key store.
    pub key_store: String,
    /// The file that holds the password of both.
    pub password: Option<PathBuf>,
    /// The certificate authority by which the server is known; TLS is used where it is named.
    pub certificate_authority: Option<PathBuf>,
}

/// The log.
#[derive(Debug, Clone, Copy)]
pub struct Log {
    /// How lines look.
    pub format: LogFormat,
    /// What is written.
    pub level: LogLevel,
}

/// How log lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    Text,
    /// For programs: one JSON object a line.
    Json,
}

/// What is written to the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogLevel {
    /// Failures.
    Error,
    /// And what needs attention.
    Warn,
    /// And what was done.
    Info,
    /// And each refused request.
    Debug,
}

const LOOPBACK: Ipv4Addr = Ipv4Addr::LOCALHOST;

pub(super) fn agents(mut section: Section<'_>) -> Option<Agents> {
    let listen = section.or("listen", (Ipv4Addr::UNSPECIFIED, 8443).into(), listen_address);
    let names = section.required("names", server_names);
    let proxies = section.or("proxies", Vec::new(), list);
    let max_connections = section.or("max_connections", 4_096, count);
    let max_connections_per_address = section.or("max_connections_per_address", 256, count);
    let handshake_timeout = section.or("handshake_timeout", Duration::from_secs(10), length);
    let request_timeout = section.or("request_timeout", Duration::from_secs(30), length);
    let limits = limits(section.section("limits"));
    section.finish();
    Some(Agents {
        listen: listen?,
        names: names?,
        proxies: proxies?,
        max_connections: max_connections? as usize,
        max_connections_per_address: max_connections_per_address? as usize,
        handshake_timeout: handshake_timeout?,
        request_timeout: request_timeout?,
        limits: limits?,
    })
}

fn limits(mut section: Section<'_>) -> Option<Limits> {
    let rate = |value: &Value| count(value).map(Rate);
    let enrolments_per_address = section.or("enrolments_per_address", Rate(30), rate);
    let enrolments = section.or("enrolments", Rate(600), rate);
    let requests_per_device = section.or("requests_per_device", Rate(60), rate);
    section.finish();
    Some(Limits {
        enrolments_per_address: enrolments_per_address?,
        enrolments: enrolments?,
        requests_per_device: requests_per_device?,
    })
}

pub(super) fn web(mut section: Section<'_>, directory: &Path) -> Option<Web> {
    let listen = section.or("listen", (LOOPBACK, 8080).into(), listen_address);
    let public_url = section.optional("public_url", public_url);
    let behind_proxy = section.or("behind_proxy", false, flag);
    let certificate = section.optional("certificate", text);
    let key = section.optional("key", text);
    let openid = openid(section.section("openid"), directory);
    let second_factor = section.or("second_factor", SecondFactor::default(), |value| {
        match text(value)?.as_str() {
            "required" => Ok(SecondFactor::Required),
            "optional" => Ok(SecondFactor::Optional),
            _ => Err("must be required or optional".to_owned()),
        }
    });
    let tls = match (certificate?, key?) {
        (Some(certificate), Some(key)) => Some(WebTls {
            certificate: directory.join(certificate),
            key: directory.join(key),
        }),
        (None, None) => None,
        _ => {
            section.mistake("certificate", "and key belong together; give both or neither");
            section.finish();
            return None;
        }
    };
    if let (Some(listen), Some(behind_proxy)) = (listen, behind_proxy)
        && !listen.ip().is_loopback()
        && !behind_proxy
        && tls.is_none()
    {
        section.mistake(
            "listen",
            "pages without TLS are served on loopback only; give certificate and key, or set behind_proxy = true",
        );
    }
    section.finish();
    let (listen, public_url) = (listen?, public_url?);
    let scheme = if tls.is_some() { "https" } else { "http" };
    Some(Web {
        listen,
        public_url: public_url.unwrap_or_else(|| format!("{scheme}://{listen}")),
        behind_proxy: behind_proxy?,
        tls,
        second_factor: second_factor?,
        openid: openid?,
    })
}

pub(super) fn operations(mut section: Section<'_>) -> Option<SocketAddr> {
    let listen = section.or("listen", (LOOPBACK, 9090).into(), listen_address);
    section.finish();
    listen
}

pub(super) fn files(mut section: Section<'_>, postgres: Option<Postgres>, directory: &Path) -> Option<Files> {
    let key_encryption_key = section.or(
        "key_encryption_key",
        KeySource::File(directory.join("keys/key-encryption.key")),
        |value| KeySource::read(&text(value)?, directory),
    );
    let mut path = |key, default: &str| {
        let path = section.or(key, default.to_owned(), text);
        directory.join(path.unwrap_or_default())
    };
    let (database, key_store) = (
        path("database", "data/zeef.db"),
        path("key_store", "keys/data-keys.db"),
    );
    let authority = path("authority", "authority");
    section.finish();
    Some(Files {
        database,
        key_store,
        key_encryption_key: key_encryption_key?,
        authority,
        postgres,
    })
}

/// The server of the databases; the inner `None` where there is no such section. The outer one only after a mistake.
pub(super) fn postgres(mut section: Section<'_>, directory: &Path) -> Option<Option<Postgres>> {
    if section.is_absent() {
        return Some(None);
    }
    let path = |value: &Value| text(value).map(|path| directory.join(path));
    let certificate_authority = section.optional("certificate_authority", path);
    let is_authenticated = certificate_authority.as_ref().is_none_or(Option::is_some);
    let mut address = |key| section.required(key, |value| connection_string(&text(value)?, is_authenticated));
    let (database, key_store) = (address("database"), address("key_store"));
    let password = section.optional("password_file", path);
    if database.is_some() && database == key_store {
        section.mistake(
            "key_store",
            "must be another database, so that it stays out of the backups of the first",
        );
    }
    section.finish();
    Some(Some(Postgres {
        database: database?,
        key_store: key_store?,
        password: password?,
        certificate_authority: certificate_authority?,
    }))
}

/// A connection string of libpq. Without TLS it may lead to this machine alone.
fn connection_string(text: &str, is_authenticated: bool) -> Result<String, String> {
    let config: postgres::Config = text.parse().map_err(|_| {
        "must be a connection string, such as \"host=db.example.org user=zeef dbname=zeef\"".to_owned()
    })?;
    if config.get_password().is_some() {
        return Err("must not hold the password; name a file that does with password_file".to_owned());
    }
    if config.get_dbname().is_none() {
        return Err("must name its database with dbname".to_owned());
    }
    let is_here = |host: &Host| match host {
        Host::Tcp(name) => {
            name == "localhost" || name.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
        }
        Host::Unix(_) => true,
    };
    let addresses = config.get_hostaddrs();
    let stays = config.get_hosts().iter().all(is_here) && addresses.iter().all(IpAddr::is_loopback);
    if stays || is_authenticated {
        Ok(text.to_owned())
    } else {
        Err(
            "leads to another machine without TLS; name its certificate authority with certificate_authority"
                .to_owned(),
        )
    }
}

/// Time between two purges, and how late deletion may be.
pub(super) fn requests(mut section: Section<'_>) -> Option<Rules> {
    let four_eyes = section.or("four_eyes", false, flag);
    section.finish();
    Some(Rules {
        four_eyes: four_eyes?,
    })
}

pub(super) fn retention(mut section: Section<'_>) -> Option<(Duration, Lags)> {
    let interval = section.or("purge_interval", Duration::from_secs(600), |value| {
        let interval = length(value)?;
        if interval <= Duration::from_secs(6 * 3_600) {
            Ok(interval)
        } else {
            Err("must be at most 6h, so that what has expired is gone within a day".to_owned())
        }
    });
    let overdue = section.or("overdue_after", Duration::from_secs(24 * 3_600), |value| {
        let lag = length(value)?;
        if lag <= Duration::from_secs(24 * 3_600) {
            Ok(lag)
        } else {
            Err("must be at most 24h, within which what has expired is to be gone".to_owned())
        }
    });
    let stop = section.or("stop_after", Duration::from_secs(72 * 3_600), length);
    if let (Some(overdue), Some(stop)) = (overdue, stop)
        && stop < overdue
    {
        section.mistake(
            "stop_after",
            "must be at least overdue_after, so that there is an alarm first",
        );
    }
    section.finish();
    let lags = Lags {
        overdue: overdue?,
        stop: stop?,
    };
    Some((interval?, lags))
}

pub(super) fn log(mut section: Section<'_>) -> Option<Log> {
    let format = section.or("format", LogFormat::Text, |value| match text(value)?.as_str() {
        "text" => Ok(LogFormat::Text),
        "json" => Ok(LogFormat::Json),
        _ => Err("must be text or json".to_owned()),
    });
    let level = section.or("level", LogLevel::Info, |value| match text(value)?.as_str() {
        "error" => Ok(LogLevel::Error),
        "warn" => Ok(LogLevel::Warn),
        "info" => Ok(LogLevel::Info),
        "debug" => Ok(LogLevel::Debug),
        _ => Err("must be error, warn, info or debug".to_owned()),
    });
    section.finish();
    Some(Log {
        format: format?,
        level: level?,
    })
}

fn length(value: &Value) -> Result<Duration, String> {
    from_text::<Length>(value).map(Length::duration)
}

fn listen_address(value: &Value) -> Result<SocketAddr, String> {
    SocketAddr::from_str(&text(value)?)
        .map_err(|_| "must be an address and a port such as 127.0.0.1:8443 or [::]:8443".to_owned())
}

fn server_names(value: &Value) -> Result<Vec<String>, String> {
    let names: Vec<String> = list(value)?;
    let sound = |name: &String| rustls::pki_types::ServerName::try_from(name.as_str()).is_ok();
    if names.is_empty() || !names.iter().all(sound) {
        return Err("must list the DNS names or addresses by which agents reach this collector".to_owned());
    }
    Ok(names)
}

fn public_url(value: &Value) -> Result<String, String> {
    let url = text(value)?;
    let host = url
        .strip_prefix("https://")
        .or_else(|| url.strip_prefix("http://"))
        .map(|host| host.trim_end_matches('/'));
    match host {
        Some(host) if !host.is_empty() && !host.contains(['/', '?', '#', '@', ' ']) => {
            Ok(url.trim_end_matches('/').to_owned())
        }
        _ => Err("must be https:// or http:// and a host, without a path".to_owned()),
    }
}
