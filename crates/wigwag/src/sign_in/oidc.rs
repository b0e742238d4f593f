//! Single sign-on by OpenID Connect: authorization code with PKCE, state and nonce.

use std::pin::Pin;
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use openidconnect::core::{CoreAuthenticationFlow, CoreClient, CoreProviderMetadata};
use openidconnect::{
    AuthType, AuthorizationCode, ClientId, ClientSecret, CsrfToken, HttpRequest, HttpResponse, IssuerUrl, Nonce,
    OAuth2TokenResponse, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, Scope, TokenResponse,
};
use serde_json::{Map, Value};
use tokio::sync::Mutex;
use wigwag_api::sign_in::{Departure, Identity, Mapping, Provider};
use wigwag_kit::BoxFuture;
use wigwag_model::id::Ids;

use crate::config::OidcConfig;

/// How long what the provider says of itself, keys included, is believed.
const FRESH: Duration = Duration::from_secs(300);
/// How long the provider may take to answer.
const WITHIN: Duration = Duration::from_secs(10);
/// Most of an answer that is read, in bytes.
const ANSWER: usize = 1 << 20;

/// A provider.
pub(super) struct Oidc {
    config: OidcConfig,
    issuer: IssuerUrl,
    back: RedirectUrl,
    http: reqwest::Client,
    ids: Ids,
    known: Mutex<Option<(Instant, CoreProviderMetadata)>>,
}

