//! The OpenAPI 3.1 document: the table of operations, with types by `schemars`.

mod reference;
mod schemas;

use schemars::JsonSchema;
use serde_json::{Map, Value, json};

pub use reference::page;

use crate::contract;
use crate::operation::{Access, Operation};
use crate::serve::params_of;
use schemas::Schemas;

/// The body of every answer that is no success.
#[derive(JsonSchema)]
#[schemars(rename = "Error")]
#[allow(dead_code, reason = "described, never built: `Error::body` writes it")]
struct ErrorBody {
    /// Class of the error, such as `invalid_request`.
    code: String,
    /// What is wrong, naming the field where there is one.
    message: String,
    /// Id of the request, as in `X-Request-Id`.
    id: String,
    /// On 403: the action that was denied, and on which resource.
    #[schemars(skip_serializing_if = "Option::is_none")]
    access: Option<Map<String, Value>>,
    /// On 403: the statement that decided.
    #[schemars(skip_serializing_if = "Option::is_none")]
    reason: Option<Map<String, Value>>,
}

/// The statuses of refusals, and when they happen.
const REFUSALS: [(&str, &str); 13] = [
    ("400", "The body, a parameter or a header field is wrong; the message names it."),
    ("401", "No credential, or one that is not valid."),
    ("403", "The caller may not do this, or the operation is in beta and was not asked for."),
    ("404", "No such thing, or none that the caller may see."),
    ("405", "The method is not allowed here, or the change needs approval."),
    ("409", "Taken, in use, or changed by somebody else meanwhile."),
    ("412", "It was changed after what the change says it is based on, in the header Wigwag-Based-On."),
    ("413", "The body is too large."),
    ("422", "The patch was understood but cannot be applied."),
    ("429", "Too many requests. When there is room again `X-Ratelimit-Reset` says, or `Retry-After` for an address."),
    ("500", "A fault of the server."),
    ("501", "Not built yet."),
    ("503", "The service cannot answer for now."),
];

/// The document over a complete table. `version` is the product's.
#[must_use]
pub fn document(operations: &[Operation], version: &str) -> Value {
    let mut schemas = Schemas::new();
    let error = schemas.answer_of::<ErrorBody>();
    let mut paths = Map::new();
    let mut tags: Vec<&str> = Vec::new();
    for operation in operations.iter().filter(|o| o.in_contract() || o.is_own()) {
        let entry = operation.entry;
        if !tags.contains(&entry.tag) {
            tags.push(entry.tag);
        }
        let item = paths.entry(entry.path).or_insert_with(|| json!({}));
        item[entry.method.to_ascii_lowercase()] = one(operation, &mut schemas);
    }
    let joined = schemas.join();
    let mut paths = Value::Object(paths);
    joined.rewrite(&mut paths);
    let refusals = REFUSALS.iter().map(|(status, when)| {
        let content = json!({"application/json": {"schema": error}});
        ((*status).to_owned(), json!({"description": when, "content": content}))
    });
    let refusals: Map<_, _> = refusals.collect();
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Wigwag REST API",
            "version": version,
            "description": "Manages flags, their environments and all around them. Every answer is JSON. \
                Operations that are not built yet answer 501 and carry `x-wigwag-state`. What is Wigwag's own has \
                tags that begin with `Wigwag: ` and carries `x-wigwag-own`; all else is the compatible surface.",
        },
        "servers": [{"url": "/"}],
        "security": [{"accessToken": []}],
        "tags": tags.iter().map(|tag| json!({"name": tag})).collect::<Vec<_>>(),
        "paths": paths,
        "components": {
            "securitySchemes": {"accessToken": {
                "type": "apiKey", "in": "header", "name": "Authorization",
                "description": "An access token as it is; a leading `Bearer ` is accepted.",
            }},
            "parameters": {
                "apiVersion": {
                    "name": "LD-API-Version", "in": "header", "required": false, "schema": {"type": "string"},
                    "description": "A dated version, or `beta`. Without it the token's default counts.",
                },
                "basedOn": {
                    "name": "Wigwag-Based-On", "in": "header", "required": false,
                    "schema": {"type": "integer", "minimum": 0}, "x-wigwag-own": true,
                    "description": "The number that an answer told in its header `Wigwag-Sequence`. What was changed \
                        after it is not overwritten: the change is refused with 412.",
                },
            },
            "responses": refusals,
            "schemas": joined.all,
        },
    })
}

