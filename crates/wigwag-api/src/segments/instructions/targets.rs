//! Individual targets of a standard segment.

use wigwag_kit::patch::Instruction;
use wigwag_kit::{Error, Result};
use wigwag_model::doc::{Segment, SegmentList};

use crate::segments::lists;

/// Most keys in all instructions of one request.
const MOST: usize = 1_500;

/// How many keys instructions have named so far.
#[derive(Default)]
pub(super) struct Budget(usize);

impl Budget {
    fn take(&mut self, sent: Instruction<'_>) -> Result<Vec<String>> {
        let keys: Vec<String> = sent.required("values")?;
        self.0 += keys.len();
        if self.0 > MOST {
            let rule = format!("a request has at most {MOST} operations on targets");
            return Err(Error::field("instructions", rule));
        }
        Ok(keys)
    }
}

/// The kind under `contextKind`.
pub(super) fn kind(sent: Instruction<'_>) -> Result<String> {
    let kind: Option<String> = sent.optional("contextKind")?;
    Ok(kind.filter(|kind| !kind.is_empty()).unwrap_or_else(user))
}

pub(super) fn user() -> String {
    "user".to_owned()
}

pub(super) fn add(
    segment: &mut Segment,
    list: SegmentList,
    kind: String,
    sent: Instruction<'_>,
    budget: &mut Budget,
) -> Result<()> {
    refuse_big(segment, sent)?;
    let keys = budget.take(sent)?;
    let other = match list {
        SegmentList::Included => SegmentList::Excluded,
        SegmentList::Excluded => SegmentList::Included,
    };
    let elsewhere = lists::among(lists::keys(segment, other, &kind), &keys);
    if let Some(key) = keys.iter().find(|key| elsewhere.contains(*key)) {
        let rule = format!("the context key '{key}' would be both included and excluded");
        return Err(sent.problem("values", rule));
    }
    lists::add(segment, list, &kind, keys);
    Ok(())
}

pub(super) fn remove(
    segment: &mut Segment,
    list: SegmentList,
    kind: String,
    sent: Instruction<'_>,
    budget: &mut Budget,
) -> Result<()> {
    refuse_big(segment, sent)?;
    let keys = budget.take(sent)?;
    lists::remove(segment, list, &kind, &keys.iter().map(String::as_str).collect());
    Ok(())
}

fn refuse_big(segment: &Segment, sent: Instruction<'_>) -> Result<()> {
    match segment.unbounded {
        true => Err(sent.problem("kind", "is for standard segments: this is a big segment")),
        false => Ok(()),
    }
}
