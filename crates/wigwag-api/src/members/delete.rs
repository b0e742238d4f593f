//! Deletions of members. Their personal tokens, what they granted to clients and what they follow go with them, and
//! they leave every team; flags keep naming them as maintainer (behaviour.md 12).

use wigwag_kit::resource::retried;
use wigwag_kit::{Change, Ctx, Error, Proofs, Reply, Request, Result};
use wigwag_model::doc::{FlagFollower, Kind, Role, Token};
use wigwag_store::{Expect, ListQuery, Predicate};

use super::{load, target};
use crate::read::{all_teams, team_index};

pub(super) async fn delete(ctx: Ctx, request: Request) -> Result<Reply> {
    retried(false, || attempt(&ctx, request.param("id"))).await?;
    Ok(Reply::empty())
}

async fn attempt(ctx: &Ctx, id: &str) -> Result<()> {
    let member = load(ctx, id).await?;
    let proof = ctx.authorise("deleteMember", &member.spec)?;
    if member.value.role == Role::Owner {
        return Err(Error::Forbidden("The owner of the account cannot be removed".to_owned()));
    }
    let id = member.value.id.clone();
    let mut change = Change::new(Proofs::of(proof), "deleted the member", target(&member.value));
    change.delete(member.key, Expect::Version(member.version));
    tokens(ctx, &id, &mut change).await?;
    let granted = ListQuery::account(Kind::OAuthGrant).filter(Predicate::eq("memberId", id.as_str()));
    for doc in ctx.store().list(&granted).await?.docs {
        change.delete(doc.key, Expect::Any);
    }
    followed(ctx, &id, &mut change).await?;
    for mut team in all_teams(ctx).await? {
        let before = team.value.clone();
        team.value.member_ids.retain(|one| *one != id);
        team.value.permission_grants.iter_mut().for_each(|grant| grant.member_ids.retain(|one| *one != id));
        team.value.permission_grants.retain(|grant| !grant.member_ids.is_empty());
        if team.value != before {
            team.value.modified_at = ctx.app.clock.now();
            change.put(team.key, Expect::Version(team.version), &team.value, team_index(&team.value))?;
        }
    }
    change.commit(ctx).await.map(drop)
}

/// Service tokens outlive their maker.
async fn tokens(ctx: &Ctx, id: &str, change: &mut Change) -> Result<()> {
    let own = ListQuery::account(Kind::Token).filter(Predicate::eq("memberId", id));
    for doc in ctx.store().list(&own).await?.docs {
        if !doc.decode::<Token>()?.service_token {
            change.delete(doc.key, Expect::Version(doc.version));
        }
    }
    Ok(())
}

async fn followed(ctx: &Ctx, id: &str, change: &mut Change) -> Result<()> {
    for doc in ctx.store().scan(Kind::FlagFollower, None, None).await? {
        if doc.decode::<FlagFollower>()?.member_id == id {
            change.delete(doc.key, Expect::Version(doc.version));
        }
    }
    Ok(())
}
