//! What directories ask first: what can be done, with which resources.

use serde_json::{Value, json};
use wigwag_kit::{Ctx, Reply, Request, Result};

use super::{groups, query, reply, users};

pub(super) async fn config(_: Ctx, _: Request) -> Result<Reply> {
    let no = json!({"supported": false});
    reply(&json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"],
        "patch": {"supported": true},
        "bulk": {"supported": false, "maxOperations": 0, "maxPayloadSize": 0},
        "filter": {"supported": true, "maxResults": 200},
        "changePassword": no, "sort": no, "etag": no,
        "authenticationSchemes": [{
            "type": "oauthbearertoken", "name": "Access token",
            "description": "An access token that may create members, as a bearer token",
        }],
    }))
}

pub(super) async fn resource_types(_: Ctx, _: Request) -> Result<Reply> {
    let of = |name: &str, endpoint: &str, schema: &str| {
        json!({
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:ResourceType"],
            "id": name, "name": name, "endpoint": endpoint, "schema": schema,
        })
    };
    let all = vec![of("User", "/Users", users::SCHEMA), of("Group", "/Groups", groups::SCHEMA)];
    let total = all.len() as u64;
    query::listed(all, total, 0)
}

pub(super) async fn schemas(_: Ctx, _: Request) -> Result<Reply> {
    let text = |name: &str, required: bool| attribute(name, "string", false, required, Value::Null);
    let name = json!([text("givenName", false), text("familyName", false)]);
    let value = json!([text("value", true)]);
    let user = json!([
        text("userName", true),
        text("externalId", false),
        attribute("active", "boolean", false, false, Value::Null),
        attribute("name", "complex", false, false, name),
        attribute("emails", "complex", true, false, value.clone()),
        attribute("roles", "complex", true, false, value.clone()),
    ]);
    let group = json!([text("displayName", true), attribute("members", "complex", true, false, value)]);
    let of = |id: &str, name: &str, attributes: Value| {
        json!({
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Schema"],
            "id": id, "name": name, "attributes": attributes,
        })
    };
    query::listed(vec![of(users::SCHEMA, "User", user), of(groups::SCHEMA, "Group", group)], 2, 0)
}

fn attribute(name: &str, kind: &str, multi: bool, required: bool, parts: Value) -> Value {
    let mut attribute = json!({
        "name": name, "type": kind, "multiValued": multi, "required": required, "caseExact": false,
        "mutability": "readWrite", "returned": "default", "uniqueness": "none",
    });
    if !parts.is_null() {
        attribute["subAttributes"] = parts;
    }
    attribute
}
