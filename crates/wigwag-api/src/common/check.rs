//! Checks of what clients send; every refusal names the field.

use std::collections::HashSet;

use http::Uri;
use indexmap::IndexMap;
use wigwag_kit::{Error, Result};
use wigwag_model::clock::Millis;
use wigwag_model::key::{MAX_KEY, MAX_TAG, is_key, is_tag};

/// Longest human name, in characters.
const MAX_NAME: usize = 256;
/// Most role attributes of a member or team.
const MAX_ATTRIBUTES: usize = 100;
/// Most values of one role attribute.
const MAX_VALUES: usize = 1_000;
/// Most tags of one resource.
const MAX_TAGS: usize = 1_000;

/// A human name: not blank, not endless.
///
/// # Errors
/// 400 naming `field`.
pub fn check_name(field: &str, name: &str) -> Result<()> {
    if name.trim().is_empty() {
        return Err(Error::field(field, "must not be empty"));
    }
    if name.chars().count() > MAX_NAME {
        return Err(Error::field(field, format_args!("must be at most {MAX_NAME} characters long")));
    }
    Ok(())
}

/// A key that people choose, of at most `max` characters.
///
/// # Errors
/// 400 naming `field`.
pub fn check_key(field: &str, key: &str, max: usize) -> Result<()> {
    if is_key(key, max) {
        return Ok(());
    }
    Err(Error::field(
        field,
        format_args!("must be 1 to {max} letters, digits, '_', '.' or '-', the first a letter or digit"),
    ))
}

/// An address that mail could be sent to.
///
/// # Errors
/// 400 naming `field`.
pub fn check_email(field: &str, email: &str) -> Result<()> {
    if is_email(email) { Ok(()) } else { Err(Error::field(field, "is not an address")) }
}

/// Whether mail could be sent there.
#[must_use]
pub fn is_email(email: &str) -> bool {
    let plain = email.len() <= 254 && !email.contains(|c: char| c.is_whitespace() || c.is_control());
    let parts = email.split_once('@').filter(|(name, host)| !name.is_empty() && !host.is_empty());
    plain && parts.is_some_and(|(_, host)| !host.contains('@'))
}

/// A password that whoever has the e-mail address `email` chooses.
///
/// # Errors
/// 400 naming `field`.
pub async fn check_password(field: &str, password: &str, email: &str) -> Result<()> {
    let (password, email) = (password.to_owned(), email.to_owned());
    let judged = tokio::task::spawn_blocking(move || wigwag_auth::password::problem(&password, &email)).await;
    let problem = judged.map_err(|e| Error::Internal(e.to_string()))?;
    problem.map_or(Ok(()), |problem| Err(Error::field(field, problem)))
}

/// Values that the policies of roles may refer to.
///
/// # Errors
/// 400 naming `field`.
pub fn check_role_attributes(field: &str, attributes: &IndexMap<String, Vec<String>>) -> Result<()> {
    if attributes.len() > MAX_ATTRIBUTES {
        return Err(Error::field(field, format_args!("must be at most {MAX_ATTRIBUTES} attributes")));
    }
    for (key, values) in attributes {
        check_key(&format!("{field}.{key}"), key, MAX_KEY)?;
        if values.len() > MAX_VALUES || values.iter().any(|v| v.is_empty() || v.chars().count() > MAX_NAME) {
            return Err(Error::field(
                &format!("{field}.{key}"),
                format_args!("must be at most {MAX_VALUES} values of 1 to {MAX_NAME} characters"),
            ));
        }
    }
    Ok(())
}

/// Tags in the order given, each once.
///
/// # Errors
/// 400 naming the tag.
pub fn check_tags(field: &str, tags: Vec<String>) -> Result<Vec<String>> {
    if tags.len() > MAX_TAGS {
        return Err(Error::field(field, format_args!("must be at most {MAX_TAGS} tags")));
    }
    let mut kept: Vec<String> = Vec::with_capacity(tags.len());
    for (at, tag) in tags.into_iter().enumerate() {
        if !is_tag(&tag) {
            return Err(Error::field(
                &format!("{field}[{at}]"),
                format_args!("must be 1 to {MAX_TAG} letters, digits, '_', '.' or '-'"),
            ));
        }
        if !kept.contains(&tag) {
            kept.push(tag);
        }
    }
    Ok(kept)
}

/// Longest address, in bytes.
const MAX_URL: usize = 2_048;

/// An http or https address. Whether it may be called shows when it is.
///
/// # Errors
/// 400 naming `field`.
pub fn check_web_address(field: &str, url: &str) -> Result<()> {
    let web = url.parse::<Uri>().is_ok_and(|u| matches!(u.scheme_str(), Some("http" | "https")) && u.host().is_some());
    if web && url.len() <= MAX_URL { Ok(()) } else { Err(Error::field(field, "must be an http or https address")) }
}

/// A time that must not have passed.
///
/// # Errors
/// 400 naming `field`.
pub fn future(field: &str, at: Millis, now: Millis) -> Result<Millis> {
    if at > now { Ok(at) } else { Err(Error::field(field, "must be a time in the future, in epoch milliseconds")) }
}

/// Without repetitions, the first of each staying where it is.
#[must_use]
pub fn unique(mut list: Vec<String>) -> Vec<String> {
    let mut seen = HashSet::with_capacity(list.len());
    list.retain(|one| seen.insert(one.clone()));
    list
}
