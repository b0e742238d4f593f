//! For whom: the context of a request and how its results are wanted.

use axum::body::Body;
use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use bytes::Bytes;
use http::HeaderMap;
use percent_encoding::percent_decode_str;
use subtle::ConstantTimeEq as _;
use wigwag_eval::secure_mode_hash;
use wigwag_live::{Audience, EnvSnapshot, Form, Shape};
use wigwag_model::context::Context;

use super::Caller;
use crate::body;
use crate::refusal::Refusal;
use crate::router::SdkState;

/// Takes both paddings, and ignores bits that do not fill a byte: hand-written clients are not exact.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// A context somebody asks about.
pub(crate) struct Asked {
    /// As it came.
    pub(crate) json: Bytes,
    pub(crate) context: Context,
    /// Whether the caller proved that it may ask about it.
    pub(crate) vouched: bool,
    pub(crate) form: Form,
}

impl Asked {
    /// The context in a path, decoded of percent signs.
    pub(crate) fn in_path(segment: &str) -> Result<Bytes, Refusal> {
        decode(segment).map(Bytes::from)
    }

    /// The context in a body.
    pub(crate) async fn in_body(state: &SdkState, headers: &HeaderMap, body: Body) -> Result<Bytes, Refusal> {
        let config = state.config();
        body::collect(headers, body, config.context_max_bytes, config.events_timeout).await
    }

    /// Reads a context and checks that `caller` may ask about it (sdk-protocol.md 5.5, 7).
    pub(crate) fn new(state: &SdkState, caller: &Caller, json: Bytes, query: &str) -> Result<Self, Refusal> {
        let context = Context::from_json(&json).map_err(|error| Refusal::Context(error.to_string()))?;
        if context.parts().iter().any(|part| part.key().is_empty()) {
            return Err(Refusal::Context("context key must not be empty".to_owned()));
        }
        let vouched = vouched(state, caller, &context, query)?;
        let reasons = query.split('&').any(|pair| pair == "withReasons=true");
        Ok(Self { json, context, vouched, form: Form { reasons, shape: Shape::Results } })
    }
}

/// Whether the hash in the query proves that the caller may ask about a context; refuses where it must and does not.
pub(crate) fn vouched(state: &SdkState, caller: &Caller, context: &Context, query: &str) -> Result<bool, Refusal> {
    let snapshot = caller.grant.env.snapshot();
    let proved = parameter(query, "h").is_some_and(|hash| proves(&snapshot, state.live().now(), &hash, context));
    let must = caller.audience == Audience::EnvironmentId && snapshot.settings().secure_mode;
    if must && !proved { Err(Refusal::NotVouched) } else { Ok(proved) }
}

/// Whether `hash` was made of the context with an SDK key that is in force.
fn proves(snapshot: &EnvSnapshot, now: i64, hash: &str, context: &Context) -> bool {
    let given = hash.trim().to_ascii_lowercase();
    let in_force = snapshot.settings().sdk_keys.iter().filter(|key| key.expiry.is_none_or(|at| at > now));
    // Every key is tried, so that the time taken says nothing.
    in_force.filter_map(|key| key.value.clear()).fold(false, |proved, key| {
        proved | bool::from(secure_mode_hash(key, context).as_bytes().ct_eq(given.as_bytes()))
    })
}

/// The value of a query parameter.
pub(crate) fn parameter(query: &str, name: &str) -> Option<String> {
    let value = query.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='))?;
    Some(percent_decode_str(value).decode_utf8_lossy().into_owned())
}

/// Base64 of either alphabet, padded or not (sdk-protocol.md 7.6).
pub(crate) fn decode(text: &str) -> Result<Vec<u8>, Refusal> {
    let plain: Vec<u8> = text
        .bytes()
        .map(|byte| match byte {
            b'-' => b'+',
            b'_' => b'/',
            byte => byte,
        })
        .collect();
    LENIENT.decode(plain.trim_ascii()).map_err(|_| Refusal::Context("context is not base64".to_owned()))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn every_alphabet_and_padding_is_read() {
        // `>>>???` needs both characters in which the alphabets differ.
        for text in ["Pj4+Pz8/", "Pj4-Pz8_", " Pj4-Pz8/ "] {
            assert_eq!(decode(text).unwrap(), b">>>???", "{text}");
        }
        for text in ["YQ==", "YQ=", "YQ"] {
            assert_eq!(decode(text).unwrap(), b"a", "{text}");
        }
        for text in ["?", "Y", "YQ==x"] {
            assert_eq!(decode(text), Err(Refusal::Context("context is not base64".to_owned())), "{text}");
        }
    }

    #[test]
    fn parameters_are_found_by_their_whole_name() {
        assert_eq!(parameter("a=1&h=%41b", "h").as_deref(), Some("Ab"));
        assert_eq!(parameter("hh=1", "h"), None);
        assert_eq!(parameter("", "h"), None);
    }
}
