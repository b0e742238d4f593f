//! What directories ask first: what can be done, with which resources.

use serde_json::{Value, json};
use wigwag_kit::{Ctx, Error, Reply, Request, Result};

use super::{groups, location, query, reply, users};

pub(super) async fn config(ctx: Ctx, _: Request) -> Result<Reply> {
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
        "meta": {"resourceType": "ServiceProviderConfig", "location": format!("{}/scim/v2/ServiceProviderConfig", ctx.app.site)},
    }))
}

pub(super) async fn resource_types(ctx: Ctx, _: Request) -> Result<Reply> {
    query::listed(types(&ctx), 2, 0)
}

pub(super) async fn resource_type(ctx: Ctx, request: Request) -> Result<Reply> {
    one(types(&ctx), request.param("id"))
}

pub(super) async fn schemas(ctx: Ctx, _: Request) -> Result<Reply> {
    query::listed(described(&ctx), 2, 0)
}

pub(super) async fn schema(ctx: Ctx, request: Request) -> Result<Reply> {
    one(described(&ctx), request.param("id"))
}

pub(super) async fn unknown(_: Ctx, request: Request) -> Result<Reply> {
    Err(Error::NotFound(format!("There is no endpoint {}", request.param("endpoint"))))
}

fn one(all: Vec<Value>, id: &str) -> Result<Reply> {
    let found = all.into_iter().find(|one| one["id"] == id);
    reply(&found.ok_or_else(|| Error::NotFound(format!("There is no {id}")))?)
}

fn types(ctx: &Ctx) -> Vec<Value> {
    let of = |name: &str, endpoint: &str, schema: &str| {
        json!({
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:ResourceType"],
            "id": name, "name": name, "endpoint": endpoint, "schema": schema,
            "meta": {"resourceType": "ResourceType", "location": location(ctx, "ResourceTypes", name)},
        })
    };
    vec![of("User", "/Users", users::SCHEMA), of("Group", "/Groups", groups::SCHEMA)]
}

fn described(ctx: &Ctx) -> Vec<Value> {
    let of = |id: &str, name: &str, attributes: Vec<Attribute>| {
        let attributes: Vec<Value> = attributes.into_iter().map(|attribute| attribute.0).collect();
        json!({
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Schema"],
            "id": id, "name": name, "attributes": attributes,
            "meta": {"resourceType": "Schema", "location": location(ctx, "Schemas", id)},
        })
    };
    vec![of(users::SCHEMA, "User", user()), of(groups::SCHEMA, "Group", group())]
}

/// A user always has an address and a role: they are made up where a directory tells none.
fn user() -> Vec<Attribute> {
    // There is one of each.
    let primary = || Attribute::of("primary", "boolean").with("mutability", "readOnly".into());
    let roles = json!(["reader", "writer", "admin", "no_access"]);
    vec![
        Attribute::text("userName").required().with("uniqueness", "server".into()),
        Attribute::text("displayName").with("mutability", "readOnly".into()),
        Attribute::of("name", "complex").parts(vec![Attribute::text("givenName"), Attribute::text("familyName")]),
        Attribute::of("emails", "complex")
            .many()
            .required()
            .parts(vec![Attribute::text("value").required(), primary()]),
        Attribute::of("active", "boolean").required(),
        Attribute::of("roles", "complex")
            .many()
            .required()
            .parts(vec![Attribute::text("value").required().with("canonicalValues", roles), primary()]),
    ]
}

fn group() -> Vec<Attribute> {
    let member = vec![
        Attribute::text("value").with("mutability", "immutable".into()),
        Attribute::of("$ref", "reference")
            .with("mutability", "immutable".into())
            .with("referenceTypes", json!(["User"])),
        Attribute::text("type").with("mutability", "immutable".into()).with("canonicalValues", json!(["User"])),
    ];
    vec![
        Attribute::text("displayName").required().with("uniqueness", "server".into()),
        Attribute::of("members", "complex").many().parts(member),
    ]
}

/// An attribute as schemas describe it (RFC 7643 7).
struct Attribute(Value);

impl Attribute {
    fn of(name: &str, kind: &str) -> Self {
        Self(json!({
            "name": name, "type": kind, "multiValued": false, "required": false, "caseExact": false,
            "mutability": "readWrite", "returned": "default", "uniqueness": "none",
        }))
    }

    fn text(name: &str) -> Self {
        Self::of(name, "string")
    }

    fn with(mut self, characteristic: &str, value: Value) -> Self {
        self.0[characteristic] = value;
        self
    }

    fn required(self) -> Self {
        self.with("required", true.into())
    }

    fn many(self) -> Self {
        self.with("multiValued", true.into())
    }

    fn parts(self, parts: Vec<Self>) -> Self {
        self.with("subAttributes", parts.into_iter().map(|part| part.0).collect())
    }
}
