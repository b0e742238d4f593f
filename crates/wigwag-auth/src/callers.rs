//! From a request's header fields to a caller: a token, else a session.

use std::sync::Arc;

use http::HeaderMap;
use http::header::AUTHORIZATION;
use wigwag_kit::access::{Authenticator, BoxFuture};
use wigwag_kit::{Caller, Error};

use crate::{Sessions, Tokens};

/// Knows tokens and sessions. Where both are sent, the header `Authorization` counts, also when it does not hold.
pub struct Callers {
    tokens: Tokens,
    sessions: Arc<Sessions>,
}

impl Callers {
    /// Both.
    #[must_use]
    pub const fn new(tokens: Tokens, sessions: Arc<Sessions>) -> Self {
        Self { tokens, sessions }
    }
}

impl Authenticator for Callers {
    fn authenticate<'a>(&'a self, headers: &'a HeaderMap) -> BoxFuture<'a, Result<Caller, Error>> {
        Box::pin(async move {
            if headers.contains_key(AUTHORIZATION) {
                self.tokens.caller(headers).await
            } else {
                self.sessions.caller(headers).await
            }
        })
    }
}
