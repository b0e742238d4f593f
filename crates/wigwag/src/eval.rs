//! `wigwag eval`: opens the files and streams that `wigwag_eval::offline` reads and writes.

use std::fs::File;
use std::io::{BufRead, Write};
use std::path::Path;

use anyhow::{Context as _, bail};
use wigwag_eval::offline::{OfflineError, Request, evaluate_batch, evaluate_data};

use crate::cli::EvalArgs;

/// Runs the command. Results go to `output`, in batch mode for the cases read from `input`.
///
/// # Errors
/// A file that cannot be read or understood, a flag that is not there.
pub fn run(args: &EvalArgs, input: impl BufRead, output: impl Write) -> anyhow::Result<()> {
    if args.batch {
        return Ok(evaluate_batch(input, output)?);
    }
    let (Some(data), Some(context)) = (&args.data, &args.context) else {
        bail!("give --data and --context, or --batch");
    };
    let request = Request { flag: args.flag.as_deref(), explain: args.explain };
    let outcome = evaluate_data(open(data)?, open(context)?, request, output);
    outcome.map_err(|error| match error {
        OfflineError::Context(_) => anyhow::anyhow!("{}: {error}", context.display()),
        OfflineError::Data(_) | OfflineError::NoFlag(_) => anyhow::anyhow!("{}: {error}", data.display()),
        OfflineError::Io(_) => error.into(),
    })
}

fn open(path: &Path) -> anyhow::Result<File> {
    File::open(path).with_context(|| format!("cannot open {}", path.display()))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]

    use serde_json::{Value, json};

    use super::*;

    const DATA: &str = r#"{"flags":{"lamp":{"key":"lamp","version":3,"on":true,"variations":["dark","steady"],
        "fallthrough":{"variation":1},"offVariation":0,"rules":[{"id":"r","variation":0,"clauses":[
            {"attribute":"country","op":"in","values":["NO"]}]}]}}}"#;

    fn eval(data: &str, context: &str, flag: Option<&str>, explain: bool) -> anyhow::Result<Value> {
        let dir = tempfile::tempdir().unwrap();
        let (data_file, context_file) = (dir.path().join("env.json"), dir.path().join("ctx.json"));
        std::fs::write(&data_file, data).unwrap();
        std::fs::write(&context_file, context).unwrap();
        let flag = flag.map(str::to_owned);
        let args = EvalArgs { data: Some(data_file), context: Some(context_file), flag, explain, batch: false };
        let mut output = Vec::new();
        run(&args, &b""[..], &mut output)?;
        Ok(serde_json::from_slice(&output).unwrap())
    }

    #[test]
    fn one_flag_and_why() {
        let context = r#"{"kind":"user","key":"u","country":"NO"}"#;
        let answer = eval(DATA, context, Some("lamp"), true).unwrap();
        assert_eq!(answer["reason"], json!({"kind": "RULE_MATCH", "ruleIndex": 0, "ruleId": "r"}));
        assert_eq!(answer["trace"]["rules"][0]["clauses"][0]["attribute"], "country");
        assert!(eval(DATA, context, Some("lamp"), false).unwrap().get("trace").is_none());
    }

    #[test]
    fn what_is_wrong_is_said_with_the_file() {
        let user = r#"{"kind":"user","key":"u"}"#;
        let wrong = |data, context, flag| eval(data, context, flag, false).unwrap_err().to_string();
        assert!(wrong(DATA, user, Some("lampe")).contains("env.json: there is no flag"));
        assert!(wrong(DATA, "{}", None).contains("ctx.json: "));
        assert!(wrong("[", user, None).contains("env.json: "));
    }

    #[test]
    fn a_batch_answers_line_by_line() {
        let flag = r#"{"key":"a","on":false,"offVariation":0,"variations":[7]}"#;
        let input = format!("{{\"flag\":{flag},\"context\":{{\"kind\":\"user\",\"key\":\"u\"}}}}\nnonsense\n");
        let mut output = Vec::new();
        let args = EvalArgs { data: None, context: None, flag: None, explain: false, batch: true };
        run(&args, input.as_bytes(), &mut output).unwrap();
        let lines: Vec<Value> =
            String::from_utf8(output).unwrap().lines().map(|l| serde_json::from_str(l).unwrap()).collect();
        assert_eq!(lines[0], json!({"value": 7, "variationIndex": 0, "reason": {"kind": "OFF"}}));
        assert!(lines[1]["error"].is_string());
    }
}
