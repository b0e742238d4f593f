//! Change feed, immutable environment snapshots and fan-out to streams.
//!
//! A [`Source`] yields documents; one [`Feeder`] folds them into a [`World`] and publishes each
//! environment it touched as an immutable [`EnvSnapshot`] in [`Live`]. Requests find snapshots there by
//! credential without taking a lock; streams are [`Subscription`]s, which remember only how far they
//! have sent. No SQL, no HTTP, no accounts.

mod clients;
mod content;
mod deflate;
mod feeder;
mod inventory;
mod item;
mod items;
mod json;
mod lifts;
mod live;
mod memory;
mod mirror;
mod narrow;
mod objects;
mod parallel;
mod payload;
mod publish;
mod publisher;
mod snapshot;
mod source;
mod spread;
mod subscription;
mod topic;
mod update;
mod world;

pub use clients::{
    Answers, Audience, BigSegmentsStatus, ClientList, ClientPoll, ClientStream, Form, Known, MemberQuestion, Members,
    Outcome, PingStream, Seen, Shape, ask,
};
pub use content::{Content, Feed, Next};
pub use feeder::{Feeder, FeederConfig, tend};
pub use item::{About, Big, Compile, Digest, Item};
pub use items::Items;
pub use live::{Env, Grant, Key, Live, Log, Watch};
pub use memory::{MemoryLog, MemoryWrite};
pub use mirror::{Mirror, MirrorItem, MirrorKind};
pub use objects::Transfer;
pub use payload::Payload;
pub use snapshot::{EnvSnapshot, FlagItem, Flags, Part, SegmentItem, Segments, Settings, weak_tag};
pub use source::{Change, Document, Source, SourceError, State};
pub use spread::{Reached, Spreads};
pub use subscription::Subscription;
pub use update::{Op, Tail, Update};
pub use world::{EnvName, World};
