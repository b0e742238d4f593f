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
use wigwag_sdk::{Credential, Event, EventBatch, Origin, read_events};

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
            // After a start it may be that nothing was heard of it yet, and what was known was not kept.
            if self.live.may_come(&batch.env) {
                return Sent::Later;
            }
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
        let diagnostic = is_diagnostic(&batch.body);
        let path = path(batch, diagnostic);
        let key = match batch.origin.credential {
            Credential::Server => settings.sdk_keys.first(),
            Credential::Mobile => settings.mobile_keys.first(),
            Credential::Client => None,
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
        if !diagnostic {
            say(HeaderName::from_static("x-launchdarkly-event-schema"), batch.schema.to_string());
        }
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

/// Where a batch goes (sdk-protocol.md 6.1).
fn path(batch: &EventBatch, diagnostic: bool) -> String {
    let path = match (batch.origin.credential, diagnostic) {
        (Credential::Server, false) => "/bulk",
        (Credential::Server, true) => "/diagnostic",
        (Credential::Mobile, false) => "/mobile",
        (Credential::Mobile, true) => "/mobile/events/diagnostic",
        (Credential::Client, false) => return format!("/events/bulk/{}", batch.env),
        (Credential::Client, true) => return format!("/events/diagnostic/{}", batch.env),
    };
    path.to_owned()
}

/// Whether a body is what an SDK tells of itself: an object, which needs no list around it as events do. SDKs post some
/// of these where events go, so the path by which it came says nothing.
fn is_diagnostic(body: &[u8]) -> bool {
    let mut found = false;
    let bare = body.trim_ascii_start().starts_with(b"{");
    let read = |event: Option<Event<'_>>| {
        found = event.is_some_and(|event| matches!(event.kind.text(), Some("diagnostic" | "diagnostic-init")));
    };
    bare && read_events(body, read).is_ok() && found
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn diagnostics_are_told_from_events() {
        for (body, want) in [
            (r#" {"kind":"diagnostic-init","id":{"kind":"x"}}"#, true),
            (r#"{"id":{},"kind":"diagnostic"}"#, true),
            (r#"{"kind":"custom"}"#, false),
            (r#"{"id":{"kind":"diagnostic"}}"#, false),
            (r#"[{"kind":"diagnostic"}]"#, false),
            ("{", false),
            ("", false),
        ] {
            assert_eq!(is_diagnostic(body.as_bytes()), want, "{body}");
        }
    }

    #[test]
    fn batches_go_where_sdks_send_theirs() {
        let path = |credential, diagnostic| {
            let origin = Origin { credential, ..Origin::default() };
            let batch = EventBatch {
                env: "e".into(),
                body: Bytes::new(),
                payload_id: None,
                schema: 4,
                unsummarised: false,
                application: "".into(),
                origin,
                received: 0,
            };
            path(&batch, diagnostic)
        };
        assert_eq!([path(Credential::Server, false), path(Credential::Server, true)], ["/bulk", "/diagnostic"]);
        assert_eq!(
            [path(Credential::Mobile, false), path(Credential::Mobile, true)],
            ["/mobile", "/mobile/events/diagnostic"]
        );
        assert_eq!(
            [path(Credential::Client, false), path(Credential::Client, true)],
            ["/events/bulk/e", "/events/diagnostic/e"]
        );
    }
}
