//! Access tokens for clients: ordinary tokens with the client's id, narrowed to the scope.

use wigwag_auth::secret;
use wigwag_kit::change::Agent;
use wigwag_kit::links::path;
use wigwag_kit::{Acting, ApiVersion, Authority, Caller, Change, Ctx, Decision, Proofs, Result, Spec};
use wigwag_model::clock::Millis;
use wigwag_model::doc::{Kind, OAuthClient, OAuthGrant, Token};
use wigwag_store::{DocKey, Expect, IndexFacts};

use super::clients::target;
use crate::read::token_index;

/// How long an access token holds, in milliseconds.
pub(super) const TOKEN_HOLDS: Millis = 60 * 60_000;
/// How long a refresh token holds, in milliseconds.
pub(super) const REFRESH_HOLDS: Millis = 30 * 24 * 60 * 60_000;
/// The fact with the time at which a grant ends.
pub(super) const GRANT_ENDS: &str = "ends";

/// Where a grant is stored.
pub(super) fn grant_key(id: &str) -> DocKey {
    DocKey::account(Kind::OAuthGrant, id)
}

/// What grants are found by: every secret that ever belonged to one.
pub(super) fn grant_index(grant: &OAuthGrant) -> IndexFacts {
    let facts = IndexFacts::new()
        .text("clientId", &grant.client_id)
        .text("memberId", &grant.member_id)
        .number(GRANT_ENDS, grant.expires_at)
        .unique("secret", grant.code_hash.as_str());
    let later = grant.refresh_hash.iter().chain(&grant.spent_hash);
    later.fold(facts, |facts, hash| facts.unique("secret", hash.as_str()))
}

/// A client that acts for itself at the token endpoint.
pub(super) struct AsClient {
    pub(super) ctx: Ctx,
    pub(super) client: OAuthClient,
}

/// What a client may do there: get tokens and give them back.
struct OfClient(Acting);

impl Authority for OfClient {
    fn decide(&self, action: &str, _: &Spec) -> Decision {
        match action {
            "createAccessToken" | "deleteAccessToken" => Decision::Allow,
            _ => Decision::Deny(None),
        }
    }

    fn acting(&self) -> Option<&Acting> {
        Some(&self.0)
    }
}

impl AsClient {
    pub(super) fn new(ctx: &Ctx, client: OAuthClient) -> Self {
        let agent = Agent { name: client.name.clone(), href: path(&["oauth", "clients", &client.id]) };
        let authority = OfClient(Acting::new(agent, None, Vec::new()));
        let caller = Caller { member: None, token: None, authority: std::sync::Arc::new(authority) };
        Self { ctx: Ctx { caller: std::sync::Arc::new(caller), ..ctx.clone() }, client }
    }

    /// A token that is not stored yet, and its value. With a grant it acts for its member, without for the client
    /// itself.
    pub(super) fn token(&self, grant: Option<&OAuthGrant>, role: wigwag_model::doc::Role) -> (Token, String) {
        let (value, now) = (self.ctx.app.ids.access_token(), self.ctx.app.clock.now());
        let token = Token {
            id: self.ctx.app.ids.object_id(),
            name: self.client.name.clone(),
            description: String::new(),
            hash: secret::hash(&value),
            ending: secret::ending(&value),
            previous: None,
            member_id: grant.map_or(&self.client.member_id, |grant| &grant.member_id).clone(),
            service_token: grant.is_none(),
            role: Some(role),
            custom_role_ids: Vec::new(),
            inline_role: None,
            limits: if grant.is_none() { self.client.limits.clone() } else { Vec::new() },
            default_api_version: ApiVersion::NEWEST.number(),
            expiry: Some(now.saturating_add(TOKEN_HOLDS)),
            client_id: Some(self.client.id.clone()),
            created_at: now,
            modified_at: now,
        };
        (token, value)
    }

    /// A change that the client makes: in the log of changes, not in the audit log, where the grant is.
    pub(super) fn change(&self, action: &'static str, verb: &str) -> Result<Change> {
        let proof = self.ctx.authorise(action, &Spec::account())?;
        Ok(Change::new(Proofs::of(proof), verb, target(&self.client)).unlisted())
    }

    /// Stores a token as part of a change.
    pub(super) fn put(&self, change: &mut Change, token: &Token) -> Result<()> {
        let key = DocKey::account(Kind::Token, token.id.as_str());
        change.put(key, Expect::Absent, token, token_index(token))
    }

    /// Takes an access token away as part of a change, if it is still there.
    pub(super) async fn drop_token(&self, change: &mut Change, id: Option<&String>) -> Result<()> {
        let Some(id) = id else { return Ok(()) };
        let key = DocKey::account(Kind::Token, id.as_str());
        if let Some(doc) = self.ctx.store().get(&key).await? {
            change.delete(key, Expect::Version(doc.version));
        }
        Ok(())
    }
}
