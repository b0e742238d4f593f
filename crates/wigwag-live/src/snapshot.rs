//! An environment at one sequence: immutable, shared, encoded when somebody asks.

use std::sync::{Arc, OnceLock};

use rustc_hash::FxHashMap;
use sha2::{Digest as _, Sha256};
use wigwag_eval::{CompiledFlag, CompiledSegment, Lookup};
use wigwag_model::doc::{self, EnvKey};

use crate::clients::{Audience, ClientList};
use crate::deflate::Gzip;
use crate::item::Item;
pub(crate) use crate::items::Items;
use crate::payload::{Payload, Plain, Writer};
use crate::update::{Op, Tail, Update};

/// A published flag.
pub type FlagItem = Item<CompiledFlag>;
/// A published segment.
pub type SegmentItem = Item<CompiledSegment>;
/// Flags by key.
pub type Flags = Items<CompiledFlag>;
/// Segments by key.
pub type Segments = Items<CompiledSegment>;

/// What SDK endpoints need to know of an environment besides its flags.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    /// The client-side ID.
    pub id: Box<str>,
    /// SDK keys in force, the current one first.
    pub sdk_keys: Vec<EnvKey>,
    /// Mobile keys in force, the current one first.
    pub mobile_keys: Vec<EnvKey>,
    /// Minutes that PHP SDKs may cache.
    pub ttl_minutes: u32,
    /// Browsers must prove their context with a hash.
    pub secure_mode: bool,
}

/// An environment at one sequence.
pub struct EnvSnapshot {
    seq: u64,
    settings: Arc<Settings>,
    flags: Flags,
    segments: Segments,
    tail: Tail,
    lifts: Lifts,
    /// The big segments among the segments, by key.
    big: Arc<[Arc<SegmentItem>]>,
    /// The last change of links between items and views that changed nothing else of these items.
    links: u64,
    /// What this one is a part of: the part that some views hold. Clients are answered as everything together says.
    whole: Option<Arc<EnvSnapshot>>,
    clients: [OnceLock<ClientList>; 3],
    bodies: Bodies,
    objects: crate::objects::Bodies,
}

/// Flags whose result may have changed after they were last written, through what they depend on, with the
/// sequence of that change.
pub(crate) type Lifts = Arc<FxHashMap<Box<str>, u64>>;

/// Bodies, each made at most once for a snapshot.
#[derive(Default)]
struct Bodies {
    put: OnceLock<Payload>,
    flags_put: OnceLock<Payload>,
    all: Variants,
    flags: Variants,
    segments: Variants,
}

/// A body, its compressed form and its entity tag.
#[derive(Default)]
struct Variants {
    plain: OnceLock<Payload>,
    gzip: OnceLock<Payload>,
    etag: OnceLock<String>,
}

/// Which items a body holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// `{"flags":{…},"segments":{…}}`
    All,
    /// `{…}` of flags
    Flags,
    /// `{…}` of segments
    Segments,
}

impl Settings {
    pub(crate) fn of(env: doc::Environment) -> Self {
        Self {
            id: env.id.into(),
            sdk_keys: env.sdk_keys,
            mobile_keys: env.mobile_keys,
            ttl_minutes: env.default_ttl,
            secure_mode: env.secure_mode,
        }
    }
}

impl Default for EnvSnapshot {
    /// An environment of which nothing is known yet.
    fn default() -> Self {
        Self::new(0, Arc::default(), Items::default(), Items::default(), Lifts::default())
    }
}

impl EnvSnapshot {
    pub(crate) fn new(seq: u64, settings: Arc<Settings>, flags: Flags, segments: Segments, lifts: Lifts) -> Self {
        Self {
            big: segments.iter().filter(|segment| segment.about().big.is_some()).cloned().collect(),
            seq,
            settings,
            flags,
            segments,
            tail: Tail::starting_at(seq),
            lifts,
            links: seq,
            whole: None,
            clients: Default::default(),
            bodies: Bodies::default(),
            objects: crate::objects::Bodies::default(),
        }
    }

