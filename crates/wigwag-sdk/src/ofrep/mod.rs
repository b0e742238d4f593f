//! OpenFeature's remote evaluation protocol (OFREP): one flag, or all flags, for a context.
//!
//! Callers show an SDK key, a mobile key or a client-side ID, and see the flags that it may see.

mod answer;
mod context;

use axum::Router;
use axum::extract::{Path, Request, State};
use axum::response::{IntoResponse as _, Response};
use axum::routing::any;
use bytes::Bytes;
use http::header::{AUTHORIZATION, CACHE_CONTROL, CONTENT_TYPE, ETAG, VARY};
use http::request::Parts;
use http::{HeaderValue, Method, StatusCode};
use wigwag_live::{Form, Outcome, PingStream, Seen};

use crate::auth::{ENV_ID, env_id};
use crate::client::{Asked, Caller, cors, known, ready, vouched};
use crate::etag;
use crate::refusal::Refusal;
use crate::router::SdkState;
use crate::stream::{respond, watched};
use crate::takeover::Takeover;
use answer::Failure;

const ONE: &str = "/ofrep/v1/evaluate/flags/{key}";
const ALL: &str = "/ofrep/v1/evaluate/flags";
/// Where pages hear that they should ask again. Its place is told with the results.
const CHANGES: &str = "/ofrep/v1/changes/{env}";
const POST: &str = "POST,OPTIONS";
const GET: &str = "GET,OPTIONS";

/// The routes of the protocol.
pub(crate) fn routes() -> Router<SdkState> {
    Router::new()
        .route(
            ONE,
            any(async |State(state): State<SdkState>, Path(key): Path<String>, request: Request| {
                let work = async |parts, body| one(&state, &key, parts, body).await;
                guarded(&state, ONE, POST, request, work).await
            }),
        )
        .route(
            ALL,
            any(async |State(state): State<SdkState>, request: Request| {
                let work = async |parts, body| all(&state, parts, body).await;
                guarded(&state, ALL, POST, request, work).await
            }),
        )
        .route(
            CHANGES,
            any(async |State(state): State<SdkState>, Path(id): Path<String>, request: Request| {
                let work = async |parts: Parts, _| changes(&state, &id, &parts);
                guarded(&state, CHANGES, GET, request, work).await
            }),
        )
}

/// Preflights, other methods, the fields that let pages read the answer, and the count.
async fn guarded<F>(state: &SdkState, route: &'static str, methods: &'static str, request: Request, work: F) -> Response
where
    F: AsyncFnOnce(Parts, axum::body::Body) -> Result<Response, Failure>,
{
    let origin = cors::origin(request.headers());
    let credential = request.headers().get("x-api-key").or_else(|| request.headers().get(AUTHORIZATION)).cloned();
    let (parts, body) = request.into_parts();
    let mut response = if parts.method == Method::OPTIONS {
        let mut response = StatusCode::NO_CONTENT.into_response();
        cors::preflight(response.headers_mut(), &parts.headers, methods);
        response
    } else if methods.split(',').all(|method| method != parts.method.as_str()) {
        Refusal::Method(methods).into_response()
    } else {
        work(parts, body).await.unwrap_or_else(axum::response::IntoResponse::into_response)
    };
    response.headers_mut().append(VARY, HeaderValue::from_static("Authorization, X-API-Key"));
    cors::allow(response.headers_mut(), origin);
    state.metrics().count_request(route, response.status().as_u16(), credential.as_ref());
    response
}

async fn one(state: &SdkState, key: &str, parts: Parts, body: axum::body::Body) -> Result<Response, Failure> {
    let of = |failure: Failure| failure.of(key);
    let caller = Caller::by_any(state, &parts.headers)?;
    let (_, context) = asked(state, &caller, &parts, body).await.map_err(of)?;
    let snapshot = ready(state, &caller).await;
    let flag = snapshot.visible(caller.audience, key).ok_or_else(|| of(Failure::unknown_flag(key)))?;
    let known = known(state, &snapshot, &context).await;
    let seen = Seen::new(&snapshot, known.as_ref());
    let outcome = Outcome::of(&seen, flag, &context);
    if outcome.evaluation().is_error() {
        return Err(of(Failure::malformed_flag()));
    }
    let mut out = Vec::with_capacity(256);
    answer::flag(&mut out, flag, &outcome, snapshot.client_version(flag));
    let mut response = json(out);
    response.headers_mut().insert(ENV_ID, env_id(&snapshot));
    Ok(response)
}

async fn all(state: &SdkState, parts: Parts, body: axum::body::Body) -> Result<Response, Failure> {
    let caller = Caller::by_any(state, &parts.headers)?;
    let (body, context) = asked(state, &caller, &parts, body).await?;
    let snapshot = ready(state, &caller).await;
    let list = snapshot.clients(caller.audience);
    let known = known(state, &snapshot, &context).await;
    let tag = list.etag(&body, Form::default(), known.as_ref());
    let mut response = if etag::is_known(&parts.headers, &tag) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        let mut out = Vec::with_capacity(192 * list.len() + 256);
        answer::all(&mut out, Seen::new(&snapshot, known.as_ref()), caller.audience, &context);
        json(out)
    };
    let headers = response.headers_mut();
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        headers.insert(ETAG, tag);
    }
    headers.insert(ENV_ID, env_id(&snapshot));
    Ok(response)
}

/// Tells pages to ask again, in the form of OFREP's event streams.
fn changes(state: &SdkState, id: &str, parts: &Parts) -> Result<Response, Failure> {
    const REFETCH: Bytes = Bytes::from_static(b"data: {\"type\":\"refetchEvaluation\"}\n\n");
    let caller = Caller::by_client_id(state, id)?;
    let id = env_id(&caller.grant.env.snapshot());
    let content = PingStream::of(caller.audience, REFETCH);
    let credential = caller.credential();
    let grant = watched(state, caller.grant, credential, &parts.headers);
    let subscription = state.live().open(grant, Box::new(content));
    Ok(respond(subscription, id, parts.extensions.get::<Takeover>()))
}

/// The body as it came, and the context in it.
async fn asked(
    state: &SdkState,
    caller: &Caller,
    parts: &Parts,
    body: axum::body::Body,
) -> Result<(Bytes, wigwag_model::context::Context), Failure> {
    let body = Asked::in_body(state, &parts.headers, body).await?;
    let context = context::read(&body)?;
    vouched(state, caller, &context, parts.uri.query().unwrap_or_default())?;
    Ok((body, context))
}

fn json(body: Vec<u8>) -> Response {
    let fields = [
        (CONTENT_TYPE, HeaderValue::from_static("application/json")),
        (CACHE_CONTROL, HeaderValue::from_static("no-cache")),
    ];
    (fields, body).into_response()
}
