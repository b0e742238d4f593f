//! What belongs to no resource: the root, who is calling, versions, addresses.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;
use wigwag_kit::links::{Links, path};
use wigwag_kit::operation::Access;
use wigwag_kit::{ApiVersion, Ctx, Operations, Reply, Request, Result, contract};
use wigwag_model::doc::{Account, Kind, Role};
use wigwag_store::DocKey;

/// These operations. The OpenAPI document is served by the kit.
#[must_use]
pub fn ops() -> Operations {
    Operations::new()
        .with(Operations::operation("getRoot", Access::Public, root).reply::<RootRep>())
        .with(Operations::operation("getCallerIdentity", Access::Caller, identity).reply::<IdentityRep>())
        .with(Operations::operation("getIps", Access::Public, addresses).reply::<AddressesRep>())
        .with(Operations::operation("getVersions", Access::Public, versions).reply::<VersionsRep>())
        .beside("GET", "/api/v2/account", "getAccount", Access::Caller, account)
}

/// Where the resources are.
#[derive(Serialize, JsonSchema)]
struct RootRep {
    /// Links by name; here without the underscore.
    links: Links,
}

/// Every category of the contract that can be listed without naming anything.
async fn root(_: Ctx, _: Request) -> Result<Reply> {
    let mut categories = BTreeMap::new();
    for entry in contract::entries().iter().filter(|e| e.method == "GET" && !e.beta) {
        if let Some(name) = entry.path.strip_prefix("/api/v2/").filter(|rest| !rest.contains(['/', '{'])) {
            categories.insert(name, entry.path);
        }
    }
    let own = Links::new().own(path(&[]));
    Reply::json(&RootRep { links: categories.into_iter().fold(own, |links, (name, href)| links.to(name, href)) })
}

/// Who is calling.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct IdentityRep {
    /// The account.
    account_id: String,
    /// The kind of credential.
    auth_kind: &'static str,
    /// What the token is for.
    #[serde(skip_serializing_if = "Option::is_none")]
    token_kind: Option<&'static str>,
    /// The token's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    token_name: Option<String>,
    /// The token.
    #[serde(skip_serializing_if = "Option::is_none")]
    token_id: Option<String>,
    /// The member on whose behalf it acts.
    #[serde(skip_serializing_if = "Option::is_none")]
    member_id: Option<String>,
    /// It acts for itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    service_token: Option<bool>,
    /// The OAuth 2.0 client that the token was issued to.
    #[serde(skip_serializing_if = "Option::is_none")]
    client_id: Option<String>,
    /// What that client may do with it at most.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    scopes: Vec<Role>,
}

async fn identity(ctx: Ctx, _: Request) -> Result<Reply> {
    let token = ctx.caller.token.as_deref();
    Reply::json(&IdentityRep {
        account_id: ctx.app.account_id.clone(),
        auth_kind: if token.is_some() { "token" } else { "session" },
        token_kind: token.map(|_| "auth"),
        token_name: token.map(|t| t.name.clone()).filter(|name| !name.is_empty()),
        token_id: token.map(|t| t.id.clone()),
        member_id: ctx.caller.acting_member().map(|m| m.id.clone()),
        service_token: token.map(|t| t.service_token).filter(|service| *service),
        client_id: token.and_then(|t| t.client_id.clone()),
        scopes: token.filter(|t| t.client_id.is_some()).and_then(|t| t.role).into_iter().collect(),
    })
}

/// Addresses that a hosted service would publish for firewalls.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct AddressesRep {
    /// Of the service.
    addresses: Vec<String>,
    /// Of its webhooks.
    outbound_addresses: Vec<String>,
}

/// None: only who runs the server knows under which addresses it is reached and calls out.
async fn addresses(_: Ctx, _: Request) -> Result<Reply> {
    Reply::json(&AddressesRep { addresses: Vec::new(), outbound_addresses: Vec::new() })
}

/// The versions of the API.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct VersionsRep {
    /// Oldest first.
    valid_versions: Vec<u32>,
    /// The newest.
    latest_version: u32,
    /// The one of this request.
    current_version: u32,
    /// Whether the request asked for beta.
    beta: bool,
}

async fn versions(ctx: Ctx, request: Request) -> Result<Reply> {
    Reply::json(&VersionsRep {
        valid_versions: ApiVersion::ALL.iter().map(|v| v.number()).collect(),
        latest_version: ApiVersion::NEWEST.number(),
        current_version: ctx.version.number(),
        beta: request.beta,
    })
}

/// The account, as far as ldcli asks for it (behaviour.md 1).
#[derive(Serialize)]
struct AccountRep {
    #[serde(rename = "_links")]
    links: Links,
    #[serde(rename = "_id")]
    id: String,
    organization: String,
}

async fn account(ctx: Ctx, _: Request) -> Result<Reply> {
    let doc = ctx.store().get(&DocKey::account(Kind::Account, "account")).await?;
    let account: Option<Account> = doc.map(|doc| doc.decode()).transpose()?;
    Reply::json(&AccountRep {
        links: Links::new().own(path(&["account"])),
        id: ctx.app.account_id.clone(),
        organization: account.map_or_else(String::new, |a| a.organization),
    })
}