    /// The same items under other settings.
    pub(crate) fn with_settings(&self, settings: Arc<Settings>) -> Self {
        Self { settings, ..self.same() }
    }

    /// The same items, of which some depend on something that nobody sees and that changed.
    pub(crate) fn with_lifts(&self, lifts: Lifts) -> Self {
        Self { lifts, ..self.same() }
    }

    /// The same items, of which some are linked to other views since the change `seq`. Streams are told nothing.
    pub(crate) fn with_links(&self, seq: u64, flags: Flags, segments: Segments) -> Self {
        Self { links: seq, flags, segments, ..self.same() }
    }

    /// The same, as a part of `whole`.
    pub(crate) fn part_of(&self, whole: Arc<Self>) -> Self {
        // Members are asked for by what evaluates, which is everything.
        let (settings, big) = (Arc::clone(whole.settings()), Arc::clone(&whole.big));
        Self { settings, big, whole: Some(whole), ..self.same() }
    }

    /// Whether it holds only what some views do: that of a key that is held to views.
    #[must_use]
    pub const fn is_part(&self) -> bool {
        self.whole.is_some()
    }

    /// The last change of links to views.
    pub(crate) const fn links(&self) -> u64 {
        self.links
    }

    fn same(&self) -> Self {
        Self {
            seq: self.seq,
            settings: Arc::clone(&self.settings),
            flags: self.flags.clone(),
            segments: self.segments.clone(),
            tail: self.tail.clone(),
            lifts: Arc::clone(&self.lifts),
            big: Arc::clone(&self.big),
            links: self.links,
            whole: self.whole.clone(),
            clients: Default::default(),
            bodies: Bodies::default(),
            objects: crate::objects::Bodies::default(),
        }
    }

    /// The snapshot after `update`, with the items it leads to.
    pub(crate) fn after(&self, update: Update, flags: Flags, segments: Segments, lifts: Lifts) -> Self {
        let is_big = |op: &Op| self.big.iter().any(|segment| segment.key() == op.key());
        let big = match &self.whole {
            Some(whole) => Arc::clone(&whole.big),
            None if update.asks_members() || update.ops().iter().any(is_big) => {
                segments.iter().filter(|segment| segment.about().big.is_some()).cloned().collect()
            }
            None => Arc::clone(&self.big),
        };
        Self {
            big,
            seq: update.seq(),
            settings: Arc::clone(&self.settings),
            flags,
            segments,
            tail: self.tail.with(Arc::new(update)),
            lifts,
            links: self.links,
            whole: self.whole.clone(),
            clients: Default::default(),
            bodies: Bodies::default(),
            objects: crate::objects::Bodies::default(),
        }
    }

    /// The last change that touched its items.
    #[must_use]
    pub const fn seq(&self) -> u64 {
        self.seq
    }

    /// Keys and settings.
    #[must_use]
    pub const fn settings(&self) -> &Arc<Settings> {
        &self.settings
    }

    /// Published flags by key.
    #[must_use]
    pub const fn flags(&self) -> &Flags {
        &self.flags
    }

    /// Segments by key.
    #[must_use]
    pub const fn segments(&self) -> &Segments {
        &self.segments
    }

    pub(crate) const fn lifts(&self) -> &Lifts {
        &self.lifts
    }

    /// Segments whose members are kept elsewhere, by key.
    #[must_use]
    pub fn big_segments(&self) -> &[Arc<SegmentItem>] {
        &self.big
    }

    /// The version by which client-side SDKs order the results of a flag: the last change that wrote the flag
    /// or anything it depends on, and so can have changed its result (sdk-protocol.md 5.3).
    #[must_use]
    pub fn client_version(&self, flag: &FlagItem) -> u64 {
        flag.about().seq.max(self.lifts.get(flag.key()).copied().unwrap_or(0))
    }

    /// The flags that an audience may see, ready to be evaluated. Made once; compiles what was never
    /// evaluated, which for a first request can take long: off the reactor.
    pub fn clients(&self, audience: Audience) -> &ClientList {
        self.clients[audience as usize].get_or_init(|| ClientList::new(self, audience))
    }

