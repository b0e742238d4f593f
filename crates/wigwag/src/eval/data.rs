//! Flags and segments as SDKs receive them, compiled.

use std::sync::Arc;

use anyhow::{Context as _, bail};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use wigwag_eval::{CompiledFlag, CompiledSegment, Environment};

/// Reads `{flags, segments}`: the answer of a poll, or the `put` of a stream around it in `data`.
pub(super) fn environment(value: &Value) -> anyhow::Result<Environment> {
    let data = value.get("data").unwrap_or(value);
    let Some(flags) = data.get("flags") else { bail!("has no \"flags\"; export /sdk/latest-all with an SDK key") };
    let mut environment = Environment::default();
    put_flags(&mut environment, "flags", Some(flags))?;
    put_segments(&mut environment, "segments", data.get("segments"))?;
    Ok(environment)
}

/// Adds the flags of a member that maps keys to flags; absent and null are empty.
pub(super) fn put_flags(environment: &mut Environment, name: &str, member: Option<&Value>) -> anyhow::Result<()> {
    for (key, value) in items(name, member)? {
        environment.put_flag(flag(value).with_context(|| format!("{name}.{key}"))?);
    }
    Ok(())
}

/// Adds the segments of a member that maps keys to segments; absent and null are empty.
pub(super) fn put_segments(environment: &mut Environment, name: &str, member: Option<&Value>) -> anyhow::Result<()> {
    for (key, value) in items(name, member)? {
        let segment = decode(value).with_context(|| format!("{name}.{key}"))?;
        environment.put_segment(Arc::new(CompiledSegment::new(Arc::new(segment))));
    }
    Ok(())
}

/// Compiles one flag.
pub(super) fn flag(value: &Value) -> anyhow::Result<Arc<CompiledFlag>> {
    Ok(Arc::new(CompiledFlag::new(Arc::new(decode(value)?))))
}

fn decode<T: DeserializeOwned>(value: &Value) -> anyhow::Result<T> {
    Ok(T::deserialize(value)?)
}

fn items<'a>(name: &str, member: Option<&'a Value>) -> anyhow::Result<&'a Map<String, Value>> {
    static NONE: std::sync::LazyLock<Map<String, Value>> = std::sync::LazyLock::new(Map::new);
    match member {
        None | Some(Value::Null) => Ok(&NONE),
        Some(Value::Object(map)) => Ok(map),
        Some(_) => bail!("{name} is not an object of keys to items"),
    }
}