/// What goes wrong on the way to the provider.
#[derive(Debug, thiserror::Error)]
enum Fetching {
    #[error(transparent)]
    Http(#[from] reqwest::Error),
    #[error(transparent)]
    Form(#[from] openidconnect::http::Error),
    #[error("the answer is longer than {ANSWER} bytes")]
    Long,
}

type Fetch = Pin<Box<dyn Future<Output = Result<HttpResponse, Fetching>> + Send>>;

impl Oidc {
    /// The provider that is configured. It is asked when somebody signs in, so that it may start later than we.
    pub(super) fn new(config: OidcConfig, site: &str, ids: Ids) -> anyhow::Result<Self> {
        let issuer = IssuerUrl::new(config.issuer.clone())?;
        let back = RedirectUrl::new(format!("{site}/login-return"))?;
        // A provider that redirects could make us call others.
        let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).timeout(WITHIN).build()?;
        Ok(Self { config, issuer, back, http, ids, known: Mutex::default() })
    }

    /// How the library reaches the provider.
    fn fetching(&self) -> impl Fn(HttpRequest) -> Fetch + Send + Sync + use<> {
        let http = self.http.clone();
        move |request| -> Fetch { Box::pin(fetch(http.clone(), request)) }
    }

    /// What the provider says of itself.
    async fn metadata(&self) -> Result<CoreProviderMetadata, String> {
        let mut known = self.known.lock().await;
        if let Some((_, metadata)) = known.as_ref().filter(|(at, _)| at.elapsed() < FRESH) {
            return Ok(metadata.clone());
        }
        let fetch = self.fetching();
        let metadata = CoreProviderMetadata::discover_async(self.issuer.clone(), &fetch).await.map_err(told)?;
        *known = Some((Instant::now(), metadata.clone()));
        Ok(metadata)
    }

    async fn departure(&self) -> Result<Departure, String> {
        let secret = || hex::encode(self.ids.key());
        let (state, nonce, verifier) = (secret(), secret(), PkceCodeVerifier::new(secret()));
        let challenge = PkceCodeChallenge::from_code_verifier_sha256(&verifier);
        let client = CoreClient::from_provider_metadata(
            self.metadata().await?,
            ClientId::new(self.config.client_id.clone()),
            None,
        )
        .set_redirect_uri(self.back.clone());
        let (for_state, for_nonce) = (state.clone(), nonce.clone());
        let scopes = self.config.scopes.iter().filter(|scope| *scope != "openid").cloned().map(Scope::new);
        let (url, ..) = client
            .authorize_url(
                CoreAuthenticationFlow::AuthorizationCode,
                move || CsrfToken::new(for_state),
                move || Nonce::new(for_nonce),
            )
            .add_scopes(scopes)
            .set_pkce_challenge(challenge)
            .url();
        Ok(Departure { url: url.to_string(), state, kept: format!("{nonce} {}", verifier.secret()) })
    }

    async fn identity(&self, code: &str, kept: &str) -> Result<Identity, String> {
        let (nonce, verifier) = kept.split_once(' ').ok_or("what was kept of the browser is damaged")?;
        let metadata = self.metadata().await?;
        let secret = self.config.client_secret.clone().map(ClientSecret::new);
        let client_id = ClientId::new(self.config.client_id.clone());
        let by_body = metadata
            .token_endpoint_auth_methods_supported()
            .is_some_and(|methods| !methods.contains(&openidconnect::core::CoreClientAuthMethod::ClientSecretBasic));
        let client = CoreClient::from_provider_metadata(metadata.clone(), client_id, secret)
            .set_redirect_uri(self.back.clone())
            .set_auth_type(if by_body { AuthType::RequestBody } else { AuthType::BasicAuth });
        let fetch = self.fetching();
        let answer = client
            .exchange_code(AuthorizationCode::new(code.to_owned()))
            .map_err(told)?
            .set_pkce_verifier(PkceCodeVerifier::new(verifier.to_owned()))
            .request_async(&fetch)
            .await
            .map_err(told)?;
        let token = answer.id_token().ok_or("the provider sent no ID token")?;
        let verified = token.claims(&client.id_token_verifier(), &Nonce::new(nonce.to_owned()));
        let subject = match verified {
            Ok(claims) => claims.subject().to_string(),
            Err(error) => {
                // Perhaps its keys have changed: asked again next time.
                *self.known.lock().await = None;
                return Err(told(error));
            }
        };
        let mut claims = payload(&token.to_string())?;
        if let Some(address) = metadata.userinfo_endpoint() {
            let more = self.more(address.as_str(), answer.access_token().secret()).await?;
            if more.get("sub").and_then(Value::as_str) != Some(&*subject) {
                return Err("the provider told of somebody else than it vouched for".to_owned());
            }
            claims.extend(more);
        }
        Ok(self.read(&subject, &claims))
    }

    /// What the provider tells besides the ID token.
    async fn more(&self, address: &str, access_token: &str) -> Result<Map<String, Value>, String> {
        let request = openidconnect::http::Request::builder()
            .uri(address)
            .header("accept", "application/json")
            .header("authorization", format!("Bearer {access_token}"))
            .body(Vec::new());
        let answer = fetch(self.http.clone(), request.map_err(told)?).await.map_err(told)?;
        if !answer.status().is_success() {
            return Err(format!("the provider answered {} when asked for more", answer.status()));
        }
        serde_json::from_slice(answer.body()).map_err(|e| format!("what the provider tells is not JSON: {e}"))
    }

    fn read(&self, subject: &str, claims: &Map<String, Value>) -> Identity {
        let text = |name: &str| claims.get(name).and_then(Value::as_str).unwrap_or_default().trim().to_owned();
        let groups = claims.get(&self.config.group_claim).map(|groups| match groups {
            Value::Array(list) => list.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
            Value::String(one) => vec![one.clone()],
            _ => Vec::new(),
        });
        Identity {
            issuer: self.config.issuer.clone(),
            subject: subject.to_owned(),
            email: text("email"),
            // Some providers write it as text.
            email_verified: claims.get("email_verified").is_some_and(|v| v == true || v == "true"),
            first_name: text("given_name"),
            last_name: text("family_name"),
            groups,
        }
    }
}

impl Provider for Oidc {
    fn begin(&self) -> BoxFuture<'_, Result<Departure, String>> {
        Box::pin(self.departure())
    }

    fn finish<'a>(&'a self, code: &'a str, kept: &'a str) -> BoxFuture<'a, Result<Identity, String>> {
        Box::pin(self.identity(code, kept))
    }

    fn mapping(&self) -> &Mapping {
        &self.config.mapping
    }
}

async fn fetch(http: reqwest::Client, request: HttpRequest) -> Result<HttpResponse, Fetching> {
    let mut answer = http.execute(request.try_into()?).await?;
    let mut body = Vec::new();
    while let Some(chunk) = answer.chunk().await? {
        body.extend_from_slice(&chunk);
        if body.len() > ANSWER {
            return Err(Fetching::Long);
        }
    }
    let mut made = openidconnect::http::Response::builder().status(answer.status());
    for (name, value) in answer.headers() {
        made = made.header(name, value);
    }
    Ok(made.body(body)?)
}

/// The claims of an ID token whose signature was checked: groups have no name of their own in the standard.
fn payload(token: &str) -> Result<Map<String, Value>, String> {
    let part = token.split('.').nth(1).ok_or("the ID token has no claims")?;
    let bytes = URL_SAFE_NO_PAD.decode(part).map_err(told)?;
    serde_json::from_slice(&bytes).map_err(told)
}

/// An error with what caused it.
fn told(error: impl std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}
