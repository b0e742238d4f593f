//! The list of variations.

use serde_json::Value;
use wigwag_kit::{Error, Result};
use wigwag_model::doc::Variation;
use wigwag_model::id::Ids;

use super::{decode, items};
use crate::common::same_value;
use crate::flags::input::VariationInput;

/// Variations keep their ids. One that comes without is the old one of the same value, else the
/// old one in the same place, unless the patch names those otherwise; else it is new.
pub(super) fn read(list: &Value, old: &[Variation], ids: &Ids) -> Result<Vec<Variation>> {
    let decode_one = |(i, item): (usize, &Value)| decode(&format!("/variations/{i}"), item);
    let mut sent: Vec<VariationInput> =
        items("/variations", list)?.iter().enumerate().map(decode_one).collect::<Result<_>>()?;
    sent.iter_mut().for_each(|one| one.id = one.id.take().filter(|id| !id.is_empty()));
    for i in 0..sent.len() {
        if sent[i].id.is_none() {
            let free = |old: &&Variation| !sent.iter().any(|other| other.id.as_deref() == Some(&old.id));
            let same = old.iter().filter(free).find(|old| same_value(&old.value, &sent[i].value));
            sent[i].id = same.map(|old| old.id.clone());
        }
    }
    for i in 0..sent.len() {
        if sent[i].id.is_none() {
            let taken = |id: &str| sent.iter().any(|other| other.id.as_deref() == Some(id));
            let id = old.get(i).map(|old| &old.id).filter(|id| !taken(id));
            sent[i].id = Some(id.cloned().unwrap_or_else(|| ids.uuid()));
        }
    }
    if let Some((i, _)) = sent.iter().enumerate().find(|(_, one)| one.id.as_ref().is_some_and(|id| id.len() > 64)) {
        return Err(Error::field(&format!("/variations/{i}/_id"), "is not the id of a variation"));
    }
    Ok(sent.into_iter().map(|one| one.into_variation(ids)).collect())
}