/// Everything about one operation.
fn one(operation: &Operation, schemas: &mut Schemas) -> Value {
    let entry = operation.entry;
    let mut about = json!({
        "operationId": entry.id,
        "tags": [entry.tag],
        "summary": words(entry.id),
        "parameters": parameters(operation),
        "responses": responses(operation, schemas),
    });
    if operation.access == Access::Public {
        about["security"] = json!([]);
    }
    let mut description = operation.about.map_or_else(String::new, |text| format!("{text}\n\n"));
    if let Access::Actions(actions) = operation.access {
        description.push_str(&format!("Needs the actions {}.", list(actions)));
        about["x-wigwag-actions"] = json!(actions);
    }
    if !description.is_empty() {
        about["description"] = description.into();
    }
    if operation.is_own() {
        about["x-wigwag-own"] = true.into();
    }
    if let Some(body) = operation.body.filter(|_| operation.handler().is_some()) {
        let schema = schemas.body(body);
        about["requestBody"] = json!({"required": true, "content": {"application/json": {"schema": schema}}});
    }
    if entry.beta {
        about["x-beta"] = true.into();
    }
    about["x-wigwag-state"] = state(operation).into();
    if let Some(partial) = operation.partial {
        about["x-wigwag-left-out"] = partial.into();
    }
    about
}

fn responses(operation: &Operation, schemas: &mut Schemas) -> Value {
    let entry = operation.entry;
    let refusal = |status: &str, when: &str| {
        if operation.own_refusals {
            // What comes before the operation itself still refuses in the common form.
            let common = json!({"schema": {"$ref": "#/components/schemas/Error"}});
            let mut content = json!({"application/json": common});
            content[operation.media] = json!({"schema": {"type": "object"}});
            return json!({"description": when, "content": content});
        }
        json!({"$ref": format!("#/components/responses/{status}")})
    };
    let mut responses = Map::new();
    if operation.handler().is_some() {
        let mut success = json!({"description": "Done."});
        if entry.status != 204 && !operation.media.is_empty() {
            let schema = operation.reply.map_or_else(|| json!({}), |reply| schemas.answer(reply));
            success["content"] = json!({operation.media: {"schema": schema}});
        }
        responses.insert(entry.status.to_string(), success);
    }
    let write = entry.method != "GET";
    for (status, when) in REFUSALS {
        let applies = match status {
            _ if operation.refuses.contains(&status) => true,
            "401" | "403" => operation.access != Access::Public,
            "404" => entry.path.contains('{'),
            "405" => entry.method == "PATCH",
            "412" => takes_based_on(operation),
            "409" => write,
            "413" => write && entry.method != "DELETE",
            "422" => false,
            "501" => operation.handler().is_none(),
            _ => true,
        };
        if applies {
            responses.insert(status.to_owned(), refusal(status, when));
        }
    }
    Value::Object(responses)
}

fn parameters(operation: &Operation) -> Vec<Value> {
    let entry = operation.entry;
    let path = params_of(entry.path)
        .map(|name| json!({"name": name, "in": "path", "required": true, "schema": {"type": "string"}}));
    let query = entry
        .query
        .iter()
        // A name that ends in `*` is that of one that must be there.
        .map(|(name, kind)| {
            let (name, required) = (name.trim_end_matches('*'), name.ends_with('*'));
            json!({"name": name, "in": "query", "required": required, "schema": schema_of(kind)})
        });
    let version = if entry.beta {
        let schema = json!({"type": "string", "enum": ["beta"]});
        json!({"name": "LD-API-Version", "in": "header", "required": true, "schema": schema})
    } else {
        json!({"$ref": "#/components/parameters/apiVersion"})
    };
    let listed = entry.query.iter().any(|(name, _)| *name == crate::past::PARAMETER);
    let past = (operation.as_of && !listed).then(|| {
        json!({"name": crate::past::PARAMETER, "in": "query", "required": false, "schema": {"type": "string"},
            "x-wigwag-own": true, "description": "Show it as it was then: an RFC 3339 time, milliseconds since the \
            epoch, or the sequence of a change."})
    });
    let based_on = takes_based_on(operation).then(|| json!({"$ref": "#/components/parameters/basedOn"}));
    path.chain(query).chain(past).chain([version]).chain(based_on).collect()
}

