//! Many cases, one to a line.

use super::{NO_CONTEXT, OfflineError, put_flags, put_segments};
use crate::{CompiledFlag, Environment, evaluate_flag};
use serde::Deserialize;
use serde_json::{Value, json};
use std::io::{BufRead, Write};
use std::sync::Arc;
use wigwag_model::context::Context;
use wigwag_model::flag::Flag;

/// A case in the shape of the shared vectors; other fields are ignored.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Case {
    flag: Flag,
    #[serde(default)]
    segments: Value,
    #[serde(default)]
    other_flags: Value,
    context: Value,
}

/// Reads a case `{flag, segments, otherFlags, context}` from each line and writes a line for each:
/// `{value, variationIndex, reason}`, or `{error}` if the case cannot be read. Fails only when
/// reading or writing does.
pub fn evaluate_batch(mut from: impl BufRead, mut to: impl Write) -> Result<(), OfflineError> {
    let mut line = Vec::new();
    while from.read_until(b'\n', &mut line)? > 0 {
        let answer = evaluate_line(&line).unwrap_or_else(|message| json!({ "error": message }));
        writeln!(to, "{answer}")?;
        line.clear();
    }
    Ok(to.flush()?)
}

fn evaluate_line(line: &[u8]) -> Result<Value, String> {
    let case: Case = serde_json::from_slice(line).map_err(|error| error.to_string())?;
    let mut environment = Environment::default();
    put_flags(&mut environment, case.other_flags).map_err(|error| error.to_string())?;
    put_segments(&mut environment, case.segments).map_err(|error| error.to_string())?;
    let flag = Arc::new(CompiledFlag::new(Arc::new(case.flag)));
    // Prerequisites may lead back to the flag itself.
    environment.put_flag(Arc::clone(&flag));
    Ok(match Context::from_value(case.context) {
        Ok(context) => json!(evaluate_flag(&environment, &flag, &context)),
        Err(_) => json!(NO_CONTEXT),
    })
}
