//! `wigwag export` and `wigwag import`: what people configured, as files that can be diffed and taken elsewhere.
//!
//! Both are clients of the REST API: what they read and write is what the token may, checked and logged as ever.

mod api;
mod export;
mod import;
mod shape;
mod tree;

pub use export::run as export;
pub use import::run as import;

use anyhow::Context as _;

use crate::cli::ApiArgs;
use crate::config::Environment;
use api::Api;

/// The way of writing that this release has.
const FORMAT: u64 = 1;
/// Says what the directory is.
const HEAD: &str = "export.json";

fn api(args: &ApiArgs, environment: Environment<'_>) -> anyhow::Result<Api> {
    let token = environment("WIGWAG_ACCESS_TOKEN").filter(|token| !token.is_empty());
    Api::new(&args.url, &token.context("set WIGWAG_ACCESS_TOKEN to an access token")?)
}

fn runtime() -> anyhow::Result<tokio::runtime::Runtime> {
    Ok(tokio::runtime::Builder::new_current_thread().enable_all().build()?)
}
