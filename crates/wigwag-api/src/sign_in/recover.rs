//! Invitations, forgotten passwords, and changing one's password.

use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use wigwag_auth::throttle::{PER_ADDRESS, PER_EMAIL};
use wigwag_kit::{BoxFuture, Ctx, Error, Reply, Request, Result};
use wigwag_model::doc::Member;

use super::desk::SignIn;
use super::enter::{self, Entered};
use super::factor::{know_password, only_this};
use super::passes::{self, Use};
use super::visit::{own_page, session, visitor, with_cookie};
use super::who::{self, By, What};
use crate::common::{Invitations, Inviter, check_password};

/// Longest given or family name, in characters.
const NAME: usize = 128;
const WRONG_LINK: Error = Error::WrongCredential("The link was used already, is too old, or is not one of ours");

/// Whose password to reset.
#[derive(Deserialize, JsonSchema)]
pub(super) struct ResetPost {
    /// E-mail address.
    pub(super) email: String,
}

/// A new password, by a link.
#[derive(Deserialize, JsonSchema)]
pub(super) struct FinishPost {
    /// What the link holds.
    pub(super) token: String,
    /// The new password, 12 to 128 characters and none that is common.
    pub(super) password: String,
}

/// What an invited member says.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct AcceptPost {
    /// What the link holds.
    pub(super) token: String,
    /// The password to sign in with, 12 to 128 characters and none that is common.
    pub(super) password: String,
    /// Given name.
    pub(super) first_name: Option<String>,
    /// Family name.
    pub(super) last_name: Option<String>,
}

/// A new password for who knows the present one.
#[derive(Deserialize, JsonSchema)]
pub(super) struct ChangePost {
    /// The present password.
    pub(super) current: String,
    /// The new one, 12 to 128 characters and none that is common.
    pub(super) password: String,
}

/// What was asked for is under way, if it is possible.
#[derive(Serialize, JsonSchema)]
pub(super) struct AskedRep {
    /// For people.
    message: &'static str,
}

/// Sends a member the link that lets them in for the first time; links sent before no longer work. To be called
/// once the member is stored. Without sign-in in this process there is nothing to send.
///
/// # Errors
/// The store's.
pub async fn invite(ctx: &Ctx, member: &Member) -> Result<()> {
    let Some(desk) = ctx.app.extension::<SignIn>() else { return Ok(()) };
    passes::drop_all(ctx, Use::Invitation, &member.id).await?;
    let secret = passes::make(ctx, Use::Invitation, &member.id, "").await?;
    let text = format!(
        "You are invited to Wigwag at {site}.\n\nChoose a password here, within 7 days:\n\
         {site}/accept-invitation?token={secret}\n",
        site = ctx.app.site
    );
    desk.mail().send(ctx, member, "You are invited to Wigwag", text);
    Ok(())
}

/// Sends invitations to those who were just made members.
struct ByMail;

impl Invitations for ByMail {
    fn send<'a>(&'a self, ctx: &'a Ctx, members: &'a [Member]) -> BoxFuture<'a, ()> {
        Box::pin(async move {
            for member in members {
                if let Err(error) = invite(ctx, member).await {
                    tracing::warn!(member = member.id, "an invitation could not be sent: {error}");
                }
            }
        })
    }
}

/// Who sends invitations, as an extension of [`wigwag_kit::App`].
#[must_use]
pub fn inviter() -> Inviter {
    Inviter(Arc::new(ByMail))
}

pub(super) async fn ask(ctx: Ctx, request: Request) -> Result<Reply> {
    let post: ResetPost = request.json()?;
    asked(&ctx, &request, &post).await?;
    Reply::json(&AskedRep { message: "If there is a member with this address, a letter is on its way" })
}

/// Sends a letter to a member with this address, if there is one. Nobody learns which.
pub(super) async fn asked(ctx: &Ctx, request: &Request, post: &ResetPost) -> Result<()> {
    own_page(ctx, request)?;
    let desk = SignIn::of(ctx)?;
    let by_email = format!("reset {}", wigwag_auth::secret::hash(&post.email.trim().to_lowercase()));
    let by_address = format!("reset from {}", visitor(request).address);
    let tries = [(by_email.as_str(), PER_EMAIL), (by_address.as_str(), PER_ADDRESS)];
    desk.throttle().attempt(&tries, ctx.app.clock.now()).await?;
    let member = who::by_email(ctx, &post.email).await?.map(|found| found.value).filter(Member::is_active);
    // The same is written for nobody: a pass that nobody has.
    let id = member.as_ref().map_or("", |member| member.id.as_str());
    let secret = passes::make(ctx, Use::Reset, id, "").await?;
    if let Some(member) = &member {
        let text = format!(
            "Somebody asked for a new password for you at {site}.\n\nIf it was you, choose one here, within an hour:\n\
             {site}/reset-password?token={secret}\n\nOtherwise there is nothing to do.\n",
            site = ctx.app.site
        );
        desk.mail().send(ctx, member, "A new password for Wigwag", text);
    }
    Ok(())
}

