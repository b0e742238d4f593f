//! `POST /trust/oauth/token`: codes, refresh tokens and clients' own credentials for access tokens (RFC 6749 4, 5
//! and 6, RFC 7636 4.6). Every secret works once; one that comes again ends what it led to.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use serde_json::json;
use sha2::{Digest, Sha256};
use wigwag_auth::secret;
use wigwag_kit::resource::retried;
use wigwag_kit::{Ctx, Error, Reply, Request, Result, query};
use wigwag_model::doc::{Kind, OAuthGrant};
use wigwag_store::Expect;

use super::issue::{AsClient, REFRESH_HOLDS, TOKEN_HOLDS, grant_index, grant_key};
use super::{consent, decoded, role_of, scope_of};
use crate::read::member_key;

/// A refusal as RFC 6749 5.2 has it.
enum Refusal {
    OAuth(&'static str, &'static str),
    Other(Error),
}

impl<E: Into<Error>> From<E> for Refusal {
    fn from(error: E) -> Self {
        Self::Other(error.into())
    }
}

const BAD_CLIENT: Refusal = Refusal::OAuth("invalid_client", "unknown client or wrong secret");
const BAD_GRANT: Refusal = Refusal::OAuth("invalid_grant", "unknown, expired, used or of another client");

pub(super) async fn exchange(ctx: Ctx, request: Request) -> Result<Reply> {
    match answer(&ctx, &request).await {
        Ok(reply) => Ok(reply),
        Err(Refusal::Other(error)) => Err(error),
        Err(Refusal::OAuth(code, text)) => {
            let mut reply = Reply::json(&json!({"error": code, "error_description": text}))?;
            no_store(&mut reply.headers);
            if code != "invalid_client" {
                return Ok(reply.status(StatusCode::BAD_REQUEST));
            }
            reply.headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Basic realm=\"oauth\""));
            Ok(reply.status(StatusCode::UNAUTHORIZED))
        }
    }
}

fn no_store(headers: &mut HeaderMap) {
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
}

/// The fields of the form. A field that comes twice is refused (RFC 6749 3.2).
struct Form(Vec<(String, String)>);

impl Form {
    fn read(request: &Request) -> std::result::Result<Self, Refusal> {
        let bad = |text| Refusal::OAuth("invalid_request", text);
        if request.media_type() != "application/x-www-form-urlencoded" {
            return Err(bad("the body must be a form"));
        }
        let text = str::from_utf8(&request.body).map_err(|_| bad("the form is not UTF-8"))?;
        let pairs = query::parse(text).map_err(|_| bad("the form is not UTF-8"))?;
        let mut names: Vec<_> = pairs.iter().map(|(name, _)| name.as_str()).collect();
        names.sort_unstable();
        if names.windows(2).any(|two| two[0] == two[1]) {
            return Err(bad("a field comes twice"));
        }
        Ok(Self(pairs))
    }

    fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(n, v)| n == name && !v.is_empty()).map(|(_, v)| v.as_str())
    }
}

async fn answer(ctx: &Ctx, request: &Request) -> std::result::Result<Reply, Refusal> {
    let form = Form::read(request)?;
    let client = client(ctx, request, &form).await?;
    match form.get("grant_type") {
        Some("authorization_code") => with_code(&client, &form).await,
        Some("refresh_token") => with_refresh(&client, &form).await,
        Some("client_credentials") => for_itself(&client, &form).await,
        Some(_) => {
            Err(Refusal::OAuth("unsupported_grant_type", "authorization_code, refresh_token, client_credentials"))
        }
        None => Err(Refusal::OAuth("invalid_request", "grant_type is missing")),
    }
}

/// The client that proves itself, by the header or in the form, not both.
async fn client(ctx: &Ctx, request: &Request, form: &Form) -> std::result::Result<AsClient, Refusal> {
    let basic = basic(&request.headers);
    let (id, given) = match (&basic, form.get("client_id"), form.get("client_secret")) {
        (Some(_), _, Some(_)) => return Err(Refusal::OAuth("invalid_request", "two ways of authentication")),
        (Some((id, given)), _, None) => (id.as_str(), given.as_str()),
        (None, Some(id), Some(given)) => (id, given),
        _ => return Err(BAD_CLIENT),
    };
    let found = consent::client(ctx, id).await?.ok_or(BAD_CLIENT)?;
    if !secret::same(&found.secret_hash, &secret::hash(given)) {
        return Err(BAD_CLIENT);
    }
    Ok(AsClient::new(ctx, found))
}

/// Id and secret of `Authorization: Basic`, each form-encoded (RFC 6749 2.3.1).
fn basic(headers: &HeaderMap) -> Option<(String, String)> {
    let text = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, rest) = text.split_once(' ')?;
    let decoded = scheme.eq_ignore_ascii_case("basic").then(|| STANDARD.decode(rest.trim()).ok())??;
    let text = String::from_utf8(decoded).ok()?;
    let (id, given) = text.split_once(':')?;
    let plain = |text: &str| Some(query::parse(&format!("v={text}")).ok()?.pop()?.1);
    Some((plain(id)?, plain(given)?))
}

