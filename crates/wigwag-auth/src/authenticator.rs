//! From an `Authorization` header to a caller.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use http::HeaderMap;
use http::header::AUTHORIZATION;
use parking_lot::Mutex;
use tokio::sync::watch;
use wigwag_kit::access::{Authenticator, BoxFuture};
use wigwag_kit::{Caller, Error};
use wigwag_model::clock::{Clock, Millis};
use wigwag_model::doc::Kind;
use wigwag_model::doc::{Member, Token};
use wigwag_store::{Doc, DocKey, Store};

use crate::Permissions;
use crate::secret;

/// Callers kept resolved; more than anybody has tokens in use at once.
const KNOWN: usize = 10_000;

/// Knows access tokens. SDK keys, mobile keys and client-side ids are none, so they never pass.
///
/// Callers stay resolved between requests, yet no change to a token or member is overlooked: a
/// resolved caller holds for the sequence it was checked at, and is checked again (two point
/// reads) once the store knows of a later one. So a token that is revoked here fails at once, and
/// elsewhere as soon as the change feed brings the news.
pub struct Tokens {
    store: Store,
    clock: Clock,
    head: watch::Receiver<u64>,
    known: Mutex<HashMap<[u8; 32], Arc<Known>>>,
}

/// A caller as resolved, and what must still be so for that to hold.
struct Known {
    caller: Caller,
    /// The documents it came from, and their versions.
    from: [(DocKey, Option<u64>); 2],
    /// When the credential ends.
    until: Option<Millis>,
    /// The sequence up to which nothing has changed.
    checked: AtomicU64,
}

impl Tokens {
    /// An authenticator over the tokens and members of `store`.
    #[must_use]
    pub fn new(store: Store, clock: Clock) -> Self {
        let head = store.watch();
        Self { store, clock, head, known: Mutex::default() }
    }

    /// The caller that the header fields prove.
    ///
    /// # Errors
    /// [`Error::Unauthorized`] whatever is wrong with the credential; or the store's errors.
    pub async fn caller(&self, headers: &HeaderMap) -> Result<Caller, Error> {
        let value = credential(headers).ok_or(Error::Unauthorized)?;
        let digest = secret::digest(value);
        let head = *self.head.borrow();
        let known = self.known.lock().get(&digest).cloned();
        let known = match known {
            Some(known) if self.still(&known, head).await? => known,
            _ => self.resolve(digest, head).await?,
        };
        if known.until.is_some_and(|until| until <= self.clock.now()) {
            return Err(Error::Unauthorized);
        }
        Ok(known.caller.clone())
    }

    /// Whether what a caller was resolved from is unchanged at `head`.
    async fn still(&self, known: &Known, head: u64) -> Result<bool, Error> {
        if known.checked.load(Ordering::Acquire) >= head {
            return Ok(true);
        }
        let keys = known.from.clone().map(|(key, _)| key);
        let now = self.store.get_many(&keys).await?;
        let same = now.iter().zip(&known.from).all(|(doc, (_, version))| doc.as_ref().map(|d| d.version) == *version);
        if same {
            known.checked.fetch_max(head, Ordering::AcqRel);
        }
        Ok(same)
    }

    async fn resolve(&self, digest: [u8; 32], head: u64) -> Result<Arc<Known>, Error> {
        let found = self.load(&hex::encode(digest), head).await;
        let mut known = self.known.lock();
        match found {
            Ok(found) => {
                if known.len() >= KNOWN {
                    known.clear();
                }
                let found = Arc::new(found);
                known.insert(digest, Arc::clone(&found));
                Ok(found)
            }
            Err(error) => {
                known.remove(&digest);
                Err(error)
            }
        }
    }

    async fn load(&self, hash: &str, head: u64) -> Result<Known, Error> {
        let doc = self.store.find_unique(Kind::Token, "hash", hash).await?.ok_or(Error::Unauthorized)?;
        let token: Token = doc.decode()?;
        let until = ends(&token, hash).ok_or(Error::Unauthorized)?;
        let member_key = DocKey::account(Kind::Member, token.member_id.as_str());
        let member_doc = self.store.get(&member_key).await?;
        let member = member_doc.as_ref().map(Doc::decode::<Member>).transpose()?.filter(Member::is_active);
        if member.is_none() && !token.service_token {
            return Err(Error::Unauthorized);
        }
        let authority = Arc::new(Permissions::of_token(&token, member.as_ref()));
        Ok(Known {
            caller: Caller { member: member.map(Arc::new), token: Some(Arc::new(token)), authority },
            from: [(doc.key, Some(doc.version)), (member_key, member_doc.map(|d| d.version))],
            until,
            checked: AtomicU64::new(head),
        })
    }
}

impl Authenticator for Tokens {
    fn authenticate<'a>(&'a self, headers: &'a HeaderMap) -> BoxFuture<'a, Result<Caller, Error>> {
        Box::pin(self.caller(headers))
    }
}

/// When the value behind `hash` ends: the token's current one or the one before its last reset.
fn ends(token: &Token, hash: &str) -> Option<Option<Millis>> {
    if secret::same(&token.hash, hash) {
        return Some(token.expiry);
    }
    let previous = token.previous.as_ref().filter(|previous| secret::same(&previous.hash, hash))?;
    Some(Some(token.expiry.map_or(previous.expiry, |expiry| expiry.min(previous.expiry))))
}

/// The credential in the header: bare, or after `Bearer` as OAuth libraries send it.
fn credential(headers: &HeaderMap) -> Option<&str> {
    let text = headers.get(AUTHORIZATION)?.to_str().ok()?.trim();
    let bearer = text.get(..7).filter(|scheme| scheme.eq_ignore_ascii_case("bearer "));
    let value = bearer.map_or(text, |scheme| text[scheme.len()..].trim_start());
    (!value.is_empty() && !value.eq_ignore_ascii_case("bearer")).then_some(value)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;

    #[test]
    fn headers() {
        let cases = [
            ("api-1", Some("api-1")),
            ("Bearer api-1", Some("api-1")),
            ("bearer  api-1 ", Some("api-1")),
            ("", None),
            ("  ", None),
            ("Bearer ", None),
            ("Bearer", None),
        ];
        for (text, value) in cases {
            let mut headers = HeaderMap::new();
            headers.insert(AUTHORIZATION, text.parse().unwrap());
            assert_eq!(credential(&headers), value, "{text:?}");
        }
        assert_eq!(credential(&HeaderMap::new()), None);
    }
}
