//! Sessions: who am I, what next, which others are there, signing out.

use schemars::JsonSchema;
use serde::Serialize;
use wigwag_kit::{Collection, Ctx, Error, Page, Reply, Request, Result};
use wigwag_model::clock::Millis;
use wigwag_store::SessionRow;

use super::desk::SignIn;
use super::visit::{from_own_page, session, with_cookie};
use super::{enter, who};
use crate::read::{MemberSummary, summary_of};

/// Who calls, and what there is to do.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct NowRep {
    /// `done`; `totp` when a code is asked for; `totpSetUp` when a second factor must be set up first; else `password`.
    next: &'static str,
    /// Whether one can sign in at a provider: at `/internal/single-sign-on`.
    single_sign_on: bool,
    /// Who is signed in.
    #[serde(skip_serializing_if = "Option::is_none")]
    member: Option<MemberSummary>,
    /// Whether they have a second factor.
    #[serde(skip_serializing_if = "Option::is_none")]
    mfa: Option<&'static str>,
    /// The session.
    #[serde(skip_serializing_if = "Option::is_none")]
    session: Option<SessionRep>,
}

/// A session.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct SessionRep {
    /// Its name, 24 hex digits; not what the cookie holds.
    #[serde(rename = "_id")]
    pub(super) id: String,
    /// When it began.
    pub(super) created: Millis,
    /// When it was last used, to the minute.
    pub(super) last_seen: Millis,
    /// When it ends however much it is used.
    pub(super) expires: Millis,
    /// The browser, as it calls itself.
    pub(super) user_agent: String,
    /// Where it was begun from.
    pub(super) address: String,
    /// How: `password`, `password+totp`, `oidc`…
    pub(super) signed_in_by: String,
    /// It is the one of this request.
    pub(super) current: bool,
}

impl SessionRep {
    pub(super) fn of(row: &SessionRow, current: &str) -> Self {
        Self {
            id: row.id.clone(),
            created: row.created,
            last_seen: row.seen,
            expires: row.expires,
            user_agent: row.agent.clone(),
            address: row.address.clone(),
            signed_in_by: row.how.clone(),
            current: row.hash == current,
        }
    }
}

pub(super) async fn now(ctx: Ctx, request: Request) -> Result<Reply> {
    let desk = SignIn::of(&ctx)?;
    let session = desk.sessions().find(&request.headers).await?;
    let next = match &session {
        Some(_) => "done",
        None => enter::half_way(&ctx, &request).await?.map_or("password", enter::Second::name),
    };
    let member = session.as_ref().and_then(|session| session.caller.member.as_deref());
    let mfa = member.map(|m| if m.sign_in.totp.is_some() { "enabled" } else { "disabled" });
    Reply::json(&NowRep {
        next,
        single_sign_on: desk.provider().is_some(),
        member: member.map(summary_of),
        mfa,
        session: session.as_ref().map(|session| SessionRep::of(&session.row, &session.row.hash)),
    })
}

/// Signs out. Also without a session, so that a browser always gets rid of its cookie.
pub(super) async fn sign_out(ctx: Ctx, request: Request) -> Result<Reply> {
    let cookie = signed_out(&ctx, &request).await?;
    with_cookie(Reply::empty().status(http::StatusCode::NO_CONTENT), &cookie)
}

/// Ends the session of the request.
pub(super) async fn signed_out(ctx: &Ctx, request: &Request) -> Result<String> {
    let sessions = SignIn::of(ctx)?.sessions();
    if let Some(session) = sessions.find(&request.headers).await? {
        from_own_page(ctx, request)?;
        ctx.store().end_session(&session.row.hash).await?;
    }
    Ok(sessions.farewell())
}

pub(super) async fn list(ctx: Ctx, request: Request) -> Result<Reply> {
    let member = caller(&ctx)?;
    let current = current(&ctx, &request).await?;
    let rows = SignIn::of(&ctx)?.sessions().of(&member).await?;
    let items: Vec<_> = rows.iter().map(|row| SessionRep::of(row, &current)).collect();
    let total = items.len() as u64;
    Reply::json(&Collection::new(items, total, &Page { limit: None, offset: 0 }, &request))
}

/// Ends one of the caller's own sessions.
pub(super) async fn end(ctx: Ctx, request: Request) -> Result<Reply> {
    let id = request.param("id");
    if ctx.store().end_session_named(&caller(&ctx)?, id).await? {
        return Ok(Reply::empty());
    }
    Err(Error::NotFound(format!("Unknown session id {id}")))
}

/// Ends all sessions of the caller but the one of the request.
pub(super) async fn end_others(ctx: Ctx, request: Request) -> Result<Reply> {
    let session = session(&ctx, &request).await?;
    ctx.store().end_sessions(&session.row.member, &session.row.hash).await?;
    Ok(Reply::empty())
}

/// Ends all sessions of a member, for who could also remove them.
pub(super) async fn end_of_member(ctx: Ctx, request: Request) -> Result<Reply> {
    let id = request.param("id");
    let found = who::by_id(&ctx, id).await?.ok_or_else(|| Error::NotFound(format!("Unknown member id {id}")))?;
    ctx.authorise("deleteMember", &found.spec)?;
    ctx.store().end_sessions(id, "").await?;
    Ok(Reply::empty())
}

fn caller(ctx: &Ctx) -> Result<String> {
    let member = ctx.caller.acting_member().map(|member| member.id.clone());
    member.ok_or_else(|| Error::Forbidden("Service tokens have no sessions".to_owned()))
}

async fn current(ctx: &Ctx, request: &Request) -> Result<String> {
    if ctx.caller.token.is_some() {
        return Ok(String::new());
    }
    let session = SignIn::of(ctx)?.sessions().find(&request.headers).await?;
    Ok(session.map(|session| session.row.hash).unwrap_or_default())
}
