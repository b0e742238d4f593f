//! Calls to services of AWS that speak JSON, signed with its Signature Version 4.
//!
//! One kind of request needs signing here, a POST to the root with a JSON body: so it is signed here, in a few lines,
//! rather than by a library that brings a runtime of its own.

use bytes::Bytes;
use hmac::{Hmac, KeyInit as _, Mac as _};
use http::{HeaderMap, HeaderValue, Method, header};
use reqwest::Url;
use sha2::{Digest as _, Sha256};

use crate::{Call, Failure, Outbound};

/// Most bytes of an answer that are read.
const ANSWER_MAX: usize = 4 << 20;

/// A service in a region, and whose requests it gets.
#[derive(Clone)]
pub struct AwsService {
    /// Its address, without a path: `https://dynamodb.eu-west-1.amazonaws.com`.
    pub endpoint: String,
    /// As signatures name it: `dynamodb`.
    pub service: &'static str,
    /// As signatures name it: `eu-west-1`.
    pub region: String,
    /// The id of the key.
    pub access_key_id: String,
    /// The key.
    pub secret_access_key: String,
}

/// An answer in full.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AwsAnswer {
    /// Its status.
    pub status: u16,
    /// Its body.
    pub body: Bytes,
}

impl Outbound {
    /// Has an operation done, which is named as the service's target: `DynamoDB_20120810.GetItem`. `now` is in
    /// milliseconds since 1970; a service refuses what is minutes off.
    ///
    /// # Errors
    /// [`Failure`]; what the service refuses is an answer.
    pub async fn aws(&self, service: &AwsService, target: &str, body: Bytes, now: i64) -> Result<AwsAnswer, Failure> {
        let url = self.checked(&service.endpoint)?;
        let headers = signed(service, &url, target, &body, now)
            .ok_or_else(|| Failure::Refused("the request cannot be signed".to_owned()))?;
        let call = Call { method: Method::POST, url: url.to_string(), headers, body };
        let (status, body) = self.exchange(call, ANSWER_MAX).await?;
        Ok(AwsAnswer { status, body: body.into() })
    }
}

/// The fields of a request with its signature; none where something cannot be a field.
fn signed(service: &AwsService, url: &Url, target: &str, body: &[u8], now: i64) -> Option<HeaderMap> {
    const KIND: &str = "application/x-amz-json-1.0";
    const FIELDS: &str = "content-type;host;x-amz-date;x-amz-target";
    let at = jiff::Timestamp::from_millisecond(now).ok()?.to_zoned(jiff::tz::TimeZone::UTC);
    let (time, day) = (at.strftime("%Y%m%dT%H%M%SZ").to_string(), at.strftime("%Y%m%d").to_string());
    let host = url.host_str()?;
    let host = url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"));
    let request = format!(
        "POST\n{}\n\ncontent-type:{KIND}\nhost:{host}\nx-amz-date:{time}\nx-amz-target:{target}\n\n{FIELDS}\n{}",
        url.path(),
        hex::encode(Sha256::digest(body))
    );
    let (signature, scope) = signature(service, &day, &time, &request);
    let key = &service.access_key_id;
    let authorization =
        format!("AWS4-HMAC-SHA256 Credential={key}/{scope}, SignedHeaders={FIELDS}, Signature={signature}");
    let mut headers = HeaderMap::new();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(KIND));
    headers.insert(header::HOST, HeaderValue::from_str(&host).ok()?);
    headers.insert("x-amz-date", HeaderValue::from_str(&time).ok()?);
    headers.insert("x-amz-target", HeaderValue::from_str(target).ok()?);
    let mut authorization = HeaderValue::from_str(&authorization).ok()?;
    authorization.set_sensitive(true);
    headers.insert(header::AUTHORIZATION, authorization);
    Some(headers)
}

/// The signature of a canonical request, and the scope it is for.
fn signature(service: &AwsService, day: &str, time: &str, request: &str) -> (String, String) {
    let scope = format!("{day}/{}/{}/aws4_request", service.region, service.service);
    let text = format!("AWS4-HMAC-SHA256\n{time}\n{scope}\n{}", hex::encode(Sha256::digest(request)));
    let secret = format!("AWS4{}", service.secret_access_key);
    let key = [day, &service.region, service.service, "aws4_request"]
        .iter()
        .fold(secret.into_bytes(), |key, part| keyed(&key, part.as_bytes()));
    (hex::encode(keyed(&key, text.as_bytes())), scope)
}

fn keyed(key: &[u8], message: &[u8]) -> Vec<u8> {
    // Keys of any length are taken.
    Hmac::<Sha256>::new_from_slice(key)
        .map(|mac| mac.chain_update(message).finalize().into_bytes().to_vec())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn service(name: &'static str) -> AwsService {
        AwsService {
            endpoint: "https://example.amazonaws.com".to_owned(),
            service: name,
            region: "us-east-1".to_owned(),
            access_key_id: "AKIDEXAMPLE".to_owned(),
            secret_access_key: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY".to_owned(),
        }
    }

    #[test]
    fn signatures_are_those_of_the_published_test_suite() {
        // aws-sig-v4-test-suite: get-vanilla and post-vanilla.
        let empty = hex::encode(Sha256::digest(b""));
        let request = |method: &str| {
            format!(
                "{method}\n/\n\nhost:example.amazonaws.com\nx-amz-date:20150830T123600Z\n\nhost;x-amz-date\n{empty}"
            )
        };
        let signed = |method: &str| signature(&service("service"), "20150830", "20150830T123600Z", &request(method)).0;
        assert_eq!(signed("GET"), "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31");
        assert_eq!(signed("POST"), "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b");
    }

    #[test]
    fn requests_carry_what_is_signed() {
        let url = Url::parse("http://127.0.0.1:4567").unwrap();
        let headers =
            signed(&service("dynamodb"), &url, "DynamoDB_20120810.GetItem", b"{}", 1_440_938_160_000).unwrap();
        let text = |name: &str| headers[name].to_str().unwrap();
        assert_eq!((text("host"), text("x-amz-date")), ("127.0.0.1:4567", "20150830T123600Z"));
        let credential = "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/dynamodb/aws4_request, ";
        assert!(text("authorization").starts_with(credential), "{:?}", text("authorization"));
        assert!(headers["authorization"].is_sensitive());
        let other = signed(&service("dynamodb"), &url, "DynamoDB_20120810.GetItem", b"{ }", 1_440_938_160_000).unwrap();
        assert_ne!(headers["authorization"], other["authorization"]);
    }
}
