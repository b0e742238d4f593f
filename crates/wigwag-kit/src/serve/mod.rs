//! The life of a request, in plain steps. No middleware: what happens is what is written here.

mod cors;
mod limits;
mod origin;
mod render;
mod route;
mod unpack;

use std::net::IpAddr;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use bytes::Bytes;
use futures_util::FutureExt;
use http::request::Parts;
use http::{HeaderMap, Method, Response, StatusCode};
use tracing::{Instrument as _, Span, field};

pub use limits::{RateLimits, Taken};
pub use origin::{from_own_page, not_from_another, origin_of};
pub(crate) use route::params_of;
pub use route::{Found, Router};

use crate::access::{Authenticator, Caller};
use crate::based::Seen;
use crate::body::{Body, Upload};
use crate::contract::Entry;
use crate::ctx::{App, Ctx};
use crate::error::{Error, Result};
use crate::gate::Gatekeeper;
use crate::operation::{Access, BODY_LIMIT, Operation};
use crate::request::{Peer, Request};
use crate::{based, made, trace, version};
use limits::{Left, Limiter};

/// The header field that makes a POST another method.
const OVERRIDE: &str = "x-http-method-override";

/// Serves the table of operations.
pub struct Server {
    app: Arc<App>,
    authenticator: Box<dyn Authenticator>,
    router: Router,
    nobody: Arc<Caller>,
    ids: RequestIds,
    limiter: Limiter,
}

impl Server {
    /// A server of `operations`, usually [`crate::Operations::complete`].
    pub fn new(
        app: impl Into<Arc<App>>,
        authenticator: impl Authenticator + 'static,
        operations: Vec<Operation>,
    ) -> Self {
        let app = app.into();
        Self {
            ids: RequestIds::new(&app),
            app,
            authenticator: Box::new(authenticator),
            router: Router::new(operations),
            nobody: Arc::new(Caller::nobody()),
            limiter: Limiter::new(RateLimits::default(), 0),
        }
    }

    /// With limits on how many requests are taken.
    #[must_use]
    pub fn limited(mut self, limits: RateLimits) -> Self {
        self.limiter = Limiter::new(limits, self.router.operations().len());
        self
    }

    /// What was taken of the limits in the window of now, for other servers to know.
    #[must_use]
    pub fn taken(&self) -> Taken {
        self.limiter.taken(self.app.clock.now())
    }

    /// Notes what other servers have taken, in place of what was noted before.
    pub fn others_took(&self, others: impl IntoIterator<Item = Taken>) {
        self.limiter.others_took(others);
    }

    /// Every operation, in the contract's order.
    #[must_use]
    pub fn operations(&self) -> &[Operation] {
        self.router.operations()
    }

    /// What all requests share.
    #[must_use]
    pub const fn app(&self) -> &Arc<App> {
        &self.app
    }

    /// How much of a body a transport should read, in bytes, where so many are `announced` at most: as much as any
    /// method of the path takes. One more lets [`Server::handle`] refuse it. Paths that are not there take small
    /// bodies. More than usual is read only for a credential that holds, from where it may come from: strangers shall
    /// not fill the memory.
    ///
    /// # Errors
    /// [`Error::Unauthorized`] where a larger body than usual may come and the credential does not hold, 403 where
    /// the address may not come in.
    pub async fn largest_body(&self, parts: &Parts, announced: Option<u64>) -> Result<usize> {
        let most = self.router.largest_body(parts.uri.path()).unwrap_or(BODY_LIMIT);
        let large = announced.is_none_or(|bytes| bytes > BODY_LIMIT as u64);
        if most > BODY_LIMIT && large {
            self.let_in(parts, peer(parts)).await?;
            self.authenticator.authenticate(&parts.headers).await?;
        }
        Ok(most)
    }

    /// Whether a transport should hand on the body of a request in pieces: its operation is streamed. All others are
    /// read first, as far as [`Server::largest_body`] says.
    #[must_use]
    pub fn takes_pieces(&self, method: &Method, path: &str) -> bool {
        self.router.find(method, path).is_ok_and(|found| found.operation.streamed)
    }

    /// Answers a request as [`Server::serve`], with the body of the answer in memory: for callers of this process.
    pub async fn handle(&self, request: http::Request<Bytes>) -> Response<Bytes> {
        let (parts, body) = self.serve(request.map(Body::from)).await.into_parts();
        match body.collect().await {
            Ok(body) => Response::from_parts(parts, body),
            Err(error) => self.refuse(&HeaderMap::new(), &error),
        }
    }

