//! Results for client-side SDKs: flags evaluated for one context, written straight into a buffer.
//!
//! What never depends on the context (keys, values, settings) is encoded once for each version of a flag; a
//! request evaluates, copies and adds little. Streams hold no results: what a change means to a context is
//! found by evaluating the flags it can affect in the snapshot that was sent last and in the new one.

mod bootstrap;
mod list;
mod members;
mod objects;
mod outcome;
mod pieces;
mod stream;
mod text;

pub use list::ClientList;
pub use members::{Answers, Known, MemberQuestion, Members, Seen, ask};
pub use objects::ClientPoll;
pub use outcome::Outcome;
pub use stream::{ClientStream, PingStream};
pub(crate) use text::FlagText;
pub use wigwag_eval::BigSegmentsStatus;
use wigwag_eval::Lookup;
pub use wigwag_eval::client::Audience;
use wigwag_model::context::Context;

use crate::snapshot::{EnvSnapshot, FlagItem};

/// How results are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Form {
    /// With the reason of each (sdk-protocol.md 5.2).
    pub reasons: bool,
    /// What is told of each.
    pub shape: Shape,
}

/// What is told of each flag.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Shape {
    /// The value and what SDKs report (sdk-protocol.md 5.3).
    #[default]
    Results,
    /// The bare value (sdk-protocol.md 5.4).
    Values,
    /// The bare value, and the rest of all flags together under `$flagsState`: what pages give to the SDKs of
    /// browsers, so that these begin with results (evaluation §12.1).
    Bootstrap,
}

/// Whom flags are evaluated for, in what, and how results are written.
pub(crate) struct Subject<'a, L> {
    /// A snapshot, or what stands for it.
    environment: &'a L,
    context: &'a Context,
    form: Form,
}

impl<'a, L: Lookup> Subject<'a, L> {
    #[inline]
    fn outcome(&self, flag: &'a FlagItem) -> Outcome<'a> {
        Outcome::of(self.environment, flag, self.context)
    }
}

/// Whether an audience may see a flag (sdk-protocol.md 5.1).
pub(crate) const fn sees(audience: Audience, flag: &FlagItem) -> bool {
    match audience {
        Audience::Everything => true,
        Audience::Mobile => flag.about().mobile,
        Audience::EnvironmentId => flag.about().browser,
    }
}

impl EnvSnapshot {
    /// The flag with this key, if the audience may see it.
    #[must_use]
    pub fn visible(&self, audience: Audience, key: &str) -> Option<&FlagItem> {
        self.flags().get(key).map(|flag| &**flag).filter(|flag| sees(audience, flag))
    }
}
