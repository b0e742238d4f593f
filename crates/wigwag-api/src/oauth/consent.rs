//! The authorization endpoint without its page: what a client asks for, and what a member answers (RFC 6749 4.1,
//! RFC 7636).

use wigwag_auth::secret;
use wigwag_kit::{Change, Ctx, Error, Proofs, Result, Spec, query};
use wigwag_model::clock::Millis;
use wigwag_model::doc::{Kind, OAuthClient, OAuthGrant, Role};
use wigwag_store::{DocKey, Expect};

use super::clients::target;
use super::{decoded, issue, role_of};

/// How long a code can be exchanged, in milliseconds.
const CODE_HOLDS: Millis = 5 * 60_000;

/// A request of a client that holds together: show it to a member.
#[derive(Clone, Debug)]
pub struct Consent {
    /// Who asks.
    pub client: OAuthClient,
    /// The most it will be able to do.
    pub role: Role,
    challenge: Option<String>,
    state: Option<String>,
}

impl Consent {
    /// The scope that was asked for.
    #[must_use]
    pub const fn scope(&self) -> &'static str {
        super::scope_of(self.role)
    }
}

/// What to do with a request of a client.
#[derive(Clone, Debug)]
pub enum Asked {
    /// Ask the member.
    Member(Box<Consent>),
    /// Send the browser back to the client, which asked for what cannot be.
    Back(String),
}

/// Reads the query of an authorization request. The client and its redirect address come first: without them
/// nobody is sent anywhere.
///
/// # Errors
/// 400 for people to see: an unknown client, an address that is not the client's.
pub async fn asked(ctx: &Ctx, pairs: &[(String, String)]) -> Result<Asked> {
    let value = |name: &str| pairs.iter().rev().find(|(n, _)| n == name).map(|(_, v)| v.as_str());
    let id = value("client_id").ok_or_else(|| Error::missing("client_id"))?;
    let unknown = || Error::field("client_id", "there is no such client");
    let client = client(ctx, id).await?.ok_or_else(unknown)?;
    if value("redirect_uri").is_some_and(|uri| uri != client.redirect_uri) {
        return Err(Error::field("redirect_uri", "is not the one that the client registered"));
    }
    let state = value("state").map(str::to_owned);
    let back = |error, text| {
        let mut pairs = vec![("error", error), ("error_description", text)];
        pairs.extend(state.as_deref().map(|state| ("state", state)));
        Ok(Asked::Back(with_query(&client.redirect_uri, &pairs)))
    };
    if value("response_type") != Some("code") {
        return back("unsupported_response_type", "response_type must be code");
    }
    let challenge = value("code_challenge").map(str::to_owned);
    if challenge.is_some() && value("code_challenge_method") != Some("S256") {
        return back("invalid_request", "code_challenge_method must be S256");
    }
    let role = match role_of(value("scope")) {
        Ok(role) => role,
        Err(problem) => return back("invalid_scope", problem),
    };
    Ok(Asked::Member(Box::new(Consent { client, role, challenge, state })))
}

/// The member who calls agrees: answers where to send the browser, with a code for the client.
///
/// # Errors
/// 403 for tokens, which never agree to anything, and members who may not have tokens.
pub async fn consented(ctx: &Ctx, consent: &Consent) -> Result<String> {
    let member = ctx.caller.acting_member().filter(|_| ctx.caller.token.is_none());
    let member = member.ok_or_else(|| Error::Forbidden("Only a member who signed in can agree".to_owned()))?;
    let (id, now) = (ctx.app.ids.object_id(), ctx.app.clock.now());
    let spec = Spec::top("member", &member.id).then("token", &id, &[]);
    let proof = ctx.authorise("createAccessToken", &spec)?;
    let code = ctx.app.ids.secret();
    let grant = OAuthGrant {
        id,
        client_id: consent.client.id.clone(),
        member_id: member.id.clone(),
        role: consent.role,
        code_hash: secret::hash(&code),
        redirect_uri: consent.client.redirect_uri.clone(),
        challenge: consent.challenge.clone(),
        refresh_hash: None,
        spent_hash: None,
        token_id: None,
        expires_at: now.saturating_add(CODE_HOLDS),
        created_at: now,
    };
    let mut change = Change::new(Proofs::of(proof), "authorized the oauth-client", target(&consent.client));
    change.put(issue::grant_key(&grant.id), Expect::Absent, &grant, issue::grant_index(&grant))?;
    change.commit(ctx).await?;
    let mut pairs = vec![("code", code.as_str())];
    pairs.extend(consent.state.as_deref().map(|state| ("state", state)));
    Ok(with_query(&consent.client.redirect_uri, &pairs))
}

/// The member does not agree: answers where to send the browser.
#[must_use]
pub fn declined(consent: &Consent) -> String {
    let mut pairs = vec![("error", "access_denied")];
    pairs.extend(consent.state.as_deref().map(|state| ("state", state)));
    with_query(&consent.client.redirect_uri, &pairs)
}

/// The client of this id, if there is one.
pub(super) async fn client(ctx: &Ctx, id: &str) -> Result<Option<OAuthClient>> {
    let uuid = id.len() == 36 && id.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-');
    if !uuid {
        return Ok(None);
    }
    let doc = ctx.store().get(&DocKey::account(Kind::OAuthClient, id)).await?;
    Ok(decoded::<OAuthClient>(doc)?.map(|(client, _)| client))
}

fn with_query(uri: &str, pairs: &[(&str, &str)]) -> String {
    let rendered = query::render(pairs.iter().copied());
    let joint = if uri.contains('?') { "&" } else { "?" };
    format!("{uri}{joint}{}", rendered.trim_start_matches('?'))
}