    /// Answers a request. Errors are answers too: always with a body, an id and CORS fields.
    pub async fn serve(&self, request: http::Request<Body>) -> Response<Body> {
        let started = Instant::now();
        let id = self.ids.next();
        let (mut parts, body) = request.into_parts();
        let head = parts.method == Method::HEAD;
        let span = span(&parts, &id);
        let (mut entry, mut left) = (None, Left::default());
        let running = self.run(&mut parts, body, &mut entry, &mut left);
        let outcome = AssertUnwindSafe(running).catch_unwind().instrument(span.clone()).await;
        let outcome = outcome.unwrap_or_else(|panic| Err(Error::Internal(format!("panic: {}", text_of(&*panic)))));
        // A path may hold a secret, whether or not the request got as far as its operation.
        let path = self.router.told(parts.uri.path());
        let mut response = match outcome {
            Ok(response) => response,
            Err(error) => self.error(&parts, path, &error, &id).map(Body::from),
        };
        left.tell(response.headers_mut());
        self.finish(&mut response, &parts.headers, &id);
        if head {
            render::without_body(&mut response);
        }
        let (status, micros) = (response.status().as_u16(), started.elapsed().as_micros() as u64);
        let name = entry.map_or("-", |entry| entry.id);
        tracing::info!(
            target: "wigwag::access",
            %id, method = %parts.method, path, operation = name, status, micros
        );
        ended(&span, entry, status);
        response
    }

    /// Answers a request that the transport itself refuses, in the form of every other error.
    #[must_use]
    pub fn refuse(&self, headers: &HeaderMap, error: &Error) -> Response<Bytes> {
        let id = self.ids.next();
        let mut response = render::error(error, &id);
        self.finish(&mut response, headers, &id);
        response
    }

    /// Sets the operation's `entry` in the contract, and what is `left` of the limits.
    async fn run(
        &self,
        parts: &mut Parts,
        body: Body,
        entry: &mut Option<&'static Entry>,
        left: &mut Left,
    ) -> Result<Response<Body>> {
        let now = self.app.clock.now();
        let peer = peer(parts);
        self.limiter.address(peer, now)?;
        override_method(parts)?;
        origin::name_host(parts);
        if parts.method == Method::OPTIONS {
            return Ok(render::preflight(self.router.allowed(parts.uri.path()).as_deref()));
        }
        self.let_in(parts, peer).await?;
        let found = self.router.find(&parts.method, parts.uri.path())?;
        let operation = found.operation;
        *entry = Some(operation.entry);
        if matches!(&body, Body::Whole(bytes) if bytes.len() > operation.body_limit) {
            return Err(Error::TooLarge(operation.body_limit));
        }
        let caller = self.caller(operation, parts).await?;
        if operation.access != Access::Public {
            // Strangers shall not use up what the account has.
            self.limiter.account(found.at, now, left)?;
        }
        let asked = version::negotiate(&parts.headers, caller.token.as_ref().map(|t| t.default_api_version))?;
        if operation.entry.beta && !asked.beta {
            return Err(Error::BetaOnly);
        }
        let (body, upload) = match body {
            body if operation.streamed => (Bytes::new(), unpack::upload(&parts.headers, body, operation)?),
            Body::Whole(bytes) => {
                (unpack::unpacked(&parts.headers, bytes, operation.unpacked_limit).await?, Upload::default())
            }
            Body::Pieces(_) => return Err(Error::Internal("pieces of a body for whom it is not".to_owned())),
        };
        let handler = operation.handler().ok_or(Error::NotImplemented(operation.entry.id))?;
        let request = Request {
            method: parts.method.clone(),
            path: parts.uri.path().to_owned(),
            params: found.params,
            query: crate::query::parse(parts.uri.query().unwrap_or(""))?,
            headers: parts.headers.clone(),
            peer,
            body: if body.trim_ascii() == b"null" { Bytes::new() } else { body },
            upload,
            version: asked.version,
            beta: asked.beta,
        };
        let as_of = crate::past::asked(&self.app, operation, &request).await?;
        let based_on = based::asked(&request.headers)?;
        // Strangers are told nothing of what goes on.
        let may_know = operation.access != Access::Public;
        let seen = Seen::now(&self.app.store, &request.method, as_of).filter(|_| may_know);
        let ctx = Ctx { app: Arc::clone(&self.app), caller, version: asked.version, as_of, based_on };
        let (reply, made) = made::noting(handler(ctx, request)).await;
        let mut reply = reply.map_err(|error| error.after(made))?;
        if let Some(seen) = seen {
            seen.tell(&self.app.store, &mut reply.headers);
        }
        let documented = StatusCode::from_u16(operation.entry.status).unwrap_or(StatusCode::OK);
        Ok(render::reply(reply, documented))
    }

