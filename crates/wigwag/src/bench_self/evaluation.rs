//! One flag for one context, as a client-side request or `wigwag eval` evaluates it.

use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::json;
use wigwag_eval::{CompiledFlag, Environment, evaluate_flag};
use wigwag_model::context::Context;

/// Nanoseconds an evaluation, the median of samples.
pub(super) fn measure(time: Duration) -> anyhow::Result<f64> {
    let rule = |n: usize| {
        json!({"id": format!("r{n}"), "variation": 0, "clauses": [
            {"contextKind": "user", "attribute": "country", "op": "in", "values": ["NO", "SE", format!("x{n}")]}
        ]})
    };
    let flag = json!({
        "key": "lamp", "version": 1, "on": true, "variations": [false, true], "offVariation": 0, "salt": "s",
        "rules": (0..10).map(rule).collect::<Vec<_>>(),
        "fallthrough": {"rollout": {"variations": [{"variation": 0, "weight": 50000}, {"variation": 1, "weight": 50000}]}},
    });
    let flag = Arc::new(CompiledFlag::new(Arc::new(serde_json::from_value(flag)?)));
    let mut environment = Environment::default();
    environment.put_flag(Arc::clone(&flag));
    let context = Context::from_value(json!({"kind": "user", "key": "ann", "country": "DE"}))?;
    let mut samples = Vec::new();
    let until = Instant::now() + time;
    while Instant::now() < until {
        let began = Instant::now();
        for _ in 0..100 {
            black_box(evaluate_flag(&environment, &flag, black_box(&context)));
        }
        samples.push(began.elapsed());
    }
    samples.sort_unstable();
    Ok(super::share(&samples, 0.5).as_nanos() as f64 / 100.0)
}
