//! OAuth 2.0: clients, consent, and the token endpoint.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use wigwag_api::oauth::{Asked, Consent, asked, consented, declined};
use wigwag_auth::Unrestricted;
use wigwag_kit::{Caller, Ctx, query};
use wigwag_model::doc::{Kind, Member};
use wigwag_store::Store;

use crate::support::{Answer, House, NOW, OWNER, on_both_engines};

on_both_engines! {
    the_secret_is_shown_once;
    bad_clients;
    who_may;
    authorization_requests;
    a_code_for_a_token;
    proof_keys;
    codes_work_once;
    refresh_tokens_rotate;
    scopes_narrow;
    clients_for_themselves;
    bad_requests;
    what_ends_goes;
}

const PATH: &str = "/api/v2/oauth/clients";
const BACK: &str = "https://example.com/back?x=1";

struct Client {
    id: String,
    secret: String,
}

async fn made(house: &House) -> Client {
    let made = house.post(PATH, json!({"name": "C", "redirectUri": BACK})).await.ok();
    let text = |name: &str| made[name].as_str().unwrap().to_owned();
    Client { id: text("_clientId"), secret: text("_clientSecret") }
}

/// The owner in a session.
async fn in_session(house: &House) -> Ctx {
    let id = house.get("/api/v2/members/me").await.ok()["_id"].as_str().unwrap().to_owned();
    let doc = house.store.get(&wigwag_api::read::member_key(&id)).await.unwrap().unwrap();
    let member: Member = doc.decode().unwrap();
    let caller = Caller { member: Some(Arc::new(member)), token: None, authority: Arc::new(Unrestricted) };
    Ctx { caller: Arc::new(caller), ..house.ctx() }
}

fn pairs(list: &[(&str, &str)]) -> Vec<(String, String)> {
    list.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect()
}

async fn consent(house: &House, client: &Client, more: &[(&str, &str)]) -> Consent {
    let mut all = vec![("client_id", &*client.id), ("response_type", "code"), ("state", "s t")];
    all.extend(more);
    match asked(&house.ctx(), &pairs(&all)).await.unwrap() {
        Asked::Member(consent) => *consent,
        Asked::Back(to) => panic!("sent back to {to}"),
    }
}

/// The parameters that the browser takes back.
fn taken(to: &str) -> Vec<(String, String)> {
    assert!(to.starts_with("https://example.com/back?x=1&"), "{to}");
    query::parse(to.split_once('?').unwrap().1).unwrap()
}

async fn code(house: &House, client: &Client, more: &[(&str, &str)]) -> String {
    let consent = consent(house, client, more).await;
    let to = consented(&in_session(house).await, &consent).await.unwrap();
    let taken = taken(&to);
    assert!(taken.contains(&("state".to_owned(), "s t".to_owned())), "{to}");
    taken.into_iter().find(|(name, _)| name == "code").unwrap().1
}

async fn exchange(house: &House, client: &Client, form: &[(&str, &str)]) -> Answer {
    let mut all = vec![("client_id", &*client.id), ("client_secret", &*client.secret)];
    all.extend(form);
    let body = query::render(all).trim_start_matches('?').to_owned();
    house.raw("POST /trust/oauth/token", &[("content-type", "application/x-www-form-urlencoded")], &body).await
}

fn refused(answer: &Answer, status: u16, error: &str) {
    assert_eq!((answer.status(), &answer.json()["error"]), (status, &json!(error)), "{}", answer.text());
    assert_eq!(answer.header("cache-control"), "no-store");
}

async fn works(house: &House, token: &str) -> u16 {
    let bearer = format!("Bearer {token}");
    house.raw("GET /api/v2/members/me", &[("authorization", &bearer)], "").await.status()
}

