//! How a Redis server is reached: the variables of its integration.

use serde_json::{Map, Value};
use wigwag_kit::patch::MASK;
use wigwag_kit::{Error, Result};
use wigwag_outbound::RedisServer;

/// Values that are stored sealed and never shown.
pub(super) const SECRETS: [&str; 1] = ["password"];
/// Every variable.
const KNOWN: [&str; 6] = ["host", "port", "username", "password", "tls", "prefix"];
/// Longest value, in bytes.
const MAX_VALUE: usize = 1_024;
/// What names in the store begin with where nothing else is said, as in SDKs.
const PREFIX: &str = "launchdarkly";

/// A Redis server, and what names in it begin with.
pub(super) struct Target {
    pub(super) server: RedisServer,
    pub(super) prefix: String,
}

/// Reads the variables, or refuses them by name.
pub(super) fn read(config: &Map<String, Value>) -> Result<Target> {
    if let Some(key) = config.keys().find(|key| !KNOWN.contains(&key.as_str())) {
        let problem = format!("is not a variable of redis; there are: {}", KNOWN.join(", "));
        return Err(Error::field(&format!("config.{key}"), problem));
    }
    let host = text(config, "host")?.ok_or_else(|| Error::missing("config.host"))?;
    if host.chars().any(|c| c.is_whitespace() || "/@?#".contains(c)) {
        return Err(Error::field("config.host", "must be the name or address of a machine"));
    }
    let server = RedisServer {
        host,
        port: port(config.get("port"))?,
        username: text(config, "username")?.unwrap_or_default(),
        password: text(config, "password")?.unwrap_or_default(),
        tls: flag(config.get("tls"))?,
    };
    Ok(Target { server, prefix: text(config, "prefix")?.unwrap_or_else(|| PREFIX.to_owned()) })
}

/// The values with the secret ones obscured.
pub(super) fn obscured(config: &Map<String, Value>) -> Map<String, Value> {
    let shown = |(key, value): (&String, &Value)| {
        let value = if SECRETS.contains(&key.as_str()) { MASK.into() } else { value.clone() };
        (key.clone(), value)
    };
    config.iter().map(shown).collect()
}

/// A text; none where it is missing, null or empty.
fn text(config: &Map<String, Value>, key: &str) -> Result<Option<String>> {
    let field = format!("config.{key}");
    match config.get(key) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) if text.len() <= MAX_VALUE && !text.chars().any(char::is_control) => {
            Ok(Some(text.clone()).filter(|text| !text.is_empty()))
        }
        Some(_) => Err(Error::field(&field, format_args!("must be a string of at most {MAX_VALUE} printable bytes"))),
    }
}

/// Clients send it as a text or as a number.
fn port(value: Option<&Value>) -> Result<u16> {
    let port = match value {
        None | Some(Value::Null) => Some(6379),
        Some(Value::String(text)) => text.parse().ok(),
        Some(value) => value.as_u64().and_then(|port| u16::try_from(port).ok()),
    };
    port.filter(|port| *port > 0).ok_or_else(|| Error::field("config.port", "must be a port: 1 to 65535"))
}

fn flag(value: Option<&Value>) -> Result<bool> {
    match value {
        None | Some(Value::Null) => Ok(false),
        Some(value) => value.as_bool().ok_or_else(|| Error::field("config.tls", "must be true or false")),
    }
}
