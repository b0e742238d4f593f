//! Results for client-side SDKs: flags evaluated for one context, written straight into a buffer.
//!
//! What never depends on the context (keys, values, settings) is encoded once for each version of a flag; a
//! request evaluates, copies and adds little. Streams hold no results: what a change means to a context is
//! found by evaluating the flags it can affect in the snapshot that was sent last and in the new one.

mod list;
mod outcome;
mod stream;
mod text;

pub use list::ClientList;
pub use outcome::Outcome;
pub use stream::{ClientStream, PingStream};
pub(crate) use text::FlagText;
pub use wigwag_eval::client::Audience;

use crate::snapshot::{EnvSnapshot, FlagItem};

/// How results are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Form {
    /// With the reason of each (sdk-protocol.md 5.2).
    pub reasons: bool,
    /// Bare values and nothing else (sdk-protocol.md 5.4).
    pub values_only: bool,
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
