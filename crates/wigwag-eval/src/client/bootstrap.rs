//! The all-flags state of server SDKs, which pages use to bootstrap client-side SDKs (evaluation
//! §12.1).

use super::{Audience, ClientFlag};
use crate::{CompiledFlag, Lookup, Reason};
use serde::Serialize;
use serde_json::{Map, Value, json};
use wigwag_model::context::Context;

/// What goes into an all-flags state.
#[derive(Clone, Copy, Debug)]
pub struct AllFlagsOptions {
    /// Which flags.
    pub audience: Audience,
    /// Include reasons.
    pub with_reasons: bool,
    /// Leave out version and reason of flags for which no event will be sent. Needs the time, in
    /// ms since 1970, to see which debug dates are past.
    pub details_only_for_tracked: Option<u64>,
}

impl Default for AllFlagsOptions {
    fn default() -> Self {
        AllFlagsOptions { audience: Audience::Everything, with_reasons: false, details_only_for_tracked: None }
    }
}

/// Metadata of one flag under `$flagsState`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct FlagState<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    variation: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<Reason<'a>>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    track_events: bool,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    track_reason: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    debug_events_until_date: Option<u64>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    prerequisites: Vec<&'a str>,
}

/// Evaluates the given flags, tombstones aside; one broken flag does not stop the rest.
pub fn all_flags_state<'a, L: Lookup>(
    environment: &'a L,
    flags: impl IntoIterator<Item = &'a CompiledFlag>,
    context: &Context,
    options: AllFlagsOptions,
) -> Value {
    let mut state = Map::new();
    let mut metadata = Map::new();
    let listed = |flag: &&CompiledFlag| !flag.source().deleted && options.audience.sees(flag);
    for flag in flags.into_iter().filter(listed) {
        let result = ClientFlag::evaluate(environment, flag, context, options.with_reasons);
        state.insert(flag.key().to_string(), result.value.clone());
        metadata.insert(flag.key().to_string(), json!(FlagState::new(result, options)));
    }
    state.insert("$flagsState".to_string(), Value::Object(metadata));
    state.insert("$valid".to_string(), Value::Bool(true));
    Value::Object(state)
}

/// The state when there is no data, or no valid context.
pub fn invalid_flags_state() -> Value {
    json!({ "$valid": false, "$flagsState": {} })
}

impl<'a> FlagState<'a> {
    fn new(flag: ClientFlag<'a>, options: AllFlagsOptions) -> FlagState<'a> {
        let details = options.details_only_for_tracked.is_none_or(|now| {
            flag.track_events || flag.track_reason || flag.debug_events_until_date.is_some_and(|date| date > now)
        });
        FlagState {
            variation: flag.variation,
            version: details.then_some(flag.version),
            reason: flag.reason.filter(|_| details),
            track_events: flag.track_events,
            track_reason: flag.track_reason,
            debug_events_until_date: flag.debug_events_until_date,
            prerequisites: flag.prerequisites,
        }
    }
}
