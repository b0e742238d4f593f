//! Pages of what SDKs told: by continuation token instead of offset (behaviour.md 4.3).

use wigwag_kit::{Error, Result};
use wigwag_model::clock::Millis;
use wigwag_store::volume::{Cursor, PageOf};

/// A time as RFC 3339.
#[must_use]
pub fn rfc3339(at: Millis) -> String {
    jiff::Timestamp::from_millisecond(at).map_or_else(|_| at.to_string(), |time| time.to_string())
}

/// A place in a list as text that clients need not understand.
#[must_use]
pub fn token_of(cursor: Cursor) -> String {
    hex::encode(format!("{}.{}", cursor.seen, cursor.id))
}

/// The place that a token of ours stands for.
///
/// # Errors
/// 400: it is not one of ours.
pub fn cursor_of(name: &str, token: &str) -> Result<Cursor> {
    let read = || {
        let text = String::from_utf8(hex::decode(token).ok()?).ok()?;
        let (seen, id) = text.split_once('.')?;
        Some(Cursor { seen: seen.parse().ok()?, id: id.parse().ok()? })
    };
    read().ok_or_else(|| Error::field(name, "is not a token that a list answered"))
}

/// The page asked for; absent and 0 mean `default`.
///
/// # Errors
/// 400: a limit over `max` or below 0, a token that is not one of ours.
pub fn page_of(
    limit: Option<i64>,
    (default, max): (usize, usize),
    (name, token): (&str, Option<&str>),
    ascending: bool,
) -> Result<PageOf> {
    let limit = match limit.map(usize::try_from) {
        None | Some(Ok(0)) => default,
        Some(Ok(limit)) if limit <= max => limit,
        Some(Ok(_)) => return Err(Error::field("limit", format_args!("Limit must be less than or equal to {max}"))),
        Some(Err(_)) => return Err(Error::field("limit", "must not be negative")),
    };
    let after = token.filter(|token| !token.is_empty()).map(|token| cursor_of(name, token)).transpose()?;
    Ok(PageOf { limit, after, ascending, count: true })
}
