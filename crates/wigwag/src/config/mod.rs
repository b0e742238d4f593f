//! Configuration of `wigwag serve`: read from file, environment and flags, checked whole.

mod acme;
mod layers;
mod otlp;
mod parse;
mod relay;
pub mod setting;
mod sign_in;
#[cfg(test)]
mod tests;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use ipnet::IpNet;
use wigwag_kit::serve::RateLimits;
use wigwag_store::ServerLimits;

pub use acme::Acme;
pub use layers::{Environment, Flags, Place, Problem};
use layers::{Found, Layers};
pub use otlp::Otlp;
pub use relay::RelayConfig;
pub use sign_in::{OidcConfig, SignInConfig};
pub use wigwag_events::Retention;

/// Everything `wigwag serve` can be told.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where connections are accepted.
    pub listen: SocketAddr,
    /// Which database.
    pub database: Database,
    /// Where events are kept until they are recorded, and how much of them.
    pub journal: Journal,
    /// How long what events tell is kept.
    pub keep: Retention,
    /// Where the keys are that seal secrets.
    pub secret_key: SecretKey,
    /// Certificate and key, when this server speaks TLS itself.
    pub tls: Option<TlsFiles>,
    /// How that certificate is ordered, if it is.
    pub acme: Option<Acme>,
    /// Absolute address for links, no trailing slash; `None` means the address bound.
    pub public_url: Option<String>,
    /// Proxies that are believed when they say where a request comes from.
    pub trusted_proxies: Vec<IpNet>,
    /// Silence on a stream after which a comment is sent.
    pub heartbeat: Duration,
    /// How long requests may take to finish at shutdown.
    pub shutdown_grace: Duration,
    /// Whether webhooks may call addresses inside private networks.
    pub allow_private_webhooks: bool,
    /// Largest file of keys for a big segment, in bytes.
    pub import_max: usize,
    /// How many requests of the REST API are taken in ten seconds.
    pub rate_limits: RateLimits,
    /// How logs are written.
    pub log: Log,
    /// Where traces are sent, if they are.
    pub otlp: Option<Otlp>,
    /// How members sign in.
    pub sign_in: SignInConfig,
    /// What the first start uses instead of generated values.
    pub init: Init,
}

/// The journal of events.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Journal {
    /// Its directory.
    pub dir: PathBuf,
    /// Bytes that may wait in it.
    pub most: u64,
}

/// Where certificate and key are, in PEM.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TlsFiles {
    /// The certificate, and those that vouch for it.
    pub cert: PathBuf,
    /// Its private key.
    pub key: PathBuf,
}

/// Where the keys are that seal secrets.
#[derive(Clone, PartialEq, Eq)]
pub enum SecretKey {
    /// As a key file holds them.
    Given(String),
    /// In this file.
    File(PathBuf),
    /// Beside an embedded database, in a file that is made when missing; in a PostgreSQL database itself.
    Default,
}

/// Says where, never what.
impl std::fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Given(_) => f.write_str("given"),
            Self::File(path) => write!(f, "{}", path.display()),
            Self::Default => f.write_str("default"),
        }
    }
}

/// The database.
#[derive(Clone, PartialEq, Eq)]
pub enum Database {
    /// Embedded, in this directory.
    Sqlite(PathBuf),
    /// PostgreSQL.
    Postgres {
        /// Connection URL, which may hold a password: never print it, print [`Database::shown`].
        url: String,
        /// Most connections.
        connections: usize,
        /// How long to wait for it, and who stands in; the addresses may hold passwords too.
        limits: ServerLimits,
    },
}

impl Database {
    /// Most connections that read; none to an embedded database.
    #[must_use]
    pub const fn connections(&self) -> usize {
        match self {
            Self::Sqlite(_) => 0,
            Self::Postgres { connections, .. } => *connections,
        }
    }

    /// What may be printed: no credentials, no parameters.
    #[must_use]
    pub fn shown(&self) -> String {
        match self {
            Self::Sqlite(dir) => format!("SQLite in {}", dir.display()),
            Self::Postgres { url, .. } => format!("PostgreSQL at {}", parse::without_credentials(url)),
        }
    }
}

impl std::fmt::Debug for Database {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.shown())
    }
}

