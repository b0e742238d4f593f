//! SCIM 2.0 (RFC 7643, RFC 7644): a directory keeps members and teams up to date. Users are members, groups are
//! teams. The directory sends an access token that may create members.
//!
//! Left out: sorting, bulk, ETags, filters other than equality on a few attributes, attributes we have no use for (they
//! are ignored).

mod discovery;
mod groups;
mod query;
mod search;
mod users;

use http::{HeaderValue, StatusCode};
use serde_json::{Value, json};
use wigwag_kit::operation::{Access, Own};
use wigwag_kit::{Ctx, Error, Operation, Operations, Reply, Request, Result, Spec};

/// The operations. `delete_member` is what members are deleted by elsewhere.
pub(super) fn ops(delete_member: Option<Operation>) -> Operations {
    let delete = move |ctx: Ctx, request: Request| users::delete(ctx, request, delete_member.clone());
    Operations::new()
        .with(scim("GET", "/scim/v2/Users", "scimListUsers", users::list))
        .with(scim("POST", "/scim/v2/Users", "scimCreateUser", users::create))
        .with(scim("GET", "/scim/v2/Users/{id}", "scimGetUser", users::get))
        .with(scim("PUT", "/scim/v2/Users/{id}", "scimReplaceUser", users::replace))
        .with(scim("PATCH", "/scim/v2/Users/{id}", "scimPatchUser", users::patch))
        .with(scim("DELETE", "/scim/v2/Users/{id}", "scimDeleteUser", delete).no_content())
        .with(scim("GET", "/scim/v2/Groups", "scimListGroups", groups::list))
        .with(scim("POST", "/scim/v2/Groups", "scimCreateGroup", groups::create))
        .with(scim("GET", "/scim/v2/Groups/{id}", "scimGetGroup", groups::get))
        .with(scim("PUT", "/scim/v2/Groups/{id}", "scimReplaceGroup", groups::replace))
        .with(scim("PATCH", "/scim/v2/Groups/{id}", "scimPatchGroup", groups::patch))
        .with(scim("DELETE", "/scim/v2/Groups/{id}", "scimDeleteGroup", groups::delete).no_content())
        .with(scim("GET", "/scim/v2/ServiceProviderConfig", "scimServiceProviderConfig", discovery::config))
        .with(scim("GET", "/scim/v2/Schemas", "scimSchemas", discovery::schemas))
        .with(scim("GET", "/scim/v2/Schemas/{id}", "scimSchema", discovery::schema))
        .with(scim("GET", "/scim/v2/ResourceTypes", "scimResourceTypes", discovery::resource_types))
        .with(scim("GET", "/scim/v2/ResourceTypes/{id}", "scimResourceType", discovery::resource_type))
        .with(scim("POST", "/scim/v2/.search", "scimSearch", search::search))
        .with(scim("GET", "/scim/v2/{endpoint}", "scimUnknown", discovery::unknown))
}

fn scim<F, Fut>(method: &'static str, path: &'static str, id: &'static str, handler: F) -> Operation
where
    F: Fn(Ctx, Request) -> Fut + Clone + Send + Sync + 'static,
    Fut: Future<Output = Result<Reply>> + Send + 'static,
{
    let own = Own { tag: "Wigwag: SCIM", method, path, id, query: &[] };
    let handler = move |ctx: Ctx, request: Request| {
        let handler = handler.clone();
        async move {
            ctx.authorise("createMember", &Spec::top("member", "*"))?;
            match handler(ctx, request).await {
                Err(error) => refusal(error),
                done => done,
            }
        }
    };
    Operations::own(own, Access::Actions(&["createMember"]), handler)
        .media("application/scim+json")
        .own_refusals()
        .about("SCIM 2.0, for directories: users are members, groups are teams.")
}

/// An error as directories read it (RFC 7644 3.12). Faults of ours stay what they are.
fn refusal(error: Error) -> Result<Reply> {
    if matches!(error, Error::Internal(_) | Error::Unavailable) {
        return Err(error);
    }
    let (status, _) = error.class();
    let kind = match status {
        StatusCode::CONFLICT => Some("uniqueness"),
        StatusCode::BAD_REQUEST => Some("invalidValue"),
        _ => None,
    };
    let mut body = json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"],
        "status": status.as_u16().to_string(),
        "detail": error.to_string(),
    });
    if let Some(kind) = kind {
        body["scimType"] = kind.into();
    }
    Ok(reply(&body)?.status(status))
}

fn reply(body: &Value) -> Result<Reply> {
    let mut reply = Reply::json(body)?.status(StatusCode::OK);
    reply.headers.insert(http::header::CONTENT_TYPE, HeaderValue::from_static("application/scim+json"));
    Ok(reply)
}

/// Where a resource is.
fn location(ctx: &Ctx, kind: &str, id: &str) -> String {
    format!("{}/scim/v2/{kind}/{id}", ctx.app.site)
}

/// The operations of a patch, with lower-case names: `add`, `replace` or `remove`, a path, a value.
fn operations(body: &Value) -> Result<Vec<(String, &str, &Value)>> {
    let all = body["Operations"].as_array().ok_or_else(|| Error::missing("Operations"))?;
    all.iter()
        .map(|operation| {
            let op = operation["op"].as_str().unwrap_or_default().to_ascii_lowercase();
            if !["add", "replace", "remove"].contains(&&*op) {
                return Err(Error::field("Operations.op", "must be add, replace or remove"));
            }
            Ok((op, operation["path"].as_str().unwrap_or_default(), &operation["value"]))
        })
        .collect()
}