    /// Refuses requests from where nobody is let in.
    async fn let_in(&self, parts: &Parts, peer: Option<IpAddr>) -> Result<()> {
        match self.app.extension::<Gatekeeper>() {
            Some(gatekeeper) => gatekeeper.check(&parts.headers, peer).await,
            None => Ok(()),
        }
    }

    /// Who calls. A public operation takes anybody, but knows those who can prove who they are.
    async fn caller(&self, operation: &Operation, parts: &Parts) -> Result<Arc<Caller>> {
        let caller = self.authenticator.authenticate(&parts.headers).await;
        let caller = caller.and_then(|caller| origin::checked(caller, parts, &self.app.site));
        match (caller, operation.access) {
            (Ok(caller), _) => Ok(Arc::new(caller)),
            (Err(_), Access::Public) => {
                // To look who calls is to look at the end of the log; what strangers are told is to be as new. Where
                // it cannot be seen, reading tells.
                let _unseen = self.app.store.look().await;
                Ok(Arc::clone(&self.nobody))
            }
            (Err(error), _) => Err(error),
        }
    }

    /// The answer to a request that failed, of a path that logs tell as `told`.
    fn error(&self, parts: &Parts, told: &str, error: &Error, id: &str) -> Response<Bytes> {
        if let Error::Internal(cause) = error {
            tracing::error!(%id, method = %parts.method, path = told, cause, "a fault of ours");
        }
        let mut response = render::error(error, id);
        let allowed = matches!(error, Error::MethodNotAllowed(_)).then(|| self.router.allowed(parts.uri.path()));
        if let Some(Ok(allow)) = allowed.flatten().map(|a| a.parse()) {
            response.headers_mut().insert(http::header::ALLOW, allow);
        }
        response
    }

    fn finish<B>(&self, response: &mut Response<B>, request: &HeaderMap, id: &str) {
        cors::allow(response.headers_mut(), request, &self.app.site);
        if let Ok(value) = id.parse() {
            response.headers_mut().insert("x-request-id", value);
        }
    }
}

/// The span of a request, part of the caller's trace where there is one.
fn span(parts: &Parts, id: &str) -> Span {
    let span = tracing::trace_span!(
        target: trace::TARGET, "request", otel.kind = "server", otel.status_code = field::Empty,
        http.request.method = %parts.method, http.route = field::Empty,
        http.response.status_code = field::Empty, wigwag.operation = field::Empty, wigwag.request.id = id
    );
    trace::continues(&span, &parts.headers);
    span
}

/// Notes in the span what came of the request. Paths are told as they stand in the contract: others hold secrets.
fn ended(span: &Span, entry: Option<&Entry>, status: u16) {
    if span.is_disabled() {
        return;
    }
    if let Some(entry) = entry {
        trace::named(span, format!("{} {}", entry.method, entry.path));
        span.record("http.route", entry.path).record("wigwag.operation", entry.id);
    }
    // Numbers without a sign would be told as text.
    span.record("http.response.status_code", i64::from(status));
    if status >= 500 {
        span.record("otel.status_code", "ERROR");
    }
}

/// `POST` with `X-HTTP-Method-Override` is the method that it names.
fn override_method(parts: &mut Parts) -> Result<()> {
    let Some(value) = parts.headers.get(OVERRIDE).filter(|_| parts.method == Method::POST) else { return Ok(()) };
    parts.method = match value.as_bytes().to_ascii_uppercase().as_slice() {
        b"PATCH" => Method::PATCH,
        b"PUT" => Method::PUT,
        b"DELETE" => Method::DELETE,
        b"POST" | b"" => Method::POST,
        _ => return Err(Error::field("X-HTTP-Method-Override", "must be PATCH, PUT or DELETE")),
    };
    Ok(())
}

fn text_of(panic: &(dyn std::any::Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("no message")
}

/// Ids of requests: one drawn prefix a process, and a number.
struct RequestIds {
    prefix: String,
    count: AtomicU64,
}

impl RequestIds {
    fn new(app: &App) -> Self {
        Self { prefix: app.ids.salt()[..12].to_owned(), count: AtomicU64::new(0) }
    }

    fn next(&self) -> String {
        format!("{}{:012x}", self.prefix, self.count.fetch_add(1, Ordering::Relaxed))
    }
}

/// Where a request comes from, if its transport said.
fn peer(parts: &Parts) -> Option<IpAddr> {
    parts.extensions.get::<Peer>().map(|peer| peer.0)
}
