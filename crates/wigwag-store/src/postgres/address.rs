//! Addresses of servers. What they say of TLS is read here, because the driver knows only half of it.

use super::tls::{Mode, Tls};
use crate::{Result, StoreError};
use percent_encoding::percent_decode_str;
use std::net::IpAddr;
use std::path::PathBuf;
use tokio_postgres::Config;
use tokio_postgres::config::{Host, SslMode};

/// The options of an address that the driver does not get to see, named as libpq names them.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct TlsOptions {
    pub(super) mode: Option<Mode>,
    /// Who vouches for the server; none: whom the system trusts.
    pub(super) roots: Option<PathBuf>,
    /// Our own certificate and its key, where the server asks for one.
    pub(super) cert: Option<PathBuf>,
    pub(super) key: Option<PathBuf>,
}

/// Reads an address.
///
/// # Errors
/// [`StoreError::Invalid`]: it is none, or its certificates cannot be read. The text is not repeated: it may hold a
/// password.
pub(super) fn read(text: &str) -> Result<(Config, Tls)> {
    let (rest, options) = split(text).map_err(StoreError::Invalid)?;
    let parsed: std::result::Result<Config, tokio_postgres::Error> = rest.parse();
    let mut config = parsed.map_err(|e| StoreError::Invalid(format!("not a PostgreSQL address: {e}")))?;
    if config.get_hosts().is_empty() {
        for address in config.get_hostaddrs().to_vec() {
            config.host(address.to_string());
        }
    }
    let tls = Tls::new(&options).map_err(StoreError::Invalid)?;
    config.ssl_mode(if has_network(&config) { tls.mode().for_driver() } else { SslMode::Disable });
    Ok((config, tls))
}

/// Whether a host is reached over a network, be it this machine's own. Sockets of files need no TLS and have none.
fn has_network(config: &Config) -> bool {
    !config.get_hostaddrs().is_empty() || config.get_hosts().iter().any(|host| matches!(host, Host::Tcp(_)))
}

/// Whether what is sent to all hosts stays on this machine.
pub(super) fn is_local(config: &Config) -> bool {
    let is_loopback = |name: &str| name == "localhost" || name.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback());
    let addresses = config.get_hostaddrs();
    if !addresses.is_empty() {
        return addresses.iter().all(IpAddr::is_loopback);
    }
    config.get_hosts().iter().all(|host| match host {
        Host::Tcp(name) => is_loopback(name),
        Host::Unix(_) => true,
    })
}

/// The address without what it says of TLS, and that.
fn split(text: &str) -> Result<(String, TlsOptions), String> {
    let mut options = TlsOptions::default();
    let rest = if text.contains("://") { from_url(text, &mut options)? } else { from_pairs(text, &mut options)? };
    Ok((rest, options))
}

impl TlsOptions {
    /// Takes an option, if it is one of these.
    fn take(&mut self, name: &str, value: &str) -> Result<bool, String> {
        let file = || (!value.is_empty()).then(|| PathBuf::from(value));
        match name {
            "sslmode" => self.mode = Some(Mode::named(value)?),
            "sslrootcert" => self.roots = file().filter(|_| value != "system"),
            "sslcert" => self.cert = file(),
            "sslkey" => self.key = file(),
            // The driver's own. Others of that sort it refuses without saying which.
            "sslnegotiation" => return Ok(false),
            other if other.starts_with("ssl") => return Err(format!("{other} is not known here")),
            _ => return Ok(false),
        }
        Ok(true)
    }
}

fn from_url(text: &str, options: &mut TlsOptions) -> Result<String, String> {
    // A password may hold a question mark.
    let credentials = text.find('@').map_or(0, |at| at + 1);
    let Some(at) = text[credentials..].find('?') else { return Ok(text.to_owned()) };
    let (place, parameters) = (&text[..credentials + at], &text[credentials + at + 1..]);
    let mut others = Vec::new();
    for parameter in parameters.split('&') {
        let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
        let value = percent_decode_str(value).decode_utf8_lossy();
        if !options.take(name, &value)? {
            others.push(parameter);
        }
    }
    Ok(if others.is_empty() { place.to_owned() } else { format!("{place}?{}", others.join("&")) })
}

