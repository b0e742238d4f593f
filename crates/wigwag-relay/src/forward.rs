//! Events on their way to the upstream (sdk-protocol.md 6.1, 6.2, 6.11).

use std::io::Write as _;
use std::time::Duration;

use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use futures_util::future::{BoxFuture, FutureExt as _};
use http::header::{AUTHORIZATION, CONTENT_ENCODING, CONTENT_TYPE};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use wigwag_events::{Destination, Sent};
use wigwag_live::Live;
use wigwag_sdk::{Credential, EventBatch, Origin};

/// How long the upstream may take to answer.
const WITHIN: Duration = Duration::from_secs(30);
/// Bodies longer than this are compressed.
const SHORT: usize = 1024;

/// Posts events to the upstream as the SDK did that sent them.
pub struct Forwarder {
    client: reqwest::Client,
    base: String,
    live: Live,
}

impl Forwarder {
    /// To the server of events at `base`, which has no slash at its end, with the keys that `live` has.
    ///
    /// # Errors
    /// TLS cannot be set up.
    pub fn new(base: String, live: Live, user_agent: &str) -> Result<Self, String> {
        let client = crate::upstream::client(user_agent).timeout(WITHIN).build().map_err(|e| e.to_string())?;
        Ok(Self { client, base, live })
    }

    async fn post(&self, batch: EventBatch) -> Sent {
        let Some((path, headers)) = self.request(&batch) else {
            tracing::warn!(environment = &*batch.env, "events of an environment that is not followed any more");
            return Sent::Refused;
        };
        let (headers, body) = packed(headers, batch.body);
        let sent = self.client.post(format!("{}{path}", self.base)).headers(headers).body(body).send().await;
        match sent.map(|response| response.status()) {
            Ok(status) if status.is_success() => Sent::Yes,
            Ok(StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_MANY_REQUESTS) => Sent::Later,
            Ok(status) if status.is_client_error() => {
                tracing::warn!(environment = &*batch.env, %status, "the upstream refuses events");
                Sent::Refused
            }
            Ok(status) => {
                tracing::warn!(%status, "the upstream takes no events");
                Sent::Later
            }
            Err(error) => {
                tracing::warn!(error = %error.without_url(), "the upstream takes no events");
                Sent::Later
            }
        }
    }

    /// Where a batch goes and what it says of itself.
    fn request(&self, batch: &EventBatch) -> Option<(String, HeaderMap)> {
        let env = self.live.by_client_id(&batch.env)?.snapshot();
        let settings = env.settings();
        let (path, key) = match batch.origin.credential {
            Credential::Server => ("/bulk".to_owned(), settings.sdk_keys.first()),
            Credential::Mobile => ("/mobile".to_owned(), settings.mobile_keys.first()),
            Credential::Client => (format!("/events/bulk/{}", batch.env), None),
        };
        let mut headers = HeaderMap::new();
        let mut say = |name: HeaderName, value: String| {
            if let Ok(value) = HeaderValue::try_from(value) {
                headers.insert(name, value);
            }
        };
        if let Some(key) = key.and_then(|key| key.value.clear()) {
            say(AUTHORIZATION, key.to_owned());
        }
        say(CONTENT_TYPE, "application/json".to_owned());
        say(HeaderName::from_static("x-launchdarkly-event-schema"), batch.schema.to_string());
        batch
            .payload_id
            .iter()
            .for_each(|id| say(HeaderName::from_static("x-launchdarkly-payload-id"), id.to_string()));
        if batch.unsummarised {
            say(HeaderName::from_static("x-launchdarkly-unsummarized"), "true".to_owned());
        }
        if !batch.origin.sdk.is_empty() {
            let agent = format!("{}/{}", batch.origin.sdk, batch.origin.sdk_version);
            say(HeaderName::from_static("x-launchdarkly-user-agent"), agent);
        }
        let tags = tags(&batch.origin);
        if !tags.is_empty() {
            say(HeaderName::from_static("x-launchdarkly-tags"), tags);
        }
        Some((path, headers))
    }
}

impl Destination for Forwarder {
    fn send(&self, batch: EventBatch) -> BoxFuture<'_, Sent> {
        self.post(batch).boxed()
    }
}

fn tags(origin: &Origin) -> String {
    let told = [("application-id", &origin.application_id), ("application-version", &origin.application_version)];
    let told = told.into_iter().filter(|(_, value)| !value.is_empty());
    told.map(|(name, value)| format!("{name}/{value}")).collect::<Vec<_>>().join(" ")
}

fn packed(mut headers: HeaderMap, body: Bytes) -> (HeaderMap, Bytes) {
    if body.len() <= SHORT {
        return (headers, body);
    }
    let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
    match gzip.write_all(&body).and_then(|()| gzip.finish()) {
        Ok(packed) => {
            headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
            (headers, packed.into())
        }
        Err(_) => (headers, body),
    }
}
