//! Cases one a line, answers one a line: for comparing evaluators.

use std::io::{BufRead, Write};

use serde_json::{Value, json};
use wigwag_eval::{Environment, ErrorKind, Evaluation, Lookup, ReasonKind, evaluate_flag};
use wigwag_model::context::Context;

use super::data;

/// Answers every line of `input` that is not blank; the number of those that could not be read.
pub(super) fn run(input: impl BufRead, output: &mut impl Write) -> anyhow::Result<usize> {
    let mut bad = 0;
    for (number, line) in input.lines().enumerate() {
        let line = line?;
        if line.trim().is_empty() {
            continue;
        }
        let answer = case(&line).unwrap_or_else(|e| {
            bad += 1;
            json!({"error": format!("line {}: {e:#}", number + 1)})
        });
        serde_json::to_writer(&mut *output, &answer)?;
        writeln!(output)?;
    }
    output.flush()?;
    Ok(bad)
}

/// One case: `{flag, segments, otherFlags, context}`. An invalid context is an answer, not a bad line.
fn case(line: &str) -> anyhow::Result<Value> {
    let case: Value = serde_json::from_str(line)?;
    let mut environment = Environment::default();
    data::put_flags(&mut environment, "otherFlags", case.get("otherFlags"))?;
    data::put_segments(&mut environment, "segments", case.get("segments"))?;
    let flag = data::flag(&case["flag"]).map_err(|e| e.context("flag"))?;
    let key = flag.key().to_owned();
    environment.put_flag(flag);
    let Ok(context) = Context::from_value(case["context"].clone()) else {
        return Ok(json!(Evaluation::error(ErrorKind::UserNotSpecified)));
    };
    Ok(match environment.flag(&key) {
        Some(flag) => json!(evaluate_flag(&environment, flag, &context)),
        None => json!(Evaluation::none(ReasonKind::Error(ErrorKind::FlagNotFound))),
    })
}
