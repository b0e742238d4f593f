//! Text to value, one function a kind of value. Errors say what is wrong and what to write instead;
//! those about secrets do not repeat them.

use std::net::{IpAddr, SocketAddr};

use ipnet::IpNet;
use tracing_subscriber::EnvFilter;

type Parsed<T> = Result<T, String>;

pub(super) fn address(text: &str) -> Parsed<SocketAddr> {
    let numeric = match text.strip_prefix("localhost:") {
        Some(port) => format!("127.0.0.1:{port}"),
        None => text.to_owned(),
    };
    let wrong = || format!("\"{text}\" is not an address and port; write for example 127.0.0.1:8030 or [::1]:8030");
    numeric.parse().map_err(|_| wrong())
}

/// Addresses and blocks of them, separated by commas.
pub(super) fn blocks(text: &str) -> Parsed<Vec<IpNet>> {
    let wrong = |part: &str| format!("\"{part}\" is not a block of addresses; write for example 10.0.0.0/8, ::1");
    let one = |part: &str| part.parse().or_else(|_| part.parse::<IpAddr>().map(IpNet::from)).map_err(|_| wrong(part));
    text.split(',').map(str::trim).filter(|part| !part.is_empty()).map(one).collect()
}

pub(super) fn number(text: &str, least: u64, most: u64) -> Parsed<u64> {
    match text.parse() {
        Ok(n) if (least..=most).contains(&n) => Ok(n),
        _ => Err(format!("\"{text}\" is not possible; write a whole number from {least} to {most}")),
    }
}

pub(super) fn web_address(text: &str) -> Parsed<String> {
    let trimmed = text.trim_end_matches('/');
    let host = trimmed.strip_prefix("https://").or_else(|| trimmed.strip_prefix("http://"));
    match host {
        Some(host) if !host.is_empty() && !host.contains(['?', '#', ' ', '@']) => Ok(trimmed.to_owned()),
        _ => Err(format!("\"{text}\" is not a web address; write for example https://flags.example.com")),
    }
}

pub(super) fn database_url(text: &str) -> Parsed<String> {
    let url = text.strip_prefix("postgres://").or_else(|| text.strip_prefix("postgresql://"));
    let pairs = !text.contains("://") && pair(text, "host").is_some();
    if url.map_or(!pairs, str::is_empty) {
        return Err("is not a PostgreSQL address; write postgres://user:password@host:5432/name".to_owned());
    }
    wigwag_store::check_server_address(text).map(|()| text.to_owned())
}

/// Several addresses, between spaces.
pub(super) fn database_urls(text: &str) -> Parsed<Vec<String>> {
    text.split_whitespace().map(database_url).collect()
}

/// `postgres://user:secret@host/name?sslmode=…`, or `host=… dbname=… password=…`, as `host/name`.
pub(super) fn without_credentials(url: &str) -> String {
    let Some((_, rest)) = url.split_once("://") else {
        let part = |name| pair(url, name).unwrap_or("?");
        return format!("{}/{}", part("host"), part("dbname"));
    };
    let rest = rest.split(['?', '#']).next().unwrap_or_default();
    rest.rsplit_once('@').map_or(rest, |(_, host)| host).to_owned()
}

/// The value of `name=value` among words.
fn pair<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    text.split_whitespace().find_map(|word| word.strip_prefix(name)?.strip_prefix('='))
}

/// A number of requests; 0 is as many as come.
pub(super) fn count(text: &str) -> Parsed<u32> {
    number(text, 0, u64::from(u32::MAX)).map(|n| u32::try_from(n).unwrap_or(u32::MAX))
}

pub(super) fn switch(text: &str) -> Parsed<bool> {
    match text {
        "true" => Ok(true),
        "false" => Ok(false),
        other => Err(format!("\"{other}\" is neither true nor false")),
    }
}

pub(super) fn log_format(text: &str) -> Parsed<bool> {
    match text {
        "json" => Ok(true),
        "text" => Ok(false),
        other => Err(format!("\"{other}\" is not a log format; write text or json")),
    }
}

pub(super) fn log_filter(text: &str) -> Parsed<String> {
    let levels = ["off", "error", "warn", "info", "debug", "trace"];
    // A bare word that is no level is taken by the filter for a module's name: surely a slip.
    let slip = text.split(',').any(|part| !part.contains(['=', ':', '[', '_']) && !levels.contains(&part));
    if slip || EnvFilter::builder().parse(text).is_err() {
        return Err(format!(
            "\"{text}\" is not a log level; write error, warn, info, debug or trace, or info,wigwag_store=debug"
        ));
    }
    Ok(text.to_owned())
}

pub(super) fn email(text: &str) -> Parsed<String> {
    match text.split_once('@') {
        Some((name, host)) if !name.is_empty() && !host.is_empty() && !text.contains(char::is_whitespace) => {
            Ok(text.to_owned())
        }
        _ => Err(format!("\"{text}\" is not an e-mail address; write for example owner@example.com")),
    }
}

/// Shorter ones than members may choose: it is set by whoever runs the server, and mostly stays set, while later starts
/// pay no heed to it and must not end because of it.
pub(super) fn password(text: &str) -> Parsed<String> {
    if text.chars().count() < 8 {
        return Err("is too short; choose a password of 8 characters or more, better of 12".to_owned());
    }
    Ok(text.to_owned())
}

/// Tokens travel in a header field, so visible ASCII only.
pub(super) fn token(text: &str) -> Parsed<String> {
    if text.len() < 8 || text.len() > 256 || !text.bytes().all(|b| b.is_ascii_graphic()) {
        return Err("is not usable; choose 8 to 256 letters, digits and signs without spaces, \
                    by custom beginning with api-"
            .to_owned());
    }
    Ok(text.to_owned())
}
