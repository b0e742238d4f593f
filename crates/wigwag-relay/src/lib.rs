//! Following another server: Wigwag, LaunchDarkly, or another relay.
//!
//! A [`Relay`] keeps the environments of a [`Live`] at what the upstream has, each by one stream, so that everything
//! that serves SDKs from snapshots works as it does where they are made. What was last known is kept on disk and
//! served at once after a start, with or without the upstream.

mod auto;
mod fleet;
mod follower;
mod forward;
mod members;
mod rep;
mod shelf;
mod sse;
mod status;
mod upstream;
mod wire;

use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinHandle;
use wigwag_live::Live;

use fleet::Fleet;
use follower::Waits;
use members::{Copies, MemberShelf};
use rep::{EnvRep, SdkKeyRep};
use shelf::Shelf;
use upstream::Upstream;

pub use forward::Forwarder;
pub use status::{Connection, Fault, State};

/// How often what changed is written to disk, at most.
const SAVE_EVERY: Duration = Duration::from_secs(2);

/// What a relay follows.
#[derive(Clone, Debug)]
pub struct RelayConfig {
    /// Address of the upstream's streams, without a slash at its end.
    pub upstream: String,
    /// Address of what the upstream has besides streams.
    pub polls: String,
    /// Which environments.
    pub access: Access,
    /// Directory for what was last known.
    pub dir: PathBuf,
    /// What this relay calls itself.
    pub user_agent: String,
    /// The wait after a first failure, and the longest one.
    pub retry: (Duration, Duration),
    /// A stream on which nothing arrives for so long is given up. Servers send something every 3 minutes at least.
    pub silence: Duration,
}

/// Which environments a relay follows.
#[derive(Clone)]
pub enum Access {
    /// Those of a Relay Proxy configuration of the upstream, by its key.
    AutoConfig(String),
    /// These.
    Keys(Vec<EnvironmentKeys>),
}

/// The keys of an environment.
#[derive(Clone)]
pub struct EnvironmentKeys {
    /// The SDK key, which is also the relay's own.
    pub sdk_key: String,
    /// The client-side ID.
    pub client_side_id: String,
    /// The mobile key, if mobile SDKs are to be served.
    pub mobile_key: Option<String>,
    /// Whether browsers must prove their context with a hash.
    pub secure_mode: bool,
}

impl std::fmt::Debug for Access {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::AutoConfig(_) => f.write_str("automatic configuration"),
            Self::Keys(keys) => f.debug_list().entries(keys.iter().map(|keys| &keys.client_side_id)).finish(),
        }
    }
}

impl EnvironmentKeys {
    fn rep(&self) -> EnvRep {
        EnvRep {
            id: self.client_side_id.clone(),
            sdk_key: SdkKeyRep { value: self.sdk_key.clone(), expiring: None },
            mob_key: self.mobile_key.clone().unwrap_or_default(),
            secure_mode: self.secure_mode,
            ..EnvRep::default()
        }
    }
}

/// A relay that runs.
pub struct Relay {
    fleet: Fleet,
    configuring: Option<JoinHandle<()>>,
    saving: JoinHandle<()>,
}

/// An environment that is followed, and how that goes.
#[derive(Clone, Debug)]
pub struct Environment {
    /// The client-side ID.
    pub id: String,
    /// Its key and its project's, where the upstream told.
    pub key: String,
    /// The key of its project.
    pub project: String,
    /// The SDK key that the upstream is asked with.
    pub sdk_key: String,
    /// The connection to the upstream.
    pub connection: Connection,
}

impl Relay {
    /// Serves what was last known in `live` and begins to follow.
    ///
    /// # Errors
    /// The directory cannot be made; TLS cannot be set up.
    pub fn start(config: RelayConfig, live: Live) -> io::Result<Self> {
        let upstream = Upstream::new(config.upstream, config.polls, config.silence, &config.user_agent)
            .map_err(io::Error::other)?;
        let waits = Waits { first: config.retry.0, longest: config.retry.1 };
        let shelf = Shelf::open(&config.dir)?;
        let members = MemberShelf::open(&config.dir.join("members.db")).map_err(io::Error::other)?;
        let copies = Copies::new(members, live.clock().clone());
        live.ask_members_of(Arc::new(copies.clone()));
        let fleet = Fleet::new(live, upstream, shelf, copies, waits);
        let configuring = match config.access {
            Access::AutoConfig(key) => {
                let known = fleet.take_from_shelf(|_| true);
                known.into_iter().for_each(|rep| fleet.adopt(rep));
                Some(tokio::spawn(auto::follow(fleet.clone(), key)))
            }
            Access::Keys(keys) => {
                let reps: Vec<_> = keys.iter().map(EnvironmentKeys::rep).collect();
                fleet.take_from_shelf(|kept| reps.contains(kept));
                reps.into_iter().for_each(|rep| fleet.adopt(rep));
                fleet.is_complete();
                None
            }
        };
        let saving = tokio::spawn(save(fleet.clone()));
        Ok(Self { fleet, configuring, saving })
    }

    /// The environments that are followed.
    #[must_use]
    pub fn environments(&self) -> Vec<Environment> {
        let shown = |seen: fleet::Seen| Environment {
            id: seen.rep.id,
            key: seen.rep.env_key,
            project: seen.rep.proj_key,
            sdk_key: seen.rep.sdk_key.value,
            connection: seen.connection,
        };
        self.fleet.seen().into_iter().map(shown).collect()
    }

    /// What the upstream answers to `key` at a path: its answer as it comes, if it is a good one. Paths that are no stream
    /// are asked for where polls are.
    ///
    /// # Errors
    /// What went wrong, in words.
    pub async fn upstream(&self, path: &str, query: Option<&str>, key: &str) -> Result<reqwest::Response, String> {
        let query = query.map(|query| format!("?{query}")).unwrap_or_default();
        let passed = self.fleet.upstream().pass(path, &query, key).await;
        passed.map_err(|ended| ended.to_string())
    }

    /// Follows no longer, and keeps on disk what is known.
    pub async fn stop(&self) {
        self.configuring.iter().for_each(JoinHandle::abort);
        self.saving.abort();
        self.fleet.stop();
        let fleet = self.fleet.clone();
        let _panicked = tokio::task::spawn_blocking(move || fleet.save()).await;
    }
}

async fn save(fleet: Fleet) {
    loop {
        tokio::time::sleep(SAVE_EVERY).await;
        let fleet = fleet.clone();
        let _panicked = tokio::task::spawn_blocking(move || fleet.save()).await;
    }
}
