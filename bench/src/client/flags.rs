//! What is evaluated: flags with a rule and a rollout, as most are that do anything.

use serde_json::json;
use wigwag_live::MemoryWrite;
use wigwag_model::doc::Kind;

pub(crate) const ENVIRONMENT_ID: &str = "0123456789abcdef01234567";

/// An environment with so many flags, all for browsers.
pub(crate) fn environment(flags: usize) -> Vec<MemoryWrite> {
    let env = json!({
        "id": ENVIRONMENT_ID, "key": "e", "name": "e", "color": "000000",
        "sdkKeys": [{ "value": "sdk-bench" }], "mobileKeys": [], "createdAt": 0,
    });
    let flags = (0..flags).flat_map(|n| [flag(&format!("flag-{n:05}")), config(&format!("flag-{n:05}"))]);
    std::iter::once(write(Kind::Environment, "", "e", &env)).chain(flags).collect()
}

fn flag(key: &str) -> MemoryWrite {
    let body = json!({
        "key": key, "name": key, "kind": "boolean", "temporary": false, "createdAt": 0,
        "variations": [{ "id": "0", "value": true }, { "id": "1", "value": false }],
        "defaults": { "onVariation": 0, "offVariation": 1 },
        "clientSideAvailability": { "usingMobileKey": true, "usingEnvironmentId": true },
    });
    write(Kind::Flag, "", key, &body)
}

fn config(key: &str) -> MemoryWrite {
    let clause =
        json!({ "id": "c", "contextKind": "user", "attribute": "email", "op": "endsWith", "values": ["@wigwag.test"] });
    let halves = json!([{ "variation": 0, "weight": 50000 }, { "variation": 1, "weight": 50000 }]);
    let body = json!({
        "on": true, "salt": "0123456789abcdef0123456789abcdef", "sel": "s", "lastModified": 0, "offVariation": 1,
        "rules": [{ "id": "11111111-2222-4333-8444-555555555555", "clauses": [clause], "serve": { "variation": 0 } }],
        "fallthrough": { "rollout": { "variations": halves } },
    });
    write(Kind::FlagConfig, "e", key, &body)
}

fn write(kind: Kind, env: &str, key: &str, body: &serde_json::Value) -> MemoryWrite {
    MemoryWrite { kind, project: "p".into(), env: env.into(), key: key.into(), body: Some(body.to_string()) }
}