/// How logs are written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Log {
    /// Lines of JSON instead of text.
    pub json: bool,
    /// Filter in the syntax of `tracing_subscriber::EnvFilter`.
    pub filter: String,
}

/// Values for the first start. `None` means generated.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Init {
    /// Sign-in of the owner.
    pub owner_email: Option<String>,
    /// The owner's password.
    pub owner_password: Option<String>,
    /// The owner's access token.
    pub access_token: Option<String>,
}

/// Says which values are set, never what they are.
impl std::fmt::Debug for Init {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Init")
            .field("owner_email", &self.owner_email)
            .field("owner_password", &self.owner_password.is_some())
            .field("access_token", &self.access_token.is_some())
            .finish()
    }
}

impl Config {
    /// The path of the public address, such as `/flags`: a proxy may leave it on requests. Usually empty.
    #[must_use]
    pub fn base_path(&self) -> String {
        let rest = self.public_url.as_deref().and_then(|url| url.split_once("://")).map_or("", |(_, rest)| rest);
        rest.find('/').map(|at| rest[at..].to_owned()).unwrap_or_default()
    }

    /// Reads all layers.
    ///
    /// # Errors
    /// Everything that is wrong, not only the first.
    pub fn load(flags: &Flags, environment: Environment<'_>) -> Result<Self, Vec<Problem>> {
        let mut problems = Vec::new();
        let layers = Layers::read(flags, environment, &mut problems);
        let mut reader = Reader { layers, problems };
        let config = reader.config();
        match config {
            Some(config) if reader.problems.is_empty() => Ok(config),
            _ => Err(reader.problems),
        }
    }
}

struct Reader<'a> {
    layers: Layers<'a>,
    problems: Vec<Problem>,
}