/// The grant of this client that a secret belongs to.
async fn grant(client: &AsClient, value: &str) -> std::result::Result<(OAuthGrant, u64, String), Refusal> {
    let hash = secret::hash(value);
    let doc = client.ctx.store().find_unique(Kind::OAuthGrant, "secret", &hash).await?;
    let (grant, version) = decoded::<OAuthGrant>(doc)?.ok_or(BAD_GRANT)?;
    if grant.client_id != client.client.id {
        return Err(BAD_GRANT);
    }
    Ok((grant, version, hash))
}

/// A secret that was used already: whoever has it, somebody has what came of it too. All of it ends.
async fn revoke(client: &AsClient, grant: &OAuthGrant, version: u64) -> std::result::Result<Reply, Refusal> {
    let mut change = client.change("deleteAccessToken", "ended a grant of the oauth-client")?;
    change.delete(grant_key(&grant.id), Expect::Version(version));
    client.drop_token(&mut change, grant.token_id.as_ref()).await?;
    change.commit(&client.ctx).await?;
    Err(BAD_GRANT)
}

async fn with_code(client: &AsClient, form: &Form) -> std::result::Result<Reply, Refusal> {
    let code = form.get("code").ok_or(Refusal::OAuth("invalid_request", "code is missing"))?;
    let (grant, version, _) = grant(client, code).await?;
    if grant.refresh_hash.is_some() {
        return revoke(client, &grant, version).await;
    }
    let verified = match (&grant.challenge, form.get("code_verifier")) {
        (Some(challenge), Some(verifier)) => secret::same(challenge, &URL_SAFE_NO_PAD.encode(Sha256::digest(verifier))),
        (None, None) => true,
        _ => false,
    };
    let address = form.get("redirect_uri").is_none_or(|uri| uri == grant.redirect_uri);
    let late = grant.expires_at <= client.ctx.app.clock.now();
    if !verified || !address || late {
        return Err(BAD_GRANT);
    }
    next(client, grant, version, None).await
}

async fn with_refresh(client: &AsClient, form: &Form) -> std::result::Result<Reply, Refusal> {
    let value = form.get("refresh_token").ok_or(Refusal::OAuth("invalid_request", "refresh_token is missing"))?;
    let (grant, version, hash) = grant(client, value).await?;
    let current = grant.refresh_hash.as_ref().is_some_and(|now| secret::same(now, &hash));
    if !current {
        return revoke(client, &grant, version).await;
    }
    if grant.expires_at <= client.ctx.app.clock.now() {
        return Err(BAD_GRANT);
    }
    next(client, grant, version, form.get("scope")).await
}

/// The next access token of a grant and the next refresh token, in place of those before. A race for the same
/// secret has one winner; the others come too late.
async fn next(
    client: &AsClient,
    mut grant: OAuthGrant,
    version: u64,
    scope: Option<&str>,
) -> std::result::Result<Reply, Refusal> {
    let ctx = &client.ctx;
    if ctx.store().get(&member_key(&grant.member_id)).await?.is_none() {
        return Err(BAD_GRANT);
    }
    let role = match scope {
        None => grant.role,
        Some(scope) => role_of(Some(scope)).map_err(|problem| Refusal::OAuth("invalid_scope", problem))?,
    };
    if role > grant.role {
        return Err(Refusal::OAuth("invalid_scope", "more than was granted"));
    }
    let (token, value) = client.token(Some(&grant), role);
    let refresh = ctx.app.ids.secret();
    let mut change = client.change("createAccessToken", "issued a token to the oauth-client")?;
    client.drop_token(&mut change, grant.token_id.as_ref()).await?;
    grant.spent_hash = grant.refresh_hash.replace(secret::hash(&refresh));
    grant.token_id = Some(token.id.clone());
    grant.expires_at = ctx.app.clock.now().saturating_add(REFRESH_HOLDS);
    change.put(grant_key(&grant.id), Expect::Version(version), &grant, grant_index(&grant))?;
    client.put(&mut change, &token)?;
    match change.commit(ctx).await {
        Ok(_) => issued(&value, role, Some(refresh)),
        Err(Error::OptimisticLocking(_)) => Err(BAD_GRANT),
        Err(error) => Err(error.into()),
    }
}

async fn for_itself(client: &AsClient, form: &Form) -> std::result::Result<Reply, Refusal> {
    let role = role_of(form.get("scope")).map_err(|problem| Refusal::OAuth("invalid_scope", problem))?;
    let value = retried(false, || async {
        let (token, value) = client.token(None, role);
        let mut change = client.change("createAccessToken", "issued a token to the oauth-client")?;
        client.put(&mut change, &token)?;
        change.commit(&client.ctx).await.map(|_| value)
    });
    issued(&value.await?, role, None)
}

fn issued(value: &str, role: wigwag_model::doc::Role, refresh: Option<String>) -> std::result::Result<Reply, Refusal> {
    let mut body = json!({
        "access_token": value, "token_type": "Bearer", "expires_in": TOKEN_HOLDS / 1000, "scope": scope_of(role),
    });
    if let Some(refresh) = refresh {
        body["refresh_token"] = refresh.into();
    }
    let mut reply = Reply::json(&body)?;
    no_store(&mut reply.headers);
    Ok(reply)
}
