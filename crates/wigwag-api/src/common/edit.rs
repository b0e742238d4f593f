//! Patches of resources whose members each have an action of their own.

use std::borrow::Cow;

use serde_json::Value;
use wigwag_kit::patch::{Patch, json::Op};
use wigwag_kit::{Ctx, Error, Proof, Proofs, Result, Spec};

/// Asks for every action that the patch needs, in its order; the first refusal stands.
/// `editable` are the members that can be patched, each with its action. A patch of nothing but
/// other members, which are ignored, needs no proof and changes nothing: `None`.
///
/// # Errors
/// 403 for the first action that is denied.
pub fn authorise_patch(
    ctx: &Ctx,
    resource: &Spec,
    patch: &Patch,
    editable: &[(&str, &'static str)],
) -> Result<Option<Proofs>> {
    let mut proofs: Vec<Proof> = Vec::new();
    for member in members(patch) {
        for (_, action) in editable.iter().filter(|(name, _)| member.is_empty() || *name == member) {
            proofs.push(ctx.authorise(action, resource)?);
        }
    }
    Ok(Proofs::from_list(proofs))
}

/// Refuses a patch of the views that something is linked to. What shows it does not show them, so that nobody could tell
/// whether a list is to be added or to stand instead.
///
/// # Errors
/// 400 with the operation that links `resources`.
pub fn refuse_views(patched: Option<&Value>, resources: &str) -> Result<()> {
    match patched {
        None | Some(Value::Null) => Ok(()),
        Some(_) => Err(Error::field(
            "/viewKeys",
            format_args!(
                "cannot be patched: POST and DELETE of /api/v2/projects/{{projectKey}}/views/{{viewKey}}/link/{resources} \
                 link and unlink"
            ),
        )),
    }
}

/// The top-level members that a patch writes; an empty name stands for all of them.
fn members(patch: &Patch) -> Vec<Cow<'_, str>> {
    match patch {
        Patch::Json { operations, .. } => {
            let mut members = Vec::new();
            for operation in operations.iter().filter(|o| o.op != Op::Test) {
                let taken = operation.from.as_deref().filter(|_| operation.op == Op::Move);
                members.extend(taken.into_iter().chain([operation.path.as_str()]).map(first));
            }
            members
        }
        Patch::Merge { value: Value::Object(map), .. } => map.keys().map(|k| Cow::Borrowed(k.as_str())).collect(),
        Patch::Merge { .. } | Patch::Semantic(_) => Vec::new(),
    }
}

/// The first step of a JSON pointer.
fn first(path: &str) -> Cow<'_, str> {
    let step = path.strip_prefix('/').unwrap_or_default().split('/').next().unwrap_or_default();
    if step.contains('~') { step.replace("~1", "/").replace("~0", "~").into() } else { step.into() }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use serde_json::json;
    use wigwag_kit::patch::json::read;

    use super::*;

    #[test]
    fn members_that_are_written() {
        let operations = read(vec![
            json!({"op": "test", "path": "/key", "value": "k"}),
            json!({"op": "add", "path": "/tags/-", "value": "t"}),
            json!({"op": "move", "from": "/name", "path": "/a~1b"}),
            json!({"op": "copy", "from": "/color", "path": "/critical"}),
            json!({"op": "replace", "path": "", "value": {}}),
        ]);
        let patch = Patch::Json { operations: operations.unwrap(), comment: None };
        assert_eq!(members(&patch), ["tags", "name", "a/b", "critical", ""]);
    }
}
