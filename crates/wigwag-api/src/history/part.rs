//! A document at two points in time, put side by side.

use std::sync::Arc;

use serde_json::Value;
use wigwag_kit::patch::MASK;
use wigwag_kit::{Error, Result};
use wigwag_store::Doc;

use super::diff::What;
use super::json::{Difference, differences};

/// A document at both points.
pub(super) struct Part {
    pub(super) before: Option<Doc>,
    pub(super) after: Option<Doc>,
}

impl Part {
    /// What became of the document.
    pub(super) fn what(&self) -> What {
        match (&self.before, &self.after) {
            (None, Some(_)) => What::Added,
            (Some(_), None) => What::Removed,
            _ => What::Changed,
        }
    }

    pub(super) fn differs(&self) -> bool {
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
