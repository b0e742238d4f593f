//! Events in the address of a picture, from browsers without cross-origin requests (sdk-protocol.md 6.1).

use axum::body::Body;
use axum::response::{IntoResponse as _, Response};
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue};

use super::Caller;
use super::context::{decode, parameter};
use crate::events::accept;
use crate::refusal::Refusal;
use crate::router::SdkState;

/// One transparent pixel.
const GIF: &[u8] =
    b"GIF89a\x01\0\x01\0\x80\0\0\0\0\0\xff\xff\xff!\xf9\x04\x01\0\0\0\0,\0\0\0\0\x01\0\x01\0\0\x02\x02D\x01\0;";

/// Takes the events in `d`, base64 of the JSON that would have been posted.
pub(super) async fn pixel(
    state: &SdkState,
    caller: &Caller,
    headers: &HeaderMap,
    query: &str,
) -> Result<Response, Refusal> {
    let events = parameter(query, "d").ok_or(Refusal::UnreadableBody)?;
    // Read by form rules a plus sign may have become a space.
    let events = decode(&events.trim().replace(' ', "+")).map_err(|_| Refusal::UnreadableBody)?;
    accept(state, &caller.grant, caller.credential(), headers, Body::from(events)).await?;
    let fields =
        [(CONTENT_TYPE, HeaderValue::from_static("image/gif")), (CACHE_CONTROL, HeaderValue::from_static("no-store"))];
    Ok((fields, GIF).into_response())
}
