//! A whole server inside the test's process, on a real socket.

use std::ops::Deref;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;
use wigwag::config::{Config, Database, Init, Journal, Log, Retention, SecretKey, SignInConfig};
use wigwag::server::{Outside, Server};
use wigwag_kit::serve::RateLimits;
use wigwag_model::clock::Clock;
use wigwag_model::id::Ids;
use wigwag_store::{ServerLimits, testing};

use crate::builders::FlagBuilder;
use crate::http::Client;
use crate::stream::EventStream;

/// The owner's access token on every test server.
pub const TOKEN: &str = "api-00000000-0000-4000-8000-000000000001";
/// Where frozen clocks stand: 2026-01-01T00:00:00Z in milliseconds.
const NOW: i64 = 1_767_225_600_000;

/// Which database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// Embedded, in a temporary directory.
    Sqlite,
    /// A database of its own on a PostgreSQL server that the tests share.
    Postgres,
}

impl Engine {
    /// Both: storage is tested on each.
    pub const ALL: [Self; 2] = [Self::Sqlite, Self::Postgres];
}

/// What goes when the server goes.
struct Home {
    /// Journals of events, and the SQLite database.
    dir: TempDir,
    _database: Option<testing::Database>,
}

/// A running server. Requests go through the [`Client`] that it dereferences to.
pub struct TestServer {
    /// Its clock, which stands still until it is advanced.
    pub clock: Clock,
    ids: Ids,
    config: Config,
    running: Option<Server>,
    client: Client,
    /// Dropped last; shared by servers on one database.
    home: Arc<Home>,
}

impl TestServer {
    /// On an empty database.
    ///
    /// # Panics
    /// It does not start.
    pub async fn start(engine: Engine) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let (fresh, database) = match engine {
            Engine::Sqlite => (None, Database::Sqlite(dir.path().to_path_buf())),
            Engine::Postgres => {
                let fresh = testing::database().await.unwrap();
                let database =
                    Database::Postgres { url: fresh.url.clone(), connections: 4, limits: ServerLimits::default() };
                (Some(fresh), database)
            }
        };
        let journal = dir.path().join("journal");
        let home = Home { dir, _database: fresh };
        let (clock, ids) = (Clock::frozen(NOW), Ids::seeded(1));
        let config = config(database, journal);
        let running = run(&config, &clock, &ids).await;
        let client = Client::new(running.site(), TOKEN);
        Self { clock, ids, config, running: Some(running), client, home: Arc::new(home) }
    }

    /// Another server on the same database.
    ///
    /// # Panics
    /// It does not start: a SQLite directory belongs to one server.
    pub async fn another(&self) -> Self {
        let mut config = self.config.clone();
        // Named by something that no other has.
        config.journal.dir = self.home.dir.path().join(self.ids.uuid());
        let running = run(&config, &self.clock, &self.ids).await;
        Self {
            clock: self.clock.clone(),
            ids: self.ids.clone(),
            config,
            client: Client::new(running.site(), TOKEN),
            running: Some(running),
            home: Arc::clone(&self.home),
        }
    }

    /// Stops and starts again, on the same data.
    ///
    /// # Panics
    /// It does not start.
    pub async fn restart(&mut self) {
        self.stop().await;
        let running = run(&self.config, &self.clock, &self.ids).await;
        self.client = Client::new(running.site(), TOKEN);
        self.running = Some(running);
    }

    /// Stops as after a signal.
    pub async fn stop(&mut self) {
        if let Some(running) = self.running.take() {
            running.stop().await;
        }
    }

    /// The server itself.
    ///
    /// # Panics
    /// It was stopped.
    #[must_use]
    pub fn server(&self) -> &Server {
        self.running.as_ref().expect("the server runs")
    }

    /// The client with the owner's token.
    #[must_use]
    pub const fn client(&self) -> &Client {
        &self.client
    }

    /// Creates a project with the environments `test` and `production`.
    pub async fn create_project(&self, key: &str) -> Value {
        self.post("/api/v2/projects", &json!({"key": key, "name": key})).await.expect(201).json()
    }

    /// Creates a flag.
    pub async fn create_flag(&self, project: &str, flag: FlagBuilder) -> Value {
        self.post(&format!("/api/v2/flags/{project}"), flag.body()).await.expect(201).json()
    }

    /// Applies instructions to a flag in an environment of the project `default`.
    pub async fn instruct(&self, flag: &str, environment: &str, instructions: Value) -> Value {
        let body = json!({"environmentKey": environment, "instructions": instructions});
        self.patch(&format!("/api/v2/flags/default/{flag}"), &body).await.expect(200).json()
    }

    /// The SDK key of an environment of the project `default`.
    ///
    /// # Panics
    /// There is no such environment.
    pub async fn sdk_key(&self, environment: &str) -> String {
        let found = self.get(&format!("/api/v2/projects/default/environments/{environment}")).await.expect(200).json();
        found["apiKey"].as_str().expect("an SDK key").to_owned()
    }

    /// Opens the stream of all flags of an environment of the project `default`.
    pub async fn all_stream(&self, environment: &str) -> EventStream {
        self.stream("/all", &self.sdk_key(environment).await).await
    }
}

impl Deref for TestServer {
    type Target = Client;

    fn deref(&self) -> &Client {
        &self.client
    }
}

fn config(database: Database, journal: PathBuf) -> Config {
    Config {
        journal: Journal { dir: journal, most: 1 << 30 },
        keep: Retention::default(),
        secret_key: SecretKey::Default,
        listen: ([127, 0, 0, 1], 0).into(),
        database,
        tls: None,
        public_url: None,
        trusted_proxies: Vec::new(),
        heartbeat: Duration::from_secs(60),
        shutdown_grace: Duration::from_secs(5),
        allow_private_webhooks: true,
        import_max: 64 << 20,
        rate_limits: RateLimits::default(),
        log: Log { json: false, filter: "off".to_owned() },
        acme: None,
        otlp: None,
        sign_in: SignInConfig::default(),
        init: Init {
            owner_email: Some("owner@wigwag.test".to_owned()),
            owner_password: Some("correct horse battery".to_owned()),
            access_token: Some(TOKEN.to_owned()),
        },
    }
}

async fn run(config: &Config, clock: &Clock, ids: &Ids) -> Server {
    Server::start(config, Outside { clock: clock.clone(), ids: ids.clone() }).await.unwrap()
}
