//! The documents of an environment at two points in time, put side by side.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::Value;
use wigwag_kit::patch::MASK;
use wigwag_kit::{Ctx, Error, Result};
use wigwag_model::doc::Kind;
use wigwag_store::{Doc, DocKey};

use super::json::{Difference, differences};

/// A document that is not the same at both points.
pub(super) struct Part {
    pub(super) key: DocKey,
    pub(super) before: Option<Doc>,
    pub(super) after: Option<Doc>,
}

/// The documents of a kind that differ, by key.
///
/// # Errors
/// The store cannot be read.
pub(super) async fn parts(then: &Ctx, now: &Ctx, kind: Kind, project: &str, env: &str) -> Result<Vec<Part>> {
    let (before, after) =
        tokio::try_join!(then.scan(kind, Some(project), Some(env)), now.scan(kind, Some(project), Some(env)))?;
    let by_key = |docs: Vec<Doc>| docs.into_iter().map(|doc| (doc.key.clone(), doc)).collect::<BTreeMap<_, _>>();
    let (mut before, mut after) = (by_key(before), by_key(after));
    let keys: BTreeSet<DocKey> = before.keys().chain(after.keys()).cloned().collect();
    let pair = |key: DocKey| Part { before: before.remove(&key), after: after.remove(&key), key };
    Ok(keys.into_iter().map(pair).filter(Part::differs).collect())
}

impl Part {
    fn differs(&self) -> bool {
        self.before.as_ref().map(|doc| doc.seq) != self.after.as_ref().map(|doc| doc.seq)
    }

    /// What differs, under a path. Where one side is not there, the whole of the other.
    pub(super) fn differences(&self, path: &str, secrets: &[&str]) -> Result<Vec<Difference>> {
        let read = |doc: &Option<Doc>| doc.as_ref().map(|doc| value(&doc.body)).transpose();
        Ok(match (read(&self.before)?, read(&self.after)?) {
            (Some(before), Some(after)) => {
                let mut found = differences(path, &before, &after);
                found.iter_mut().for_each(|one| hide(one, path, secrets));
                found
            }
            (before, after) => {
                vec![Difference {
                    path: path.to_owned(),
                    before: hidden(before, secrets),
                    after: hidden(after, secrets),
                }]
            }
        })
    }
}

fn value(body: &Arc<str>) -> Result<Value> {
    serde_json::from_str(body).map_err(|e| Error::Internal(format!("a stored document: {e}")))
}

/// A change of a secret is told, the secret is not.
fn hide(one: &mut Difference, path: &str, secrets: &[&str]) {
    let below = one.path.strip_prefix(path).unwrap_or_default().trim_start_matches('/');
    if secrets.contains(&below.split('/').next().unwrap_or_default()) {
        one.before = one.before.as_ref().map(|_| MASK.into());
        one.after = one.after.as_ref().map(|_| MASK.into());
    }
}

fn hidden(value: Option<Value>, secrets: &[&str]) -> Option<Value> {
    let mut value = value?;
    if let Value::Object(map) = &mut value {
        map.iter_mut().filter(|(name, _)| secrets.contains(&name.as_str())).for_each(|(_, value)| *value = MASK.into());
    }
    Some(value)
}