async fn the_secret_is_shown_once(store: Store) {
    let house = House::open(store).await;
    let answer = house.post(PATH, json!({"name": "C", "redirectUri": BACK, "description": "d"})).await;
    assert_eq!(answer.status(), 201);
    let made = answer.ok();
    let (id, secret) = (made["_clientId"].as_str().unwrap(), made["_clientSecret"].as_str().unwrap());
    assert_eq!((id.len(), secret.len()), (36, 64));
    assert_eq!((&made["name"], &made["redirectUri"], &made["_creationDate"]), (&json!("C"), &json!(BACK), &json!(NOW)));
    assert_eq!(made["_accountId"], house.app.account_id);
    let path = format!("{PATH}/{id}");
    let read = house.get(&path).await.ok();
    assert!(read.get("_clientSecret").is_none() && read["description"] == "d", "{read}");
    assert_eq!(house.get(PATH).await.ok()["items"], json!([read]));
    let entry = house.newest().await;
    assert_eq!(
        (&entry["kind"], &entry["accesses"]),
        (&json!("oauth-client"), &json!([{"action": "createOAuthClient", "resource": "acct"}]))
    );
    assert!(!entry.to_string().contains(secret) && !entry.to_string().contains(&wigwag_auth::secret::hash(secret)));
    let patch = json!([{"op": "replace", "path": "/redirectUri", "value": "http://localhost:9/x"}, {"op": "replace", "path": "/name", "value": "D"}]);
    let patched = house.patch(&path, patch).await.ok();
    assert_eq!((&patched["name"], &patched["redirectUri"]), (&json!("D"), &json!("http://localhost:9/x")));
    assert_eq!(house.newest().await["accesses"][0]["action"], "updateOAuthClient");
    assert_eq!(house.delete(&path).await.status(), 204);
    for _ in 0..2 {
        house.delete(&path).await.refused(404, "not_found");
    }
    house.get(&path).await.refused(404, "not_found");
}

async fn bad_clients(store: Store) {
    let house = House::open(store).await;
    for (body, word) in [
        (json!({"name": "C"}), "redirectUri"),
        (json!({"redirectUri": BACK}), "name"),
        (json!({"name": "", "redirectUri": BACK}), "name"),
        (json!({"name": "C", "redirectUri": "http://example.com"}), "redirectUri"),
        (json!({"name": "C", "redirectUri": "https://example.com/#x"}), "redirectUri"),
        (json!({"name": "C", "redirectUri": "/back"}), "redirectUri"),
        (json!({"name": "C", "redirectUri": "javascript:alert(1)"}), "redirectUri"),
    ] {
        let message = house.post(PATH, body.clone()).await.refused(400, "invalid_request");
        assert!(message.contains(word), "{body}: {message}");
    }
}

