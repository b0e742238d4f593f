//! Signing in: by address and password, then by a code where the member has a second factor.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use wigwag_auth::throttle::{PER_ADDRESS, PER_EMAIL};
use wigwag_auth::{Begun, Cookie, SINGLE_SIGN_ON};
use wigwag_kit::{Ctx, Error, Reply, Request, Result};
use wigwag_model::doc::Member;
use wigwag_store::Pass;

use super::desk::SignIn;
use super::factor::{ConfirmPost, RecoveryRep, SetUpRep};
use super::passes::{self, Use};
use super::visit::{let_in, own_page, visitor, with_cookie};
use super::{demand, factor, who};
use crate::read::{MemberSummary, summary_of};

/// The cookie between the two steps.
const HALF: Cookie = Cookie::named("wigwag_half", "__Host-wigwag_half");
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
    /// `done`; `totp` when a code is asked for; `totpSetUp` when a second factor must be set up first.
    next: &'static str,
    /// Who is signed in.
    #[serde(skip_serializing_if = "Option::is_none")]
    member: Option<MemberSummary>,
}

/// What is between the password and being in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Second {
    /// A code is asked for.
    Code,
    /// A second factor is demanded of a member who has none: it is set up before anything else.
    SetUp,
}

impl Second {
    /// What a member has before them, if anything.
    async fn of(ctx: &Ctx, member: &Member) -> Result<Option<Self>> {
        Ok(match &member.sign_in.totp {
            Some(_) => Some(Self::Code),
            None => demand::current(ctx).await?.is_lacked_by(member).then_some(Self::SetUp),
        })
    }

    /// As answers name it.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Code => "totp",
            Self::SetUp => "totpSetUp",
        }
    }
}

/// How far signing in has come.
pub(super) enum Entered {
    /// In.
    Done(Begun, Box<Member>),
    /// Half way; the cookie that goes with it.
    Half(Second, String),
}

impl Entered {
    /// As the answer of an operation.
    pub(super) fn reply(&self) -> Result<Reply> {
        let rep = match self {
            Self::Done(_, member) => EnteredRep { next: "done", member: Some(summary_of(member)) },
            Self::Half(second, _) => EnteredRep { next: second.name(), member: None },
        };
        with_cookie(Reply::json(&rep)?, self.cookie())
    }

    /// The `Set-Cookie` field.
    pub(super) fn cookie(&self) -> &str {
        match self {
            Self::Done(begun, _) => &begun.set_cookie,
            Self::Half(_, cookie) => cookie,
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
    let second = Second::of(ctx, &member).await?;
    // A provider of single sign-on has its own second factors.
    let Some(second) = second.filter(|second| *second == Second::Code || how != SINGLE_SIGN_ON) else {
        let begun = let_in(ctx, request, &member.id, how).await?;
        return Ok(Entered::Done(begun, Box::new(member)));
    };
    let secure = SignIn::of(ctx)?.sessions().secure();
    let secret = passes::make(ctx, Use::Half, &member.id, how).await?;
    Ok(Entered::Half(second, HALF.set(&secret, Use::Half.lasts() / 1_000, secure)))
}

pub(super) async fn by_code(ctx: Ctx, request: Request) -> Result<Reply> {
    let post: CodePost = request.json()?;
    let entered = code(&ctx, &request, &post).await?;
    with_cookie(entered.reply()?, &half_farewell(&ctx)?)
}

/// Takes the half cookie away.
pub(super) fn half_farewell(ctx: &Ctx) -> Result<String> {
    Ok(HALF.set("", 0, SignIn::of(ctx)?.sessions().secure()))
}

/// What the half cookie of a request holds.
fn half_secret<'a>(ctx: &Ctx, request: &'a Request) -> Result<Option<&'a str>> {
    Ok(HALF.value(&request.headers, SignIn::of(ctx)?.sessions().secure()))
}

/// What a browser between the two steps has before it.
pub(super) async fn half_way(ctx: &Ctx, request: &Request) -> Result<Option<Second>> {
    let Some(secret) = half_secret(ctx, request)? else { return Ok(None) };
    let Some(half) = passes::find(ctx, Use::Half, secret).await? else { return Ok(None) };
    let Some(found) = who::by_id(ctx, &half.member).await? else { return Ok(None) };
    Second::of(ctx, &found.value).await
}

/// Begins to set up the second factor that is demanded.
pub(super) async fn set_up(ctx: &Ctx, request: &Request) -> Result<SetUpRep> {
    let (_, member) = setting_up(ctx, request).await?;
    factor::begin_for(ctx, &member).await
}

/// Switches on what was set up, and lets the member in, whose other sessions end. The fields set the session's cookie and
/// take the half one away.
pub(super) async fn confirm_set_up(
    ctx: &Ctx,
    request: &Request,
    post: &ConfirmPost,
) -> Result<(RecoveryRep, [String; 2])> {
    let (half, member) = setting_up(ctx, request).await?;
    let rep = factor::switch_on(ctx, &member.id, &post.code).await?;
    passes::drop_all(ctx, Use::Half, &member.id).await?;
    let begun = let_in(ctx, request, &member.id, &format!("{}+totp", half.body)).await?;
    ctx.store().end_sessions(&member.id, &begun.row.hash).await?;
    Ok((rep, [begun.set_cookie, half_farewell(ctx)?]))
}

/// Who is half way in and has a second factor to set up.
async fn setting_up(ctx: &Ctx, request: &Request) -> Result<(Pass, Member)> {
    const FIRST: Error = Error::WrongCredential("Sign in with your password first");
    own_page(ctx, request)?;
    let secret = half_secret(ctx, request)?.ok_or(FIRST)?;
    let half = passes::find(ctx, Use::Half, secret).await?.ok_or(FIRST)?;
    let found = who::by_id(ctx, &half.member).await?.map(|found| found.value).filter(Member::is_active);
    let member = found.ok_or(FIRST)?;
    match Second::of(ctx, &member).await? {
        Some(Second::SetUp) => Ok((half, member)),
        _ => Err(FIRST),
    }
}

pub(super) async fn set_up_half_way(ctx: Ctx, request: Request) -> Result<Reply> {
    Reply::json(&set_up(&ctx, &request).await?)
}

pub(super) async fn confirm_half_way(ctx: Ctx, request: Request) -> Result<Reply> {
    let post: ConfirmPost = request.json()?;
    let (rep, [session, half]) = confirm_set_up(&ctx, &request, &post).await?;
    with_cookie(with_cookie(Reply::json(&rep)?, &session)?, &half)
}

/// Checks the code of a second factor, or a recovery code.
pub(super) async fn code(ctx: &Ctx, request: &Request, post: &CodePost) -> Result<Entered> {
    own_page(ctx, request)?;
    let desk = SignIn::of(ctx)?;
    let secret = half_secret(ctx, request)?.ok_or(WRONG_CODE)?;
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
