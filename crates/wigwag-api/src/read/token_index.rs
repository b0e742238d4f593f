//! What access tokens are found by, whoever makes them.

use wigwag_model::doc::Token;
use wigwag_store::IndexFacts;

/// The fact with the time at which a token goes that was issued to an OAuth 2.0 client.
pub const TOKEN_GOES: &str = "goes";

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
