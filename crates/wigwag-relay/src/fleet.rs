//! The environments that are followed, and what each of them needs.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use parking_lot::Mutex;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use wigwag_live::{EnvName, Live, Mirror};

use crate::follower;
use crate::members::{self, Copies};
use crate::rep::EnvRep;
use crate::shelf::Shelf;
use crate::status::{Connection, State, Watched};
use crate::upstream::Upstream;
use crate::wire::Message;

/// Everything that is followed. Cheap to clone; all clones are one.
#[derive(Clone)]
pub(crate) struct Fleet(Arc<Inner>);

struct Inner {
    live: Live,
    upstream: Upstream,
    shelf: Shelf,
    copies: Copies,
    /// Rises when something arrived.
    news: watch::Sender<u64>,
    waits: follower::Waits,
    mirror: Mutex<Mirror>,
    members: Mutex<BTreeMap<String, Member>>,
    /// Environments whose snapshot on disk is not the newest.
    unsaved: Mutex<BTreeSet<String>>,
}

struct Member {
    rep: EnvRep,
    watched: Arc<Watched>,
    following: JoinHandle<()>,
}

/// An environment that is followed.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub(crate) rep: EnvRep,
    pub(crate) connection: Connection,
}

impl Fleet {
    pub(crate) fn new(live: Live, upstream: Upstream, shelf: Shelf, copies: Copies, waits: follower::Waits) -> Self {
        // Sequences of an earlier run must not come again: SDKs may name them.
        let first = u64::try_from(live.now() / 1000).unwrap_or(0);
        let mirror = Mutex::new(Mirror::new(live.clone(), first));
        Self(Arc::new(Inner {
            live,
            upstream,
            shelf,
            copies,
            news: watch::Sender::new(0),
            waits,
            mirror,
            members: Mutex::default(),
            unsaved: Mutex::default(),
        }))
    }

    /// Serves what is on the shelf, as far as it is wanted.
    pub(crate) fn take_from_shelf(&self, wanted: impl Fn(&EnvRep) -> bool) -> Vec<EnvRep> {
        let mut found = Vec::new();
        for (rep, items) in self.0.shelf.load().into_iter().filter(|(rep, _)| wanted(rep)) {
            tracing::info!(environment = rep.shown(), "serving what was last known until the upstream answers");
            let mut mirror = self.0.mirror.lock();
            mirror.settle(name(&rep), rep.settings());
            mirror.put(&name(&rep), items);
            found.push(rep);
        }
        found
    }

    /// Follows an environment from now on, or goes on with what is known of it now.
    pub(crate) fn adopt(&self, rep: EnvRep) {
        let mut members = self.0.members.lock();
        let before = members.remove(&rep.id);
        if let Some(known) = &before
            && known.rep.version > rep.version
        {
            members.extend(before.map(|known| (known.rep.id.clone(), known)));
            return;
        }
        self.0.mirror.lock().settle(name(&rep), rep.settings());
        let member = match before {
            Some(known) if known.rep.sdk_key.value == rep.sdk_key.value => Member { rep: rep.clone(), ..known },
            before => {
                if let Some(known) = before {
                    known.following.abort();
                }
                let watched = Arc::new(Watched::default());
                let known = self.0.mirror.lock().snapshot(&name(&rep)).is_some();
                watched.is(if known { State::Interrupted } else { State::Initializing }, self.0.live.now());
                let following = follower::follow(self.clone(), rep.clone(), Arc::clone(&watched));
                let copying = members::keep(self.clone(), rep.clone());
                let following = tokio::spawn(async move {
                    tokio::join!(following, copying);
                });
                Member { rep: rep.clone(), watched, following }
            }
        };
        self.0.unsaved.lock().insert(rep.id.clone());
        members.insert(rep.id, member);
    }

    /// Follows exactly these.
    pub(crate) fn adopt_all(&self, reps: Vec<EnvRep>) {
        let kept: BTreeSet<_> = reps.iter().map(|rep| rep.id.clone()).collect();
        let gone: Vec<_> = self.0.members.lock().keys().filter(|id| !kept.contains(*id)).cloned().collect();
        gone.iter().for_each(|id| self.forget(id, u64::MAX));
        reps.into_iter().for_each(|rep| self.adopt(rep));
    }

