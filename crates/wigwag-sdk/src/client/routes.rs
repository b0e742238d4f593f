//! Every path of client-side SDKs (sdk-protocol.md 12), and what each does.

use axum::Router;
use axum::extract::{RawPathParams, Request, State};
use axum::response::{IntoResponse as _, Response};
use axum::routing::any;
use http::header::{AUTHORIZATION, CONTENT_TYPE, VARY};
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Method, StatusCode};
use percent_encoding::percent_decode_str;
use wigwag_live::{Form, Shape};

use super::{Asked, Caller, cors, evaluate, events, objects, streams};
use crate::events::accept;
use crate::refusal::Refusal;
use crate::router::SdkState;

/// A path and what it stands for.
#[derive(Clone, Copy)]
pub(crate) struct Route {
    pub(crate) path: &'static str,
    by: By,
    does: Does,
    methods: &'static str,
}

/// How callers show who they are.
#[derive(Clone, Copy, PartialEq, Eq)]
enum By {
    /// The client-side ID in the path.
    ClientId,
    /// A mobile key in `Authorization`.
    Mobile,
    /// An SDK key in `Authorization`.
    Sdk,
    /// A mobile key or client-side ID in `Authorization`, or else in the query.
    Client,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Does {
    /// All flags for a context.
    Results(Shape),
    /// A stream of results.
    Stream,
    /// All flags for a context, or what changed of them, as objects.
    ObjectPoll,
    /// A stream of the same.
    ObjectStream,
    /// A stream of pings.
    Ping,
    /// Clicks and page views to be reported: there are none.
    Goals,
    /// Takes events.
    Events,
    /// Takes events that are in the query.
    Pixel,
    /// The encrypted stream of Roku, which polls when it is not offered (sdk-protocol.md 5.8).
    NotOffered,
}

impl Route {
    /// Whether it is met so often that it is answered past the HTTP library: what is whole when it begins.
    pub(crate) const fn is_direct(&self) -> bool {
        matches!(self.does, Does::Results(_) | Does::Events | Does::Goals)
    }
}

/// What stands in a path for the names in its route.
#[derive(Default)]
pub(crate) struct Params {
    env: Option<String>,
    context: Option<String>,
}

impl Params {
    fn of(params: &RawPathParams) -> Self {
        params.iter().fold(Self::default(), |params, (name, value)| params.with(name, value.to_owned()))
    }

    /// Of a path as it came; nothing if it is not text.
    pub(crate) fn decoded<'p>(mut params: impl Iterator<Item = (&'p str, &'p str)>) -> Option<Self> {
        params.try_fold(Self::default(), |params, (name, value)| {
            Some(params.with(name, percent_decode_str(value).decode_utf8().ok()?.into_owned()))
        })
    }

    fn with(mut self, name: &str, value: String) -> Self {
        match name {
            "env" => self.env = Some(value),
            _ => self.context = Some(value),
        }
        self
    }
}

const GET: &str = "GET,OPTIONS";
const REPORT: &str = "REPORT,OPTIONS";
const POST: &str = "POST,OPTIONS";
const BODY: &str = "POST,REPORT,OPTIONS";

const fn route(path: &'static str, by: By, does: Does, methods: &'static str) -> Route {
    Route { path, by, does, methods }
}

const RESULTS: Does = Does::Results(Shape::Results);
const VALUES: Does = Does::Results(Shape::Values);
const BOOTSTRAP: Does = Does::Results(Shape::Bootstrap);

