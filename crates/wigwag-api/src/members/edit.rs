//! Changes to one member. Roles are given by others; names belong to the member.

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};
use wigwag_kit::resource::{description, retried};
use wigwag_kit::{Change, Ctx, Dialects, Error, Expand, Patch, Proof, Proofs, Reply, Request, Result};
use wigwag_model::doc::{Member, Role};
use wigwag_store::Expect;

use super::rep::Surroundings;
use super::{index, load, shown, spec, target};
use crate::common::{Giving, authorise_patch, check_role_attributes};
use crate::read::{GivenRoles, Loaded};

/// Longest given or family name, in characters.
const MAX_NAME: usize = 256;

/// The members that others patch, each with its action (access-control.md 7).
const EDITABLE: [(&str, &str); 3] =
    [("role", "updateRole"), ("customRoles", "updateCustomRole"), ("roleAttributes", "updateMemberRoleAttributes")];

/// What members change about themselves; no role has this action.
const OWN: &str = "updateMemberName";

/// The actions of changes to members.
pub(super) const ACTIONS: &[&str] = &["updateRole", "updateCustomRole", "updateMemberRoleAttributes", OWN];

/// The part that a patch may touch.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Edit {
    #[serde(default)]
    first_name: String,
    #[serde(default)]
    last_name: String,
    role: Role,
    #[serde(default)]
    custom_roles: Vec<String>,
    #[serde(default)]
    role_attributes: IndexMap<String, Vec<String>>,
}

impl Edit {
    fn of(member: &Member) -> Self {
        Self {
            first_name: member.first_name.clone(),
            last_name: member.last_name.clone(),
            role: member.role,
            custom_roles: member.custom_roles.clone(),
            role_attributes: member.role_attributes.clone(),
        }
    }
}

pub(super) async fn patch(ctx: Ctx, request: Request) -> Result<Reply> {
    let patch = Patch::read(&request, Dialects::JSON)?;
    let member = retried(patch.pins(), || attempt(&ctx, &request, &patch)).await?;
    shown(&ctx, &request, member).await
}

async fn attempt(ctx: &Ctx, request: &Request, patch: &Patch) -> Result<Loaded<Member>> {
    let before = load(ctx, request.param("id")).await?;
    let mut proofs: Vec<Proof> = Vec::new();
    let given = authorise_patch(ctx, &before.spec, patch, &EDITABLE)?;
    if patch.members().iter().any(|name| matches!(&**name, "firstName" | "lastName")) {
        proofs.push(ctx.authorise_oneself(OWN, &before.spec)?);
    }
    let around = Surroundings::load(ctx, &Expand::of(request)).await?;
    let edit = patch.edited(&around.shown(&before), &Edit::of(&before.value))?;
    let after = edited(ctx, &before.value, edit).await?;
    let proofs = match (given, Proofs::from_list(proofs)) {
        (Some(mut all), Some(own)) => {
            all.join(own);
            Some(all)
        }
        (given, own) => given.or(own),
    };
    // Without a proof only members were named that are ignored.
    let Some(proofs) = proofs else { return Ok(before) };
    let describe = |change: Change| change.comment(patch.comment()).delta(patch.delta());
    write(ctx, before, after, proofs, describe).await
}

async fn edited(ctx: &Ctx, before: &Member, edit: Edit) -> Result<Member> {
    for (field, name) in [("firstName", &edit.first_name), ("lastName", &edit.last_name)] {
        if name.chars().count() > MAX_NAME {
            return Err(Error::field(field, format_args!("must be at most {MAX_NAME} characters long")));
        }
    }
    // What a member has stays, even where the role is gone.
    let mut new = edit.custom_roles.clone();
    new.retain(|role| !before.custom_roles.contains(role));
    let roles = GivenRoles::named(ctx, &new).await?;
    let id = |role: &String| match before.custom_roles.contains(role) {
        true => Ok(role.clone()),
        false => Ok(roles.ids("customRoles", std::slice::from_ref(role))?.remove(0)),
    };
    let custom_roles = edit.custom_roles.iter().map(id).collect::<Result<Vec<_>>>()?;
    check_role_attributes("roleAttributes", &edit.role_attributes)?;
    Ok(Member {
        first_name: edit.first_name,
        last_name: edit.last_name,
        role: edit.role,
        custom_roles: crate::common::unique(custom_roles),
        role_attributes: edit.role_attributes,
        ..before.clone()
    })
}

/// Refuses what nobody may do to a member's permissions: to one's own, to the owner's, and making an owner.
fn check(ctx: &Ctx, before: &Member, after: &Member) -> Result<()> {
    let roles = (before.role, &before.custom_roles) != (after.role, &after.custom_roles);
    if !roles && before.role_attributes == after.role_attributes {
        return Ok(());
    }
    if roles && before.role == Role::Owner {
        return Err(Error::Forbidden("The roles of the account's owner cannot be changed".to_owned()));
    }
    if roles && after.role == Role::Owner {
        return Err(Error::field("role", "must be reader, writer, admin or no_access: there is one owner"));
    }
    if ctx.caller.acting_member().is_some_and(|me| me.id == before.id) {
        return Err(Error::Forbidden("Members cannot change their own permissions".to_owned()));
    }
    Ok(())
}

/// Saves a member as changed, with the audit entry. Nothing changed, nothing is written.
pub(super) async fn write(
    ctx: &Ctx,
    before: Loaded<Member>,
    after: Member,
    proofs: Proofs,
    describe: impl FnOnce(Change) -> Change,
) -> Result<Loaded<Member>> {
    if after == before.value {
        return Ok(before);
    }
    check(ctx, &before.value, &after)?;
    let rights = |member: &Member| (member.role, member.custom_roles.clone(), member.role_attributes.clone());
    if rights(&before.value) != rights(&after) {
        Giving::of(ctx).await?.member("", Some(&before.value), &after)?;
    }
    let json = |member| serde_json::to_value(Edit::of(member)).map_err(|e| Error::Internal(e.to_string()));
    let text = description(&json(&before.value)?, &json(&after)?, &[]);
    let mut change = describe(Change::new(proofs, "updated the member", target(&after)).description(text));
    change.put(before.key.clone(), Expect::Version(before.version), &after, index(&after))?;
    let committed = change.commit(ctx).await?;
    let version = committed.versions.first().copied().unwrap_or_default();
    Ok(Loaded { spec: spec(&after), value: after, version, key: before.key })
}
