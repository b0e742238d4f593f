//! Who follows a flag in an environment. Members follow for themselves; following for others is an
//! action (access-control.md 7). Not in the audit log (behaviour.md 13.4).

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;
use wigwag_kit::operation::Access;
use wigwag_kit::resource::{Parent, retried};
use wigwag_kit::{Change, Ctx, Error, Links, Operations, Proof, Proofs, Reply, Request, Result};
use wigwag_model::doc::{FlagFollower, Kind};
use wigwag_model::key::{MAX_KEY, is_key};
use wigwag_store::{CREATED, Expect, IndexFacts, ListQuery, Predicate};

use crate::read::{
    FlagPlace, MemberSummary, hanging_key, member_key, members_by_id, project_and_environment, summary_of,
};

/// The operations on followers.
#[must_use]
pub fn ops() -> Operations {
    let (view, change) = (Access::Actions(&["viewProject"]), Access::Actions(&["manageFlagFollowers", "viewProject"]));
    Operations::new()
        .with(Operations::operation("getFlagFollowers", view, of_flag).reply::<Followers>())
        .with(Operations::operation("getFollowersByProjEnv", view, of_environment).reply::<FollowersByFlag>())
        .on("putFlagFollower", change, put)
        .on("deleteFlagFollower", change, delete)
}

/// The members who follow a flag.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "FlagFollowersGetRep")]
struct Followers {
    /// Itself.
    #[serde(rename = "_links")]
    links: Links,
    /// In the order in which they began to.
    items: Vec<MemberSummary>,
}

/// The members who follow flags of an environment.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "FlagFollowersByProjEnvGetRep")]
struct FollowersByFlag {
    /// Itself.
    #[serde(rename = "_links")]
    links: Links,
    /// Flags that somebody follows, by key.
    items: Vec<FollowedFlag>,
}

/// A flag that somebody follows.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "followersPerFlag")]
struct FollowedFlag {
    /// Key of the flag.
    flag_key: String,
    /// In the order in which they began to.
    followers: Vec<MemberSummary>,
}

async fn of_flag(ctx: Ctx, request: Request) -> Result<Reply> {
    let place = FlagPlace::load(&ctx, &request).await?;
    let filter = Predicate::eq("flag", &*place.flag.key);
    let flags = followers(&ctx, place.project(), place.environment(), filter).await?;
    let items = flags.into_iter().flat_map(|flag| flag.followers).collect();
    Reply::json(&Followers { links: Links::new().own(request.path), items })
}

async fn of_environment(ctx: Ctx, request: Request) -> Result<Reply> {
    let (project, env) = (request.param("projectKey"), request.param("environmentKey"));
    let (project, environment) = project_and_environment(&ctx, project, env).await?;
    let items = followers(&ctx, &project.value.key, &environment.value.key, Predicate::All).await?;
    Reply::json(&FollowersByFlag { links: Links::new().own(request.path), items })
}

/// Followers by flag. Members who are gone follow nothing any more.
async fn followers(ctx: &Ctx, project: &str, environment: &str, filter: Predicate) -> Result<Vec<FollowedFlag>> {
    let query = ListQuery::in_env(Kind::FlagFollower, project, environment).filter(filter).sort(CREATED, false);
    let docs = ctx.store().list(&query).await?.docs;
    let follows: Vec<FlagFollower> = docs.iter().map(wigwag_store::Doc::decode).collect::<Result<_, _>>()?;
    let members = members_by_id(ctx, follows.iter().map(|follow| &*follow.member_id)).await?;
    let mut flags: BTreeMap<&str, Vec<MemberSummary>> = BTreeMap::new();
    for follow in &follows {
        if let Some(member) = members.get(&follow.member_id) {
            flags.entry(&follow.flag).or_default().push(summary_of(member));
        }
    }
    Ok(flags.into_iter().map(|(flag, followers)| FollowedFlag { flag_key: flag.to_owned(), followers }).collect())
}

async fn put(ctx: Ctx, request: Request) -> Result<Reply> {
    retried(false, || follow(&ctx, &request)).await?;
    Ok(Reply::empty())
}

async fn follow(ctx: &Ctx, request: &Request) -> Result<()> {
    let place = FlagPlace::load(ctx, request).await?;
    let member = request.param("memberId");
    let proof = may(ctx, &place, member)?;
    let known = is_key(member, MAX_KEY) && ctx.store().get(&member_key(member)).await?.is_some();
    if !known {
        return Err(Error::NotFound(format!("Unknown member {member}")));
    }
    let key = place.key(Kind::FlagFollower, member);
    if ctx.store().get(&key).await?.is_some() {
        return Ok(());
    }
    let follower =
        FlagFollower { flag: place.flag.key.clone(), member_id: member.to_owned(), created_at: ctx.app.clock.now() };
    let mut change = Change::new(Proofs::of(proof), "followed the flag", place.target()).unlisted();
    let facts = IndexFacts::new().text("flag", &follower.flag);
    change.put(key, Expect::Absent, &follower, facts)?;
    if let Some((key, state)) = place.requires() {
        change.require(key, state);
    }
    change.commit(ctx).await.map(drop)
}

async fn delete(ctx: Ctx, request: Request) -> Result<Reply> {
    retried(false, || unfollow(&ctx, &request)).await?;
    Ok(Reply::empty())
}

async fn unfollow(ctx: &Ctx, request: &Request) -> Result<()> {
    let place = FlagPlace::load(ctx, request).await?;
    let member = request.param("memberId");
    let proof = may(ctx, &place, member)?;
    let not_found = || Error::NotFound(format!("{member} does not follow this flag"));
    if !is_key(member, MAX_KEY) {
        return Err(not_found());
    }
    let key = hanging_key(Kind::FlagFollower, place.project(), place.environment(), &place.flag.key, member);
    let doc = ctx.store().get(&key).await?.ok_or_else(not_found)?;
    let mut change = Change::new(Proofs::of(proof), "no longer follows the flag", place.target()).unlisted();
    change.delete(key, Expect::Version(doc.version));
    change.commit(ctx).await.map(drop)
}

/// Members may follow for themselves what they may see.
fn may(ctx: &Ctx, place: &FlagPlace, member: &str) -> Result<Proof> {
    if ctx.caller.acting_member().is_some_and(|caller| caller.id == member) {
        return ctx.authorise("viewProject", &place.project.spec);
    }
    let spec = place.specs().into_iter().next().unwrap_or_default();
    ctx.authorise("manageFlagFollowers", &spec)
}
