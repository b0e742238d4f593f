//! Everything the feeder knows: documents in, snapshots out. Pure: no time, no I/O, no locks.
//!
//! The law it keeps (and tests hold it to): applying the changes after a state gives the same
//! snapshots as building anew from the later state.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rustc_hash::FxHashMap;
use wigwag_eval::dependents::Item as Reference;
use wigwag_model::doc;
use wigwag_model::doc::Kind;

use crate::inventory::Inventory;
use crate::item::Item;
use crate::parallel;
use crate::publish;
use crate::snapshot::{EnvSnapshot, Settings};
use crate::source::{Change, Document, State};

/// Project key and environment key.
pub type EnvName = (Box<str>, Box<str>);

/// Every project and environment at one sequence.
#[derive(Default)]
pub struct World {
    seq: u64,
    projects: FxHashMap<Box<str>, Project>,
}

/// The flags of a project as documents, and its environments.
#[derive(Default)]
struct Project {
    flags: FxHashMap<Box<str>, Arc<str>>,
    envs: BTreeMap<Box<str>, Env>,
}

/// An environment: kept from its first document to its last, visible while its own document lives.
#[derive(Default)]
struct Env {
    configs: FxHashMap<Box<str>, Stored>,
    live: bool,
    inventory: Inventory,
}

/// A document as it came.
#[derive(Clone)]
pub(crate) struct Stored {
    pub(crate) version: u64,
    /// The change that wrote it.
    pub(crate) seq: u64,
    /// `None` for the tombstone just received.
    pub(crate) body: Option<Arc<str>>,
}

/// What a change touches in one project, gathered before anything is published.
#[derive(Default)]
struct Dirty {
    /// Flags whose document changed: all environments look at them again.
    flags: BTreeSet<Box<str>>,
    envs: BTreeMap<Box<str>, DirtyEnv>,
}

#[derive(Default)]
struct DirtyEnv {
    settings: Option<Stored>,
    /// Flags to look at again, and the configuration's new version where that is what changed.
    flags: BTreeMap<Box<str>, Option<u64>>,
    segments: BTreeMap<Box<str>, Stored>,
}

impl World {
    /// The world as of `state`.
    #[must_use]
    pub fn rebuild(state: State) -> Self {
        let mut world = Self { seq: state.seq, projects: FxHashMap::default() };
        let mut dirty = world.take_in(state.docs, Flags::All);
        for (name, project) in &mut world.projects {
            let mut dirty = dirty.remove(name).unwrap_or_default();
            // Each flag is read once for all environments.
            let bodies: Vec<_> = project.flags.iter().collect();
            let read = parallel::map(&bodies, |(_, body)| publish::decode::<doc::Flag>("flag", body));
            let flags: FxHashMap<&str, doc::Flag> =
                bodies.iter().zip(read).filter_map(|((key, _), flag)| Some((&***key, flag?))).collect();
            for (name, env) in &mut project.envs {
                env.rebuild(state.seq, &flags, dirty.envs.remove(name).unwrap_or_default());
            }
        }
        world
    }

    /// The last change contained.
    #[must_use]
    pub const fn seq(&self) -> u64 {
        self.seq
    }

    /// Every live environment.
    pub fn envs(&self) -> impl Iterator<Item = (EnvName, &Arc<EnvSnapshot>)> {
        self.projects.iter().flat_map(|(project, p)| {
            let live = p.envs.iter().filter(|(_, env)| env.live);
            live.map(|(env, e)| ((project.clone(), env.clone()), e.inventory.snapshot()))
        })
    }

    /// A live environment.
    #[must_use]
    pub fn env(&self, (project, env): &EnvName) -> Option<&Arc<EnvSnapshot>> {
        self.projects.get(project)?.envs.get(env).filter(|env| env.live).map(|env| env.inventory.snapshot())
    }

    /// Takes in the next change and returns the environments it touched. A change that is already
    /// contained does nothing.
    pub fn apply(&mut self, change: Change) -> BTreeSet<EnvName> {
        let mut touched = BTreeSet::new();
        if change.seq <= self.seq {
            return touched;
        }
        self.seq = change.seq;
        for (name, dirty) in self.take_in(change.docs, Flags::Changed) {
            let Some(project) = self.projects.get_mut(&name) else { continue };
            for (env_name, dirty) in dirty.spread(&project.envs) {
                let Some(env) = project.envs.get_mut(&env_name) else { continue };
                if env.apply(change.seq, &project.flags, dirty) {
                    touched.insert((name.clone(), env_name.clone()));
                }
                if env.is_over() {
                    project.envs.remove(&env_name);
                }
            }
            if project.envs.is_empty() && project.flags.is_empty() {
                self.projects.remove(&name);
            }
        }
        touched
    }

    /// Stores what has to be kept of `docs` and says what must be published anew.
    fn take_in(&mut self, docs: Vec<Document>, flags: Flags) -> BTreeMap<Box<str>, Dirty> {
        let named = flags == Flags::Changed;
        let mut dirty: BTreeMap<Box<str>, Dirty> = BTreeMap::new();
        for doc in docs {
            let stored = Stored { version: doc.version, seq: doc.seq, body: doc.body };
            match doc.kind {
                Kind::Environment => {
                    self.project(&doc.project).envs.entry(doc.key.clone()).or_default();
                    dirty.entry(doc.project).or_default().env(doc.key).settings = Some(stored);
                }
                Kind::Flag => {
                    let flags = &mut self.project(&doc.project).flags;
                    match stored.body {
                        Some(body) => flags.insert(doc.key.clone(), body),
                        None => flags.remove(&doc.key),
                    };
                    if named {
                        dirty.entry(doc.project).or_default().flags.insert(doc.key);
                    }
                }
                Kind::FlagConfig => {
                    let env = self.env_mut(&doc.project, &doc.env);
                    let version = stored.version;
                    match stored.body {
                        Some(_) => env.configs.insert(doc.key.clone(), stored),
                        None => env.configs.remove(&doc.key),
                    };
                    if named {
                        dirty.entry(doc.project).or_default().env(doc.env).flags.insert(doc.key, Some(version));
                    }
                }
                Kind::Segment => {
                    self.project(&doc.project).envs.entry(doc.env.clone()).or_default();
                    dirty.entry(doc.project).or_default().env(doc.env).segments.insert(doc.key, stored);
                }
                _ => {}
            }
        }
        dirty
    }

