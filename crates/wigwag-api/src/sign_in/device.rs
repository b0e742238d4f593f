//! Letting a program in that has no browser, such as `ldcli login` (client-expectations.md 3): it shows a code,
//! a member who is signed in approves it, the program gets an access token of the member's.

use http::StatusCode;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;
use wigwag_auth::throttle::PER_ADDRESS;
use wigwag_auth::{Directory, Permissions, secret};
use wigwag_kit::{ApiVersion, Caller, Change, Ctx, Error, Proofs, Reply, Request, Result};
use wigwag_model::doc::{Member, Token};
use wigwag_store::Expect;

use super::desk::SignIn;
use super::passes::{self, Use};
use super::visit::{session, visitor};
use super::who;
use crate::tokens;

/// Longest name of a device, in characters.
const NAME: usize = 100;

/// A program that asks to be let in.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct DevicePost {
    /// Which program. Not checked: there is no list of programs.
    #[serde(default)]
    #[allow(dead_code, reason = "part of the request")]
    client_id: String,
    /// The machine it runs on.
    #[serde(default)]
    device_name: String,
}

/// What the program polls with, and what it shows.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct DeviceRep {
    /// Secret of the program.
    device_code: String,
    /// Seconds until it is too late.
    expires_in: i64,
    /// To be compared by the member.
    user_code: String,
    /// Path of the page where the member approves.
    verification_uri: String,
}

/// Asks whether the member has decided.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct PollPost {
    /// Secret of the program.
    device_code: String,
}

/// The access token, once.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct PollRep {
    /// Its value.
    access_token: String,
}

/// What the member decides.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct DecidePost {
    /// What the program shows.
    pub(super) user_code: String,
    /// Whether to let it in.
    pub(super) approve: bool,
}

/// What is stored of a request under the device's code.
#[derive(Deserialize, Serialize)]
struct Asked {
    name: String,
    approved: Option<bool>,
}

pub(super) async fn ask(ctx: Ctx, request: Request) -> Result<Reply> {
    let post: DevicePost = request.json()?;
    let from = format!("device {}", visitor(&request).address);
    let tries = [(from.as_str(), PER_ADDRESS)];
    SignIn::of(&ctx)?.throttle().attempt(&tries, ctx.app.clock.now()).await?;
    let name: String = post.device_name.chars().filter(|c| !c.is_control()).take(NAME).collect();
    let device_code = passes::make(&ctx, Use::Device, "", &text(&Asked { name, approved: None })?).await?;
    let user_code = user_code(&ctx);
    // Nobody else has it: 40 bits, a few at a time.
    if !passes::put(&ctx, Use::DeviceUser, &plain(&user_code), "", &passes::hash(Use::Device, &device_code)).await? {
        return Err(Error::Unavailable);
    }
    Reply::json(&DeviceRep {
        device_code,
        expires_in: Use::Device.lasts() / 1_000,
        verification_uri: format!("device/{user_code}"),
        user_code,
    })
}

pub(super) async fn poll(ctx: Ctx, request: Request) -> Result<Reply> {
    let post: PollPost = request.json()?;
    let Some(pass) = passes::find(&ctx, Use::Device, &post.device_code).await? else {
        return refused("expired_token", "The code was used already, is too old, or is not one of ours");
    };
    let asked = read(&pass.body)?;
    match asked.approved {
        None => refused("authorization_pending", "The member has not decided yet"),
        Some(false) => refused("access_denied", "The member did not let the program in"),
        Some(true) => {
            let Some(pass) = passes::take(&ctx, Use::Device, &post.device_code).await? else {
                return refused("expired_token", "The code was used already");
            };
            let member = who::by_id(&ctx, &pass.member).await?.map(|found| found.value).filter(Member::is_active);
            let Some(member) = member else { return refused("access_denied", "The member cannot sign in any more") };
            Reply::json(&PollRep { access_token: token(&ctx, member, &asked.name).await? })
        }
    }
}

fn refused(code: &str, message: &str) -> Result<Reply> {
    Ok(Reply::json(&json!({"code": code, "message": message}))?.status(StatusCode::BAD_REQUEST))
}

