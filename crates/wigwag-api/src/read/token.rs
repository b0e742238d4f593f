//! Access tokens, as those who look at them see them.

use wigwag_kit::{Ctx, Error, Result, Spec};
use wigwag_model::doc::{Kind, Token};
use wigwag_store::{Doc, DocKey, IndexFacts};

use super::Loaded;

/// The fact with the time at which a token goes that was issued to an OAuth 2.0 client.
pub const TOKEN_GOES: &str = "goes";

/// Where a token is stored.
#[must_use]
pub fn token_key(id: &str) -> DocKey {
    DocKey::account(Kind::Token, id)
}

/// How policies name a token.
#[must_use]
pub fn token_spec(token: &Token) -> Spec {
    if token.service_token {
        Spec::top("service-token", &token.id)
    } else {
        Spec::top("member", &token.member_id).then("token", &token.id, &[])
    }
}

/// What tokens are found by: the hash of their value, and of the one before the last reset.
#[must_use]
pub fn token_index(token: &Token) -> IndexFacts {
    let mut facts = IndexFacts::new()
        .text("name", &token.name)
        .text("memberId", &token.member_id)
        .number("creationDate", token.created_at)
        .unique("hash", token.hash.as_str());
    if let Some(client) = &token.client_id {
        facts = facts.text("clientId", client);
        if let Some(expiry) = token.expiry {
            facts = facts.number(TOKEN_GOES, expiry);
        }
    }
    match &token.previous {
        Some(previous) => facts.unique("hash", previous.hash.as_str()),
        None => facts,
    }
}

/// Reads a stored token, without any check.
///
/// # Errors
/// The document cannot be read.
pub fn token_of(doc: &Doc) -> Result<Loaded<Token>> {
    Loaded::from_doc(doc, token_spec)
}

/// The token with this id, if the caller may see it.
///
/// # Errors
/// 404 when there is none that the caller sees.
pub async fn token(ctx: &Ctx, id: &str) -> Result<Loaded<Token>> {
    let missing = || Error::NotFound(format!("Unknown token id {id}"));
    if id.len() != 24 || !id.bytes().all(|b| b.is_ascii_hexdigit()) {
        return Err(missing());
    }
    let token = token_of(&ctx.get(&token_key(id)).await?.ok_or_else(missing)?)?;
    if token_visible(ctx, &token, true) { Ok(token) } else { Err(missing()) }
}

/// Whether the caller sees a token (access-control.md 1.3): its own, service tokens, and with
/// `all` those it may manage.
#[must_use]
pub fn token_visible(ctx: &Ctx, token: &Loaded<Token>, all: bool) -> bool {
    let mine = ctx.caller.acting_member().is_some_and(|m| m.id == token.value.member_id);
    if token.value.service_token {
        ctx.may("viewAccount", &Spec::account()) || ctx.may("updateAccessTokenName", &token.spec)
    } else {
        mine || (all && ctx.may("updateAccessTokenName", &token.spec))
    }
}
