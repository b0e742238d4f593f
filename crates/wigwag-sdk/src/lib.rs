//! SDK-facing protocols over the live snapshots (sdk-protocol.md sections 1, 2, 3, 5 and 6).
//!
//! Nothing here reads a database or asks the permission engine: a credential leads to a snapshot or
//! to a 401. [`router`] has the routes, [`serve()`] the connections, tuned for many open streams.

mod auth;
mod body;
mod client;
mod config;
mod connection;
mod connections;
mod direct;
mod encoding;
mod etag;
mod events;
mod fanout;
mod head;
mod metrics;
mod objects;
mod ofrep;
mod origin;
mod poll;
mod refusal;
mod refused;
mod rewound;
mod room;
mod router;
mod serve;
mod sink;
mod stall;
mod stream;
mod takeover;
mod wire;

pub use auth::credential;
pub use config::{SdkConfig, ServeConfig};
pub use connections::{Connections, OpenStream, Peak};
pub use events::{Event, Scalar, read_events};
pub use metrics::SdkMetrics;
pub use router::{SdkState, router};
pub use serve::{bind, serve};
pub use sink::{Credential, EventBatch, EventSink, Origin, Taken};
