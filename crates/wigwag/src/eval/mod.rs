//! `wigwag eval`: evaluates exported flags offline, one environment or a batch of cases.

mod batch;
mod data;

use std::io::{BufRead, Write};
use std::path::Path;

use anyhow::{Context as _, bail};
use serde_json::{Map, Value, json};
use wigwag_eval::trace::explain;
use wigwag_eval::{CompiledFlag, Environment, Lookup, evaluate_flag};
use wigwag_model::context::Context;

use crate::cli::EvalArgs;

/// Runs the command. Results go to `output`, in batch mode for the cases read from `input`.
///
/// # Errors
/// A file that cannot be read or understood, a flag that is not there, a batch with bad lines.
pub fn run(args: &EvalArgs, input: impl BufRead, mut output: impl Write) -> anyhow::Result<()> {
    if args.batch {
        let bad = batch::run(input, &mut output)?;
        if bad > 0 {
            bail!("{bad} of the lines could not be read; each has an \"error\" in its place");
        }
        return Ok(());
    }
    let (Some(data), Some(context)) = (&args.data, &args.context) else {
        bail!("give --data and --context, or --batch");
    };
    let environment = data::environment(&read_json(data)?).with_context(|| format!("{}", data.display()))?;
    let context = Context::from_value(read_json(context)?)
        .map_err(|e| anyhow::anyhow!("{}: not a context: {e}", context.display()))?;
    let answer = match &args.flag {
        Some(key) => {
            let Some(flag) = environment.flag(key) else {
                bail!("{}: has no flag \"{key}\"; it has {}", data.display(), some_keys(&environment));
            };
            one(&environment, flag, &context, args.explain)
        }
        None => all(&environment, &context, args.explain),
    };
    serde_json::to_writer_pretty(&mut output, &answer)?;
    writeln!(output)?;
    Ok(())
}

fn read_json(path: &Path) -> anyhow::Result<Value> {
    let bytes = std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    serde_json::from_slice(&bytes).with_context(|| format!("{} is not JSON", path.display()))
}

/// `{value, variationIndex, reason}`, and `trace` when asked why.
fn one(environment: &Environment, flag: &CompiledFlag, context: &Context, why: bool) -> Value {
    if !why {
        return json!(evaluate_flag(environment, flag, context));
    }
    let (result, trace) = explain(environment, flag, context);
    let mut answer = json!(result);
    answer["trace"] = json!(trace);
    answer
}

/// Every live flag by key, in the order of the keys.
fn all(environment: &Environment, context: &Context, why: bool) -> Value {
    let mut flags: Vec<_> = environment.flags().filter(|f| !f.source().deleted).collect();
    flags.sort_by(|a, b| a.key().cmp(b.key()));
    let answers: Map<_, _> =
        flags.into_iter().map(|f| (f.key().to_owned(), one(environment, f, context, why))).collect();
    Value::Object(answers)
}

fn some_keys(environment: &Environment) -> String {
    let mut keys: Vec<_> = environment.flags().map(|f| f.key()).collect();
    keys.sort_unstable();
    let more = keys.len().saturating_sub(8);
    keys.truncate(8);
    match (keys.is_empty(), more) {
        (true, _) => "none".to_owned(),
        (false, 0) => keys.join(", "),
        (false, more) => format!("{} and {more} more", keys.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]

    use super::*;

    const DATA: &str = r#"{"flags":{
        "lamp":{"key":"lamp","version":3,"on":true,"variations":["dark","steady"],"fallthrough":{"variation":1},
            "offVariation":0,"rules":[{"id":"r","variation":0,"clauses":[
                {"attribute":"country","op":"in","values":["NO"]}]}]},
        "old":{"key":"old","version":9,"deleted":true}},"segments":{}}"#;

    fn eval(data: &str, context: &str, flag: Option<&str>, explain: bool) -> anyhow::Result<Value> {
        let dir = tempfile::tempdir().unwrap();
        let (data_file, context_file) = (dir.path().join("env.json"), dir.path().join("ctx.json"));
        std::fs::write(&data_file, data).unwrap();
        std::fs::write(&context_file, context).unwrap();
        let args = EvalArgs {
            data: Some(data_file),
            context: Some(context_file),
            flag: flag.map(str::to_owned),
            explain,
            batch: false,
        };
        let mut output = Vec::new();
        run(&args, &b""[..], &mut output)?;
        Ok(serde_json::from_slice(&output).unwrap())
    }

    #[test]
    fn one_flag_and_why() {
        let context = r#"{"kind":"user","key":"u","country":"NO"}"#;
        let answer = eval(DATA, context, Some("lamp"), true).unwrap();
        assert_eq!(answer["value"], "dark");
        assert_eq!(answer["reason"], json!({"kind": "RULE_MATCH", "ruleIndex": 0, "ruleId": "r"}));
        assert_eq!(answer["trace"]["rules"][0]["clauses"][0]["attribute"], "country");
    }

    #[test]
    fn all_flags_are_the_live_ones() {
        let answer = eval(DATA, r#"{"kind":"user","key":"u"}"#, None, false).unwrap();
        assert_eq!(
            answer,
            json!({"lamp":
            {"value": "steady", "variationIndex": 1, "reason": {"kind": "FALLTHROUGH"}}})
        );
    }

    #[test]
    fn the_put_of_a_stream_will_do() {
        let data = format!("{{\"path\":\"/\",\"data\":{DATA}}}");
        assert!(eval(&data, r#"{"kind":"user","key":"u"}"#, Some("lamp"), false).is_ok());
    }

    #[test]
    fn what_is_wrong_is_said() {
        let wrong = |data, context, flag| format!("{:#}", eval(data, context, flag, false).unwrap_err());
        let user = r#"{"kind":"user","key":"u"}"#;
        assert!(wrong(DATA, user, Some("lampe")).contains("has no flag \"lampe\"; it has lamp"));
        assert!(wrong(DATA, "{}", None).contains("not a context"));
        assert!(wrong("{}", user, None).contains("has no \"flags\""));
        assert!(wrong("[", user, None).contains("is not JSON"));
        assert!(wrong(r#"{"flags":{"a":[]}}"#, user, None).contains("flags.a"));
    }

    #[test]
    fn a_batch_answers_line_by_line() {
        let flag = r#"{"key":"a","on":false,"offVariation":0,"variations":[7]}"#;
        let input = format!(
            "{{\"flag\":{flag},\"context\":{{\"kind\":\"user\",\"key\":\"u\"}}}}\n\nnonsense\n\
             {{\"flag\":{flag},\"segments\":{{}},\"otherFlags\":null,\"context\":{{\"kind\":\"user\"}}}}\n"
        );
        let mut output = Vec::new();
        let args = EvalArgs { data: None, context: None, flag: None, explain: false, batch: true };
        assert!(run(&args, input.as_bytes(), &mut output).unwrap_err().to_string().starts_with("1 of the lines"));
        let lines: Vec<Value> =
            String::from_utf8(output).unwrap().lines().map(|l| serde_json::from_str(l).unwrap()).collect();
        assert_eq!(lines[0], json!({"value": 7, "variationIndex": 0, "reason": {"kind": "OFF"}}));
        assert!(lines[1]["error"].as_str().unwrap().starts_with("line 3: "));
        assert_eq!(lines[2]["reason"], json!({"kind": "ERROR", "errorKind": "USER_NOT_SPECIFIED"}));
        assert_eq!(lines.len(), 3);
    }
}