async fn who_may(store: Store) {
    let house = House::open(store).await;
    let client = made(&house).await;
    let writer = house.post("/api/v2/tokens", json!({"role": "writer", "serviceToken": true})).await.ok();
    let headers = [("authorization", writer["token"].as_str().unwrap())];
    let path = format!("{PATH}/{}", client.id);
    house.raw(&format!("GET {path}"), &headers, "").await.ok();
    let head = house.head().await;
    for (line, body, action) in [
        (format!("POST {PATH}"), r#"{"name": "C", "redirectUri": "https://example.com"}"#, "createOAuthClient"),
        (format!("PATCH {path}"), r#"[{"op": "replace", "path": "/name", "value": "D"}]"#, "updateOAuthClient"),
        (format!("DELETE {path}"), "", "deleteOAuthClient"),
    ] {
        let answer = house.raw(&line, &headers, body).await;
        answer.refused(403, "forbidden");
        assert_eq!(answer.json()["access"], json!({"action": action, "resource": "acct"}), "{line}");
    }
    assert_eq!(house.head().await, head);
}

async fn authorization_requests(store: Store) {
    let house = House::open(store).await;
    let client = made(&house).await;
    let ctx = house.ctx();
    // Without a client or its address nobody is sent anywhere.
    for bad in [
        vec![("response_type", "code")],
        vec![("client_id", "nobody"), ("response_type", "code")],
        vec![("client_id", &*client.id), ("response_type", "code"), ("redirect_uri", "https://evil.example")],
    ] {
        let error = asked(&ctx, &pairs(&bad)).await.unwrap_err();
        assert_eq!(error.class().0, 400, "{bad:?}");
    }
    let id = ("client_id", &*client.id);
    for (more, error) in [
        (vec![], "unsupported_response_type"),
        (vec![("response_type", "token")], "unsupported_response_type"),
        (vec![("response_type", "code"), ("scope", "owner")], "invalid_scope"),
        (vec![("response_type", "code"), ("code_challenge", "x")], "invalid_request"),
        (
            vec![("response_type", "code"), ("code_challenge", "x"), ("code_challenge_method", "plain")],
            "invalid_request",
        ),
    ] {
        let mut all = vec![id, ("state", "s")];
        all.extend(more);
        let Asked::Back(to) = asked(&ctx, &pairs(&all)).await.unwrap() else { panic!("{all:?}") };
        let taken = taken(&to);
        assert!(taken.contains(&("error".to_owned(), error.to_owned())), "{to}");
        assert!(taken.contains(&("state".to_owned(), "s".to_owned())), "{to}");
    }
    let consent = consent(&house, &client, &[]).await;
    assert!(declined(&consent).ends_with("&error=access_denied&state=s%20t"), "{}", declined(&consent));
    // Only a member in person agrees.
    let session = in_session(&house).await;
    let token = serde_json::from_value(json!({"id": "t", "hash": "", "ending": "", "memberId": "m",
        "defaultApiVersion": 20_240_415, "createdAt": 0, "modifiedAt": 0}))
    .unwrap();
    let by_token = Caller { token: Some(Arc::new(token)), ..(*session.caller).clone() };
    let by_token = Ctx { caller: Arc::new(by_token), ..session.clone() };
    assert_eq!(consented(&by_token, &consent).await.unwrap_err().class().0, 403);
    assert_eq!(consented(&house.ctx(), &consent).await.unwrap_err().class().0, 403);
    let nothing = Caller { authority: Caller::nobody().authority, ..(*session.caller).clone() };
    let nothing = Ctx { caller: Arc::new(nothing), ..session };
    assert_eq!(consented(&nothing, &consent).await.unwrap_err().class().0, 403);
}

async fn a_code_for_a_token(store: Store) {
    let house = House::open(store).await;
    let client = made(&house).await;
    let code = code(&house, &client, &[("scope", "writer"), ("redirect_uri", BACK)]).await;
    let entry = house.newest().await;
    assert_eq!((&entry["titleVerb"], &entry["name"]), (&json!("authorized the oauth-client"), &json!("C")));
    assert!(!entry.to_string().contains(&code));
    let form = [("grant_type", "authorization_code"), ("code", &*code), ("redirect_uri", BACK)];
    let answer = exchange(&house, &client, &form).await;
    assert_eq!((answer.status(), answer.header("cache-control")), (200, "no-store"));
    let tokens = answer.json();
    assert_eq!(
        (&tokens["token_type"], &tokens["expires_in"], &tokens["scope"]),
        (&json!("Bearer"), &json!(3600), &json!("writer"))
    );
    let token = tokens["access_token"].as_str().unwrap();
    let me = house.raw("GET /api/v2/members/me", &[("authorization", &format!("Bearer {token}"))], "").await.ok();
    assert_eq!(me["email"], "ann@example.com");
    // It writes, and does no more.
    let headers = [("authorization", token)];
    let identity = house.raw("GET /api/v2/caller-identity", &headers, "").await.ok();
    assert_eq!((&identity["clientId"], &identity["scopes"]), (&json!(client.id), &json!(["writer"])));
    house.raw("POST /api/v2/flags/default", &headers, r#"{"key": "f", "name": "F"}"#).await.ok();
    house
        .raw("POST /api/v2/members", &headers, r#"[{"email": "x@example.com", "role": "admin"}]"#)
        .await
        .refused(403, "forbidden");
    house.clock.advance(3_600_000);
    assert_eq!(works(&house, token).await, 401);
}

async fn proof_keys(store: Store) {
    let house = House::open(store).await;
    let client = made(&house).await;
    let verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(verifier));
    assert_eq!(challenge, "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM", "as in RFC 7636");
    let code = code(&house, &client, &[("code_challenge", &challenge), ("code_challenge_method", "S256")]).await;
    let form = [("grant_type", "authorization_code"), ("code", &*code)];
    refused(&exchange(&house, &client, &form).await, 400, "invalid_grant");
    let wrong = [form[0], form[1], ("code_verifier", "x")];
    refused(&exchange(&house, &client, &wrong).await, 400, "invalid_grant");
    let right = [form[0], form[1], ("code_verifier", verifier)];
    assert_eq!(exchange(&house, &client, &right).await.status(), 200);
    // A verifier for a code without a challenge is as wrong.
    let code = self::code(&house, &client, &[]).await;
    let form = [("grant_type", "authorization_code"), ("code", &*code), ("code_verifier", verifier)];
    refused(&exchange(&house, &client, &form).await, 400, "invalid_grant");
}

async fn codes_work_once(store: Store) {
    let house = House::open(store).await;
    let (client, other) = (made(&house).await, made(&house).await);
    let code = code(&house, &client, &[]).await;
    let form = [("grant_type", "authorization_code"), ("code", &*code)];
    refused(&exchange(&house, &other, &form).await, 400, "invalid_grant");
    let elsewhere = [form[0], form[1], ("redirect_uri", "https://evil.example")];
    refused(&exchange(&house, &client, &elsewhere).await, 400, "invalid_grant");
    let tokens = exchange(&house, &client, &form).await.json();
    let token = tokens["access_token"].as_str().unwrap();
    assert_eq!(works(&house, token).await, 200);
    // Somebody has stolen it: what came of it ends.
    refused(&exchange(&house, &client, &form).await, 400, "invalid_grant");
    assert_eq!(works(&house, token).await, 401);
    let refresh = [("grant_type", "refresh_token"), ("refresh_token", tokens["refresh_token"].as_str().unwrap())];
    refused(&exchange(&house, &client, &refresh).await, 400, "invalid_grant");
    let late = self::code(&house, &client, &[]).await;
    house.clock.advance(5 * 60_000);
    refused(&exchange(&house, &client, &[form[0], ("code", &late)]).await, 400, "invalid_grant");
}

async fn refresh_tokens_rotate(store: Store) {
    let house = House::open(store).await;
    let client = made(&house).await;
    let code = code(&house, &client, &[]).await;
    let first = exchange(&house, &client, &[("grant_type", "authorization_code"), ("code", &code)]).await.json();
    let text = |tokens: &Value, name: &str| tokens[name].as_str().unwrap().to_owned();
    let refreshed = async |tokens: &Value| {
        let refresh = text(tokens, "refresh_token");
        exchange(&house, &client, &[("grant_type", "refresh_token"), ("refresh_token", &refresh)]).await
    };
    let second = refreshed(&first).await.json();
    assert_eq!(works(&house, &text(&first, "access_token")).await, 401, "one at a time");
    assert_eq!(works(&house, &text(&second, "access_token")).await, 200);
    let third = refreshed(&second).await.json();
    refused(&refreshed(&second).await, 400, "invalid_grant");
    assert_eq!(works(&house, &text(&third, "access_token")).await, 401, "all of it ends");
    refused(&refreshed(&third).await, 400, "invalid_grant");
    // A refresh token ends too.
    let code = self::code(&house, &client, &[]).await;
    let tokens = exchange(&house, &client, &[("grant_type", "authorization_code"), ("code", &code)]).await.json();
    house.clock.advance(30 * 24 * 60 * 60_000);
    refused(&refreshed(&tokens).await, 400, "invalid_grant");
}

async fn scopes_narrow(store: Store) {
    let house = House::open(store).await;
    let client = made(&house).await;
    let code = code(&house, &client, &[("scope", "writer")]).await;
    let tokens = exchange(&house, &client, &[("grant_type", "authorization_code"), ("code", &code)]).await.json();
    let refresh = tokens["refresh_token"].as_str().unwrap();
    let form = [("grant_type", "refresh_token"), ("refresh_token", refresh)];
    refused(&exchange(&house, &client, &[form[0], form[1], ("scope", "admin")]).await, 400, "invalid_scope");
    refused(&exchange(&house, &client, &[form[0], form[1], ("scope", "emperor")]).await, 400, "invalid_scope");
    let tokens = exchange(&house, &client, &[form[0], form[1], ("scope", "reader")]).await.json();
    assert_eq!(tokens["scope"], "reader");
    let headers = [("authorization", tokens["access_token"].as_str().unwrap())];
    house.raw("POST /api/v2/flags/default", &headers, r#"{"key": "f", "name": "F"}"#).await.refused(403, "forbidden");
}

async fn clients_for_themselves(store: Store) {
    let house = House::open(store).await;
    let client = made(&house).await;
    let basic = STANDARD.encode(format!("{}:{}", client.id, client.secret));
    let headers =
        [("content-type", "application/x-www-form-urlencoded"), ("authorization", &*format!("Basic {basic}"))];
    let answer = house.raw("POST /trust/oauth/token", &headers, "grant_type=client_credentials&scope=writer").await;
    let tokens = answer.ok();
    assert!(tokens.get("refresh_token").is_none() && tokens["scope"] == "writer", "{tokens}");
    let token = tokens["access_token"].as_str().unwrap();
    house.raw("POST /api/v2/flags/default", &[("authorization", token)], r#"{"key": "f", "name": "F"}"#).await.ok();
    let entry = house.newest().await;
    assert!(entry["member"].is_null() && entry["token"]["serviceToken"] == true, "{entry}");
    // Deleting the client ends it.
    assert_eq!(house.delete(&format!("{PATH}/{}", client.id)).await.status(), 204);
    house.raw("GET /api/v2/projects", &[("authorization", token)], "").await.refused(401, "unauthorized");
    refused(&exchange(&house, &client, &[("grant_type", "client_credentials")]).await, 401, "invalid_client");
}

async fn bad_requests(store: Store) {
    let house = House::open(store).await;
    let client = made(&house).await;
    let head = house.head().await;
    let wrong = Client { id: client.id.clone(), secret: "x".to_owned() };
    for bad in [&wrong, &Client { id: "nobody".to_owned(), secret: "x".to_owned() }] {
        let answer = exchange(&house, bad, &[("grant_type", "client_credentials")]).await;
        refused(&answer, 401, "invalid_client");
        assert!(answer.header("www-authenticate").starts_with("Basic"));
    }
    for (form, error) in [
        (vec![], "invalid_request"),
        (vec![("grant_type", "password")], "unsupported_grant_type"),
        (vec![("grant_type", "authorization_code")], "invalid_request"),
        (vec![("grant_type", "refresh_token")], "invalid_request"),
        (vec![("grant_type", "authorization_code"), ("code", "x")], "invalid_grant"),
        (vec![("grant_type", "refresh_token"), ("refresh_token", "x")], "invalid_grant"),
        (vec![("grant_type", "client_credentials"), ("scope", "owner")], "invalid_scope"),
        (vec![("grant_type", "client_credentials"), ("grant_type", "refresh_token")], "invalid_request"),
    ] {
        refused(&exchange(&house, &client, &form).await, 400, error);
    }
    let body = json!({"grant_type": "client_credentials", "client_id": client.id, "client_secret": client.secret});
    refused(
        &house.raw("POST /trust/oauth/token", &[("content-type", "application/json")], &body.to_string()).await,
        400,
        "invalid_request",
    );
    let form = [("content-type", "application/x-www-form-urlencoded"), ("authorization", OWNER)];
    refused(&house.raw("POST /trust/oauth/token", &form, "grant_type=client_credentials").await, 401, "invalid_client");
    assert_eq!(house.head().await, head);
}

async fn what_ends_goes(store: Store) {
    let house = House::open(store).await;
    let client = made(&house).await;
    let code = code(&house, &client, &[]).await;
    exchange(&house, &client, &[("grant_type", "authorization_code"), ("code", &code)]).await.ok();
    exchange(&house, &client, &[("grant_type", "client_credentials")]).await.ok();
    let count = async |kind| house.store.scan(kind, None, None).await.unwrap().len();
    assert_eq!(
        (count(Kind::Token).await, count(Kind::OAuthGrant).await),
        (3, 1),
        "the owner's token and two of the client's"
    );
    assert_eq!(house.pass().await, Some(NOW + 3_600_000));
    house.clock.advance(3_600_000);
    house.pass().await;
    assert_eq!((count(Kind::Token).await, count(Kind::OAuthGrant).await), (1, 1));
    house.clock.advance(30 * 24 * 60 * 60_000);
    assert_eq!(house.pass().await, None);
    assert_eq!(count(Kind::OAuthGrant).await, 0);
}
