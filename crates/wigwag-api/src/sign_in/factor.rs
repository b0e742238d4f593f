//! The second factor of a member: set up, confirmed, checked, switched off.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use wigwag_auth::throttle::PER_EMAIL;
use wigwag_auth::{secret, totp};
use wigwag_kit::{Change, Ctx, Error, Reply, Request, Result};
use wigwag_model::doc::{Kind, Member, Sealed, Totp};
use wigwag_store::{Doc, Expect};

use super::demand;
use super::desk::SignIn;
use super::passes::{self, Use};
use super::visit::{session, with_cookie};
use super::who::{self, By, What};
use crate::bootstrap;
use crate::secrets::{Held, SealedKind};

/// Recovery codes of a member.
const RECOVERY_CODES: usize = 10;
const WRONG_PASSWORD: Error = Error::WrongCredential("The password is wrong");

/// A second factor to be confirmed.
#[derive(Serialize, JsonSchema)]
pub(super) struct SetUpRep {
    /// The secret in base32, to be typed into an authenticator app.
    pub(super) secret: String,
    /// The same as an address that apps read from a picture (`otpauth:`).
    pub(super) url: String,
}

/// Codes that each work once in place of the second factor. They are not shown again.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct RecoveryRep {
    /// The codes.
    pub(super) recovery_codes: Vec<String>,
}

/// A code of the app.
#[derive(Deserialize, JsonSchema)]
pub(super) struct ConfirmPost {
    /// Six digits.
    pub(super) code: String,
}

/// The member's password, once more.
#[derive(Deserialize, JsonSchema)]
pub(super) struct OncePost {
    /// Password.
    pub(super) password: String,
}

pub(super) async fn set_up(ctx: Ctx, request: Request) -> Result<Reply> {
    Reply::json(&begin(&ctx, &request).await?)
}

/// A new seed, which counts once it is confirmed. One that is begun again takes the place of the one before.
pub(super) async fn begin(ctx: &Ctx, request: &Request) -> Result<SetUpRep> {
    let session = session(ctx, request).await?;
    let member = session.caller.member.as_deref().ok_or(Error::Unauthorized)?;
    if member.sign_in.totp.is_some() {
        return Err(Error::Conflict("There is a second factor already: switch it off first".to_owned()));
    }
    begin_for(ctx, member).await
}

/// A new seed for a member who has none.
pub(super) async fn begin_for(ctx: &Ctx, member: &Member) -> Result<SetUpRep> {
    let key = ctx.app.ids.key();
    let mut seed = [0; totp::SEED];
    seed.copy_from_slice(&key[..totp::SEED]);
    let sealed = ctx.app.keyring.seal(&ctx.app.ids, &about(&member.id), &hex::encode(seed))?;
    passes::drop_all(ctx, Use::TotpSetUp, &member.id).await?;
    passes::put(ctx, Use::TotpSetUp, &member.id, &member.id, &sealed.0).await?;
    let issuer = issuer(ctx).await?;
    Ok(SetUpRep { secret: totp::base32(&seed), url: totp::url(&seed, &issuer, &member.email) })
}

pub(super) async fn confirm(ctx: Ctx, request: Request) -> Result<Reply> {
    let post: ConfirmPost = request.json()?;
    let (rep, cookie) = confirmed(&ctx, &request, &post).await?;
    with_cookie(Reply::json(&rep)?, &cookie)
}

/// Switches the factor on that a code proves to work. The session goes on under another id, others end.
pub(super) async fn confirmed(ctx: &Ctx, request: &Request, post: &ConfirmPost) -> Result<(RecoveryRep, String)> {
    let session = session(ctx, request).await?;
    let rep = switch_on(ctx, &session.row.member, &post.code).await?;
    let cookie = only_this(ctx, &session, &format!("{}+totp", first_step(&session))).await?;
    Ok((rep, cookie))
}

