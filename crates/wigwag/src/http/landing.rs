//! `/`: what this is and where to go, until there is a console.

use axum::response::Html;

const PAGE: &str = include_str!("landing.html");

pub(super) async fn page() -> Html<String> {
    Html(PAGE.replace("{version}", env!("CARGO_PKG_VERSION")))
}