pub(crate) const ROUTES: &[Route] = &[
    // Browsers and edge SDKs.
    route("/sdk/evalx/{env}/contexts/{*context}", By::ClientId, RESULTS, GET),
    route("/sdk/evalx/{env}/context", By::ClientId, RESULTS, REPORT),
    route("/sdk/evalx/{env}/contexts", By::ClientId, RESULTS, REPORT),
    route("/sdk/evalx/{env}/users/{*context}", By::ClientId, RESULTS, GET),
    route("/sdk/evalx/{env}/user", By::ClientId, RESULTS, REPORT),
    route("/sdk/evalx/{env}/users", By::ClientId, RESULTS, REPORT),
    route("/sdk/eval/{env}/users/{*context}", By::ClientId, VALUES, GET),
    route("/sdk/eval/{env}/user", By::ClientId, VALUES, REPORT),
    route("/sdk/eval/{env}/users", By::ClientId, VALUES, REPORT),
    route("/eval/{env}/{*context}", By::ClientId, Does::Stream, GET),
    route("/eval/{env}", By::ClientId, Does::Stream, REPORT),
    route("/ping/{env}", By::ClientId, Does::Ping, GET),
    route("/sdk/goals/{env}", By::ClientId, Does::Goals, GET),
    route("/events/bulk/{env}", By::ClientId, Does::Events, POST),
    route("/events/diagnostic/{env}", By::ClientId, Does::Events, POST),
    route("/a/{env}", By::ClientId, Does::Pixel, GET),
    // Mobile SDKs.
    route("/msdk/evalx/contexts/{*context}", By::Mobile, RESULTS, GET),
    route("/msdk/evalx/context", By::Mobile, RESULTS, REPORT),
    route("/msdk/evalx/contexts", By::Mobile, RESULTS, REPORT),
    route("/msdk/evalx/users/{*context}", By::Mobile, RESULTS, GET),
    route("/msdk/evalx/user", By::Mobile, RESULTS, REPORT),
    route("/msdk/evalx/users", By::Mobile, RESULTS, REPORT),
    route("/msdk/eval/users/{*context}", By::Mobile, VALUES, GET),
    route("/msdk/eval/user/{*context}", By::Mobile, VALUES, GET),
    route("/msdk/eval/user", By::Mobile, VALUES, REPORT),
    route("/msdk/eval/users", By::Mobile, VALUES, REPORT),
    route("/meval/{*context}", By::Mobile, Does::Stream, GET),
    route("/meval", By::Mobile, Does::Stream, REPORT),
    route("/mping", By::Mobile, Does::Ping, GET),
    route("/handshake", By::Mobile, Does::NotOffered, POST),
    route("/mobile", By::Mobile, Does::Events, POST),
    route("/mobile/events", By::Mobile, Does::Events, POST),
    route("/mobile/events/bulk", By::Mobile, Does::Events, POST),
    route("/mobile/events/diagnostic", By::Mobile, Does::Events, POST),
    // Results for pages to begin with, from servers and edge workers. Ours.
    route("/sdk/bootstrap/{env}/contexts/{*context}", By::ClientId, BOOTSTRAP, GET),
    route("/sdk/bootstrap/{env}/context", By::ClientId, BOOTSTRAP, BODY),
    route("/sdk/bootstrap/contexts/{*context}", By::Sdk, BOOTSTRAP, GET),
    route("/sdk/bootstrap/context", By::Sdk, BOOTSTRAP, BODY),
    // Browsers and mobile SDKs with the newer data system.
    route("/sdk/poll/eval/{*context}", By::Client, Does::ObjectPoll, GET),
    route("/sdk/poll/eval", By::Client, Does::ObjectPoll, BODY),
    route("/sdk/stream/eval/{*context}", By::Client, Does::ObjectStream, GET),
    route("/sdk/stream/eval", By::Client, Does::ObjectStream, BODY),
    // Evaluation with an SDK key.
    route("/sdk/evalx/contexts/{*context}", By::Sdk, RESULTS, GET),
    route("/sdk/evalx/context", By::Sdk, RESULTS, REPORT),
    route("/sdk/evalx/users/{*context}", By::Sdk, RESULTS, GET),
    route("/sdk/evalx/user", By::Sdk, RESULTS, REPORT),
    route("/sdk/eval/users/{*context}", By::Sdk, VALUES, GET),
    route("/sdk/eval/user", By::Sdk, VALUES, REPORT),
];

/// The routes of client-side SDKs.
pub(crate) fn routes() -> Router<SdkState> {
    let table = ROUTES.iter().fold(Router::new(), |router, route| {
        let handler = move |State(state): State<SdkState>, params: RawPathParams, request: Request| async move {
            serve(state, *route, Params::of(&params), request).await
        };
        router.route(route.path, any(handler))
    });
    // Its bundle would identify a session, and no handshake ever makes one.
    table.route("/mevalalternate", any(async || Refusal::NotOffered))
}