/// Whether a change can say what it is based on.
fn takes_based_on(operation: &Operation) -> bool {
    operation.handler().is_some() && operation.changes
}

/// The schema of a query parameter from its type in the contract's table.
fn schema_of(kind: &str) -> Value {
    if let Some(values) = kind.strip_prefix("enum(").and_then(|k| k.strip_suffix(')')) {
        return json!({"type": "string", "enum": values.split('|').collect::<Vec<_>>()});
    }
    match kind.strip_prefix('[').and_then(|k| k.strip_suffix(']')) {
        Some(items) => json!({"type": "array", "items": schema_of(items)}),
        None if kind == "any" => json!({}),
        None => json!({"type": kind}),
    }
}

/// `built`, `partial` or `not built`.
#[must_use]
pub fn state(operation: &Operation) -> &'static str {
    match (operation.handler(), operation.partial) {
        (None, _) => "not built",
        (Some(_), Some(_)) => "partial",
        (Some(_), None) => "built",
    }
}

/// An operation id in words: `getAllWebhooks` is "Get all webhooks".
fn words(id: &str) -> String {
    let mut out = String::new();
    let mut before_lower = false;
    for (i, c) in id.char_indices() {
        let after_lower = id[i + c.len_utf8()..].starts_with(|n: char| n.is_ascii_lowercase());
        if i > 0 && c.is_ascii_uppercase() && (before_lower || after_lower) {
            out.push(' ');
        }
        // A word of capitals, such as SDK, stays as it is.
        let lower = i > 0 && after_lower;
        out.push(if i == 0 {
            c.to_ascii_uppercase()
        } else if lower {
            c.to_ascii_lowercase()
        } else {
            c
        });
        before_lower = c.is_ascii_lowercase() || c.is_ascii_digit();
    }
    out
}

