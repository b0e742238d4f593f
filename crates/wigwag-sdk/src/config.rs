//! What can be tuned, with the values that suit most.

use std::sync::Arc;
use std::time::Duration;

/// Limits of the SDK endpoints.
#[derive(Clone, Debug)]
pub struct SdkConfig {
    /// Largest body of events, as sent and after decompression. SDKs send up to 10,000 events at once,
    /// several megabytes.
    pub events_max_bytes: usize,
    /// Bytes of all bodies of events together, from when they arrive until they are taken; more are refused.
    pub events_room: usize,
    /// How long a body of events, or a context, may take to arrive.
    pub events_timeout: Duration,
    /// Largest context that is sent as a body.
    pub context_max_bytes: usize,
}

impl Default for SdkConfig {
    fn default() -> Self {
        Self {
            events_max_bytes: 16 << 20,
            events_room: 256 << 20,
            events_timeout: Duration::from_secs(30),
            context_max_bytes: 1 << 20,
        }
    }
}

/// Limits of connections.
#[derive(Clone, Debug)]
pub struct ServeConfig {
    /// Most connections at once; further ones are closed as they come.
    pub connections_max: usize,
    /// How long a write may make no progress before the connection is given up.
    pub write_stall: Duration,
    /// How long a connection may take to send the head of its next request, idle time included. SDKs
    /// reuse connections every 5 to 30 seconds (sdk-protocol.md 11.3).
    pub head_timeout: Duration,
    /// How long requests under way may take to finish once a shutdown began.
    pub grace: Duration,
    /// Largest request head in bytes; contexts travel in URLs.
    pub head_max_bytes: usize,
    /// A prefix that a reverse proxy leaves on paths, such as `/flags-service`; empty for none.
    pub base_path: String,
    /// TLS; none speaks plain HTTP. Its list of protocols should offer `h2` and `http/1.1`.
    pub tls: Option<Arc<tokio_rustls::rustls::ServerConfig>>,
}

impl Default for ServeConfig {
    fn default() -> Self {
        Self {
            connections_max: 200_000,
            write_stall: Duration::from_secs(30),
            head_timeout: Duration::from_secs(90),
            grace: Duration::from_secs(10),
            head_max_bytes: 64 << 10,
            base_path: String::new(),
            tls: None,
        }
    }
}
