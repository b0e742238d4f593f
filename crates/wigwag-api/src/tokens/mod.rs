//! Access tokens of the REST API.

mod create;
mod list;
mod patch;
mod rep;
mod reset;

pub use create::TokenPost;
pub use rep::TokenRep;

use wigwag_kit::links::path;
use wigwag_kit::operation::Access;
use wigwag_kit::{Change, Collection, Ctx, Error, Operations, Proofs, Reply, Request, Result, Spec, Target};
use wigwag_model::doc::{Kind, Token};
use wigwag_store::{Doc, DocKey, Expect, IndexFacts};

use crate::read::Loaded;
use wigwag_kit::resource::retried;

/// The operations on access tokens.
#[must_use]
pub fn ops() -> Operations {
    Operations::new()
        .with(
            Operations::operation("getTokens", Access::Caller, list::list)
                .reply::<Collection<TokenRep>>()
                .partial("lastUsed is not recorded yet"),
        )
        .with(
            Operations::operation("postToken", Access::Actions(&["createAccessToken"]), create::create)
                .body::<TokenPost>()
                .reply::<TokenRep>()
                .partial("customRoleIds come with custom roles"),
        )
        .with(
            Operations::operation("getToken", Access::Caller, get)
                .reply::<TokenRep>()
                .partial("lastUsed is not recorded yet"),
        )
        .with(
            Operations::operation("patchToken", Access::Actions(patch::ACTIONS), patch::patch)
                .reply::<TokenRep>()
                .partial("customRoleIds come with custom roles"),
        )
        .with(Operations::operation("deleteToken", Access::Actions(&["deleteAccessToken"]), delete))
        .with(
            Operations::operation("resetToken", Access::Actions(&["resetAccessToken"]), reset::reset)
                .reply::<TokenRep>(),
        )
}

/// Where a token is stored.
#[must_use]
pub fn key(id: &str) -> DocKey {
    DocKey::account(Kind::Token, id)
}

/// What tokens are found by: the hash of their value, and of the one before the last reset.
#[must_use]
pub fn index(token: &Token) -> IndexFacts {
    let facts = IndexFacts::new()
        .text("name", &token.name)
        .text("memberId", &token.member_id)
        .number("creationDate", token.created_at)
        .unique("hash", token.hash.as_str());
    match &token.previous {
        Some(previous) => facts.unique("hash", previous.hash.as_str()),
        None => facts,
    }
}

/// How policies name a token.
#[must_use]
pub fn spec(token: &Token) -> Spec {
    if token.service_token {
        Spec::top("service-token", &token.id)
    } else {
        Spec::top("member", &token.member_id).then("token", &token.id, &[])
    }
}

async fn get(ctx: Ctx, request: Request) -> Result<Reply> {
    let token = load(&ctx, request.param("id")).await?;
    Reply::json(&rep::shown(&ctx, &token.value, None).await?)
}

async fn delete(ctx: Ctx, request: Request) -> Result<Reply> {
    retried(false, || async {
        let token = load(&ctx, request.param("id")).await?;
        let proof = ctx.authorise("deleteAccessToken", &token.spec)?;
        let mut change = Change::new(Proofs::of(proof), "deleted the access token", target(&token.value));
        change.delete(token.key, Expect::Version(token.version));
        change.commit(&ctx).await?;
        Ok(Reply::empty())
    })
    .await
}

/// The token with this id, if the caller may see it.
async fn load(ctx: &Ctx, id: &str) -> Result<Loaded<Token>> {
    let missing = || Error::NotFound(format!("Unknown token id {id}"));
    if id.len() != 24 || !id.bytes().all(|b| b.is_ascii_hexdigit()) {
        return Err(missing());
    }
    let token = of(&ctx.store().get(&key(id)).await?.ok_or_else(missing)?)?;
    if visible(ctx, &token, true) { Ok(token) } else { Err(missing()) }
}

fn of(doc: &Doc) -> Result<Loaded<Token>> {
    let value: Token = doc.decode()?;
    let spec = spec(&value);
    Ok(Loaded { value, version: doc.version, key: doc.key.clone(), spec })
}

/// Whether the caller sees a token (access-control.md 1.3): its own, service tokens, and with
/// `all` those it may manage.
fn visible(ctx: &Ctx, token: &Loaded<Token>, all: bool) -> bool {
    let mine = ctx.caller.acting_member().is_some_and(|m| m.id == token.value.member_id);
    if token.value.service_token {
        ctx.may("viewAccount", &Spec::account()) || ctx.may("updateAccessTokenName", &token.spec)
    } else {
        mine || (all && ctx.may("updateAccessTokenName", &token.spec))
    }
}

/// A token as its audit entries show it.
pub(crate) fn target(token: &Token) -> Target {
    let key = key(&token.id);
    Target {
        kind: "token".to_owned(),
        name: if token.name.is_empty() { token.ending.clone() } else { token.name.clone() },
        resources: vec![spec(token).to_string()],
        href: path(&["tokens", &token.id]),
        site: "/settings/authorization".to_owned(),
        project: String::new(),
        environment: None,
        document: Some([key.kind.as_str().to_owned(), String::new(), String::new(), token.id.clone()]),
    }
}
