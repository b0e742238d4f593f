//! Signing in: by address and password, then by a code where the member has a second factor.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use wigwag_auth::throttle::{PER_ADDRESS, PER_EMAIL};
use wigwag_auth::{Begun, cookie};
use wigwag_kit::{Ctx, Error, Reply, Request, Result};
use wigwag_model::doc::Member;

use super::desk::SignIn;
use super::passes::{self, Use};
use super::visit::{let_in, own_page, visitor, with_cookie};
use super::{factor, who};
use crate::read::{MemberSummary, summary_of};

/// The cookie between the two steps.
const HALF: &str = "wigwag_half";
/// The one answer to whatever is wrong.
const WRONG: Error = Error::WrongCredential("The address or the password is wrong");
/// The same for the second step.
const WRONG_CODE: Error = Error::WrongCredential("The code is wrong, was used already, or came too late");

/// What a member signs in with.
#[derive(Deserialize, JsonSchema)]
pub(super) struct PasswordPost {
    /// E-mail address.
    pub(super) email: String,
    /// Password.
    pub(super) password: String,
}

/// The second step.
#[derive(Deserialize, JsonSchema)]
pub(super) struct CodePost {
    /// Six digits, or a recovery code.
    pub(super) code: String,
}

/// How far signing in has come.
#[derive(Serialize, JsonSchema)]
pub(super) struct EnteredRep {
    /// `done`, or `totp` when a code is asked for.
    next: &'static str,
    /// Who is signed in.
    #[serde(skip_serializing_if = "Option::is_none")]
    member: Option<MemberSummary>,
}

/// How far signing in has come.
pub(super) enum Entered {
    /// In.
    Done(Begun, Box<Member>),
    /// A code is asked for; the cookie that goes with it.
    Half(String),
}

impl Entered {
    /// As the answer of an operation.
    pub(super) fn reply(&self) -> Result<Reply> {
        let rep = match self {
            Self::Done(_, member) => EnteredRep { next: "done", member: Some(summary_of(member)) },
            Self::Half(_) => EnteredRep { next: "totp", member: None },
        };
        with_cookie(Reply::json(&rep)?, self.cookie())
    }

    /// The `Set-Cookie` field.
    pub(super) fn cookie(&self) -> &str {
        match self {
            Self::Done(begun, _) => &begun.set_cookie,
            Self::Half(cookie) => cookie,
        }
    }
}

pub(super) async fn by_password(ctx: Ctx, request: Request) -> Result<Reply> {
    let post: PasswordPost = request.json()?;
    password(&ctx, &request, &post).await?.reply()
}

/// Checks address and password. What is wrong cannot be told from the answer, nor from its time.
pub(super) async fn password(ctx: &Ctx, request: &Request, post: &PasswordPost) -> Result<Entered> {
    own_page(ctx, request)?;
    let desk = SignIn::of(ctx)?;
    let (by_email, by_address) = keys(request, &post.email);
    let tries = [(by_email.as_str(), PER_EMAIL), (by_address.as_str(), PER_ADDRESS)];
    desk.throttle().attempt(&tries, ctx.app.clock.now()).await?;
    let found = who::by_email(ctx, &post.email).await?.map(|found| found.value).filter(Member::is_active);
    let phc = found.as_ref().and_then(|member| member.password_hash.as_deref());
    if !desk.verify(&post.password, phc).await? {
        return Err(WRONG);
    }
    let Some(member) = found else { return Err(WRONG) };
    desk.throttle().forget(&by_email, ctx.app.clock.now()).await?;
    desk.throttle().forgive(&by_address).await?;
    step(ctx, request, member, "password").await
}

/// In, or to the second step, for a member whose first step went well.
pub(super) async fn step(ctx: &Ctx, request: &Request, member: Member, how: &str) -> Result<Entered> {
    if member.sign_in.totp.is_none() {
        let begun = let_in(ctx, request, &member.id, how).await?;
        return Ok(Entered::Done(begun, Box::new(member)));
    }
    let secure = SignIn::of(ctx)?.sessions().secure();
    let secret = passes::make(ctx, Use::Half, &member.id, how).await?;
    Ok(Entered::Half(cookie::set(HALF, &secret, Use::Half.lasts() / 1_000, secure)))
}

pub(super) async fn by_code(ctx: Ctx, request: Request) -> Result<Reply> {
    let post: CodePost = request.json()?;
    let entered = code(&ctx, &request, &post).await?;
    with_cookie(entered.reply()?, &half_farewell(&ctx)?)
}

/// Takes the half cookie away.
pub(super) fn half_farewell(ctx: &Ctx) -> Result<String> {
    Ok(cookie::set(HALF, "", 0, SignIn::of(ctx)?.sessions().secure()))
}

/// Whether the browser is between the two steps.
pub(super) async fn is_half_way(ctx: &Ctx, request: &Request) -> Result<bool> {
    let Some(secret) = cookie::value(&request.headers, HALF) else { return Ok(false) };
    Ok(passes::find(ctx, Use::Half, secret).await?.is_some())
}

/// Checks the code of a second factor, or a recovery code.
pub(super) async fn code(ctx: &Ctx, request: &Request, post: &CodePost) -> Result<Entered> {
    own_page(ctx, request)?;
    let desk = SignIn::of(ctx)?;
    let secret = cookie::value(&request.headers, HALF).ok_or(WRONG_CODE)?;
    let half = passes::find(ctx, Use::Half, secret).await?.ok_or(WRONG_CODE)?;
    let (by_member, by_address) = keys(request, &half.member);
    let tries = [(by_member.as_str(), PER_EMAIL), (by_address.as_str(), PER_ADDRESS)];
    desk.throttle().attempt(&tries, ctx.app.clock.now()).await?;
    let found = who::by_id(ctx, &half.member).await?.map(|found| found.value).filter(Member::is_active);
    let member = found.ok_or(WRONG_CODE)?;
    let how = factor::check(ctx, &member, &post.code).await?.ok_or(WRONG_CODE)?;
    let half = passes::take(ctx, Use::Half, secret).await?.ok_or(WRONG_CODE)?;
    desk.throttle().forget(&by_member, ctx.app.clock.now()).await?;
    desk.throttle().forgive(&by_address).await?;
    let begun = let_in(ctx, request, &member.id, &format!("{}+{how}", half.body)).await?;
    Ok(Entered::Done(begun, Box::new(member)))
}

/// What tries are counted under. Addresses of any length are kept by a short digest.
fn keys(request: &Request, email: &str) -> (String, String) {
    let email = wigwag_auth::secret::hash(&email.trim().to_lowercase());
    (format!("email {email}"), format!("address {}", visitor(request).address))
}
