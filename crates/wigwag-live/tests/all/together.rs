//! Flags that are evaluated together give, byte for byte, what each gives by itself.

use serde_json::{Value, json};
use wigwag_live::{Audience, EnvSnapshot, Form, MemoryWrite, Outcome, Shape};
use wigwag_model::context::Context;
use wigwag_model::doc::Kind;

use crate::clients::Site;
use crate::support::{asking, flag_doc, put, segment};

/// What one flag after the other gives, as an object.
fn one_by_one(snapshot: &EnvSnapshot, context: &Context, form: Form) -> String {
    let one = |flag: &wigwag_live::FlagItem| {
        let mut out = json!(flag.key()).to_string().into_bytes();
        out.push(b':');
        Outcome::of(snapshot, flag, context).write(snapshot.client_version(flag), form, &mut out);
        String::from_utf8(out).unwrap()
    };
    let all: Vec<String> = snapshot.flags().iter().map(|flag| one(flag)).collect();
    format!("{{{}}}", all.join(","))
}

fn flag(key: &str, values: &[Value], settings: Value) -> Vec<MemoryWrite> {
    let mut config = json!({
        "on": true, "salt": "0123456789abcdef0123456789abcdef", "sel": "s", "lastModified": 0,
        "fallthrough": { "variation": 0 }, "offVariation": 1,
    });
    config.as_object_mut().unwrap().extend(settings.as_object().unwrap().clone());
    vec![flag_doc(key, values, false), put(Kind::FlagConfig, "p", "e", key, &config)]
}

/// A rule of these clauses, each of attribute, operator, values and whether it is negated.
fn rule(clauses: &[(&str, &str, Value, bool)], serve: Value) -> Value {
    let clause = |(attribute, op, values, negate): &(&str, &str, Value, bool)| {
        json!({ "id": "c", "contextKind": "user", "attribute": attribute, "op": op, "values": values,
                "negate": negate })
    };
    json!({ "id": "11111111-2222-4333-8444-555555555555", "serve": serve,
            "clauses": clauses.iter().map(clause).collect::<Vec<_>>() })
}

/// Flags of every sort there is.
fn all_sorts() -> Vec<MemoryWrite> {
    let short = [json!(true), json!(false), json!("third")];
    let long = [json!("x".repeat(300)), json!({ "a": ["y".repeat(300)] }), json!(null)];
    let halves = |more: Value| {
        let mut rollout =
            json!({ "variations": [{ "variation": 0, "weight": 50000 }, { "variation": 2, "weight": 50000 }] });
        rollout.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        json!({ "rollout": rollout })
    };
    let negated =
        rule(&[("plan", "in", json!(["gold"]), true), ("age", "lessThan", json!([40]), false)], halves(json!({})));
    let by_mail = rule(&[("email", "endsWith", json!(["@example.com"]), false)], json!({ "variation": 2 }));
    let tracked = |mut rule: Value| {
        rule["trackEvents"] = json!(true);
        rule
    };
    let mut all = vec![segment("e", "s", &["u-1", "u-2"], &[])];
    let mut put = |key: &str, values: &[Value], settings: Value| all.extend(flag(key, values, settings));
    put("off", &short, json!({ "on": false }));
    put("off-nothing", &short, json!({ "on": false, "offVariation": null }));
    put("plain", &short, json!({}));
    put("plain-long", &long, json!({}));
    put("broken", &short, json!({ "fallthrough": { "variation": 9 } }));
    put("rollout", &short, json!({ "fallthrough": halves(json!({})) }));
    put("rollout-long", &long, json!({ "fallthrough": halves(json!({})) }));
    put("rollout-seed", &short, json!({ "fallthrough": halves(json!({ "seed": 61 })) }));
    put(
        "rollout-by-age",
        &short,
        json!({ "fallthrough": halves(json!({ "contextKind": "user", "bucketBy": "age" })) }),
    );
    put(
        "rollout-by-plan",
        &short,
        json!({ "fallthrough": halves(json!({ "contextKind": "user", "bucketBy": "plan" })) }),
    );
    put("rollout-org", &short, json!({ "fallthrough": halves(json!({ "contextKind": "org" })) }));
    put("rollout-of-a-flag-with-a-key-of-more-than-a-block", &short, json!({ "fallthrough": halves(json!({})) }));
    put("experiment", &short, json!({ "fallthrough": halves(json!({ "kind": "experiment" })) }));
    put("rules", &short, json!({ "rules": [negated, by_mail], "fallthrough": halves(json!({})) }));
    put("rules-long", &long, json!({ "rules": [negated, by_mail], "fallthrough": halves(json!({})) }));
    put("rules-tracked", &short, json!({ "rules": [negated, tracked(by_mail.clone())] }));
    put("fallthrough-tracked", &short, json!({ "rules": [by_mail], "trackEventsFallthrough": true }));
    put("all-tracked", &short, json!({ "rules": [by_mail], "trackEvents": true, "debugEventsUntil": 12 }));
    put(
        "targets",
        &short,
        json!({ "targets": [{ "variation": 2, "values": ["u-3", "u-4"] }], "rules": [negated],
        "fallthrough": halves(json!({})) }),
    );
    all.extend([flag_doc("asking", &short, false), asking("e", "asking", true, &["rules"], &["s"])]);
    all.extend([flag_doc("requiring", &short, false), asking("e", "requiring", true, &["rollout"], &[])]);
    all
}

fn contexts() -> Vec<Context> {
    let user = |n: usize| {
        let mut user =
            json!({ "kind": "user", "key": format!("u-{n}"), "age": n, "email": format!("{n}@example.com") });
        match n % 4 {
            0 => user["plan"] = json!("gold"),
            1 => user["age"] = json!(n as f64 + 0.5),
            2 => user["email"] = json!(["a@example.org", format!("{n}@example.com")]),
            _ => user["key"] = json!(format!("{n}-{}", "long".repeat(40))),
        }
        user
    };
    let many = |n: usize| {
        let mut user = user(n);
        user.as_object_mut().unwrap().remove("kind");
        json!({ "kind": "multi", "user": user, "org": { "key": format!("org-{n}") } })
    };
    let strange = [json!({ "kind": "org", "key": "o" }), json!({ "key": "" })];
    let all = (0..60).map(user).chain((0..60).map(many)).chain(strange);
    all.map(|context| Context::from_value(context).unwrap()).collect()
}

#[test]
fn evaluated_together_is_as_one_by_one() {
    let site = Site::with(all_sorts());
    let snapshot = site.snapshot();
    let list = snapshot.clients(Audience::Mobile);
    let mut different = std::collections::BTreeSet::new();
    for context in contexts() {
        for reasons in [false, true] {
            let form = Form { reasons, shape: Shape::Results };
            let together = String::from_utf8(list.evaluate(&*snapshot, &context, form)).unwrap();
            assert_eq!(together, one_by_one(&snapshot, &context, form), "{context:?}");
            different.insert(together);
        }
    }
    assert!(different.len() > 100, "contexts make too little difference: {}", different.len());
}
