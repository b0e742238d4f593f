//! The browser at the other end: what it sends, what it is told to keep.

use http::HeaderValue;
use http::header::{CACHE_CONTROL, LOCATION, SET_COOKIE, USER_AGENT};
use wigwag_auth::{Begun, Session, Visitor};
use wigwag_kit::serve::{from_own_page as from_own, not_from_another};
use wigwag_kit::{Ctx, Error, Reply, Request, Result};

use super::desk::SignIn;

/// Largest body of these operations, in bytes.
pub(super) const BODY: usize = 16 * 1024;

/// Who visits, as far as the request tells.
pub(super) fn visitor(request: &Request) -> Visitor {
    let agent = request.headers.get(USER_AGENT).and_then(|v| v.to_str().ok()).unwrap_or_default();
    Visitor { agent: agent.to_owned(), address: request.peer.map(|peer| peer.to_string()).unwrap_or_default() }
}

/// Refuses forms that a foreign page sends. Programs send no `Origin`.
pub(super) fn own_page(ctx: &Ctx, request: &Request) -> Result<()> {
    not_from_another(&request.headers, &ctx.app.site)
}

/// The session of whoever calls. Tokens are none: what a session guards, a stolen token must not undo.
pub(super) async fn session(ctx: &Ctx, request: &Request) -> Result<Session> {
    let signed_in = || Error::Forbidden("This is for members who are signed in, not for access tokens".to_owned());
    if ctx.caller.token.is_some() {
        return Err(signed_in());
    }
    let session = SignIn::of(ctx)?.sessions().find(&request.headers).await?.ok_or_else(signed_in)?;
    from_own_page(ctx, request)?;
    Ok(session)
}

/// The rule for what a session changes: the request must say that it comes from a page of ours.
pub(super) fn from_own_page(ctx: &Ctx, request: &Request) -> Result<()> {
    let check = if request.method.is_safe() { not_from_another } else { from_own };
    check(&request.headers, &ctx.app.site)
}

/// Lets a member in: a new session, in place of one that the browser may have had.
pub(super) async fn let_in(ctx: &Ctx, request: &Request, member: &str, how: &str) -> Result<Begun> {
    let sessions = SignIn::of(ctx)?.sessions();
    if let Some(old) = sessions.find(&request.headers).await? {
        ctx.store().end_session(&old.row.hash).await?;
    }
    sessions.begin(member, how, &visitor(request)).await
}

/// Has the browser keep a cookie.
pub(super) fn with_cookie(mut reply: Reply, set_cookie: &str) -> Result<Reply> {
    let value = HeaderValue::from_str(set_cookie).map_err(|e| Error::Internal(format!("a cookie: {e}")))?;
    reply.headers.append(SET_COOKIE, value);
    reply.headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(reply)
}

/// Sends the browser to another page of ours; `path` begins with a slash.
pub(super) fn go_to(ctx: &Ctx, path: &str) -> Result<Reply> {
    go_to_address(&format!("{}{path}", base(ctx)))
}

/// Sends the browser to any address.
pub(super) fn go_to_address(address: &str) -> Result<Reply> {
    let mut reply = Reply::empty().status(http::StatusCode::SEE_OTHER);
    let address = HeaderValue::from_str(address).map_err(|e| Error::Internal(format!("an address: {e}")))?;
    reply.headers.insert(LOCATION, address);
    reply.headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(reply)
}

/// The path under which the site lives, without a slash at the end; usually empty.
pub(super) fn base(ctx: &Ctx) -> &str {
    &ctx.app.site[wigwag_kit::serve::origin_of(&ctx.app.site).len()..]
}