/// Switches on what a member has set up, by a code that proves that it works.
pub(super) async fn switch_on(ctx: &Ctx, id: &str, code: &str) -> Result<RecoveryRep> {
    tried(ctx, id).await?;
    let wrong = || Error::field("code", "is not the code that the app shows now, or the set-up was begun too long ago");
    let pass = passes::find(ctx, Use::TotpSetUp, id).await?.ok_or_else(wrong)?;
    let sealed = Sealed(pass.body);
    let seed = open(ctx, id, &sealed)?;
    let step = totp::step_of(&seed, code, ctx.app.clock.now()).ok_or_else(wrong)?;
    if passes::take(ctx, Use::TotpSetUp, id).await?.is_none() || !use_up(ctx, id, step).await? {
        return Err(wrong());
    }
    let codes: Vec<String> = (0..RECOVERY_CODES).map(|_| readable(&ctx.app.ids.password())).collect();
    let recovery: Vec<String> = codes.iter().map(|code| secret::hash(&plain(code))).collect();
    let (now, what) = (ctx.app.clock.now(), What { action: "updateMfa", verb: "switched on the second factor of" });
    let changed = who::change(ctx, By::Themselves, id, what, |member| {
        member.sign_in.totp = Some(Totp { seed: sealed.clone(), recovery: recovery.clone(), since: now });
        Ok(())
    });
    let (changed, desk) = (changed.await?, SignIn::of(ctx)?);
    desk.mail().tell(ctx, &changed, "Your second factor was switched on");
    desk.throttle().forget(&key(id), ctx.app.clock.now()).await?;
    Ok(RecoveryRep { recovery_codes: codes })
}

pub(super) async fn switch_off(ctx: Ctx, request: Request) -> Result<Reply> {
    let post: OncePost = request.json()?;
    let cookie = switched_off(&ctx, &request, &post).await?;
    with_cookie(Reply::empty().status(http::StatusCode::NO_CONTENT), &cookie)
}

/// Switches the factor off, for whoever knows the password.
pub(super) async fn switched_off(ctx: &Ctx, request: &Request, post: &OncePost) -> Result<String> {
    let session = session(ctx, request).await?;
    know_password(ctx, &session, &post.password).await?;
    let without = |member: &Member| {
        let mut member = member.clone();
        member.sign_in.totp = None;
        member
    };
    let demand = demand::current(ctx).await?;
    if session.caller.member.as_deref().is_some_and(|member| demand.is_lacked_by(&without(member))) {
        let text = "A second factor is demanded of you in this account: you can only have it reset, and set up another";
        return Err(Error::Conflict(text.to_owned()));
    }
    let what = What { action: "updateMfa", verb: "switched off the second factor of" };
    let changed = who::change(ctx, By::Themselves, &session.row.member, what, |member| {
        member.sign_in.totp = None;
        Ok(())
    });
    SignIn::of(ctx)?.mail().tell(ctx, &changed.await?, "Your second factor was switched off");
    only_this(ctx, &session, first_step(&session)).await
}

/// How the session was begun, without its second factor: `password`, or by a provider.
fn first_step(session: &wigwag_auth::Session) -> &str {
    let how = &session.row.how;
    how.split_once('+').map_or(how, |(first, _)| first)
}

/// Switches the factor of another member off who lost it.
pub(super) async fn reset(ctx: Ctx, request: Request) -> Result<Reply> {
    let id = request.param("id");
    let found = who::by_id(&ctx, id).await?.ok_or_else(|| Error::NotFound(format!("Unknown member id {id}")))?;
    ctx.authorise("resetMemberMfa", &found.spec)?;
    let what = What { action: "resetMemberMfa", verb: "switched off the second factor of" };
    let changed = who::change(&ctx, By::Caller, id, what, |member| {
        member.sign_in.totp = None;
        Ok(())
    });
    SignIn::of(&ctx)?.mail().tell(&ctx, &changed.await?, "Your second factor was switched off");
    Ok(Reply::empty())
}

/// Refuses unless this is the member's password; tries are counted as those to sign in are.
pub(super) async fn know_password(ctx: &Ctx, session: &wigwag_auth::Session, password: &str) -> Result<()> {
    tried(ctx, &session.row.member).await?;
    let desk = SignIn::of(ctx)?;
    let phc = session.caller.member.as_ref().and_then(|member| member.password_hash.as_deref());
    if !desk.verify(password, phc).await? {
        return Err(WRONG_PASSWORD);
    }
    desk.throttle().forget(&key(&session.row.member), ctx.app.clock.now()).await?;
    Ok(())
}

async fn tried(ctx: &Ctx, member: &str) -> Result<()> {
    let tries = [(&*key(member), PER_EMAIL)];
    SignIn::of(ctx)?.throttle().attempt(&tries, ctx.app.clock.now()).await
}