/// A personal token that acts for the member, made by them as far as the record goes.
async fn token(ctx: &Ctx, member: Member, device: &str) -> Result<String> {
    let (value, now) = (ctx.app.ids.access_token(), ctx.app.clock.now());
    let token = Token {
        id: ctx.app.ids.object_id(),
        name: if device.is_empty() { "A program".to_owned() } else { format!("Program on {device}") },
        description: "Made by device authorization".to_owned(),
        hash: secret::hash(&value),
        ending: secret::ending(&value),
        previous: None,
        member_id: member.id.clone(),
        service_token: false,
        role: None,
        custom_role_ids: Vec::new(),
        inline_role: None,
        client_id: None,
        limits: Vec::new(),
        default_api_version: ApiVersion::NEWEST.number(),
        expiry: None,
        created_at: now,
        modified_at: now,
    };
    let ctx = as_member(ctx, member).await?;
    let proof = ctx.authorise("createAccessToken", &tokens::spec(&token))?;
    let mut change = Change::new(Proofs::of(proof), "created the access token", tokens::target(&token));
    change.put(tokens::key(&token.id), Expect::Absent, &token, tokens::index(&token))?;
    change.commit(&ctx).await?;
    Ok(value)
}

async fn as_member(ctx: &Ctx, member: Member) -> Result<Ctx> {
    let directory = Directory::load(ctx.store()).await?;
    let authority = std::sync::Arc::new(Permissions::of_member(&member, &directory));
    let caller = Caller { member: Some(std::sync::Arc::new(member)), token: None, authority };
    Ok(Ctx { caller: std::sync::Arc::new(caller), ..ctx.clone() })
}

pub(super) async fn decide(ctx: Ctx, request: Request) -> Result<Reply> {
    let post: DecidePost = request.json()?;
    decided(&ctx, &request, &post).await?;
    Ok(Reply::empty().status(StatusCode::NO_CONTENT))
}

/// The name of the device whose code this is, while nobody has decided.
pub(super) async fn waiting(ctx: &Ctx, user_code: &str) -> Result<String> {
    let (_, _, asked) = find(ctx, user_code).await?;
    Ok(asked.name)
}

/// Notes what the member decides.
pub(super) async fn decided(ctx: &Ctx, request: &Request, post: &DecidePost) -> Result<()> {
    let session = session(ctx, request).await?;
    let from = format!("device of {}", session.row.member);
    let tries = [(from.as_str(), PER_ADDRESS)];
    SignIn::of(ctx)?.throttle().attempt(&tries, ctx.app.clock.now()).await?;
    let (hash, was, asked) = find(ctx, &post.user_code).await?;
    let body = text(&Asked { approved: Some(post.approve), ..asked })?;
    if !ctx.store().change_pass(&hash, &was, &session.row.member, &body).await? {
        return Err(unknown());
    }
    passes::take(ctx, Use::DeviceUser, &plain(&post.user_code)).await?;
    SignIn::of(ctx)?.throttle().forget(&from, ctx.app.clock.now()).await?;
    Ok(())
}

async fn find(ctx: &Ctx, user_code: &str) -> Result<(String, String, Asked)> {
    let user = passes::find(ctx, Use::DeviceUser, &plain(user_code)).await?.ok_or_else(unknown)?;
    let pass = passes::find_hashed(ctx, Use::Device, &user.body).await?.ok_or_else(unknown)?;
    let asked = read(&pass.body)?;
    if asked.approved.is_some() {
        return Err(unknown());
    }
    Ok((pass.hash, pass.body, asked))
}

fn unknown() -> Error {
    Error::NotFound("No program waits with this code: it may be too old".to_owned())
}

/// Eight letters and digits without look-alikes, in two groups.
fn user_code(ctx: &Ctx) -> String {
    let letters = ctx.app.ids.password().to_uppercase();
    format!("{}-{}", &letters[..4], &letters[4..8])
}

fn plain(user_code: &str) -> String {
    user_code.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_uppercase()).collect()
}

fn text(asked: &Asked) -> Result<String> {
    serde_json::to_string(asked).map_err(|e| Error::Internal(e.to_string()))
}

fn read(body: &str) -> Result<Asked> {
    serde_json::from_str(body).map_err(|e| Error::Internal(format!("what is kept of a device: {e}")))
}
