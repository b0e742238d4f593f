//! How a store is reached: the variables of its integration.

use serde_json::{Map, Value};
use wigwag_kit::patch::MASK;
use wigwag_kit::{Error, Result};
use wigwag_outbound::{AwsService, RedisServer};

use super::dynamodb::Table;

/// Values that are stored sealed and never shown.
pub(super) const SECRETS: [&str; 2] = ["password", "secretAccessKey"];
/// Every variable of a Redis server. `tls` is what `tlsEnabled` was called at first.
const REDIS: [&str; 7] = ["host", "port", "username", "password", "tlsEnabled", "tls", "prefix"];
/// Every variable of a DynamoDB table. Those of the contract are the first four; who hosts this server gives it a
/// key rather than a role of theirs to assume, and may have the table elsewhere.
const DYNAMODB: [&str; 8] =
    ["tableName", "region", "roleArn", "externalId", "accessKeyId", "secretAccessKey", "endpoint", "prefix"];
/// Longest value, in bytes.
const MAX_VALUE: usize = 1_024;
/// What names in the store begin with where nothing else is said, as in SDKs.
const PREFIX: &str = "launchdarkly";

/// A store.
pub(super) enum Target {
    Redis(Redis),
    DynamoDb(Table),
}

/// A Redis server, and what names in it begin with.
pub(super) struct Redis {
    pub(super) server: RedisServer,
    pub(super) prefix: String,
}

/// Reads the variables of an integration, or refuses them by name.
pub(super) fn read(integration: &str, config: &Map<String, Value>) -> Result<Target> {
    let dynamodb = integration == "dynamodb";
    let known: &[&str] = if dynamodb { &DYNAMODB } else { &REDIS };
    if let Some(key) = config.keys().find(|key| !known.contains(&key.as_str())) {
        let problem = format!("is not a variable of {integration}; there are: {}", known.join(", "));
        return Err(Error::field(&format!("config.{key}"), problem));
    }
    if dynamodb { table(config).map(Target::DynamoDb) } else { redis(config).map(Target::Redis) }
}

fn table(config: &Map<String, Value>) -> Result<Table> {
    let required = |key: &str| text(config, key)?.ok_or_else(|| Error::missing(&format!("config.{key}")));
    let name = required("tableName")?;
    if !(3..=255).contains(&name.len()) || !name.chars().all(|c| c.is_ascii_alphanumeric() || "_.-".contains(c)) {
        return Err(Error::field("config.tableName", "must be 3 to 255 letters, digits and `_.-`"));
    }
    let region = required("region")?;
    if !region.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-') {
        return Err(Error::field("config.region", "must be the name of a region, such as eu-west-1"));
    }
    for role in ["roleArn", "externalId"] {
        if text(config, role)?.is_some() {
            let problem =
                "roles are not assumed: give accessKeyId and secretAccessKey of a user that may use the table";
            return Err(Error::field(&format!("config.{role}"), problem));
        }
    }
    let hosts = if region.starts_with("cn-") { "amazonaws.com.cn" } else { "amazonaws.com" };
    let endpoint = text(config, "endpoint")?.unwrap_or_else(|| format!("https://dynamodb.{region}.{hosts}"));
    let root = endpoint.strip_prefix("https://").or_else(|| endpoint.strip_prefix("http://"));
    let Some(host) = root.map(|root| root.trim_end_matches('/')).filter(|host| !host.is_empty()) else {
        return Err(Error::field("config.endpoint", "must begin with https:// or http://"));
    };
    if host.chars().any(|c| c.is_whitespace() || "/@?#".contains(c)) {
        return Err(Error::field("config.endpoint", "must be an address without path and credentials"));
    }
    let service = AwsService {
        endpoint: endpoint.trim_end_matches('/').to_owned(),
        service: "dynamodb",
        region,
        access_key_id: required("accessKeyId")?,
        secret_access_key: required("secretAccessKey")?,
    };
    Ok(Table { service, name, prefix: text(config, "prefix")?.unwrap_or_default() })
}

fn redis(config: &Map<String, Value>) -> Result<Redis> {
    let host = text(config, "host")?.ok_or_else(|| Error::missing("config.host"))?;
    if host.chars().any(|c| c.is_whitespace() || "/@?#".contains(c)) {
        return Err(Error::field("config.host", "must be the name or address of a machine"));
    }
    let server = RedisServer {
        host,
        port: port(config.get("port"))?,
        username: text(config, "username")?.unwrap_or_default(),
        password: text(config, "password")?.unwrap_or_default(),
        tls: flag(config, "tlsEnabled")? || flag(config, "tls")?,
    };
    Ok(Redis { server, prefix: text(config, "prefix")?.unwrap_or_else(|| PREFIX.to_owned()) })
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

fn flag(config: &Map<String, Value>, key: &str) -> Result<bool> {
    match config.get(key) {
        None | Some(Value::Null) => Ok(false),
        Some(value) => value.as_bool().ok_or_else(|| Error::field(&format!("config.{key}"), "must be true or false")),
    }
}
