//! What is kept of what SDKs tell: for how long, how much of it, and erasing a person from it.

mod erase;
mod named;
mod retention;

use wigwag_kit::operation::{Access, Own};
use wigwag_kit::{Operation, Operations};

pub use retention::UsualDays;

const TAG: &str = "Wigwag: what is kept";
const RETENTION: &str = "/api/v2/projects/{projectKey}/environments/{environmentKey}/retention";

const GET: Own = Own { tag: TAG, method: "GET", path: RETENTION, id: "getRetention", query: &[] };
const PUT: Own = Own { tag: TAG, method: "PUT", path: RETENTION, id: "putRetention", query: &[] };
const ERASE: Own = Own {
    tag: TAG,
    method: "POST",
    path: "/api/v2/projects/{projectKey}/environments/{environmentKey}/erasures",
    id: "postErasure",
    query: &[],
};

/// The operations of this area. Targets are removed by those that change flags and segments.
#[must_use]
pub fn ops(patch_flag: Option<Operation>, patch_segment: Option<Operation>) -> Operations {
    let changes = erase::Changes { patch_flag, patch_segment };
    Operations::new()
        .with(
            Operations::own(GET, Access::Actions(&["viewProject"]), retention::get)
                .reply::<retention::RetentionRep>()
                .about("For how many days what SDKs tell is kept in an environment, and how much there is of it."),
        )
        .with(
            Operations::own(PUT, Access::Actions(&[retention::ACTION]), retention::put)
                .body::<retention::RetentionPut>()
                .reply::<retention::RetentionRep>()
                .about("Sets for how many days each kind is kept in an environment; null is as the server is set."),
        )
        .with(
            Operations::own(ERASE, Access::Actions(&[erase::ACTION]), move |ctx, request| {
                erase::erase(ctx, request, changes.clone())
            })
            .body::<erase::ErasurePost>()
            .reply::<erase::ReceiptRep>()
            .about(
                "Erases a context wherever an environment keeps it, and answers with a receipt. What happened before \
                 is not recorded any more, wherever it still waits.",
            ),
        )
}
