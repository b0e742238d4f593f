//! What client-side SDKs receive: evaluated flags with what they need to report (evaluation §11,
//! §12).

mod bootstrap;
mod plan;
mod prerequisites;
mod rollouts;
#[cfg(test)]
mod tests;

use crate::{CompiledFlag, Evaluation, Lookup, Reason, ReasonKind, evaluate_recorded};
pub use bootstrap::{AllFlagsOptions, all_flags_state, invalid_flags_state};
pub use plan::{Facts, Plan};
pub use prerequisites::Prerequisites;
use serde::Serialize;
use serde_json::Value;
use wigwag_model::context::Context;

/// Which sort of client asks, and so which flags it may see.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Audience {
    /// No restriction.
    Everything,
    /// SDKs with a mobile key.
    Mobile,
    /// SDKs with a client-side (environment) ID.
    EnvironmentId,
}

impl Audience {
    /// Whether such a client may see the flag.
    pub fn sees(self, flag: &CompiledFlag) -> bool {
        let availability = flag.source().client_side_availability;
        match self {
            Audience::Everything => true,
            Audience::Mobile => availability.using_mobile_key,
            Audience::EnvironmentId => availability.using_environment_id,
        }
    }
}

/// Whether the reason makes the evaluation part of an experiment (evaluation §11), which turns on
/// `trackEvents` and `trackReason`.
pub fn is_experiment(flag: &CompiledFlag, reason: &Reason<'_>) -> bool {
    let source = flag.source();
    reason.in_experiment()
        || match reason.kind {
            ReasonKind::Fallthrough { .. } => source.track_events_fallthrough,
            ReasonKind::RuleMatch { index, .. } => source.rules.get(index as usize).is_some_and(|r| r.track_events),
            _ => false,
        }
}

/// One flag in the client-side payload (evaluation §12.2). Serialises as client-side SDKs read it.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ClientFlag<'a> {
    /// The value; null for errors and when the flag serves none.
    pub value: &'a Value,
    /// Index of the value.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub variation: Option<u32>,
    /// Orders updates for the client. Starts as the flag's own version; whoever sends the payload
    /// may raise it.
    pub version: u64,
    /// The flag's own version, which clients put in events.
    pub flag_version: u64,
    /// Send a full event for every evaluation.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub track_events: bool,
    /// Put the reason in events.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub track_reason: bool,
    /// Why; only if asked for, or tracked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<Reason<'a>>,
    /// Send debug events until then, in ms since 1970.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub debug_events_until_date: Option<u64>,
    /// Keys of the direct prerequisites that were evaluated, in order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub prerequisites: Vec<&'a str>,
}

impl<'a> ClientFlag<'a> {
    /// Evaluates a flag for a client.
    pub fn evaluate<L: Lookup>(
        environment: &'a L,
        flag: &'a CompiledFlag,
        context: &Context,
        with_reasons: bool,
    ) -> ClientFlag<'a> {
        let mut direct = Prerequisites::of(flag);
        let result = evaluate_recorded(environment, flag, context, &mut direct);
        ClientFlag::new(flag, result, direct.into_keys(), with_reasons)
    }

    /// Puts a result in the form for clients.
    pub fn new(
        flag: &'a CompiledFlag,
        result: Evaluation<'a>,
        prerequisites: Vec<&'a str>,
        with_reasons: bool,
    ) -> ClientFlag<'a> {
        let experiment = is_experiment(flag, &result.reason);
        ClientFlag {
            value: result.value,
            variation: result.variation,
            version: flag.version(),
            flag_version: flag.version(),
            track_events: flag.source().track_events || experiment,
            track_reason: experiment,
            reason: (with_reasons || experiment).then_some(result.reason),
            debug_events_until_date: debug_date(flag),
            prerequisites,
        }
    }
}

/// The debug date, unless it is absent or zero.
fn debug_date(flag: &CompiledFlag) -> Option<u64> {
    flag.source().debug_events_until_date.filter(|date| *date != 0)
}