impl Reader<'_> {
    /// Reads every setting before giving up, so that all problems are seen.
    fn config(&mut self) -> Option<Config> {
        let listen = self.required("listen", parse::address);
        let database = self.database();
        let journal = self.journal(database.as_ref());
        let keep = self.keep();
        let secret_key = self.secret_key();
        let tls = self.tls();
        let acme = self.acme(database.as_ref());
        let public_url = self.optional("public-url", parse::web_address);
        let proxies = self.required("trusted-proxies", parse::blocks);
        let heartbeat = self.required("heartbeat-seconds", |t| parse::number(t, 1, 240));
        let shutdown_grace = self.required("shutdown-seconds", |t| parse::number(t, 0, 600));
        let allow_private_webhooks = self.required("allow-private-webhooks", parse::switch);
        let import_max = self.required("import-max-mb", |t| parse::number(t, 1, 1 << 20));
        let global = self.required("rate-limit-global", parse::count);
        let route = self.required("rate-limit-route", parse::count);
        let address = self.required("rate-limit-address", parse::count);
        let json = self.required("log-format", parse::log_format);
        let filter = self.required("log-level", parse::log_filter);
        let otlp = self.otlp();
        let sign_in = self.sign_in();
        let init = Init {
            owner_email: self.optional("init-owner-email", parse::email),
            owner_password: self.optional("init-owner-password", parse::password),
            access_token: self.optional("init-access-token", parse::token),
        };
        Some(Config {
            listen: listen?,
            database: database?,
            journal: journal?,
            keep: keep?,
            secret_key: secret_key?,
            tls: tls?.or_else(|| acme.as_ref()?.as_ref().map(Acme::files)),
            acme: acme?,
            public_url,
            trusted_proxies: proxies?,
            heartbeat: Duration::from_secs(heartbeat?),
            shutdown_grace: Duration::from_secs(shutdown_grace?),
            allow_private_webhooks: allow_private_webhooks?,
            import_max: usize::try_from(import_max? << 20).unwrap_or(usize::MAX),
            rate_limits: RateLimits { global: global?, route: route?, address: address? },
            log: Log { json: json?, filter: filter? },
            otlp: otlp?,
            sign_in: sign_in?,
            init,
        })
    }

    fn journal(&mut self, database: Option<&Database>) -> Option<Journal> {
        let given = self.optional("journal-dir", |t| Ok(PathBuf::from(t)));
        let most = self.required("journal-max-mb", |t| parse::number(t, 16, 1 << 20));
        let dir = given.unwrap_or_else(|| match database {
            Some(Database::Sqlite(dir)) => dir.join("journal"),
            _ => PathBuf::from("./data/journal"),
        });
        Some(Journal { dir, most: most? << 20 })
    }

    fn keep(&mut self) -> Option<Retention> {
        let mut days = |name| self.required(name, |t| parse::number(t, 1, 3650)).and_then(|n| i64::try_from(n).ok());
        let (contexts, counts, metrics) =
            (days("keep-contexts-days"), days("keep-counts-days"), days("keep-metric-events-days"));
        Some(Retention::days(contexts?, counts?, metrics?))
    }

    /// None when only one of the two is set.
    fn tls(&mut self) -> Option<Option<TlsFiles>> {
        let mut path = |name| self.optional(name, |t| Ok(PathBuf::from(t)));
        match (path("tls-cert"), path("tls-key")) {
            (Some(cert), Some(key)) => Some(Some(TlsFiles { cert, key })),
            (None, None) => Some(None),
            (cert, _) => {
                let (given, missing) = if cert.is_some() { ("tls-cert", "tls-key") } else { ("tls-key", "tls-cert") };
                let place = self.found(given)?.place;
                let message = format!("needs {missing} as well");
                self.problems.push(Problem { option: given.to_owned(), place, message });
                None
            }
        }
    }

    fn secret_key(&mut self) -> Option<SecretKey> {
        let given = self.optional("secret-key", |t| Ok(t.to_owned()));
        let file = self.optional("secret-key-file", |t| Ok(PathBuf::from(t)));
        match (given, file) {
            (Some(_), Some(_)) => {
                let place = self.found("secret-key-file")?.place;
                let message = "is set together with secret-key; keep one of the two".to_owned();
                self.problems.push(Problem { option: "secret-key-file".to_owned(), place, message });
                None
            }
            (Some(given), None) => Some(SecretKey::Given(given)),
            (None, Some(file)) => Some(SecretKey::File(file)),
            (None, None) => Some(SecretKey::Default),
        }
    }

    fn database(&mut self) -> Option<Database> {
        let connections = self.required("database-connections", |t| parse::number(t, 2, 1000));
        let limits = self.server_limits();
        let url = self.optional("database-url", parse::database_url);
        let (dir_found, url_found) = (self.found("data-dir"), self.found("database-url"));
        if let (Some(dir), Some(_)) = (&dir_found, &url_found) {
            let message = "is set together with database-url; keep one of the two".to_owned();
            self.problems.push(Problem { option: "data-dir".to_owned(), place: dir.place.clone(), message });
            return None;
        }
        if url_found.is_some() {
            let (connections, limits) = (usize::try_from(connections?).ok()?, limits?);
            return Some(Database::Postgres { url: url?, connections, limits });
        }
        self.required("data-dir", |t| Ok(PathBuf::from(t))).map(Database::Sqlite)
    }

    fn server_limits(&mut self) -> Option<ServerLimits> {
        let connect = self.required("database-connect-seconds", |t| parse::number(t, 1, 300));
        let statement = self.required("database-statement-seconds", |t| parse::number(t, 0, 3600));
        let replicas = self.optional("replica-url", parse::database_urls).unwrap_or_default();
        let (connect, statement) = (Duration::from_secs(connect?), Duration::from_secs(statement?));
        Some(ServerLimits { connect, statement, replicas })
    }

    fn found(&self, name: &str) -> Option<Found> {
        setting::find(name).and_then(|s| self.layers.find(s))
    }

    fn optional<T>(&mut self, name: &str, parse: impl Fn(&str) -> Result<T, String>) -> Option<T> {
        let found = self.found(name)?;
        self.checked(name, found, parse)
    }

    fn required<T>(&mut self, name: &str, parse: impl Fn(&str) -> Result<T, String>) -> Option<T> {
        let default = || {
            let text = setting::find(name).map(|s| s.default.to_owned()).unwrap_or_default();
            Found { text, place: Place::Default }
        };
        let found = self.found(name).unwrap_or_else(default);
        self.checked(name, found, parse)
    }

    fn checked<T>(&mut self, name: &str, found: Found, parse: impl Fn(&str) -> Result<T, String>) -> Option<T> {
        match parse(&found.text) {
            Ok(value) => Some(value),
            Err(message) => {
                self.problems.push(Problem { option: name.to_owned(), place: found.place, message });
                None
            }
        }
    }
}
