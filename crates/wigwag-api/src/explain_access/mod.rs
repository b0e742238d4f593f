//! Why somebody may do something or not. Wigwag's own: the compatible API names the deciding statement of a refusal
//! only.

mod rep;

use wigwag_auth::policy::is_action;
use wigwag_auth::{Directory, Permissions};
use wigwag_kit::operation::{Access, Own};
use wigwag_kit::{Ctx, Error, Operations, Reply, Request, Result};
use wigwag_model::doc::{Member, Token};

use crate::read::{self, Loaded, member_key, member_of, require_viewer};

const ABOUT: &str = "Tells which statement of which role allows or denies an action on a resource: for the caller, or \
    for a member or an access token that the caller may see. Nothing is done.";

/// The operation.
#[must_use]
pub fn ops() -> Operations {
    let own = Own {
        tag: "Wigwag: access",
        method: "GET",
        path: "/api/v2/explain-access",
        id: "getAccessExplanation",
        query: &[("action", "string"), ("resource", "string"), ("member", "string"), ("token", "string")],
    };
    Operations::new().with(Operations::own(own, Access::Caller, explain).reply::<rep::AccessExplanation>().about(ABOUT))
}

/// Who is asked about.
enum Subject {
    Member(Box<Member>),
    Token(Box<Token>, Option<Box<Member>>),
}

async fn explain(ctx: Ctx, request: Request) -> Result<Reply> {
    let action = request.query("action").ok_or_else(|| Error::missing("action"))?;
    if !is_action(action) {
        return Err(Error::field("action", format_args!("there is no action {action}")));
    }
    let resource = request.query("resource").ok_or_else(|| Error::missing("resource"))?;
    let resource = read::spec_named(&ctx, "resource", resource).await?;
    let subject = subject(&ctx, request.query("member"), request.query("token")).await?;
    let directory = Directory::load(ctx.store()).await?;
    let permissions = match &subject {
        Subject::Member(member) => Permissions::of_member(member, &directory),
        Subject::Token(token, member) => Permissions::of_token(token, member.as_deref(), &directory),
    };
    let explanation = permissions.explain(action, &resource);
    let (member, token) = match subject {
        Subject::Member(member) => (Some(member.id), None),
        Subject::Token(token, _) => ((!token.service_token).then_some(token.member_id), Some(token.id)),
    };
    Reply::json(&rep::AccessExplanation::new(&explanation, action, &resource, member, token))
}

async fn subject(ctx: &Ctx, member: Option<&str>, token: Option<&str>) -> Result<Subject> {
    match (member, token) {
        (Some(_), Some(_)) => Err(Error::field("token", "ask about a member or a token, not both")),
        (Some(id), None) => asked_member(ctx, id).await,
        (None, Some(id)) => {
            let Loaded { value: token, .. } = read::token(ctx, id).await?;
            with_maker(ctx, token).await
        }
        (None, None) => match (&ctx.caller.token, &ctx.caller.member) {
            (Some(token), member) => {
                Ok(Subject::Token(Box::new(Token::clone(token)), member.as_ref().map(|m| Box::new(Member::clone(m)))))
            }
            (None, Some(member)) => Ok(Subject::Member(Box::new(Member::clone(member)))),
            (None, None) => Err(Error::Unauthorized),
        },
    }
}

/// A member by id, or `me`. Everybody may ask about themselves.
async fn asked_member(ctx: &Ctx, id: &str) -> Result<Subject> {
    let missing = || Error::NotFound(format!("Unknown member id {id}"));
    let me = ctx.caller.acting_member().map(|member| member.id.as_str());
    let wanted = if id == "me" { me.ok_or_else(missing)? } else { id };
    if Some(wanted) != me {
        require_viewer(ctx)?;
    }
    if wanted.len() != 24 || !wanted.bytes().all(|b| b.is_ascii_hexdigit()) {
        return Err(missing());
    }
    let doc = ctx.store().get(&member_key(wanted)).await?.ok_or_else(missing)?;
    Ok(Subject::Member(Box::new(member_of(&doc)?.value)))
}

async fn with_maker(ctx: &Ctx, token: Token) -> Result<Subject> {
    let member = read::members_by_id(ctx, [token.member_id.as_str()]).await?.remove(&token.member_id);
    Ok(Subject::Token(Box::new(token), member.map(Box::new)))
}
