//! Traces, sent by OTLP over HTTP to whoever collects them. A collector that is away holds nothing up: what does not
//! fit into the queue is dropped.

use std::future::ready;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::Context as _;
use bytes::Bytes;
use http::{Request, Response};
use opentelemetry::KeyValue;
use opentelemetry::trace::TracerProvider as _;
use opentelemetry_http::{HttpClient, HttpError};
use opentelemetry_otlp::{Protocol, SpanExporter, WithExportConfig as _, WithHttpConfig as _};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use opentelemetry_sdk::trace::{Sampler, SdkTracerProvider};
use tokio::runtime::Runtime;
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::{Layer, filter};

use crate::config::Otlp;

/// How long a collector may take for an answer.
const SEND_WITHIN: Duration = Duration::from_secs(10);
/// How long the last spans may take at shutdown.
const LAST_WITHIN: Duration = Duration::from_secs(5);

/// What collects the spans of this process.
pub struct Traces(SdkTracerProvider);

impl Traces {
    /// Begins; a thread of its own sends.
    ///
    /// # Errors
    /// The client of the collector cannot be made.
    pub fn start(config: &Otlp) -> anyhow::Result<Self> {
        opentelemetry::global::set_text_map_propagator(TraceContextPropagator::new());
        let exporter = SpanExporter::builder()
            .with_http()
            .with_protocol(Protocol::HttpBinary)
            .with_endpoint(format!("{}/v1/traces", config.endpoint))
            .with_headers(config.headers.iter().cloned().collect())
            .with_http_client(Collector::new(&config.endpoint)?)
            .build()
            .context("traces cannot be sent")?;
        let resource = Resource::builder()
            .with_service_name(config.service.clone())
            .with_attribute(KeyValue::new("service.version", env!("CARGO_PKG_VERSION")))
            .build();
        let sampler = Sampler::ParentBased(Box::new(Sampler::TraceIdRatioBased(config.sample)));
        let provider = SdkTracerProvider::builder().with_batch_exporter(exporter).with_resource(resource);
        Ok(Self(provider.with_sampler(sampler).build()))
    }

    /// What hands it the spans that belong to traces, and nothing else.
    pub(crate) fn layer<S>(&self) -> impl Layer<S> + use<S>
    where
        S: tracing::Subscriber + for<'a> LookupSpan<'a>,
    {
        tracing_opentelemetry::layer()
            .with_tracer(self.0.tracer("wigwag"))
            .with_context_activation(false)
            .with_location(false)
            .with_threads(false)
            .with_tracked_inactivity(false)
            .with_level(false)
            .with_target(false)
            .with_filter(filter::filter_fn(|of| of.target() == wigwag_kit::trace::TARGET))
    }

    /// Sends what is left, within five seconds.
    pub fn stop(self) {
        if let Err(error) = self.0.shutdown_with_timeout(LAST_WITHIN) {
            tracing::warn!("the last traces could not be sent: {error}");
        }
    }
}

/// Sends from the thread on which it is called, which has nothing else to do.
#[derive(Debug)]
struct Collector {
    client: reqwest::Client,
    runtime: Runtime,
    endpoint: String,
    /// Whether the last attempt failed: the log tells of the first.
    is_away: AtomicBool,
}

impl Collector {
    fn new(endpoint: &str) -> anyhow::Result<Self> {
        // Whoever was first has set the same.
        let _set = rustls::crypto::ring::default_provider().install_default();
        let client = reqwest::Client::builder().timeout(SEND_WITHIN).redirect(reqwest::redirect::Policy::none());
        Ok(Self {
            client: client.build()?,
            runtime: tokio::runtime::Builder::new_current_thread().enable_all().build()?,
            endpoint: endpoint.to_owned(),
            is_away: AtomicBool::new(false),
        })
    }

    fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let sent = self.runtime.block_on(async {
            let answer = self.client.execute(request.try_into()?).await?;
            let mut response = Response::builder().status(answer.status());
            if let Some(headers) = response.headers_mut() {
                headers.clone_from(answer.headers());
            }
            Ok::<_, HttpError>(response.body(answer.bytes().await?)?)
        });
        let trouble = match &sent {
            Ok(answer) if answer.status().is_success() => None,
            Ok(answer) => Some(format!("it answered {}", answer.status().as_u16())),
            Err(error) => Some(error.source().map_or_else(|| error.to_string(), |source| format!("{error}: {source}"))),
        };
        let was_away = self.is_away.swap(trouble.is_some(), Ordering::Relaxed);
        match trouble {
            Some(why) if !was_away => tracing::warn!(endpoint = self.endpoint, "traces cannot be sent: {why}"),
            None if was_away => tracing::info!(endpoint = self.endpoint, "traces are sent again"),
            _ => {}
        }
        sent
    }
}

impl HttpClient for Collector {
    fn send_bytes<'a, 'b>(
        &'a self,
        request: Request<Bytes>,
    ) -> Pin<Box<dyn Future<Output = Result<Response<Bytes>, HttpError>> + Send + 'b>>
    where
        'a: 'b,
        Self: 'b,
    {
        Box::pin(ready(self.send(request)))
    }
}
