//! Members of the account: so far what flags need, `me`, the list and one.

mod list;
mod rep;

pub use rep::MemberRep;

use wigwag_kit::operation::Access;
use wigwag_kit::{Collection, Ctx, Error, Operations, Reply, Request, Result};
use wigwag_model::doc::{Member, Role};
use wigwag_store::IndexFacts;

use crate::read::{Loaded, member_key, member_of, require_viewer};

/// What is not recorded yet.
const PARTIAL: &str =
    "activity is not recorded: _lastSeen is 0 and no filter; no accessCheck; roleAttributes come with custom roles";

/// The operations on members.
#[must_use]
pub fn ops() -> Operations {
    Operations::new()
        .with(
            Operations::operation("getMembers", Access::Caller, list::list)
                .reply::<Collection<MemberRep>>()
                .partial(PARTIAL),
        )
        .with(Operations::operation("getMember", Access::Caller, get).reply::<MemberRep>().partial(PARTIAL))
}

/// What lists of members can ask. No two members share an address, whatever its case.
#[must_use]
pub fn index(member: &Member) -> IndexFacts {
    let email = member.email.to_lowercase();
    let (subject, external) = (member.sign_in.subject.as_deref(), member.sign_in.external_id.as_deref());
    let facts = subject.into_iter().fold(IndexFacts::new(), |facts, subject| facts.unique("subject", subject));
    let facts = external.into_iter().fold(facts, |facts, id| facts.text("externalId", id));
    facts
        .text("email", &email)
        .text("displayName", display_name(member))
        .text("role", role_name(member.role))
        .number("creationDate", member.created_at)
        .unique("email", email)
}

/// What people call a member: the name, or the address while there is none.
fn display_name(member: &Member) -> String {
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

/// One member, or `me`. Everybody may see themselves.
async fn get(ctx: Ctx, request: Request) -> Result<Reply> {
    let asked = request.param("id");
    let missing = || Error::NotFound(format!("Unknown member id {asked}"));
    let me = ctx.caller.acting_member().map(|m| m.id.as_str());
    let id = if asked == "me" { me.ok_or_else(missing)? } else { asked };
    if Some(id) != me {
        require_viewer(&ctx)?;
    }
    if id.len() != 24 || !id.bytes().all(|b| b.is_ascii_hexdigit()) {
        return Err(missing());
    }
    let doc = ctx.store().get(&member_key(id)).await?.ok_or_else(missing)?;
    let member: Loaded<Member> = member_of(&doc)?;
    Reply::json(&rep::member_rep(&member, &rep::all_teams(&ctx).await?))
}
