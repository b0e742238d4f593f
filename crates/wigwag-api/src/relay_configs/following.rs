//! The stream of automatic configuration (sdk-protocol.md 9.1): what a Relay Proxy is told first, and what when
//! environments, their keys or its configuration change.
//!
//! Versions are sequences of the log: they rise with every change, also when an environment leaves a
//! configuration and comes back, and hold on every server of one database.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;

use serde_json::{Value, json};
use wigwag_kit::{App, Ctx, Result};
use wigwag_live::Live;
use wigwag_model::clock::Millis;
use wigwag_model::doc::{EnvKey, Environment, Kind, Project};

use super::environments::{config_of, environments_of};
use crate::common::system;
use crate::read::opened_key;

/// What the stream is made from.
const KINDS: [Kind; 3] = [Kind::RelayConfig, Kind::Project, Kind::Environment];

/// One proxy and what it was told.
pub struct Following {
    ctx: Ctx,
    key: String,
    /// The change up to which it was told everything.
    seq: u64,
    /// When its key ends, if that is known.
    ends: Option<Millis>,
    /// By id, without versions.
    told: BTreeMap<String, Value>,
}

impl Following {
    /// The proxy with this key and the first events for it; none if the key is not valid.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn begin(app: Arc<App>, key: &str) -> Result<Option<(Self, String)>> {
        let mut following = Self { ctx: system(app), key: key.to_owned(), seq: 0, ends: None, told: BTreeMap::new() };
        let seq = following.ctx.store().head().await?;
        let Some(told) = following.environments().await? else { return Ok(None) };
        (following.seq, following.told) = (seq, told);
        let members = following.told.iter().map(|(id, env)| (id.clone(), versioned(env, seq)));
        let environments: serde_json::Map<String, Value> = members.collect();
        let data = json!({"path": "/", "data": {"environments": environments, "filters": {}}});
        following.shown(seq).await;
        Ok(Some((following, event("put", &data))))
    }

    /// The events since the last; none if the key is not valid any more. They may be empty.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn more(&mut self) -> Result<Option<String>> {
        if self.ends.is_some_and(|ends| ends <= self.ctx.app.clock.now()) {
            return Ok(None);
        }
        let seq = self.ctx.store().head().await?;
        if self.ctx.store().written(self.seq, seq, &KINDS).await?.is_empty() {
            self.seq = seq;
            return Ok(Some(String::new()));
        }
        let Some(now) = self.environments().await? else { return Ok(None) };
        let mut events = String::new();
        for (id, env) in &now {
            if self.told.get(id) != Some(env) {
                let data = json!({"path": path(id), "data": versioned(env, seq)});
                events.push_str(&event("patch", &data));
            }
        }
        for id in self.told.keys().filter(|id| !now.contains_key(*id)) {
            events.push_str(&event("delete", &json!({"path": path(id), "version": seq})));
        }
        (self.seq, self.told) = (seq, now);
        self.shown(seq).await;
        Ok(Some(events))
    }

    /// The environments that the key is good for now; none if it is not valid.
    async fn environments(&mut self) -> Result<Option<BTreeMap<String, Value>>> {
        let Some(config) = config_of(&self.ctx, &self.key).await? else { return Ok(None) };
        let hash = wigwag_auth::secret::hash(&self.key);
        self.ends = config.previous.as_ref().filter(|old| old.hash == hash).map(|old| old.expiry);
        let now = self.ctx.app.clock.now();
        let allowed = environments_of(&self.ctx, &config).await?;
        Ok(Some(allowed.iter().map(|(project, env)| (env.id.clone(), rep(&self.ctx, project, env, now))).collect()))
    }

    /// A proxy uses what it is told at once: its keys must be known here before.
    async fn shown(&self, seq: u64) {
        if let Some(live) = self.ctx.app.extension::<Live>() {
            live.reached(seq).await;
        }
    }
}

/// An environment as proxies know it.
fn rep(ctx: &Ctx, project: &Project, env: &Environment, now: Millis) -> Value {
    let in_force = |key: &&EnvKey| key.expiry.is_none_or(|at| at > now);
    let opened = |kind: &str, key: &EnvKey| opened_key(ctx, env, kind, &key.value);
    let first = |kind: &str, keys: &[EnvKey]| keys.first().map(|key| opened(kind, key)).unwrap_or_default();
    let mut sdk_key = json!({"value": first("sdk", &env.sdk_keys)});
    // A reset leaves the old key behind without a name. Of several the one that lasts longest counts.
    let old = env.sdk_keys.iter().skip(1).filter(in_force).filter(|key| key.about.is_none());
    if let Some((old, at)) = old.filter_map(|key| Some((key, key.expiry?))).max_by_key(|(_, at)| *at) {
        sdk_key["expiring"] = json!({"value": opened("sdk", old), "timestamp": at});
    }
    let keys = |kind: &str, keys: &[EnvKey]| {
        // Proxies that are configured automatically follow whole environments: with a key that is held to views they
        // would hand out everything.
        let in_force = keys.iter().filter(in_force).filter(|key| key.views.is_empty()).enumerate();
        in_force.map(|(n, key)| named(n, key, &opened(kind, key))).collect::<Vec<_>>()
    };
    json!({
        "envID": env.id,
        "envKey": env.key,
        "envName": env.name,
        "projKey": project.key,
        "projName": project.name,
        "mobKey": first("mobile", &env.mobile_keys),
        "sdkKey": sdk_key,
        "sdkKeys": keys("sdk", &env.sdk_keys),
        "mobileKeys": keys("mobile", &env.mobile_keys),
        "defaultTtl": env.default_ttl,
        "secureMode": env.secure_mode,
    })
}

/// One of several keys, as newer proxies know them.
fn named(n: usize, key: &EnvKey, value: &str) -> Value {
    let name = match (&key.about, n) {
        (Some(about), _) => about.key.clone(),
        (None, 0) => "default".to_owned(),
        (None, n) => format!("previous-{n}"),
    };
    let mut rep = json!({"key": name, "value": value});
    if let Some(expiry) = key.expiry {
        rep["expiry"] = expiry.into();
    }
    rep
}

fn versioned(env: &Value, seq: u64) -> Value {
    let mut env = env.clone();
    env["version"] = seq.into();
    env
}

fn path(id: &str) -> String {
    format!("/environments/{id}")
}

fn event(name: &str, data: &Value) -> String {
    let mut out = String::new();
    // Writing to a string cannot fail.
    let _ = write!(out, "event: {name}\ndata: {data}\n\n");
    out
}
