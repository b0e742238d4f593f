//! Listening to events of SDKs as they come: what is asked for, and what is heard.

/// Which events are listened to. What is not said is not looked at.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Kinds of events.
    pub kinds: Vec<String>,
    /// The flag they are about.
    pub flag: Option<String>,
    /// A kind of context that they name.
    pub context_kind: Option<String>,
    /// The key of a context that they name, of the kind above if there is one.
    pub context_key: Option<String>,
    /// At most so many in a second.
    pub rate: u32,
}

/// Some of what was listened to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Heard {
    /// JSON objects, oldest first: `at`, `sender`, `event`.
    pub events: Vec<String>,
    /// How many were left out since the last time because there were more in a second.
    pub left_out: u64,
    /// How many were lost since the last time because the listener was slow.
    pub lost: u64,
}