    fn project(&mut self, key: &str) -> &mut Project {
        if !self.projects.contains_key(key) {
            self.projects.insert(key.into(), Project::default());
        }
        // Just made sure of; `entry` would need an owned key every time.
        self.projects.entry(key.into()).or_default()
    }

    fn env_mut(&mut self, project: &str, env: &str) -> &mut Env {
        self.project(project).envs.entry(env.into()).or_default()
    }
}

/// Which flags are looked at again.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Flags {
    /// Those that documents are about, by name.
    Changed,
    /// All there are, so that there is no need to name them.
    All,
}

impl DirtyEnv {
    /// The documents of the environment that were written.
    fn written(&self) -> impl Iterator<Item = Reference> {
        let flags = self.flags.iter().filter(|(_, version)| version.is_some());
        let flags = flags.map(|(key, _)| Reference::Flag(key.clone()));
        flags.chain(self.segments.keys().map(|key| Reference::Segment(key.clone())))
    }
}

impl Dirty {
    fn env(&mut self, key: Box<str>) -> &mut DirtyEnv {
        self.envs.entry(key).or_default()
    }

    /// What each environment must look at again, flags of the whole project included.
    fn spread(mut self, envs: &BTreeMap<Box<str>, Env>) -> BTreeMap<Box<str>, DirtyEnv> {
        for (name, env) in envs {
            for flag in &self.flags {
                // An environment without a configuration neither had nor has the flag.
                if env.configs.contains_key(flag) || env.inventory.snapshot().flags().get(flag).is_some() {
                    self.envs.entry(name.clone()).or_default().flags.entry(flag.clone()).or_default();
                }
            }
        }
        self.envs
    }
}

impl Env {
    /// Nothing of it is left.
    fn is_over(&self) -> bool {
        let snapshot = self.inventory.snapshot();
        !self.live && self.configs.is_empty() && snapshot.flags().is_empty() && snapshot.segments().is_empty()
    }

    fn rebuild(&mut self, seq: u64, flags: &FxHashMap<&str, doc::Flag>, dirty: DirtyEnv) {
        let settings = self.settings(dirty.settings.as_ref());
        let configs: Vec<_> = self.configs.iter().collect();
        let flags = parallel::map(&configs, |(key, config)| publish::flag_of(key, flags.get(&***key)?, config));
        let segments: Vec<_> = dirty.segments.iter().collect();
        let segments = parallel::map(&segments, |(key, stored)| publish::segment(key, stored));
        let (flags, segments) = (flags.into_iter().flatten().collect(), segments.into_iter().flatten().collect());
        let written = |key: &str| self.configs.get(key).map_or(0, |config| config.seq);
        self.inventory = Inventory::of(seq, settings, flags, segments, written);
    }

    /// Whether anything that can be seen changed.
    fn apply(&mut self, seq: u64, flags: &FxHashMap<Box<str>, Arc<str>>, dirty: DirtyEnv) -> bool {
        let was_live = self.live;
        let settings = self.settings(dirty.settings.as_ref());
        let resettled = self.inventory.settle(settings) || self.live != was_live;
        let before = self.inventory.snapshot();
        let mut ops = Vec::with_capacity(dirty.segments.len() + dirty.flags.len());
        let (mut relinked_flags, mut relinked_segments) = (Vec::new(), Vec::new());
        for (key, stored) in &dirty.segments {
            let (item, old) = (publish::segment(key, stored), before.segments().get(key));
            relinked_segments.extend(item.clone().filter(|item| relinked(item, old)));
            ops.extend(publish::segment_op(key, item, stored.version, old));
        }
        for (key, version) in &dirty.flags {
            let item = self.configs.get(key).and_then(|config| publish::flag(key, flags.get(key), config));
            let version = version.or_else(|| self.configs.get(key).map(|config| config.version)).unwrap_or(0);
            let old = before.flags().get(key);
            relinked_flags.extend(item.clone().filter(|item| relinked(item, old)));
            ops.extend(publish::flag_op(key, item, version, old));
        }
        let told = self.inventory.apply(seq, ops, &dirty.written().collect());
        let relinked = !relinked_flags.is_empty() || !relinked_segments.is_empty();
        if relinked {
            self.inventory.relink(seq, &relinked_flags, &relinked_segments);
        }
        told || relinked || resettled
    }

    /// The settings after `stored`, which also decides whether the environment is live.
    fn settings(&mut self, stored: Option<&Stored>) -> Arc<Settings> {
        let Some(stored) = stored else { return Arc::clone(self.inventory.snapshot().settings()) };
        let decoded = stored.body.as_ref().and_then(|body| publish::decode::<doc::Environment>("environment", body));
        self.live = decoded.is_some();
        decoded.map_or_else(Arc::default, |env| Arc::new(Settings::of(env)))
    }
}

/// Whether an item that was there is linked to other views now.
fn relinked<C>(item: &Arc<Item<C>>, old: Option<&Arc<Item<C>>>) -> bool {
    old.is_some_and(|old| old.about().views != item.about().views)
}
