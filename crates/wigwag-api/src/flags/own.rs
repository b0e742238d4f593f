//! Wigwag's own operations on flags: they look at what a patch would do and at how flags fare, and write nothing.

use wigwag_kit::Operations;
use wigwag_kit::operation::{Access, Own};

use super::{PATCH_LIMIT, lint, status, what_if};

/// Contexts in a body of [`what_if`], in bytes.
const CONTEXTS_LIMIT: usize = 64 * 1024 * 1024;

/// Operations of Wigwag's own.
pub(super) fn ops() -> Operations {
    let view = Access::Actions(&["viewProject"]);
    let post = |tag, path, id| Own { tag, method: "POST", path, id, query: &[] };
    let what_if = post(
        "Wigwag: what if",
        "/api/v2/projects/{projectKey}/environments/{environmentKey}/flags/{featureFlagKey}/what-if",
        "postFlagWhatIf",
    );
    let lint = post("Wigwag: lint", "/api/v2/projects/{projectKey}/flags/{featureFlagKey}/lint", "postFlagLint");
    let statuses = post(
        "Wigwag: evaluations",
        "/api/v2/projects/{projectKey}/environments/{environmentKey}/flag-statuses",
        "postFlagStatuses",
    );
    Operations::new()
        .with(
            Operations::own(statuses, view, status::some)
                .body::<status::Asked>()
                .reply::<status::Glance>()
                .about("The statuses of up to 100 flags in one environment, in one request."),
        )
        .with(
            Operations::own(what_if, view, what_if::what_if)
                .body_limit(CONTEXTS_LIMIT)
                .body::<what_if::Proposal>()
                .reply::<what_if::WhatIf>()
                .about(
                    "How many contexts would get another variation if a flag were patched: from what to what, by \
                     which rule, with samples. The contexts are those that SDKs told of, the most recent 100,000 at \
                     most, or those in the body. Nothing is written.",
                ),
        )
        .with(
            Operations::own(lint, view, lint::dry_run)
                .body_limit(PATCH_LIMIT)
                .body::<wigwag_kit::patch::Body>()
                .reply::<lint::Findings>()
                .about(
                    "What is probably not meant in a flag, as a patch would make it or, without a body, as it is: \
                     rules that are never reached, targets that others come before, clauses that say nothing or \
                     exclude each other, odd weights, slips in patterns and versions, prerequisites that never hold, \
                     private-looking attributes that client-side SDKs have to send. Nothing is written. A flag also \
                     carries these with `expand=lint`.",
                ),
        )
}
