//! Contexts that SDKs told of, their kinds, and what flags give them (behaviour.md 18).
//!
//! Known deviations: anonymous contexts are not kept; `kinds` and `kindKeys` in a search of contexts look
//! at the context itself, not at those it was sent with; `totalCount` of a search that no index narrows
//! counts among the contexts seen last.

mod attributes;
mod evaluate;
mod filter;
mod instances;
mod kinds;
mod rep;
mod search;

use wigwag_kit::Operations;
use wigwag_kit::operation::{Access, on};

/// The operations on contexts.
#[must_use]
pub fn ops() -> Operations {
    let view = Access::Actions(&["viewProject"]);
    Operations::new()
        .with(on("searchContexts", view, search::contexts).body::<search::Search>().reply::<rep::Contexts>())
        .with(on("getContexts", view, search::contexts_of).reply::<rep::Contexts>())
        .with(on("searchContextInstances", view, instances::search).body::<search::Search>().reply::<rep::Instances>())
        .with(on("getContextInstances", view, instances::get).reply::<rep::Instances>())
        .with(on(
            "deleteContextInstances",
            Access::Actions(&["deleteContextInstance", "deleteUser"]),
            instances::delete,
        ))
        .with(on("getContextAttributeNames", view, attributes::names).reply::<attributes::Names>())
        .with(on("getContextAttributeValues", view, attributes::values).reply::<attributes::Values>())
        .with(on("getContextKindsByProjectKey", view, kinds::list).reply::<kinds::ContextKinds>())
        .with(
            on(
                "putContextKind",
                Access::Actions(&["createContextKind", "updateContextKind", "updateAvailabilityForExperiments"]),
                kinds::put,
            )
            .body::<kinds::UpsertContextKind>()
            .reply::<kinds::Upserted>(),
        )
        .with(
            on("evaluateContextInstance", view, evaluate::evaluate)
                .body::<serde_json::Map<String, serde_json::Value>>()
                .reply::<evaluate::Evaluations>(),
        )
}