/// Answers a request that came by a route.
pub(crate) async fn serve(state: SdkState, route: Route, params: Params, request: Request) -> Response {
    let origin = cors::origin(request.headers());
    let credential = request.headers().get(AUTHORIZATION).cloned();
    let mut response = if request.method() == Method::OPTIONS {
        let mut response = StatusCode::NO_CONTENT.into_response();
        cors::preflight(response.headers_mut(), request.headers(), route.methods);
        response
    } else if !takes(route.methods, request.method()) {
        Refusal::Method(route.methods).into_response()
    } else {
        act(&state, route, &params, request).await.unwrap_or_else(axum::response::IntoResponse::into_response)
    };
    if route.by != By::ClientId {
        response.headers_mut().append(VARY, HeaderValue::from_static("Authorization"));
    }
    cors::allow(response.headers_mut(), origin);
    state.metrics().count_request(route.path, response.status().as_u16(), credential.as_ref());
    response
}

fn takes(methods: &str, method: &Method) -> bool {
    let name = if *method == Method::HEAD { "GET" } else { method.as_str() };
    methods.split(',').any(|taken| taken == name)
}

async fn act(state: &SdkState, route: Route, params: &Params, request: Request) -> Result<Response, Refusal> {
    let (parts, body) = request.into_parts();
    let query = parts.uri.query().unwrap_or_default();
    let caller = caller(state, route, params, &parts)?;
    match route.does {
        Does::Results(shape) => {
            let asked = asked(state, &caller, params, &parts.headers, query, body).await?;
            let caller = if shape == Shape::Bootstrap { caller.for_browsers() } else { caller };
            let form = Form { shape, ..asked.form };
            Ok(evaluate::results(state, &caller, &asked, form, &parts.headers).await)
        }
        Does::Stream => {
            let asked = asked(state, &caller, params, &parts.headers, query, body).await?;
            streams::results(state, caller, &asked, &parts).await
        }
        Does::ObjectPoll => {
            let asked = asked(state, &caller, params, &parts.headers, query, body).await?;
            Ok(objects::poll(state, &caller, &asked, &parts).await)
        }
        Does::ObjectStream => {
            let asked = asked(state, &caller, params, &parts.headers, query, body).await?;
            streams::objects(state, caller, &asked, &parts).await
        }
        Does::Ping => Ok(streams::pings(state, caller, &parts.headers, &parts.extensions)),
        Does::Goals => Ok(([(CONTENT_TYPE, HeaderValue::from_static("application/json"))], "[]").into_response()),
        Does::Events => {
            let taken = accept(state, &caller.grant, caller.credential(), &parts.headers, body).await?;
            Ok(taken.into_response())
        }
        Does::Pixel => events::pixel(state, &caller, &parts.headers, query).await,
        Does::NotOffered => Err(Refusal::NotOffered),
    }
}

fn caller(state: &SdkState, route: Route, params: &Params, parts: &Parts) -> Result<Caller, Refusal> {
    let headers = &parts.headers;
    match route.by {
        By::Mobile => Caller::by_mobile_key(state, headers),
        By::Sdk => Caller::by_sdk_key(state, headers),
        By::Client => objects::caller(state, parts),
        By::ClientId => {
            let id = params.env.as_deref().unwrap_or_default();
            let id = if route.does == Does::Pixel { id.strip_suffix(".gif").unwrap_or(id) } else { id };
            Caller::by_client_id(state, id)
        }
    }
}

/// The context in the path, or in the body where the path has none.
async fn asked(
    state: &SdkState,
    caller: &Caller,
    params: &Params,
    headers: &HeaderMap,
    query: &str,
    body: axum::body::Body,
) -> Result<Asked, Refusal> {
    let json = match &params.context {
        Some(segment) => Asked::in_path(segment)?,
        None => Asked::in_body(state, headers, body).await?,
    };
    Asked::new(state, caller, json, query)
}
