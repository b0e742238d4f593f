//! Variations and defaults.

use serde_json::Value;
use wigwag_kit::{Error, Result};
use wigwag_model::doc::{FlagKind, Variation};

use super::{Instruction, Params, on_flag};
use crate::common::same_value;
use crate::flags::facts::Facts;
use crate::flags::state::{FlagState, Renumbering};
use crate::flags::usage;

const VARIATIONS: &str = "updateFlagVariations";

pub(super) const ALL: &[Instruction] = &[
    on_flag("addVariation", VARIATIONS, add),
    on_flag("updateVariation", VARIATIONS, update),
    on_flag("removeVariation", VARIATIONS, remove),
    on_flag("updateDefaultVariation", "updateFlagDefaultVariations", update_default),
];

fn add(state: &mut FlagState, params: Params<'_>, facts: &Facts<'_>) -> Result<()> {
    let value = params.raw("value").ok_or_else(|| Error::missing("value"))?;
    refuse_fixed(state)?;
    state.flag.variations.push(Variation {
        id: facts.ids.uuid(),
        value: value.clone(),
        name: text_or_none(params, "name")?,
        description: text_or_none(params, "description")?,
    });
    Ok(())
}

fn update(state: &mut FlagState, params: Params<'_>, _: &Facts<'_>) -> Result<()> {
    let index = params.variation("variationId", &state.flag)?;
    let migration = state.flag.migration_settings.is_some();
    let variation = &mut state.flag.variations[index];
    if let Some(value) = params.raw("value") {
        if migration && *value != variation.value {
            return Err(Error::field("value", "the variations of a migration flag are fixed"));
        }
        variation.value = value.clone();
    }
    if params.raw("name").is_some() {
        variation.name = text_or_none(params, "name")?;
    }
    if params.raw("description").is_some() {
        variation.description = text_or_none(params, "description")?;
    }
    Ok(())
}

fn remove(state: &mut FlagState, params: Params<'_>, _: &Facts<'_>) -> Result<()> {
    let index = params.variation("variationId", &state.flag)?;
    refuse_fixed(state)?;
    if let Some(place) = usage::of_variation(state, index) {
        return Err(Error::field("variationId", format_args!("the variation is still in use: {place}")));
    }
    let before = state.flag.variations.clone();
    state.flag.variations.remove(index);
    state.renumber(&Renumbering::between(&before, &state.flag.variations));
    Ok(())
}

fn update_default(state: &mut FlagState, params: Params<'_>, _: &Facts<'_>) -> Result<()> {
    let index = |name: &str| -> Result<Option<usize>> {
        let Some(value) = params.raw(name) else { return Ok(None) };
        let found = state.flag.variations.iter().position(|variation| same_value(&variation.value, value));
        let error = || Error::field(name, format_args!("no variation of the flag has the value {value}"));
        found.map(Some).ok_or_else(error)
    };
    let (on, off) = (index("onVariationValue")?, index("offVariationValue")?);
    if on.is_none() && off.is_none() {
        return Err(Error::Invalid("Missing field onVariationValue or offVariationValue".to_owned()));
    }
    let defaults = &mut state.flag.defaults;
    defaults.on_variation = on.unwrap_or(defaults.on_variation);
    defaults.off_variation = off.unwrap_or(defaults.off_variation);
    Ok(())
}

fn refuse_fixed(state: &FlagState) -> Result<()> {
    if state.flag.kind == FlagKind::Boolean {
        return Err(Error::Invalid("a boolean flag has exactly the variations true and false".to_owned()));
    }
    if state.flag.migration_settings.is_some() {
        return Err(Error::Invalid("the variations of a migration flag are fixed".to_owned()));
    }
    Ok(())
}

/// Null and the empty string clear.
fn text_or_none(params: Params<'_>, name: &str) -> Result<Option<String>> {
    match params.raw(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone()).filter(|text| !text.is_empty())),
        Some(_) => Err(Error::field(name, "must be a string")),
    }
}
