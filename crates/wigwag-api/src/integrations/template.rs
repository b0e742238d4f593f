//! From an entry to a call, by the templates of a manifest.

use std::str::FromStr;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use minijinja::Environment;
use serde_json::{Map, Value, json};
use wigwag_kit::{Error, Result};
use wigwag_outbound::Call;

use super::manifest::Manifest;

/// The call of an integration. `entry` is the entry of the audit log, `config` has all variables in the clear.
pub(super) fn call(manifest: &Manifest, config: &Map<String, Value>, entry: &Value, site: &str) -> Result<Call> {
    let templates = Templates::new(manifest, config, entry, site);
    let endpoint = &manifest.endpoint;
    let mut headers = HeaderMap::new();
    for (name, value) in &endpoint.headers {
        let value = templates.text(value)?;
        if value.is_empty() {
            continue;
        }
        // What a header cannot hold may be a secret: it is not told.
        let fault = |_: &dyn std::fmt::Display| Error::Invalid(format!("the header {name} cannot hold its value"));
        let name = HeaderName::from_str(name).map_err(|e| fault(&e))?;
        headers.insert(name, HeaderValue::from_str(&value).map_err(|e| fault(&e))?);
    }
    let body = Bytes::from(templates.value(&manifest.body)?.to_string());
    let method = Method::from_str(&endpoint.method).unwrap_or(Method::POST);
    Ok(Call { method, url: templates.text(&endpoint.url)?, headers, body })
}

struct Templates<'a> {
    environment: Environment<'static>,
    context: Value,
    entry: &'a Value,
}

impl<'a> Templates<'a> {
    fn new(manifest: &Manifest, given: &Map<String, Value>, entry: &'a Value, site: &str) -> Self {
        let mut environment = Environment::new();
        environment.set_fuel(Some(100_000));
        environment.add_filter("slack", slack);
        let mut config = Map::new();
        for variable in &manifest.form_variables {
            let value = given.get(&variable.key).filter(|value| !value.is_null()).or(variable.default.as_ref());
            config.insert(variable.key.clone(), value.cloned().unwrap_or_else(|| Value::from("")));
        }
        let text = |pointer: &str| entry.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
        let absolute = |path: &str| if path.is_empty() { String::new() } else { format!("{site}{path}") };
        let (project, environment_key) = place(text("/target/resources/0"));
        let several = entry.pointer("/target/resources/1").is_some();
        let context = json!({
            "config": config,
            "who": text("/subject/name"),
            "verb": text("/titleVerb"),
            "name": text("/name"),
            "kind": text("/kind"),
            "comment": text("/comment"),
            "description": text("/description").trim(),
            "date": entry["date"],
            "project": project,
            "environment": if several { "" } else { environment_key },
            "place": if several || environment_key.is_empty() { project } else { environment_key },
            "link": absolute(text("/_links/site/href")),
            "log": absolute(text("/_links/self/href")),
        });
        Self { environment, context, entry }
    }

    fn text(&self, template: &str) -> Result<String> {
        let rendered = self.environment.render_str(template, &self.context);
        rendered.map_err(|e| Error::Internal(format!("a template of an integration: {e}")))
    }

    /// JSON with its templates filled in: what is filled in cannot change its form.
    fn value(&self, template: &Value) -> Result<Value> {
        Ok(match template {
            Value::String(text) => Value::String(self.text(text)?),
            Value::Array(items) => items.iter().map(|item| self.value(item)).collect::<Result<_>>()?,
            Value::Object(map) if map.contains_key("$entry") => self.entry.clone(),
            Value::Object(map) => match map.get("$number").and_then(Value::as_str) {
                Some(number) => serde_json::from_str(&self.text(number)?).unwrap_or(Value::Null),
                None => {
                    let member = |(name, value): (&String, &Value)| Ok((name.clone(), self.value(value)?));
                    Value::Object(map.iter().map(member).collect::<Result<_>>()?)
                }
            },
            other => other.clone(),
        })
    }
}

/// The keys of project and environment in a specifier.
fn place(specifier: &str) -> (&str, &str) {
    let step = |kind: &str| {
        let mut steps = specifier.split(':').filter_map(|step| step.split_once('/'));
        steps.find(|(name, _)| *name == kind).map_or("", |(_, key)| key)
    };
    (step("proj"), step("env"))
}

/// What Slack takes for its own is escaped.
fn slack(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;
    use crate::integrations::manifest::manifest;

    fn made(key: &str, config: Value) -> (Call, Value) {
        let entry = json!({
            "_links": {"site": {"href": "/p/production/features/lamp"}, "self": {"href": "/api/v2/auditlog/1"}},
            "date": 1_700_000_000_123_i64, "kind": "flag", "name": "La\"mp <&>", "titleVerb": "turned on the flag",
            "comment": "{{ config.apiKey }}", "description": "* Turned the flag on\n",
            "subject": {"name": "Ann Lee"}, "target": {"resources": ["proj/p:env/production:flag/lamp"]},
        });
        let call = call(manifest(key).unwrap(), config.as_object().unwrap(), &entry, "https://w.example").unwrap();
        let body = serde_json::from_slice(&call.body).unwrap();
        (call, body)
    }

    /// What people write into names and comments stays text: in JSON, in Slack's markup, and for the templates.
    #[test]
    fn slack_and_teams() {
        let (call, body) = made("slack", json!({"url": "https://hooks.example/x"}));
        assert_eq!(call.url, "https://hooks.example/x");
        assert_eq!(call.headers["content-type"], "application/json");
        let text = "Ann Lee turned on the flag <https://w.example/p/production/features/lamp|La\"mp &lt;&amp;&gt;> in \
                    production\n> {{ config.apiKey }}\n* Turned the flag on";
        assert_eq!(body, json!({"text": text}));
        let (_, body) = made("msteams", json!({"url": "https://hooks.example/x"}));
        let card = &body["attachments"][0]["content"];
        assert_eq!(card["body"][0]["text"], "Ann Lee turned on the flag La\"mp <&> in production");
        assert_eq!(card["actions"][0]["url"], "https://w.example/p/production/features/lamp");
    }

    #[test]
    fn datadog_and_plain() {
        let (call, body) = made("datadog", json!({"apiKey": "k"}));
        assert_eq!(call.url, "https://api.datadoghq.com/api/v1/events");
        assert_eq!(call.headers["dd-api-key"], "k");
        assert_eq!((&body["date_happened"], &body["tags"][1]), (&json!(1_700_000_000), &json!("project:p")));
        assert!(!body.to_string().contains("> k"), "{body}");
        let (call, body) = made("http", json!({"url": "http://x.example"}));
        assert!(!call.headers.contains_key("authorization"));
        assert_eq!(body["name"], "La\"mp <&>");
        let (call, _) = made("http", json!({"url": "http://x.example", "authorization": "Bearer t"}));
        assert_eq!(call.headers["authorization"], "Bearer t");
    }
}
