//! What changed between two points in time. Wigwag's own: the compatible API has no such operation.

mod diff;
mod json;
mod part;

use wigwag_kit::Operations;
use wigwag_kit::operation::{Access, Own};

/// The operations on the past.
#[must_use]
pub fn ops() -> Operations {
    let diff = Own {
        tag: "Wigwag: history",
        method: "GET",
        path: "/api/v2/projects/{projectKey}/environments/{environmentKey}/diff",
        id: "getEnvironmentDiff",
        query: &[("from", "string"), ("to", "string"), ("limit", "integer"), ("offset", "integer")],
    };
    Operations::new().with(
        Operations::own(diff, Access::Actions(&["viewProject"]), diff::diff).reply::<diff::EnvironmentDiff>().about(
            "What changed in an environment between two points in time: flags, segments and the environment \
                 itself, each with what differs and the changes that made it so. `from` and `to` are RFC 3339 times, \
                 milliseconds since the epoch or sequences of changes; without `to` it is now. It is answered in pages; \
                 whoever asks for the next one gives the `to` of the answer, which stays.",
        ),
    )
}