    /// Stops following an environment and serving it, unless it is newer than `version`.
    pub(crate) fn forget(&self, id: &str, version: u64) {
        let mut members = self.0.members.lock();
        let Some(member) = members.remove(id) else { return };
        if member.rep.version > version {
            members.insert(id.to_owned(), member);
            return;
        }
        member.following.abort();
        self.withdraw(&member.rep);
    }

    /// Serves an environment no longer, and forgets what was kept of it.
    pub(crate) fn withdraw(&self, rep: &EnvRep) {
        self.0.mirror.lock().forget(&name(rep));
        self.0.unsaved.lock().remove(&rep.id);
        self.0.shelf.remove(&rep.id);
        if let Err(error) = self.0.copies.shelf().forget(&rep.id) {
            tracing::warn!(environment = rep.shown(), %error, "members of big segments cannot be deleted");
        }
    }

    /// From here on a key that is not known is a wrong one.
    pub(crate) fn is_complete(&self) {
        self.0.mirror.lock().complete();
    }

    /// Takes what arrived of an environment by the SDK key that `rep` has, unless another is followed by now.
    pub(crate) fn take(&self, rep: &EnvRep, message: Message) {
        let members = self.0.members.lock();
        let current = members.get(&rep.id).map(|member| &member.rep);
        let Some(current) = current.filter(|current| current.sdk_key.value == rep.sdk_key.value) else { return };
        let mut mirror = self.0.mirror.lock();
        match message {
            Message::Put(items) => {
                // It may have been withdrawn meanwhile.
                mirror.settle(name(current), current.settings());
                mirror.put(&name(current), items);
            }
            Message::Change(item) => mirror.change(&name(current), item),
        }
        self.0.unsaved.lock().insert(rep.id.clone());
        self.0.news.send_modify(|count| *count += 1);
    }

    /// Members of these segments are others than before.
    pub(crate) fn members_changed(&self, rep: &EnvRep, segments: BTreeSet<Box<str>>) {
        if !segments.is_empty() {
            self.0.mirror.lock().members_changed(&name(rep), segments);
        }
    }

    /// The keys of an environment's big segments.
    pub(crate) fn big_segments(&self, rep: &EnvRep) -> Vec<Box<str>> {
        let snapshot = self.0.mirror.lock().snapshot(&name(rep));
        snapshot.iter().flat_map(|snapshot| snapshot.big_segments()).map(|segment| segment.key().into()).collect()
    }

    /// Whether an environment has big segments.
    pub(crate) fn has_big_segments(&self, rep: &EnvRep) -> bool {
        !self.big_segments(rep).is_empty()
    }

    /// Rises when something arrived.
    pub(crate) fn news(&self) -> watch::Receiver<u64> {
        self.0.news.subscribe()
    }

    pub(crate) fn copies(&self) -> &Copies {
        &self.0.copies
    }

    pub(crate) fn upstream(&self) -> &Upstream {
        &self.0.upstream
    }

    pub(crate) fn live(&self) -> &Live {
        &self.0.live
    }

    pub(crate) fn waits(&self) -> &follower::Waits {
        &self.0.waits
    }

    /// All that are followed, in the order of their IDs.
    pub(crate) fn seen(&self) -> Vec<Seen> {
        let members = self.0.members.lock();
        members.values().map(|member| Seen { rep: member.rep.clone(), connection: member.watched.get() }).collect()
    }

    /// Writes what changed since the last time to the shelf. Blocks.
    pub(crate) fn save(&self) {
        let unsaved = std::mem::take(&mut *self.0.unsaved.lock());
        for id in unsaved {
            let Some(rep) = self.0.members.lock().get(&id).map(|member| member.rep.clone()) else { continue };
            let Some(snapshot) = self.0.mirror.lock().snapshot(&name(&rep)) else { continue };
            let pieces = snapshot.body(wigwag_live::Part::All);
            let pieces: Vec<_> = (0..).map_while(|n| pieces.piece(n).cloned()).collect();
            if let Err(error) = self.0.shelf.save(&rep, snapshot.seq(), &pieces) {
                tracing::warn!(environment = rep.shown(), %error, "what is known cannot be kept on disk");
                self.0.unsaved.lock().insert(id);
            }
        }
    }

    /// Ends what runs for it.
    pub(crate) fn stop(&self) {
        self.0.members.lock().values().for_each(|member| member.following.abort());
    }
}

fn name(rep: &EnvRep) -> EnvName {
    // By the ID, too: environments of two accounts may have the same names.
    (rep.proj_key.as_str().into(), format!("{}/{}", rep.env_key, rep.id).into())
}
