//! OAuth 2.0: clients, and the flows by which they get access tokens (RFC 6749, 7636).
//!
//! The page of `/trust/oauth/authorize` is with the other pages for people who signed in: it reads the request with
//! [`asked`], shows the client's name and the scope, and answers with [`consented`] or [`declined`].

mod clients;
mod consent;
mod due;
mod issue;
mod token;

pub use clients::OAuthClients;
pub use consent::{Asked, Consent, asked, consented, declined};
pub(crate) use due::due_kinds;

use wigwag_kit::operation::Access;
use wigwag_kit::{Operations, Result};
use wigwag_model::doc::Role;

/// The operations on OAuth 2.0 clients, and the token endpoint.
#[must_use]
pub fn ops() -> Operations {
    clients::ops().beside("POST", "/trust/oauth/token", "postOAuthToken", Access::Public, token::exchange)
}

/// The role behind a scope: one of `reader`, `writer` and `admin`; the first where nothing is asked for. Of several
/// the widest counts.
fn role_of(scope: Option<&str>) -> std::result::Result<Role, &'static str> {
    let mut role = Role::Reader;
    for word in scope.unwrap_or_default().split(' ').filter(|word| !word.is_empty()) {
        role = match (word, role) {
            ("reader", role) => role,
            ("writer", Role::Admin) | ("admin", _) => Role::Admin,
            ("writer", _) => Role::Writer,
            _ => return Err("must be reader, writer or admin"),
        };
    }
    Ok(role)
}

const fn scope_of(role: Role) -> &'static str {
    match role {
        Role::Admin | Role::Owner => "admin",
        Role::Writer => "writer",
        Role::Reader | Role::NoAccess => "reader",
    }
}

/// Loads a document by a unique fact or key, decoded, with its version.
fn decoded<T: serde::de::DeserializeOwned>(doc: Option<wigwag_store::Doc>) -> Result<Option<(T, u64)>> {
    doc.map(|doc| Ok((doc.decode()?, doc.version))).transpose()
}

#[cfg(test)]
mod tests {
    use wigwag_model::doc::Role;

    #[test]
    fn scopes() {
        for (scope, role) in [
            (None, Ok(Role::Reader)),
            (Some(""), Ok(Role::Reader)),
            (Some("writer"), Ok(Role::Writer)),
            (Some("admin writer reader"), Ok(Role::Admin)),
            (Some("reader writer"), Ok(Role::Writer)),
        ] {
            assert_eq!(super::role_of(scope), role, "{scope:?}");
        }
        assert!(super::role_of(Some("owner")).is_err());
    }
}
