//! Individual targets.

use std::collections::HashSet;

use serde_json::Value;
use wigwag_kit::{Error, Result};
use wigwag_model::doc::{Flag, FlagConfig, Target};

use super::{Instruction, Params, on_config};

const TARGETS: &str = "updateTargets";
const USER: &str = "user";

pub(super) const ALL: &[Instruction] = &[
    on_config("addTargets", TARGETS, |config, flag, params, _| add(config, kind(params)?, flag, params)),
    on_config("addUserTargets", TARGETS, |config, flag, params, _| add(config, USER, flag, params)),
    on_config("removeTargets", TARGETS, |config, flag, params, _| remove(config, kind(params)?, flag, params)),
    on_config("removeUserTargets", TARGETS, |config, flag, params, _| remove(config, USER, flag, params)),
    on_config("replaceTargets", TARGETS, |config, flag, params, _| {
        config.targets = read(params, flag, None)?;
        Ok(())
    }),
    on_config("replaceUserTargets", TARGETS, |config, flag, params, _| {
        let users = read(params, flag, Some(USER))?;
        refuse_incomplete(params, flag)?;
        config.targets.retain(|target| target.context_kind != USER);
        config.targets.splice(..0, users);
        Ok(())
    }),
    on_config("clearTargets", TARGETS, |config, flag, params, _| {
        let variation = params.variation("variationId", flag)?;
        config.targets.retain(|target| target.variation != variation);
        Ok(())
    }),
    on_config("clearUserTargets", TARGETS, |config, flag, params, _| {
        let variation = params.variation("variationId", flag)?;
        config.targets.retain(|target| target.variation != variation || target.context_kind != USER);
        Ok(())
    }),
];

fn kind<'a>(params: Params<'a>) -> Result<&'a str> {
    Ok(params.optional_text("contextKind")?.filter(|kind| !kind.is_empty()).unwrap_or(USER))
}

fn add(config: &mut FlagConfig, kind: &str, flag: &Flag, params: Params<'_>) -> Result<()> {
    let (values, variation) = (params.texts("values")?, params.variation("variationId", flag)?);
    insert(&mut config.targets, kind, variation, &values)
}

fn remove(config: &mut FlagConfig, kind: &str, flag: &Flag, params: Params<'_>) -> Result<()> {
    let gone: HashSet<_> = params.texts("values")?.into_iter().collect();
    let variation = params.variation("variationId", flag)?;
    let matching = config.targets.iter_mut().filter(|t| t.variation == variation && t.context_kind == kind);
    matching.for_each(|target| target.values.retain(|value| !gone.contains(value.as_str())));
    config.targets.retain(|target| !target.values.is_empty());
    Ok(())
}

/// Adds keys to the list of a kind and variation; those that are there already stay where they are.
fn insert(targets: &mut Vec<Target>, kind: &str, variation: usize, values: &[&str]) -> Result<()> {
    let mut here: HashSet<String> = HashSet::new();
    let mut elsewhere: HashSet<&str> = HashSet::new();
    for target in targets.iter().filter(|target| target.context_kind == kind) {
        match target.variation == variation {
            true => here.extend(target.values.iter().cloned()),
            false => elsewhere.extend(target.values.iter().map(String::as_str)),
        }
    }
    if let Some(taken) = values.iter().find(|value| elsewhere.contains(*value)) {
        let rule = format!("the context key '{taken}' would be targeted in more than one variation");
        return Err(Error::field("values", rule));
    }
    let new: Vec<_> = values.iter().map(|v| (*v).to_owned()).filter(|value| here.insert(value.clone())).collect();
    if new.is_empty() {
        return Ok(());
    }
    match targets.iter_mut().find(|target| target.context_kind == kind && target.variation == variation) {
        Some(target) => target.values.extend(new),
        None => targets.push(Target { context_kind: kind.to_owned(), variation, values: new }),
    }
    Ok(())
}

/// The list under `targets`; `only` fixes the context kind.
fn read(params: Params<'_>, flag: &Flag, only: Option<&str>) -> Result<Vec<Target>> {
    let mut targets = Vec::new();
    for (i, sent) in params.list("targets")?.iter().enumerate() {
        let path = format!("targets[{i}]");
        let item = object(&path, sent)?;
        let kind = match only {
            Some(kind) => kind,
            None => kind(item)?,
        };
        let mut one = || insert(&mut targets, kind, item.variation("variationId", flag)?, &item.texts("values")?);
        one().map_err(|error| match error {
            Error::Invalid(problem) => Error::field(&path, problem),
            other => other,
        })?;
    }
    Ok(targets)
}

/// `replaceUserTargets` must name every variation.
fn refuse_incomplete(params: Params<'_>, flag: &Flag) -> Result<()> {
    let named = |id: &str| {
        let mut items = params.list("targets").unwrap_or_default().iter();
        items.any(|item| item.get("variationId").and_then(Value::as_str) == Some(id))
    };
    match flag.variations.iter().find(|variation| !named(&variation.id)) {
        None => Ok(()),
        Some(missing) => {
            let rule = format!("must have an item for every variation: '{}' is missing", missing.id);
            Err(Error::field("targets", rule))
        }
    }
}

fn object<'a>(path: &str, value: &'a Value) -> Result<Params<'a>> {
    value.as_object().map(Params).ok_or_else(|| Error::field(path, "must be an object"))
}