fn key(member: &str) -> String {
    format!("again {member}")
}

/// Ends all other sessions of the member and gives this one a new id.
pub(super) async fn only_this(ctx: &Ctx, session: &wigwag_auth::Session, how: &str) -> Result<String> {
    let begun = SignIn::of(ctx)?.sessions().rotate(&session.row, how).await?;
    ctx.store().end_sessions(&session.row.member, &begun.row.hash).await?;
    Ok(begun.set_cookie)
}

/// How a code fits: `totp`, or `recovery` for a code that is now used up.
pub(super) async fn check(ctx: &Ctx, member: &Member, code: &str) -> Result<Option<&'static str>> {
    let Some(factor) = &member.sign_in.totp else { return Ok(None) };
    let seed = open(ctx, &member.id, &factor.seed)?;
    if let Some(step) = totp::step_of(&seed, code, ctx.app.clock.now()) {
        return Ok(use_up(ctx, &member.id, step).await?.then_some("totp"));
    }
    let hash = secret::hash(&plain(code));
    if !factor.recovery.iter().any(|own| secret::same(own, &hash)) {
        return Ok(None);
    }
    let what = What { action: "updateMfa", verb: "used a recovery code of" };
    let used = who::change(ctx, By::Themselves, &member.id, what, |member| {
        let left = member.sign_in.totp.as_mut().map(|totp| &mut totp.recovery).ok_or(Error::Unauthorized)?;
        let at = left.iter().position(|own| secret::same(own, &hash)).ok_or(Error::Unauthorized)?;
        left.remove(at);
        Ok(())
    });
    match used.await {
        Ok(changed) => {
            SignIn::of(ctx)?.mail().tell(ctx, &changed, "A recovery code of yours was used");
            Ok(Some("recovery"))
        }
        // Somebody else was faster with it.
        Err(Error::Unauthorized) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Notes that the code of a step was used. False if it was before.
async fn use_up(ctx: &Ctx, member: &str, step: u64) -> Result<bool> {
    passes::put(ctx, Use::TotpUsed, &format!("{member}/{step}"), member, "").await
}

fn open(ctx: &Ctx, member: &str, sealed: &Sealed) -> Result<[u8; totp::SEED]> {
    let clear = ctx.app.keyring.open(&about(member), sealed)?;
    let mut seed = [0; totp::SEED];
    hex::decode_to_slice(clear, &mut seed).map_err(|_| Error::Internal("a seed is damaged".to_owned()))?;
    Ok(seed)
}

/// For sealing seeds anew. One that is being set up is lost when its key is dropped: it lasts half an hour.
pub(crate) fn sealed_kind() -> SealedKind {
    SealedKind { kind: Kind::Member, held, renew }
}

fn held(doc: &Doc) -> Result<Vec<Held>> {
    let member: Member = doc.decode()?;
    Ok(member.sign_in.totp.map(|totp| Held::Sealed(totp.seed)).into_iter().collect())
}

fn renew(ctx: &Ctx, doc: &Doc, change: &mut Change) -> Result<()> {
    let mut member: Member = doc.decode()?;
    let about = about(&member.id);
    if let Some(totp) = &mut member.sign_in.totp
        && let Some(seed) = ctx.app.keyring.renewed(&ctx.app.ids, &about, &totp.seed)?
    {
        totp.seed = seed;
    }
    change.put(doc.key.clone(), Expect::Version(doc.version), &member, crate::members::index(&member))
}

fn about(member: &str) -> String {
    format!("totp/{member}")
}

/// What apps show above the codes.
async fn issuer(ctx: &Ctx) -> Result<String> {
    let found = bootstrap::found(ctx.store()).await?.map(|found| found.account.organization);
    Ok(found.filter(|name| !name.is_empty()).unwrap_or_else(|| "Wigwag".to_owned()))
}

/// A code in groups of five.
fn readable(code: &str) -> String {
    let letters: Vec<char> = code.chars().collect();
    letters.chunks(5).map(|group| group.iter().collect::<String>()).collect::<Vec<_>>().join("-")
}

/// A recovery code as it is hashed, however it was typed.
fn plain(code: &str) -> String {
    code.chars().filter(|c| c.is_ascii_alphanumeric()).map(|c| c.to_ascii_lowercase()).collect()
}
