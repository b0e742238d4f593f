//! The one writer of [`Live`]: makes what the feeder worked out visible.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use rustc_hash::{FxHashMap, FxHashSet};
use wigwag_model::doc::{EnvKey, KeyValue};

use crate::live::{Env, Grant, Key, KeyTable, Live};
use crate::narrow::Narrow;
use crate::snapshot::EnvSnapshot;
use crate::world::{EnvName, World};

/// Publishes worlds to a [`Live`]. There is one for each.
pub(crate) struct Publisher {
    live: Live,
    envs: FxHashMap<EnvName, Arc<Env>>,
    /// Parts of environments, for keys that are held to views.
    narrow: FxHashMap<EnvName, Vec<Narrow>>,
}

impl Publisher {
    pub(crate) fn new(live: Live) -> Self {
        Self { live, envs: FxHashMap::default(), narrow: FxHashMap::default() }
    }

    /// Makes all of `world` visible, whatever was before.
    pub(crate) fn publish_all(&mut self, world: &World) {
        let mut names: BTreeSet<EnvName> = self.envs.keys().cloned().collect();
        names.extend(world.envs().map(|(name, _)| name));
        self.publish(world.seq(), names.iter().map(|name| (name, world.env(name))));
        self.complete();
    }

    /// Everything there is was published: from here on a key that is not known is a wrong one.
    pub(crate) fn complete(&self) {
        self.live.0.loaded.store(true, Ordering::Release);
    }

    /// Makes environments visible as they are at `seq`, or gone.
    pub(crate) fn publish<'a>(
        &mut self,
        seq: u64,
        touched: impl Iterator<Item = (&'a EnvName, Option<&'a Arc<EnvSnapshot>>)>,
    ) {
        let mut keys_changed = false;
        let mut changed = Vec::new();
        for (name, snapshot) in touched {
            self.narrow(seq, name, snapshot);
            match (self.envs.get(name), snapshot) {
                (Some(env), Some(snapshot)) => {
                    keys_changed |= env.peek().settings() != snapshot.settings();
                    changed.push((Arc::clone(env), Arc::clone(snapshot)));
                }
                (None, Some(snapshot)) => {
                    keys_changed = true;
                    self.envs.insert(name.clone(), Arc::new(Env::new(Arc::clone(snapshot))));
                }
                (_, None) => {
                    keys_changed = true;
                    if let Some(env) = self.envs.remove(name) {
                        env.close();
                    }
                }
            }
        }
        let now = self.live.now();
        for (env, snapshot) in changed {
            env.publish(snapshot, now);
        }
        if keys_changed {
            self.publish_keys();
        }
        self.live.0.published.send_replace(seq);
    }

    /// Brings the parts of an environment to where it is; those that no key is held to any more end.
    fn narrow(&mut self, seq: u64, name: &EnvName, snapshot: Option<&Arc<EnvSnapshot>>) {
        let settings = snapshot.map(|snapshot| snapshot.settings());
        let keys = settings.into_iter().flat_map(|settings| settings.sdk_keys.iter().chain(&settings.mobile_keys));
        let wanted: BTreeSet<&[String]> = keys.map(|key| &*key.views).filter(|views| !views.is_empty()).collect();
        if wanted.is_empty() && !self.narrow.contains_key(name) {
            return;
        }
        let parts = self.narrow.entry(name.clone()).or_default();
        parts.retain(|part| {
            let kept = wanted.contains(part.views());
            if !kept {
                part.env().close();
            }
            kept
        });
        if let Some(whole) = snapshot {
            let now = self.live.now();
            parts.iter_mut().for_each(|part| part.follow(seq, whole, now));
            for views in wanted {
                if !parts.iter().any(|part| part.views() == views) {
                    parts.push(Narrow::new(views, seq, whole));
                }
            }
        }
        if parts.is_empty() {
            self.narrow.remove(name);
        }
    }

    /// Where a key is served. One that is held to views never gets the whole.
    fn env_of<'a>(&'a self, name: &EnvName, whole: &'a Arc<Env>, key: &EnvKey) -> Option<&'a Arc<Env>> {
        if key.views.is_empty() {
            return Some(whole);
        }
        self.narrow.get(name).into_iter().flatten().find(|part| *part.views() == *key.views).map(Narrow::env)
    }

    /// Names the keys of environments that are known, but not yet what they hold.
    pub(crate) fn expect(&self, keys: FxHashSet<Box<str>>) {
        self.live.0.expected.store(Arc::new(keys));
    }

    /// Replaces the table of credentials and ends the streams of those that are gone.
    fn publish_keys(&self) {
        let old = self.live.0.keys.load_full();
        let parts = self.narrow.values().flatten().map(|part| Arc::clone(part.env())).collect();
        let mut new = KeyTable { parts, ..KeyTable::default() };
        for (of, env) in &self.envs {
            let (project, name) = of;
            new.named.entry(project.clone()).or_default().insert(name.clone(), Arc::clone(env));
            let snapshot = env.snapshot();
            let settings = snapshot.settings();
            let id = EnvKey::new(KeyValue::Clear(settings.id.to_string()), None);
            new.client.insert(settings.id.clone(), grant(env, &id, old.client.get(&settings.id)));
            // The source opens them; one that it could not open lets nobody in.
            let clear = |key: &EnvKey| key.value.clear().map(Box::<str>::from);
            for (key, value) in settings.sdk_keys.iter().filter_map(|key| Some((key, clear(key)?))) {
                let grant = self.env_of(of, env, key).map(|env| grant(env, key, old.sdk.get(&value)));
                new.sdk.extend(grant.map(|grant| (value, grant)));
            }
            for (key, value) in settings.mobile_keys.iter().filter_map(|key| Some((key, clear(key)?))) {
                let grant = self.env_of(of, env, key).map(|env| grant(env, key, old.mobile.get(&value)));
                new.mobile.extend(grant.map(|grant| (value, grant)));
            }
        }
        let new = Arc::new(new);
        self.live.0.keys.store(Arc::clone(&new));
        for (was, is) in [(&old.sdk, &new.sdk), (&old.mobile, &new.mobile), (&old.client, &new.client)] {
            let gone = was.iter().filter(|(value, g)| !is.get(*value).is_some_and(|n| Arc::ptr_eq(&n.key, &g.key)));
            for (_, grant) in gone {
                grant.key.revoke();
                grant.env.topic.wake();
            }
        }
    }
}

/// What `key` now grants: the same key as before keeps its streams.
fn grant(env: &Arc<Env>, key: &EnvKey, before: Option<&Grant>) -> Grant {
    let same = before.filter(|grant| Arc::ptr_eq(&grant.env, env) && !grant.key.is_revoked());
    let kept = same.map(|grant| {
        grant.key.set_expiry(key.expiry);
        Arc::clone(&grant.key)
    });
    Grant { env: Arc::clone(env), key: kept.unwrap_or_else(|| Arc::new(Key::new(key.expiry))), watch: None }
}
