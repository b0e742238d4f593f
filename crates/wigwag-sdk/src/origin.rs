//! Who sends a request, from its header fields (sdk-protocol.md 2.7).

use http::HeaderMap;

use crate::sink::{Credential, Origin};

/// Longer names and versions are not looked at.
const MAX: usize = 128;

impl Origin {
    /// What the header fields of a request tell.
    #[must_use]
    pub fn of(credential: Credential, headers: &HeaderMap) -> Self {
        let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().trim();
        let agent = [text("x-launchdarkly-user-agent"), text("user-agent")].into_iter().find(|text| !text.is_empty());
        let agent = agent.unwrap_or_default().split_whitespace().next().unwrap_or_default();
        let (sdk, version) = agent.split_once('/').unwrap_or((agent, ""));
        let tags = text("x-launchdarkly-tags");
        Self {
            credential,
            sdk: fits(sdk),
            sdk_version: fits(version),
            application_id: tag(tags, "application-id/"),
            application_version: tag(tags, "application-version/"),
        }
    }

    /// The application's id, otherwise the SDK with its version.
    pub(crate) fn shown(&self) -> String {
        match (&*self.application_id, &*self.sdk_version) {
            ("", "") => self.sdk.to_string(),
            ("", version) => format!("{}/{version}", self.sdk),
            (application, _) => application.to_owned(),
        }
    }
}

fn tag(tags: &str, name: &str) -> Box<str> {
    fits(tags.split([' ', ',']).find_map(|tag| tag.strip_prefix(name)).unwrap_or_default())
}

fn fits(text: &str) -> Box<str> {
    if text.len() <= MAX { text.into() } else { Box::default() }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn header_fields_tell_who_sends() {
        let origin = |fields: &[(&'static str, &str)]| {
            let mut headers = HeaderMap::new();
            fields.iter().for_each(|(name, value)| drop(headers.insert(*name, value.parse().unwrap())));
            Origin::of(Credential::Mobile, &headers)
        };
        let told = origin(&[
            ("user-agent", "Mozilla/5.0"),
            ("x-launchdarkly-user-agent", "JSClient/3.1 extra"),
            ("x-launchdarkly-tags", "application-id/shop application-version/1.2 other/x"),
        ]);
        assert_eq!((&*told.sdk, &*told.sdk_version), ("JSClient", "3.1"));
        assert_eq!((&*told.application_id, &*told.application_version, &*told.shown()), ("shop", "1.2", "shop"));
        assert_eq!(origin(&[("user-agent", "GoClient/7.0")]).shown(), "GoClient/7.0");
        assert_eq!(origin(&[("user-agent", &"x".repeat(200))]).shown(), "");
        assert_eq!(origin(&[]), Origin { credential: Credential::Mobile, ..Origin::default() });
    }
}
