//! Segments of an environment that is made after another.

use wigwag_kit::{Change, Ctx, Result};
use wigwag_model::doc::{Kind, Segment};
use wigwag_store::{DocKey, Expect};

use super::index;

/// Writes the segments of the environment `source` into a new one. Members of big segments stay where they are, so
/// big segments are not copied; nor are plans for contexts to leave a list.
///
/// # Errors
/// The store cannot be read.
pub(crate) async fn clone_into(
    ctx: &Ctx,
    project: &str,
    source: &str,
    environment: &str,
    change: &mut Change,
) -> Result<()> {
    let now = ctx.app.clock.now();
    for doc in ctx.store().scan(Kind::Segment, Some(project), Some(source)).await? {
        let segment: Segment = doc.decode()?;
        if segment.unbounded {
            continue;
        }
        let copy = Segment {
            salt: ctx.app.ids.salt(),
            expiring_targets: Vec::new(),
            generation: 1,
            created_at: now,
            last_modified: now,
            ..segment
        };
        let key = DocKey::in_env(Kind::Segment, project, environment, copy.key.as_str());
        change.put(key, Expect::Absent, &copy, index::of(&copy))?;
    }
    Ok(())
}
