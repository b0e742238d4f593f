//! Every SDK route on one page.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::header::AUTHORIZATION;
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{MethodRouter, get, post};
use prometheus_client::registry::Registry;
use tokio::sync::Semaphore;
use wigwag_live::Live;

use crate::auth::is_strange;
use crate::config::SdkConfig;
use crate::connections::Connections;
use crate::metrics::SdkMetrics;
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
    let counted = |route: &'static str, methods: MethodRouter<SdkState>| {
        methods.layer(from_fn_with_state((state.clone(), route), count))
    };
    client::routes()
        .merge(ofrep::routes())
        // Streams: all current server SDKs; SDKs older than segments.
        .route("/all", counted("/all", get(stream::all)))
        .route("/flags", counted("/flags", get(stream::flags)))
        // The same for SDKs with the newer data system.
        .route("/sdk/stream", counted("/sdk/stream", get(objects::stream)))
        .route("/sdk/poll", counted("/sdk/poll", get(objects::poll)))
        // Polling, and the fallback of newer protocols.
        .route("/sdk/latest-all", counted("/sdk/latest-all", get(poll::latest_all)))
        .route("/sdk/latest-flags", counted("/sdk/latest-flags", get(poll::latest_flags)))
        .route("/sdk/latest-flags/{key}", counted("/sdk/latest-flags/{key}", get(poll::latest_flag)))
        .route("/sdk/latest-segments/{key}", counted("/sdk/latest-segments/{key}", get(poll::latest_segment)))
        // PHP, which asks for each flag when it needs it.
        .route("/sdk/flags", counted("/sdk/flags", get(poll::flags)))
        .route("/sdk/flags/{key}", counted("/sdk/flags/{key}", get(poll::flag)))
        .route("/sdk/segments", counted("/sdk/segments", get(poll::segments)))
        .route("/sdk/segments/{key}", counted("/sdk/segments/{key}", get(poll::segment)))
        // Events.
        .route("/bulk", counted("/bulk", post(events::take)))
        .route("/diagnostic", counted("/diagnostic", post(events::take)))
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
