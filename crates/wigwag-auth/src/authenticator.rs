//! From an `Authorization` header to a caller.

use std::sync::Arc;

use http::HeaderMap;
use http::header::AUTHORIZATION;
use wigwag_kit::access::{Authenticator, BoxFuture};
use wigwag_kit::{Caller, Error};
use wigwag_model::clock::{Clock, Millis};
use wigwag_model::doc::Kind;
use wigwag_model::doc::{Member, Token};
use wigwag_store::{Doc, DocKey, Store};

use crate::Permissions;
use crate::activity::{Activity, member_subject, token_subject};
use crate::cache::Cache;
use crate::directory::Directory;
use crate::secret;

/// Callers kept resolved; more than anybody has tokens in use at once.
const KNOWN: usize = 10_000;

/// Knows access tokens. SDK keys, mobile keys and client-side ids are none, so they never pass.
///
/// Callers stay resolved between requests, yet no change to a token, a member, a role or a team is overlooked: what
/// is known holds for a sequence, and once the store knows of a later one, what was written in between is looked at
/// once for all callers ([`Cache`]). So a token that is revoked here fails at once, and elsewhere as soon as the
/// change feed brings the news.
pub struct Tokens {
    store: Store,
    clock: Clock,
    cache: Cache<[u8; 32], Known>,
    activity: Activity,
}

/// A caller as resolved.
struct Known {
    caller: Caller,
    /// When the credential ends.
    until: Option<Millis>,
    /// What its uses are noted under.
    subjects: Vec<Arc<str>>,
}

impl Tokens {
    /// An authenticator over the tokens and members of `store`.
    #[must_use]
    pub fn new(store: Store, clock: Clock) -> Self {
        let activity = Activity::new(store.clone());
        Self { cache: Cache::new(store.clone(), KNOWN), store, clock, activity }
    }

    /// Notes uses where others look them up.
    #[must_use]
    pub fn noting(self, activity: Activity) -> Self {
        Self { activity, ..self }
    }

    /// The caller that the header fields prove.
    ///
    /// # Errors
    /// [`Error::Unauthorized`] whatever is wrong with the credential; or the store's errors.
    pub async fn caller(&self, headers: &HeaderMap) -> Result<Caller, Error> {
        let value = credential(headers).ok_or(Error::Unauthorized)?;
        let digest = secret::digest(value);
        let view = self.cache.current().await?;
        let known = match view.known(&digest) {
            Some(known) => known,
            None => {
                let (found, from) = self.load(&hex::encode(digest), view.directory()).await?;
                view.keep(digest, from, found)
            }
        };
        let now = self.clock.now();
        if known.until.is_some_and(|until| until <= now) {
            return Err(Error::Unauthorized);
        }
        self.activity.note(&known.subjects, now);
        Ok(known.caller.clone())
    }

    /// The caller behind a hash, and the documents it came from.
    async fn load(&self, hash: &str, directory: &Directory) -> Result<(Known, Vec<DocKey>), Error> {
        let doc = self.store.find_unique(Kind::Token, "hash", hash).await?.ok_or(Error::Unauthorized)?;
        let token: Token = doc.decode()?;
        let until = ends(&token, hash).ok_or(Error::Unauthorized)?;
        let member_key = DocKey::account(Kind::Member, token.member_id.as_str());
        let member_doc = self.store.get(&member_key).await?;
        let member = member_doc.as_ref().map(Doc::decode::<Member>).transpose()?;
        if member.is_none() && !token.service_token {
            return Err(Error::Unauthorized);
        }
        let authority = Arc::new(Permissions::of_token(&token, member.as_ref(), directory));
        let caller = Caller { member: member.map(Arc::new), token: Some(Arc::new(token)), authority };
        let mut subjects: Vec<Arc<str>> = vec![token_subject(&doc.key.key).into()];
        subjects.extend(caller.acting_member().map(|member| member_subject(&member.id).into()));
        Ok((Known { caller, until, subjects }, vec![doc.key, member_key]))
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
