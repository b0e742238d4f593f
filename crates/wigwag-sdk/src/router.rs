//! Every SDK route on one page.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::header::AUTHORIZATION;
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{MethodRouter, any, get};
use prometheus_client::registry::Registry;
use tokio::sync::Semaphore;
use wigwag_live::{Live, Part};

use crate::auth::is_strange;
use crate::config::SdkConfig;
use crate::connections::Connections;
use crate::metrics::SdkMetrics;
use crate::poll::Caching;
use crate::refusal::Refusal;
use crate::room::Room;
use crate::sink::{EventSink, Nowhere};
use crate::{client, events, objects, ofrep, poll, stream};

/// Bodies being compressed at once; the rest of the machine goes on serving.
const COMPRESSING_MAX: usize = 2;

/// What every SDK handler shares.
#[derive(Clone)]
pub struct SdkState(Arc<Inner>);

struct Inner {
    live: Live,
    config: SdkConfig,
    metrics: SdkMetrics,
    compressing: Semaphore,
    compiling: Semaphore,
    sink: Arc<dyn EventSink>,
    connections: Connections,
    room: Arc<Room>,
}

impl SdkState {
    /// Serves `live`, counting in `registry`; events are counted and dropped.
    #[must_use]
    pub fn new(live: Live, config: SdkConfig, registry: &mut Registry) -> Self {
        Self::with_sink(live, config, registry, Arc::new(Nowhere))
    }

    /// The same, and hands events to `sink`.
    #[must_use]
    pub fn with_sink(live: Live, config: SdkConfig, registry: &mut Registry, sink: Arc<dyn EventSink>) -> Self {
        let metrics = SdkMetrics::register(registry, live.clone());
        Self(Arc::new(Inner {
            connections: Connections::new(live.clock().clone()),
            room: Room::new(config.events_room),
            live,
            config,
            metrics,
            compressing: Semaphore::new(COMPRESSING_MAX),
            compiling: Semaphore::new(1),
            sink,
        }))
    }

    /// The streams that are open.
    #[must_use]
    pub fn connections(&self) -> &Connections {
        &self.0.connections
    }

    pub(crate) fn sink(&self) -> &dyn EventSink {
        &*self.0.sink
    }

    /// For bodies of events.
    pub(crate) fn room(&self) -> &Arc<Room> {
        &self.0.room
    }

    pub(crate) fn live(&self) -> &Live {
        &self.0.live
    }

    pub(crate) fn config(&self) -> &SdkConfig {
        &self.0.config
    }

    pub(crate) fn metrics(&self) -> &SdkMetrics {
        &self.0.metrics
    }

    pub(crate) fn compressing(&self) -> &Semaphore {
        &self.0.compressing
    }

    pub(crate) fn compiling(&self) -> &Semaphore {
        &self.0.compiling
    }
}

/// The routes of server-side SDKs, and those of [`client`]. Doubled and trailing slashes are dealt with by [`serve()`](crate::serve()).
pub fn router(state: SdkState) -> Router {
    let routes = [
        // Streams: all current server SDKs; SDKs older than segments.
        ("/all", get(stream::all)),
        ("/flags", get(stream::flags)),
        // The same for SDKs with the newer data system.
        ("/sdk/stream", get(objects::stream)),
        ("/sdk/poll", get(objects::poll)),
        // Polling, and the fallback of newer protocols.
        ("/sdk/latest-all", poll::all(Part::All, Caching::Revalidate)),
        ("/sdk/latest-flags", poll::all(Part::Flags, Caching::Revalidate)),
        ("/sdk/latest-flags/{key}", poll::flag(Caching::Revalidate)),
        ("/sdk/latest-segments/{key}", poll::segment(Caching::Revalidate)),
        // PHP, which asks for each flag when it needs it.
        ("/sdk/flags", poll::all(Part::Flags, Caching::TimeToLive)),
        ("/sdk/flags/{key}", poll::flag(Caching::TimeToLive)),
        ("/sdk/segments", poll::all(Part::Segments, Caching::TimeToLive)),
        ("/sdk/segments/{key}", poll::segment(Caching::TimeToLive)),
    ];
    let add = |router: Router<SdkState>, (route, methods): (&'static str, MethodRouter<SdkState>)| {
        router.route(route, methods.layer(from_fn_with_state((state.clone(), route), count)))
    };
    let events = events::ROUTES.into_iter().fold(Router::new(), |router, path| {
        router.route(
            path,
            any(async move |State(state): State<SdkState>, request| events::serve(state, path, request).await),
        )
    });
    routes
        .into_iter()
        .fold(client::routes().merge(ofrep::routes()).merge(events), add)
        .route_layer(from_fn_with_state(state.clone(), known))
        .with_state(state)
}

/// Before a credential is called wrong, which SDKs take as final, this server has to know all that others have made.
async fn known(State(state): State<SdkState>, request: Request, next: Next) -> Response {
    let live = state.live();
    if !live.is_loaded() || !is_strange(live, request.headers(), request.uri().path()) || live.caught_up().await {
        return next.run(request).await;
    }
    Refusal::NotReady.into_response()
}

async fn count(State((state, route)): State<(SdkState, &'static str)>, request: Request, next: Next) -> Response {
    let credential = request.headers().get(AUTHORIZATION).cloned();
    let response = next.run(request).await;
    state.metrics().count_request(route, response.status().as_u16(), credential.as_ref());
    response
}