    /// The same, if it has been made.
    #[must_use]
    pub fn clients_ready(&self, audience: Audience) -> Option<&ClientList> {
        self.clients[audience as usize].get()
    }

    /// The updates that led here.
    #[must_use]
    pub const fn tail(&self) -> &Tail {
        &self.tail
    }

    pub(crate) const fn objects(&self) -> &crate::objects::Bodies {
        &self.objects
    }

    /// The `put` event of streams of flags and segments (sdk-protocol.md 2.1).
    pub fn put_event(&self) -> &Payload {
        self.bodies.put.get_or_init(|| {
            let mut out = Plain::default();
            out.glue(b"event: put\ndata: {\"path\":\"/\",\"data\":");
            self.write(Part::All, &mut out);
            out.glue(b"}\n\n");
            out.finish()
        })
    }

    /// The `put` event of streams of flags only (sdk-protocol.md 2.2).
    pub fn flags_put_event(&self) -> &Payload {
        self.bodies.flags_put.get_or_init(|| {
            let mut out = Plain::default();
            out.glue(b"event: put\ndata: ");
            self.write(Part::Flags, &mut out);
            out.glue(b"\n\n");
            out.finish()
        })
    }

    /// The body of a poll for `part`.
    pub fn body(&self, part: Part) -> &Payload {
        self.variants(part).plain.get_or_init(|| {
            let mut out = Plain::default();
            self.write(part, &mut out);
            out.finish()
        })
    }

    /// The same body as one gzip stream, if it has been made.
    #[must_use]
    pub fn gzip_ready(&self, part: Part) -> Option<&Payload> {
        self.variants(part).gzip.get()
    }

    /// The same body as one gzip stream. Compresses what no earlier snapshot compressed, which for a
    /// first request can take long: off the reactor.
    pub fn gzip(&self, part: Part) -> &Payload {
        self.variants(part).gzip.get_or_init(|| {
            let mut out = Gzip::new();
            self.write(part, &mut out);
            Payload::new(out.finish())
        })
    }

    /// The weak entity tag of a poll for `part`: equal bytes have equal tags, on any server.
    pub fn etag(&self, part: Part) -> &str {
        self.variants(part).etag.get_or_init(|| {
            let mut hash = Sha256::new();
            if part != Part::Segments {
                hash.update(b"flags");
                self.flags.iter().for_each(|item| hash.update(item.digest()));
            }
            if part != Part::Flags {
                hash.update(b"segments");
                self.segments.iter().for_each(|item| hash.update(item.digest()));
            }
            weak_tag(&hash.finalize())
        })
    }

    const fn variants(&self, part: Part) -> &Variants {
        match part {
            Part::All => &self.bodies.all,
            Part::Flags => &self.bodies.flags,
            Part::Segments => &self.bodies.segments,
        }
    }

    fn write(&self, part: Part, out: &mut impl Writer) {
        match part {
            Part::All => {
                out.glue(b"{\"flags\":{");
                out.members(&self.flags);
                out.glue(b"},\"segments\":{");
                out.members(&self.segments);
                out.glue(b"}}");
            }
            Part::Flags => {
                out.glue(b"{");
                out.members(&self.flags);
                out.glue(b"}");
            }
            Part::Segments => {
                out.glue(b"{");
                out.members(&self.segments);
                out.glue(b"}");
            }
        }
    }
}

impl Lookup for EnvSnapshot {
    fn flag(&self, key: &str) -> Option<&CompiledFlag> {
        self.whole.as_deref().unwrap_or(self).flags.get(key).map(|item| item.compiled())
    }

    fn segment(&self, key: &str) -> Option<&CompiledSegment> {
        self.whole.as_deref().unwrap_or(self).segments.get(key).map(|item| item.compiled())
    }
}

/// A weak tag of the first 16 bytes of `digest`: the plain and the compressed form share it.
#[must_use]
pub fn weak_tag(digest: &[u8]) -> String {
    format!("W/\"{}\"", hex::encode(&digest[..digest.len().min(16)]))
}