pub(super) async fn finish(ctx: Ctx, request: Request) -> Result<Reply> {
    let post: FinishPost = request.json()?;
    finished(&ctx, &request, &post).await?;
    Ok(Reply::empty().status(http::StatusCode::NO_CONTENT))
}

/// Sets the password of the member whose link it is, and ends all their sessions.
pub(super) async fn finished(ctx: &Ctx, request: &Request, post: &FinishPost) -> Result<()> {
    own_page(ctx, request)?;
    let member = whose(ctx, Use::Reset, &post.token).await?;
    if !member.is_active() {
        return Err(WRONG_LINK);
    }
    check_password("password", &post.password, &member.email).await?;
    let pass = passes::take(ctx, Use::Reset, &post.token).await?.ok_or(WRONG_LINK)?;
    set_password(ctx, &member.id, &post.password, "set a new password of").await?;
    ctx.store().end_sessions(&pass.member, "").await?;
    passes::drop_all(ctx, Use::Reset, &pass.member).await
}

/// The member whose link it is, which is not used up by asking: a password that will not do can be followed by another.
async fn whose(ctx: &Ctx, good_for: Use, secret: &str) -> Result<Member> {
    let pass = passes::find(ctx, good_for, secret).await?.ok_or(WRONG_LINK)?;
    Ok(who::by_id(ctx, &pass.member).await?.ok_or(WRONG_LINK)?.value)
}

pub(super) async fn accept(ctx: Ctx, request: Request) -> Result<Reply> {
    let post: AcceptPost = request.json()?;
    accepted(&ctx, &request, &post).await?.reply()
}

/// Makes an invited member one who can sign in, and signs them in.
pub(super) async fn accepted(ctx: &Ctx, request: &Request, post: &AcceptPost) -> Result<Entered> {
    own_page(ctx, request)?;
    let email = whose(ctx, Use::Invitation, &post.token).await?.email;
    check_password("password", &post.password, &email).await?;
    let names = [("firstName", &post.first_name), ("lastName", &post.last_name)];
    for (field, name) in names {
        if name.as_ref().is_some_and(|name| name.chars().count() > NAME || name.contains(char::is_control)) {
            return Err(Error::field(field, format_args!("must be at most {NAME} characters long")));
        }
    }
    let pass = passes::take(ctx, Use::Invitation, &post.token).await?.ok_or(WRONG_LINK)?;
    let hash = SignIn::of(ctx)?.hash(ctx, &post.password).await?;
    let what = What { action: "acceptInvitation", verb: "accepted the invitation of" };
    let changed = who::change(ctx, By::Themselves, &pass.member, what, |member| {
        if !member.pending_invite || member.sign_in.deactivated {
            return Err(WRONG_LINK);
        }
        member.pending_invite = false;
        member.password_hash = Some(hash.clone());
        let given = |name: &Option<String>| name.as_deref().map(str::trim).filter(|n| !n.is_empty()).map(str::to_owned);
        member.first_name = given(&post.first_name).unwrap_or_else(|| member.first_name.clone());
        member.last_name = given(&post.last_name).unwrap_or_else(|| member.last_name.clone());
        Ok(())
    });
    let member = match changed.await {
        Err(Error::Unauthorized) => return Err(WRONG_LINK),
        changed => changed?,
    };
    enter::step(ctx, request, member, "invitation").await
}

pub(super) async fn change(ctx: Ctx, request: Request) -> Result<Reply> {
    let post: ChangePost = request.json()?;
    let cookie = changed(&ctx, &request, &post).await?;
    with_cookie(Reply::empty().status(http::StatusCode::NO_CONTENT), &cookie)
}

/// Changes the password of the member who is signed in. Their other sessions end.
pub(super) async fn changed(ctx: &Ctx, request: &Request, post: &ChangePost) -> Result<String> {
    let session = session(ctx, request).await?;
    let email = session.caller.member.as_ref().map_or("", |member| member.email.as_str());
    check_password("password", &post.password, email).await?;
    know_password(ctx, &session, &post.current).await?;
    set_password(ctx, &session.row.member, &post.password, "changed the password of").await?;
    passes::drop_all(ctx, Use::Reset, &session.row.member).await?;
    only_this(ctx, &session, &session.row.how).await
}

async fn set_password(ctx: &Ctx, member: &str, password: &str, verb: &'static str) -> Result<()> {
    let desk = SignIn::of(ctx)?;
    let hash = desk.hash(ctx, password).await?;
    let now = ctx.app.clock.now();
    let what = What { action: "updatePassword", verb };
    let changed = who::change(ctx, By::Themselves, member, what, |member| {
        member.password_hash = Some(hash.clone());
        member.sign_in.sessions_from = now;
        Ok(())
    });
    desk.mail().tell(ctx, &changed.await?, "Your password was changed");
    Ok(())
}
