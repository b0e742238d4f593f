//! Evaluations as REST shows them.

use schemars::JsonSchema;
use serde::Serialize;
use wigwag_eval::{Reason, ReasonKind};

/// Why a variation was chosen.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct EvaluationReason {
    /// What decided, in the words of SDKs.
    kind: &'static str,
    /// Place of the rule that matched, from 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    rule_index: Option<u32>,
    /// Id of the rule that matched.
    #[serde(rename = "ruleID", skip_serializing_if = "Option::is_none")]
    rule_id: Option<String>,
    /// The prerequisite that was not met.
    #[serde(skip_serializing_if = "Option::is_none")]
    prerequisite_key: Option<String>,
    /// Whether it was part of an experiment.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    in_experiment: bool,
    /// What went wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    error_kind: Option<String>,
}

/// Shows a reason.
#[must_use]
pub fn evaluation_reason(reason: &Reason<'_>) -> EvaluationReason {
    let mut shown = EvaluationReason {
        kind: reason.kind.as_str(),
        rule_index: None,
        rule_id: None,
        prerequisite_key: None,
        in_experiment: reason.in_experiment(),
        error_kind: None,
    };
    match reason.kind {
        ReasonKind::RuleMatch { index, id, .. } => {
            shown.rule_index = Some(index);
            shown.rule_id = Some(id.to_owned()).filter(|id| !id.is_empty());
        }
        ReasonKind::PrerequisiteFailed { key } => shown.prerequisite_key = Some(key.to_owned()),
        ReasonKind::Error(kind) => {
            shown.error_kind = serde_json::to_value(kind).ok().and_then(|kind| Some(kind.as_str()?.to_owned()));
        }
        _ => {}
    }
    shown
}
