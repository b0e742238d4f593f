//! Members of the account: semantic-patch.md 11, behaviour.md 2.2 and 12.

mod bulk;
mod delete;
mod edit;
mod invite;
mod join;
mod list;
mod rep;

pub use crate::read::member_index as index;
pub use invite::MemberPost;
pub use rep::MemberRep;

use wigwag_kit::links::path;
use wigwag_kit::operation::Access;
use wigwag_kit::{Collection, Ctx, Error, Expand, Operations, Reply, Request, Result, Spec, Target, patch};
use wigwag_model::doc::{Kind, Member};

use crate::read::{Loaded, display_name, member_key, member_of, require_viewer};

/// The operations on members.
#[must_use]
pub fn ops() -> Operations {
    let (create, join) =
        (Access::Actions(&["createMember", "updateTeamMembers"]), Access::Actions(&["updateTeamMembers"]));
    Operations::new()
        .with(Operations::operation("getMembers", Access::Caller, list::list).reply::<Collection<MemberRep>>())
        .with(
            Operations::operation("postMembers", create, invite::invite)
                .body::<Vec<MemberPost>>()
                .reply::<Collection<MemberRep>>(),
        )
        .with(
            Operations::operation("patchMembers", Access::Actions(edit::ACTIONS), bulk::patch)
                .body::<patch::Body>()
                .reply::<bulk::BulkRep>(),
        )
        .with(Operations::operation("getMember", Access::Caller, get).reply::<MemberRep>())
        .with(
            Operations::operation("patchMember", Access::Actions(edit::ACTIONS), edit::patch)
                .body::<patch::Body>()
                .reply::<MemberRep>(),
        )
        .with(Operations::operation("deleteMember", Access::Actions(&["deleteMember"]), delete::delete))
        .with(Operations::operation("postMemberTeams", join, join::join).body::<join::TeamsPost>().reply::<MemberRep>())
}

/// How policies name a member.
fn spec(member: &Member) -> Spec {
    Spec::top("member", &member.id)
}

/// A member as audit entries show them.
pub(crate) fn target(member: &Member) -> Target {
    let key = member_key(&member.id);
    Target {
        kind: "member".to_owned(),
        name: display_name(member),
        resources: vec![spec(member).to_string()],
        href: path(&["members", &member.id]),
        site: format!("/settings/members/{}/permissions", member.id),
        project: String::new(),
        environment: None,
        document: Some([Kind::Member.as_str().to_owned(), String::new(), String::new(), key.key.to_string()]),
    }
}

/// The member whom a path names, by id or as `me`.
async fn load(ctx: &Ctx, asked: &str) -> Result<Loaded<Member>> {
    let missing = || Error::NotFound(format!("Unknown member id {asked}"));
    let me = ctx.caller.acting_member().map(|m| m.id.as_str());
    let id = if asked == "me" { me.ok_or_else(missing)? } else { asked };
    if id.len() != 24 || !id.bytes().all(|b| b.is_ascii_hexdigit()) {
        return Err(missing());
    }
    member_of(&ctx.get(&member_key(id)).await?.ok_or_else(missing)?)
}

/// One member, or `me`. Everybody may see themselves.
async fn get(ctx: Ctx, request: Request) -> Result<Reply> {
    let asked = request.param("id");
    let me = ctx.caller.acting_member().map(|m| m.id.as_str());
    if asked != "me" && Some(asked) != me {
        require_viewer(&ctx)?;
    }
    let member = load(&ctx, asked).await?;
    shown(&ctx, &request, member).await
}

/// A member with what `expand` asks for.
async fn shown(ctx: &Ctx, request: &Request, member: Loaded<Member>) -> Result<Reply> {
    let around = rep::Surroundings::load(ctx, &Expand::of(request)).await?;
    let around = around.seen(ctx, std::slice::from_ref(&member)).await?;
    Reply::json(&around.shown(&member))
}
