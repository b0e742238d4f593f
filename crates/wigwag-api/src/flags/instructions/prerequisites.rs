//! Prerequisites: other flags that must serve a variation first.

use serde_json::Value;
use wigwag_kit::{Error, Result};
use wigwag_model::doc::{Flag, FlagConfig, Prerequisite};

use super::{Instruction, Params, on_config};
use crate::flags::facts::Facts;

const PREREQUISITES: &str = "updatePrerequisites";

pub(super) const ALL: &[Instruction] = &[
    on_config("addPrerequisite", PREREQUISITES, |config, flag, params, facts| {
        let added = read(params, flag, facts)?;
        if config.prerequisites.contains(&added) {
            return Ok(());
        }
        if config.prerequisites.iter().any(|old| old.key == added.key) {
            return Err(Error::field("key", format_args!("the flag '{}' is already a prerequisite", added.key)));
        }
        config.prerequisites.push(added);
        Ok(())
    }),
    on_config("updatePrerequisite", PREREQUISITES, |config, flag, params, facts| {
        let changed = read(params, flag, facts)?;
        let old = config.prerequisites.iter_mut().find(|old| old.key == changed.key);
        let missing = || Error::field("key", format_args!("the flag '{}' is not a prerequisite", changed.key));
        *old.ok_or_else(missing)? = changed.clone();
        Ok(())
    }),
    on_config("removePrerequisite", PREREQUISITES, |config, _, params, _| {
        let key = params.text("key")?;
        config.prerequisites.retain(|old| old.key != key);
        Ok(())
    }),
    on_config("replacePrerequisites", PREREQUISITES, replace),
];

fn replace(config: &mut FlagConfig, flag: &Flag, params: Params<'_>, facts: &Facts<'_>) -> Result<()> {
    let one = |(i, sent): (usize, &Value)| {
        let path = format!("prerequisites[{i}]");
        let map = sent.as_object().ok_or_else(|| Error::field(&path, "must be an object"))?;
        read(Params(map), flag, facts).map_err(|error| match error {
            Error::Invalid(problem) => Error::field(&path, problem),
            other => other,
        })
    };
    config.prerequisites = params.list("prerequisites")?.iter().enumerate().map(one).collect::<Result<_>>()?;
    Ok(())
}

/// `key` and `variationId`, which is a variation of that other flag.
fn read(params: Params<'_>, flag: &Flag, facts: &Facts<'_>) -> Result<Prerequisite> {
    let key = params.text("key")?;
    if key == flag.key {
        return Err(Error::field("key", "a flag cannot be its own prerequisite"));
    }
    let Some(other) = facts.flags.get(key) else {
        return Err(Error::field("key", format_args!("there is no flag with the key '{key}'")));
    };
    Ok(Prerequisite { key: key.to_owned(), variation: params.variation("variationId", other)? })
}