/// Of `name=value name='quoted value'`. What does not look so is left to the driver, which says what is wrong.
fn from_pairs(text: &str, options: &mut TlsOptions) -> Result<String, String> {
    let mut others = String::new();
    let mut left = text.trim_start();
    while let Some((name, after)) = left.split_once('=') {
        let (value, length) = value_of(after.trim_start());
        let end = left.len() - after.trim_start().len() + length;
        if !options.take(name.trim_end(), &value)? {
            others.push_str(&left[..end]);
            others.push(' ');
        }
        left = left[end..].trim_start();
    }
    Ok(others + left)
}

/// A value and how many bytes it takes, quotes and all.
fn value_of(text: &str) -> (String, usize) {
    let is_quoted = text.starts_with('\'');
    let mut value = String::new();
    let mut letters = text.char_indices().skip(usize::from(is_quoted));
    while let Some((at, letter)) = letters.next() {
        match letter {
            '\'' if is_quoted => return (value, at + 1),
            '\\' => value.extend(letters.next().map(|(_, letter)| letter)),
            letter if letter.is_whitespace() && !is_quoted => return (value, at),
            letter => value.push(letter),
        }
    }
    (value, text.len())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn options_of_tls_are_taken_out() {
        let full = TlsOptions { mode: Some(Mode::VerifyFull), roots: Some("/a b/ca.pem".into()), ..Default::default() };
        for (text, rest) in [
            (
                "postgres://u:p?w@h:1/d?sslmode=verify-full&connect_timeout=3&sslrootcert=%2Fa%20b/ca.pem",
                "postgres://u:p?w@h:1/d?connect_timeout=3",
            ),
            ("postgres://h/d?sslrootcert=/a b/ca.pem&sslmode=verify-full", "postgres://h/d"),
            (
                r"host=h sslmode = verify-full password='it\'s sslmode=x' sslrootcert=/a\ b/ca.pem",
                r"host=h password='it\'s sslmode=x' ",
            ),
            ("sslrootcert='/a b/ca.pem' sslmode=verify-full host=h", "host=h "),
        ] {
            assert_eq!(split(text).unwrap(), (rest.to_owned(), full_like(&full)), "{text}");
        }
        for untouched in ["postgres://h/d", "host=h dbname=d ", "host"] {
            assert_eq!(split(untouched).unwrap(), (untouched.to_owned(), TlsOptions::default()));
        }
    }

    fn full_like(options: &TlsOptions) -> TlsOptions {
        TlsOptions { mode: options.mode, roots: options.roots.clone(), ..Default::default() }
    }

    #[test]
    fn what_cannot_be_meant_is_refused() {
        for (text, told) in [
            ("host=h sslmode=allow", "sslmode=allow"),
            ("postgres://h/d?sslmode=", "sslmode"),
            ("host=h sslmode=require sslcert=/c.pem", "sslkey"),
            ("host=h sslrootcert=/ca.pem", "sslmode=verify-full"),
            ("host=h sslmode=verify-ca sslrootcert=/there/is/none.pem", "sslrootcert /there/is/none.pem"),
            ("host=h sslcrl=/x", "sslcrl"),
        ] {
            let Err(StoreError::Invalid(refused)) = read(text) else { panic!("{text}") };
            assert!(refused.contains(told), "{text}: {refused}");
        }
    }

    #[test]
    fn the_driver_is_told() {
        for (text, mode, local) in [
            ("host=h", SslMode::Prefer, false),
            ("host=/run/x", SslMode::Disable, true),
            ("host=/run/x sslmode=require", SslMode::Disable, true),
            ("postgres://127.0.0.1/d?sslmode=require", SslMode::Require, true),
            ("postgres://localhost,h/d?sslmode=verify-full", SslMode::Require, false),
            ("hostaddr=10.0.0.1 sslmode=disable", SslMode::Disable, false),
        ] {
            let (config, _) = read(text).unwrap();
            assert_eq!((config.get_ssl_mode(), is_local(&config)), (mode, local), "{text}");
        }
        assert_eq!(read("hostaddr=10.0.0.1").unwrap().0.get_hosts(), [Host::Tcp("10.0.0.1".into())]);
    }
}
