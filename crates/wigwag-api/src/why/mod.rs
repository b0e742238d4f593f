//! Why a flag gives what it gives. Wigwag's own: the compatible API tells no reasons.

mod answer;
mod attribution;
mod blame;
mod parts;

use wigwag_kit::Operations;
use wigwag_kit::operation::{Access, Own};

const PATH: &str = "/api/v2/projects/{projectKey}/environments/{environmentKey}/flags/{featureFlagKey}/why";

const ABOUT: &str = "Evaluates a flag for a context, now or as of another time, and tells the whole story: the reason, \
    each rule and clause that was tried, buckets, prerequisites and segments with their versions, and for every part \
    of what was looked at the change that last touched it.";

/// The operations that explain.
#[must_use]
pub fn ops() -> Operations {
    let own = |method, id, query| Own { tag: "Wigwag: why", method, path: PATH, id, query };
    let view = Access::Actions(&["viewProject"]);
    Operations::new()
        .with(
            Operations::own(own("GET", "getFlagWhy", &[("context", "string")]), view, answer::get)
                .reply::<answer::Why>()
                .as_of()
                .about(ABOUT),
        )
        .with(
            Operations::own(own("POST", "postFlagWhy", &[]), view, answer::post)
                .body::<answer::Question>()
                .reply::<answer::Why>()
                .as_of()
                .about(ABOUT),
        )
}