fn list(names: &[&str]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

/// The coverage table, `docs/coverage.md`: what is built of the contract.
#[must_use]
pub fn coverage(operations: &[Operation]) -> String {
    let of = |wanted: &str| operations.iter().filter(|o| o.in_contract() && state(o) == wanted).count();
    let (built, partial, all) = (of("built"), of("partial"), contract::entries().len());
    let mut text = format!(
        "# Coverage of the REST API\n\nMade from the table of operations by `cargo xtask coverage`; a test keeps it \
         true. What is not built answers 501.\n\n{all} operations: {built} built, {partial} partial, {} not built.\n",
        all - built - partial
    );
    let mut tag = "";
    for operation in operations.iter().filter(|o| o.in_contract()) {
        let entry = operation.entry;
        if entry.tag != tag {
            tag = entry.tag;
            text.push_str(&format!("\n## {tag}\n\n| Operation | Method | Path | State |\n|---|---|---|---|\n"));
        }
        text.push_str(&line(operation));
    }
    let mut own = operations.iter().filter(|o| o.is_own()).peekable();
    if own.peek().is_some() {
        text.push_str(
            "\n# Wigwag's own\n\nApart from the compatible surface, and not counted above: `docs/beyond.md`.\n",
        );
    }
    for operation in own {
        let entry = operation.entry;
        if entry.tag != tag {
            tag = entry.tag;
            text.push_str(&format!("\n## {tag}\n\n| Operation | Method | Path | State |\n|---|---|---|---|\n"));
        }
        text.push_str(&line(operation));
    }
    text
}

fn line(operation: &Operation) -> String {
    let entry = operation.entry;
    let state = operation.partial.map_or_else(|| state(operation).to_owned(), |what| format!("partial: {what}"));
    format!("| {} | {} | `{}` | {state} |\n", entry.id, entry.method, entry.path)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;
    use crate::operation::Operations;
    use crate::request::Reply;

    #[derive(JsonSchema)]
    #[allow(dead_code)]
    struct Hook {
        /// Where to.
        url: String,
    }

    fn operations() -> Vec<Operation> {
        let post = Operations::operation("postWebhook", Access::Actions(&["createWebhook"]), |_, _| async {
            Ok(Reply::empty())
        });
        Operations::new().with(post.body::<Hook>().reply::<Vec<Hook>>().partial("delivery")).complete()
    }

    /// Every `$ref` of the document leads somewhere.
    fn refs<'v>(value: &'v Value, all: &mut Vec<&'v str>) {
        match value {
            Value::Array(items) => items.iter().for_each(|v| refs(v, all)),
            Value::Object(map) => {
                all.extend(map.get("$ref").and_then(Value::as_str));
                map.values().for_each(|v| refs(v, all));
            }
            _ => {}
        }
    }

    #[test]
    fn every_operation_is_described() {
        let doc = document(&operations(), "0");
        let ids: Vec<_> =
            doc["paths"].as_object().unwrap().values().flat_map(|p| p.as_object().unwrap().values()).collect();
        assert_eq!(ids.len(), 410);
        let mut all = Vec::new();
        refs(&doc, &mut all);
        assert!(all.len() > 1000);
        for path in all {
            assert!(doc.pointer(path.strip_prefix('#').unwrap()).is_some(), "{path}");
        }
        for operation in ids {
            let declared =
                |at: &str| operation["parameters"].as_array().unwrap().iter().filter(|p| p["in"] == at).count();
            let entry = contract::find(operation["operationId"].as_str().unwrap()).unwrap();
            assert_eq!(declared("path"), entry.path.matches('{').count(), "{}", entry.id);
            assert_eq!(declared("query"), entry.query.len(), "{}", entry.id);
        }
        let post = &doc["paths"]["/api/v2/webhooks"]["post"];
        assert_eq!(post["requestBody"]["content"]["application/json"]["schema"]["$ref"], "#/components/schemas/Hook");
        assert_eq!(post["x-wigwag-state"], "partial");
        assert!(post["responses"]["501"].is_null() && !post["responses"]["200"].is_null());
        let get = &doc["paths"]["/api/v2/webhooks"]["get"];
        assert_eq!(get["x-wigwag-state"], "not built");
        assert!(get["responses"]["200"].is_null() && !get["responses"]["501"].is_null());
    }

    #[test]
    fn names_in_words() {
        for (id, expected) in [
            ("getAllWebhooks", "Get all webhooks"),
            ("resetEnvironmentSDKKey", "Reset environment SDK key"),
            ("PostReleasePoliciesOrder", "Post release policies order"),
            ("getAIConfig", "Get AI config"),
            ("searchUsersV2", "Search users V2"),
        ] {
            assert_eq!(words(id), expected);
        }
    }

    #[test]
    fn coverage_counts() {
        let text = coverage(&operations());
        assert!(text.contains("410 operations: 0 built, 1 partial, 409 not built."), "{}", &text[..300]);
        assert!(text.contains("| postWebhook | POST | `/api/v2/webhooks` | partial: delivery |"));
        assert_eq!(text.matches("\n| ").count(), 410 + text.matches("\n## ").count());
    }

    /// What is ours is described, apart from the contract, and not counted with it.
    #[test]
    fn our_own_operations_stand_apart() {
        let own = crate::operation::Own {
            tag: "Wigwag: why",
            method: "GET",
            path: "/api/v2/why/{flagKey}",
            id: "getWhy",
            query: &[("context", "string")],
        };
        let own = Operations::own(own, Access::Caller, |_, _| async { Ok(Reply::empty()) });
        let all = Operations::new().with(own.as_of().about("Tells why.")).complete();
        let doc = document(&all, "0");
        let why = &doc["paths"]["/api/v2/why/{flagKey}"]["get"];
        assert_eq!((&why["x-wigwag-own"], &why["tags"]), (&json!(true), &json!(["Wigwag: why"])));
        assert!(why["description"].as_str().unwrap().starts_with("Tells why."));
        let names: Vec<_> = why["parameters"].as_array().unwrap().iter().map(|p| p["name"].clone()).collect();
        assert_eq!(names[..3], [json!("flagKey"), json!("context"), json!("asOf")]);
        assert_eq!(doc["tags"].as_array().unwrap().last().unwrap()["name"], "Wigwag: why");
        assert!(doc["paths"]["/api/v2/webhooks"]["get"]["x-wigwag-own"].is_null());
        let text = coverage(&all);
        assert!(text.contains("410 operations: 0 built"), "{}", &text[..300]);
        let (_, ours) = text.split_once("# Wigwag's own").unwrap();
        assert!(ours.contains("| getWhy | GET | `/api/v2/why/{flagKey}` | built |"), "{ours}");
        assert_eq!(ours.matches("\n| ").count(), 2);
    }
}
