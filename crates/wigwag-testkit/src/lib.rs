//! In-process server on a real socket, builders, frozen clock and seeded ids, for tests.
//!
//! ```no_run
//! # async fn example() {
//! use wigwag_testkit::{Engine, TestServer, flag};
//! let server = TestServer::start(Engine::Sqlite).await;
//! server.create_flag("default", flag("lamp")).await;
//! let mut stream = server.stream("/all", &server.sdk_key("test").await).await;
//! assert_eq!(stream.next().await.name, "put");
//! # }
//! ```
//!
//! Everything here panics when it fails: that is how a test learns.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "only tests use this crate")]

mod builders;
mod http;
mod server;
mod stream;

pub use builders::{FlagBuilder, flag};
pub use http::{Answer, Client};
pub use server::{Engine, TOKEN, TestServer};
pub use stream::{Event, EventStream};

/// How long anything may take that is waited for. Generous: only a failing test meets it.
pub const PATIENCE: std::time::Duration = std::time::Duration::from_secs(30);
