//! Where traces are sent.

use http::{HeaderName, HeaderValue};
use percent_encoding::percent_decode_str;

use super::{Reader, parse};

/// Traces by OTLP over HTTP.
#[derive(Clone, PartialEq)]
pub struct Otlp {
    /// Address of the collector, without `/v1/traces`.
    pub endpoint: String,
    /// Header fields that it wants, which may be secrets.
    pub headers: Vec<(String, String)>,
    /// What this server is called in traces.
    pub service: String,
    /// Share of traces that begin here and are kept, 0 to 1.
    pub sample: f64,
}

/// Says which header fields there are, never what they hold.
impl std::fmt::Debug for Otlp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let names: Vec<&String> = self.headers.iter().map(|(name, _)| name).collect();
        f.debug_struct("Otlp")
            .field("endpoint", &self.endpoint)
            .field("headers", &names)
            .field("service", &self.service)
            .field("sample", &self.sample)
            .finish()
    }
}

impl Reader<'_> {
    /// None when something is wrong with it.
    pub(super) fn otlp(&mut self) -> Option<Option<Otlp>> {
        let wanted = self.found("otlp-endpoint").is_some();
        let endpoint = self.optional("otlp-endpoint", parse::web_address);
        let headers = self.optional("otlp-headers", headers).unwrap_or_default();
        let service = self.required("otlp-service-name", |t| Ok(t.to_owned()));
        let sample = self.required("otlp-sample-ratio", share);
        match (wanted, endpoint) {
            (false, _) => Some(None),
            (true, endpoint) => Some(Some(Otlp { endpoint: endpoint?, headers, service: service?, sample: sample? })),
        }
    }
}

/// `name=value,name=value`, values as in addresses. They are not repeated.
fn headers(text: &str) -> Result<Vec<(String, String)>, String> {
    let field = |pair: &str| {
        let (name, value) = pair.split_once('=')?;
        let value = percent_decode_str(value.trim()).decode_utf8().ok()?;
        let name = HeaderName::try_from(name.trim()).ok()?;
        HeaderValue::try_from(&*value).ok()?;
        Some((name.to_string(), value.into_owned()))
    };
    let fields: Option<Vec<_>> = text.split(',').filter(|pair| !pair.trim().is_empty()).map(field).collect();
    fields.ok_or_else(|| "is not a list of header fields; write name=value,name=value".to_owned())
}

fn share(text: &str) -> Result<f64, String> {
    let share = text.parse().ok().filter(|share| (0.0..=1.0).contains(share));
    share.ok_or_else(|| format!("\"{text}\" is not a share; write a number from 0 to 1, such as 0.1"))
}
