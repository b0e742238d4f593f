//! Feature flags.

mod access;
mod clone;
mod copy;
mod create;
mod delete;
mod dependants;
mod expiring;
mod filters;
mod guards;
mod list;
mod migration;
mod patch;
mod settings;
mod status;
mod versions;

use serde_json::{Value, json};

use crate::support::House;

pub const FLAGS: &str = "/api/v2/flags/default";
pub const SEMANTIC: &str = "application/json; domain-model=launchdarkly.semanticpatch";

/// The path of a flag of the default project.
pub fn path(key: &str) -> String {
    format!("{FLAGS}/{key}")
}

impl House {
    /// Makes a flag and answers it.
    pub async fn flag(&self, body: Value) -> Value {
        let answer = self.post(FLAGS, body).await;
        assert_eq!(answer.status(), 201, "{}", answer.text());
        answer.json()
    }

    /// A boolean flag under this key.
    pub async fn boolean(&self, key: &str) -> Value {
        self.flag(json!({"name": key, "key": key})).await
    }

    /// A flag with the texts `a`, `b` and `c`.
    pub async fn texts(&self, key: &str) -> Value {
        self.flag(json!({"name": key, "key": key, "variations": [{"value": "a"}, {"value": "b"}, {"value": "c"}]}))
            .await
    }

    /// Sends instructions about `test` with the content type that clients use for them.
    pub async fn instruct(&self, key: &str, instructions: Value) -> Value {
        let body = json!({"environmentKey": "test", "instructions": instructions});
        self.patch(&path(key), body).await.ok()
    }

    /// A service token that may do what these statements say.
    pub async fn token(&self, statements: Value) -> String {
        let body = json!({"name": "limited", "serviceToken": true, "inlineRole": statements});
        self.post("/api/v2/tokens", body).await.ok()["token"].as_str().unwrap().to_owned()
    }

    /// Sends a request under another token.
    pub async fn by(&self, token: &str, line: &str, body: &Value) -> crate::support::Answer {
        let headers = [("authorization", token), ("ld-api-version", "20240415"), ("content-type", "application/json")];
        self.raw(line, &headers, &body.to_string()).await
    }

    /// Sends a request that speaks a version of the API.
    pub async fn in_version(&self, version: &str, path: &str) -> Value {
        let headers = [("authorization", crate::support::OWNER), ("ld-api-version", version)];
        self.raw(&format!("GET {path}"), &headers, "").await.ok()
    }
}

/// The id of a variation.
pub fn variation(flag: &Value, index: usize) -> &str {
    flag["variations"][index]["_id"].as_str().unwrap()
}

/// The keys of a list's items, in order.
pub fn keys(list: &Value) -> Vec<&str> {
    list["items"].as_array().unwrap().iter().map(|item| item["key"].as_str().unwrap()).collect()
}
