//! Members, as other areas show them.

use std::collections::HashMap;

use schemars::JsonSchema;
use serde::Serialize;
use wigwag_kit::links::{Links, path};
use wigwag_kit::operation::Access;
use wigwag_kit::{Ctx, Error, Result, Spec};
use wigwag_model::doc::Kind;
use wigwag_model::doc::{Member, Role};
use wigwag_store::{Doc, DocKey, IndexFacts, ListQuery, Predicate};

use super::Loaded;

/// Where a member is stored.
#[must_use]
pub fn member_key(id: &str) -> DocKey {
    DocKey::account(Kind::Member, id)
}

/// What lists of members can ask. No two members share an address, whatever its case.
#[must_use]
pub fn member_index(member: &Member) -> IndexFacts {
    let email = member.email.to_lowercase();
    let (subject, external) = (member.sign_in.subject.as_deref(), member.sign_in.external_id.as_deref());
    let facts = subject.into_iter().fold(IndexFacts::new(), |facts, subject| facts.unique("subject", subject));
    let facts = external.into_iter().fold(facts, |facts, id| facts.text("externalId", id));
    let user_name = member.sign_in.user_name.as_ref().map(|name| name.to_lowercase());
    let facts = user_name.into_iter().fold(facts, |facts, name| facts.text("userName", &name).unique("userName", name));
    let facts = facts
        .text("email", &email)
        .text("displayName", display_name(member))
        .text("role", role_name(member.role))
        .many("customRole", &member.custom_roles)
        .number("creationDate", member.created_at)
        .unique("email", email);
    if member.pending_invite { facts.text("pendingInvite", "true") } else { facts }
}

/// What people call a member: the name, or the address while there is none.
#[must_use]
pub fn display_name(member: &Member) -> String {
    let name = format!("{} {}", member.first_name, member.last_name);
    if name.trim().is_empty() { member.email.clone() } else { name.trim().to_owned() }
}

const fn role_name(role: Role) -> &'static str {
    match role {
        Role::NoAccess => "no_access",
        Role::Reader => "reader",
        Role::Writer => "writer",
        Role::Admin => "admin",
        Role::Owner => "owner",
    }
}

/// Reads a stored member.
///
/// # Errors
/// The document cannot be read.
pub fn member_of(doc: &Doc) -> Result<Loaded<Member>> {
    Loaded::from_doc(doc, |member: &Member| Spec::top("member", &member.id))
}

/// Those of the members that exist, by id, in one round trip. Ids may repeat.
///
/// # Errors
/// The store cannot be read.
pub async fn members_by_id<'a>(ctx: &Ctx, ids: impl IntoIterator<Item = &'a str>) -> Result<HashMap<String, Member>> {
    let mut ids: Vec<&str> = ids.into_iter().collect();
    ids.sort_unstable();
    ids.dedup();
    let keys: Vec<DocKey> = ids.into_iter().map(member_key).collect();
    let docs = ctx.store().get_many(&keys).await?;
    docs.into_iter().flatten().map(|doc| Ok((doc.key.key.to_string(), doc.decode()?))).collect()
}

/// The id of the account's owner, empty when there is none.
///
/// # Errors
/// The store cannot be read.
pub async fn owner_id(ctx: &Ctx) -> Result<String> {
    let owners = ListQuery::account(Kind::Member).filter(Predicate::eq("role", "owner")).page(1, 0);
    let found = ctx.store().list(&owners).await?.docs.into_iter().next();
    Ok(found.map_or_else(String::new, |doc| doc.key.key.into()))
}

/// Refuses callers who may not look around the account: those without any role
/// (access-control.md 7). There is no documented action for it, so `viewAccount` stands in.
///
/// # Errors
/// 403.
pub fn require_viewer(ctx: &Ctx) -> Result<(), Error> {
    ctx.authorise("viewAccount", &Spec::account()).map(drop)
}

/// What operations declare that ask [`require_viewer`].
pub const VIEWER: Access = Access::Actions(&["viewAccount"]);

/// A member in short.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct MemberSummary {
    /// The member.
    #[serde(rename = "_links")]
    links: Links,
    /// 24 hex digits.
    #[serde(rename = "_id")]
    id: String,
    /// Given name.
    #[serde(skip_serializing_if = "String::is_empty")]
    first_name: String,
    /// Family name.
    #[serde(skip_serializing_if = "String::is_empty")]
    last_name: String,
    /// Base role.
    role: Role,
    /// Sign-in name.
    email: String,
}

/// Shows a member in short.
#[must_use]
pub fn summary_of(member: &Member) -> MemberSummary {
    MemberSummary {
        links: Links::new().own(path(&["members", &member.id])).parent(path(&["members"])),
        id: member.id.clone(),
        first_name: member.first_name.clone(),
        last_name: member.last_name.clone(),
        role: member.role,
        email: member.email.clone(),
    }
}
