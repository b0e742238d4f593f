//! Deletion of a role: it is taken from its members and teams (behaviour.md 12), in the same change.
//!
//! Tokens keep the id of a role that is gone, and it gives them nothing: without it a token would act with all its
//! member may.

use wigwag_kit::resource::{Account, Stored, load, retried};
use wigwag_kit::{Change, Ctx, Error, Proofs, Reply, Request, Resource, Result, Target};
use wigwag_model::doc::{CustomRole, Kind, Member};
use wigwag_store::{DocKey, Expect};

use super::Roles;
use crate::common::Giving;
use crate::read::Holders;

pub(super) async fn delete(ctx: Ctx, request: Request) -> Result<Reply> {
    let key = request.param("customRoleKey");
    retried(false, || attempt(&ctx, key)).await?;
    Ok(Reply::empty())
}

async fn attempt(ctx: &Ctx, key: &str) -> Result<()> {
    let Stored { value: role, version } = load::<Roles>(ctx, &Account, key).await?;
    let proof = ctx.authorise("deleteRole", &Roles::spec(&role, &Account))?;
    if role.preset_version.is_some() {
        return Err(Error::Conflict(format!("The role {} came with Wigwag and cannot be deleted", role.key)));
    }
    let mut change = Change::new(Proofs::of(proof), "deleted the role", target(&role));
    change.delete(DocKey::account(Kind::CustomRole, role.id.as_str()), Expect::Version(version));
    let holders = Holders::load(ctx).await?;
    let giving = Giving::of(ctx).await?;
    // Whose only role it is falls back to the base role.
    let only = |member: &&Member| member.custom_roles.len() == 1;
    holders.members_with(&role).filter(only).try_for_each(|member| giving.base("role", member.role))?;
    holders.released(&role, &mut change)?;
    change.commit(ctx).await.map(drop)
}

pub(super) fn target(role: &CustomRole) -> Target {
    let id = role.id.clone();
    Target {
        kind: Roles::ABOUT.noun.to_owned(),
        name: role.name.clone(),
        resources: vec![Roles::spec(role, &Account).to_string()],
        href: Roles::href(role, &Account),
        site: Roles::site(role, &Account),
        project: String::new(),
        environment: None,
        document: Some([Kind::CustomRole.as_str().to_owned(), String::new(), String::new(), id]),
    }
}
