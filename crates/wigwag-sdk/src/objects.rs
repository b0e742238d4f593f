//! The newer data protocol for server SDKs: `/sdk/stream` and `/sdk/poll` (sdk-protocol.md 3).

use std::sync::Arc;

use axum::Extension;
use axum::extract::State;
use axum::response::Response;
use http::{HeaderMap, Uri};
use percent_encoding::percent_decode_str;
use wigwag_live::{Payload, Transfer};

use crate::auth::{SdkKey, env_id};
use crate::encoding::accepts_gzip;
use crate::etag;
use crate::poll::{Caching, GZIP_FROM, answer};
use crate::router::SdkState;
use crate::sink::Credential;
use crate::stream;
use crate::takeover::Takeover;

/// `GET /sdk/stream`: what leads from the basis to the newest state, then every change.
pub(crate) async fn stream(
    State(state): State<SdkState>,
    SdkKey(grant): SdkKey,
    uri: Uri,
    headers: HeaderMap,
    takeover: Option<Extension<Takeover>>,
) -> Response {
    let id = env_id(&grant.env.snapshot());
    let grant = stream::watched(&state, grant, Credential::Server, &headers);
    stream::respond(state.live().subscribe_from(grant, basis(&uri).as_deref()), id, takeover.as_deref())
}

/// `GET /sdk/poll`: the same events in one body.
pub(crate) async fn poll(State(state): State<SdkState>, key: SdkKey, uri: Uri, headers: HeaderMap) -> Response {
    let snapshot = key.0.env.snapshot();
    let tag = format!("W/\"{}\"", snapshot.state());
    if etag::is_known(&headers, &tag) {
        return answer(&state, &snapshot, &tag, Caching::Revalidate, None);
    }
    let transfer = Arc::new(snapshot.transfer(basis(&uri).as_deref()));
    let plain = transfer.poll();
    let body = if plain.len() >= GZIP_FROM && accepts_gzip(&headers) {
        (compressed(&state, &transfer).await, true)
    } else {
        (plain, false)
    };
    answer(&state, &snapshot, &tag, Caching::Revalidate, Some(body))
}

/// The state that the SDK says it holds. Some percent-encode it, some do not.
pub(crate) fn basis(uri: &Uri) -> Option<String> {
    let pairs = uri.query().unwrap_or_default().split('&');
    let mut values = pairs.filter_map(|pair| pair.strip_prefix("basis="));
    values.next().map(|value| percent_decode_str(value).decode_utf8_lossy().into_owned())
}

/// Whoever asks first has it made, off the reactor; the others wait without holding a thread.
async fn compressed(state: &SdkState, transfer: &Arc<Transfer>) -> Payload {
    if let Some(ready) = transfer.gzip_ready() {
        return ready;
    }
    let _turn = state.compressing().acquire().await;
    if let Some(ready) = transfer.gzip_ready() {
        return ready;
    }
    let theirs = Arc::clone(transfer);
    let made = tokio::task::spawn_blocking(move || theirs.gzip()).await;
    // The runtime refuses blocking work only while it shuts down.
    made.unwrap_or_else(|_| transfer.gzip())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn the_basis_is_read_as_sdks_write_it() {
        let read = |uri: &str| basis(&uri.parse().unwrap());
        let state = Some("(p:env:1:ff)".to_owned());
        assert_eq!(read("/sdk/poll?basis=(p:env:1:ff)"), state);
        assert_eq!(read("/sdk/poll?filter=&basis=%28p%3Aenv%3A1%3Aff%29"), state);
        assert_eq!(read("/sdk/poll?basis="), Some(String::new()));
        assert_eq!(read("/sdk/poll?a=basis=x"), None);
        assert_eq!(read("/sdk/poll"), None);
    }
}
