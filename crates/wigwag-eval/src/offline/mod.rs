//! Evaluation of exported SDK data, for the command line: everything is read from and written to
//! whatever the caller opened.

mod batch;
#[cfg(test)]
mod tests;

use crate::trace::{FlagTrace, explain};
use crate::{CompiledFlag, CompiledSegment, Environment, ErrorKind, Evaluation, Lookup, evaluate};
pub use batch::evaluate_batch;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::sync::Arc;
use wigwag_model::context::{Context, ContextError};

/// Why nothing could be evaluated.
#[derive(Debug, thiserror::Error)]
pub enum OfflineError {
    /// Reading or writing failed.
    #[error("{0}")]
    Io(#[from] std::io::Error),
    /// The data is not what SDKs receive.
    #[error("the data is not SDK data: {0}")]
    Data(String),
    /// The context is not valid.
    #[error("the context is not valid: {0}")]
    Context(#[from] ContextError),
    /// No flag of this key.
    #[error("there is no flag {0:?} in the data")]
    NoFlag(String),
}

/// What to evaluate.
#[derive(Clone, Copy, Debug, Default)]
pub struct Request<'r> {
    /// One flag; else all.
    pub flag: Option<&'r str>,
    /// Tell why.
    pub explain: bool,
}

/// A result, with the story if it was asked for.
#[derive(Serialize)]
struct Answer<'a> {
    #[serde(flatten)]
    result: Evaluation<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    trace: Option<FlagTrace>,
}

/// Evaluates flags of one environment for one context. `data` is what server SDKs receive:
/// `{"flags": {…}, "segments": {…}}`, or a stream's `put` with that under `data`. Writes JSON:
/// `{value, variationIndex, reason, trace?}` for one flag, an object of these by key for all.
pub fn evaluate_data(
    data: impl Read,
    context: impl Read,
    request: Request<'_>,
    mut out: impl Write,
) -> Result<(), OfflineError> {
    let environment = read_environment(data)?;
    let context = read_context(context)?;
    let answer = |flag: &CompiledFlag| -> Result<Value, OfflineError> {
        let (result, trace) = match request.explain {
            true => {
                let (result, trace) = explain(&environment, environment.flag(flag.key()).unwrap_or(flag), &context);
                (result, Some(trace))
            }
            false => (evaluate(&environment, flag.key(), &context), None),
        };
        serde_json::to_value(Answer { result, trace }).map_err(|error| OfflineError::Data(error.to_string()))
    };
    let listed = match request.flag {
        Some(key) => answer(environment.flag(key).ok_or_else(|| OfflineError::NoFlag(key.to_string()))?)?,
        None => {
            let live = environment.flags().filter(|flag| !flag.source().deleted);
            let all: BTreeMap<_, _> = live.map(|flag| (flag.key(), flag)).collect();
            let all = all.into_iter().map(|(key, flag)| Ok((key.to_string(), answer(flag)?)));
            Value::Object(all.collect::<Result<Map<_, _>, OfflineError>>()?)
        }
    };
    writeln!(out, "{listed:#}")?;
    Ok(out.flush()?)
}

fn read_context(mut from: impl Read) -> Result<Context, OfflineError> {
    let mut text = Vec::new();
    from.read_to_end(&mut text)?;
    Ok(Context::from_json(&text)?)
}

fn read_environment(mut from: impl Read) -> Result<Environment, OfflineError> {
    let mut text = Vec::new();
    from.read_to_end(&mut text)?;
    let mut data: Value = serde_json::from_slice(&text).map_err(|error| OfflineError::Data(error.to_string()))?;
    if data.get("flags").is_none()
        && let Some(inner) = data.get_mut("data")
    {
        data = inner.take();
    }
    let Some(flags) = data.get_mut("flags") else {
        return Err(OfflineError::Data("it has no \"flags\"".to_string()));
    };
    let mut environment = Environment::default();
    put_flags(&mut environment, flags.take())?;
    put_segments(&mut environment, data.get_mut("segments").map(Value::take).unwrap_or_default())?;
    Ok(environment)
}

fn put_flags(environment: &mut Environment, flags: Value) -> Result<(), OfflineError> {
    for flag in items(flags, "flag")? {
        environment.put_flag(Arc::new(CompiledFlag::new(Arc::new(flag))));
    }
    Ok(())
}

fn put_segments(environment: &mut Environment, segments: Value) -> Result<(), OfflineError> {
    for segment in items(segments, "segment")? {
        environment.put_segment(Arc::new(CompiledSegment::new(Arc::new(segment))));
    }
    Ok(())
}

/// Reads an object of items by key; an item that lacks its key (tombstones do) takes that one.
fn items<T: DeserializeOwned>(by_key: Value, noun: &str) -> Result<Vec<T>, OfflineError> {
    let by_key = match by_key {
        Value::Null => Map::new(),
        Value::Object(by_key) => by_key,
        _ => {
            return Err(OfflineError::Data(format!("{noun}s must be an object by key")));
        }
    };
    let read = |(key, mut item): (String, Value)| {
        if let Value::Object(fields) = &mut item {
            fields.entry("key").or_insert_with(|| Value::String(key.clone()));
        }
        serde_json::from_value(item).map_err(|error| OfflineError::Data(format!("{noun} {key:?}: {error}")))
    };
    by_key.into_iter().map(read).collect()
}

/// The result for a context that is not valid.
const NO_CONTEXT: Evaluation<'static> = Evaluation::error(ErrorKind::UserNotSpecified);
