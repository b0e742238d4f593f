//! Which requests are answered directly, and by what.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use axum::body::Body;
use bytes::Bytes;
use http::{Request, Response};

use crate::auth::is_strange;
use crate::client::{self, Params};
use crate::events;
use crate::router::SdkState;

/// The requests that are answered directly.
pub(crate) struct Routes {
    state: SdkState,
    paths: matchit::Router<Target>,
}

#[derive(Clone, Copy)]
enum Target {
    /// Events of server-side SDKs, whose route this is.
    Events(&'static str),
    /// Whatever client-side SDKs ask for.
    Client(client::Route),
}

/// What an answer takes.
type Answer = Pin<Box<dyn Future<Output = Response<Body>> + Send>>;

impl Routes {
    /// The routes of [`crate::router()`] that are met often. All that client-side SDKs have are known here, so that a path
    /// leads to the same one of them.
    pub(crate) fn new(state: SdkState) -> Self {
        let client = client::ROUTES.iter().map(|route| (route.path, Target::Client(*route)));
        let events = events::ROUTES.map(|path| (path, Target::Events(path)));
        let mut paths = matchit::Router::new();
        for (path, target) in client.chain(events) {
            // The router has them, too, and would have refused one that is wrong.
            if let Err(error) = paths.insert(path, target) {
                tracing::error!(path, %error, "a route is not known");
            }
        }
        Self { state, paths }
    }

    /// How long a request may take to arrive before the HTTP library sees to it.
    pub(crate) fn body_timeout(&self) -> Duration {
        self.state.config().events_timeout
    }

    /// The answer to a request, if it is one for here: not one for other routes, nor with a credential that other
    /// servers may have made.
    pub(crate) fn answer(&self, request: Request<Bytes>) -> Option<Answer> {
        let live = self.state.live();
        let found = self.paths.at(request.uri().path()).ok()?;
        if live.is_loaded() && is_strange(live, request.headers(), request.uri().path()) {
            return None;
        }
        let state = self.state.clone();
        match *found.value {
            Target::Events(route) => Some(Box::pin(events::serve(state, route, request.map(Body::from)))),
            Target::Client(route) if route.is_direct() => {
                let params = Params::decoded(found.params.iter())?;
                Some(Box::pin(client::serve(state, route, params, request.map(Body::from))))
            }
            Target::Client(_) => None,
        }
    }
}
