//! One public error for the whole REST surface, by meaning; one table to status and code.

use http::StatusCode;
use serde_json::{Value, json};
use wigwag_store::{Expect, StoreError};

use crate::spec::Spec;

/// What handlers return.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a request was refused. Codes and statuses: behaviour.md 2.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The body, a parameter or a query is wrong. Name the field in the message.
    #[error("{0}")]
    Invalid(String),
    /// A patch cannot be read, or names a path that is not there.
    #[error("{0}")]
    InvalidPatch(String),
    /// A patch was understood but cannot be applied.
    #[error("{0}")]
    PatchFailed(String),
    /// Addresses that cannot be invited; nobody was (behaviour.md 2.2).
    #[error("{message}")]
    Emails {
        /// Which kind of refusal.
        code: &'static str,
        /// What is wrong, for people.
        message: String,
        /// The addresses, as sent.
        emails: Vec<String>,
    },
    /// No credential, or one that is unknown, expired or revoked: never say which.
    #[error("Invalid access token")]
    Unauthorized,
    /// What somebody signs in with does not hold: never say what of it.
    #[error("{0}")]
    WrongCredential(&'static str),
    /// The caller may not do this.
    #[error("Access to the requested resource was denied")]
    Denied(Box<Denial>),
    /// A beta operation without the beta header.
    #[error("This operation is in beta: send the header LD-API-Version: beta to use it")]
    BetaOnly,
    /// Refused for a reason other than permissions.
    #[error("{0}")]
    Forbidden(String),
    /// No such thing, or none that the caller may see.
    #[error("{0}")]
    NotFound(String),
    /// The path exists, the method does not; or the change needs approval.
    #[error("{0}")]
    MethodNotAllowed(String),
    /// Taken, in use, or otherwise in the way.
    #[error("{0}")]
    Conflict(String),
    /// Somebody else changed it meanwhile.
    #[error("{0}")]
    OptimisticLocking(String),
    /// The change is based on what is not so any more, and says so.
    #[error("The resource was changed after what this change is based on. Look at it again")]
    Outdated,
    /// Newer data than what was sent is there already: code references order uploads by a number.
    #[error("{0}")]
    StaleSequence(String),
    /// The body is over the operation's limit, in bytes.
    #[error("The request body is larger than {0} bytes")]
    TooLarge(usize),
    /// More requests, or tries to sign in, than are taken in a while: with after how many seconds to come back, unless
    /// header fields tell.
    #[error("You've exceeded the API rate limit. Try again later.")]
    RateLimited(Option<u64>),
    /// Known to the contract, not built yet.
    #[error("Wigwag does not implement the operation {0} yet")]
    NotImplemented(&'static str),
    /// The store cannot be reached for now.
    #[error("The service cannot answer for now. Try again later")]
    Unavailable,
    /// The change of this id was made, and what to answer could not be found out.
    #[error(
        "The change was made (entry {0} of the audit log), but what came of it could not be read. Ask for the resource; \
         to send the request again would be another change"
    )]
    AnswerLost(String),
    /// A fault of ours. The text is for the log, never for the client.
    #[error("Internal error")]
    Internal(String),
}

/// Which action on which resource was denied.
#[derive(Debug)]
pub struct Denial {
    /// The action.
    pub action: String,
    /// The resource specifier.
    pub resource: String,
    /// The deciding statement, or just `{"effect":"deny"}`.
    pub reason: Value,
}

impl Error {
    /// A bad value of `field`: the message becomes "`field`: `problem`".
    #[must_use]
    pub fn field(field: &str, problem: impl std::fmt::Display) -> Self {
        Self::Invalid(format!("{field}: {problem}"))
    }

    /// A missing member of the body.
    #[must_use]
    pub fn missing(field: &str) -> Self {
        Self::Invalid(format!("Missing field {field}"))
    }

    /// Denied, with the deciding statement where there is one.
    #[must_use]
    pub fn denied(action: &str, resource: &Spec, reason: Option<Value>) -> Self {
        Self::Denied(Box::new(Denial {
            action: action.to_owned(),
            resource: resource.to_string(),
            reason: reason.unwrap_or_else(|| json!({"effect": "deny"})),
        }))
    }

    /// The status and the `code` of the body.
    #[must_use]
    pub const fn class(&self) -> (StatusCode, &'static str) {
        match self {
            Self::Invalid(_) => (StatusCode::BAD_REQUEST, "invalid_request"),
            Self::Emails { code, .. } => (StatusCode::BAD_REQUEST, code),
            Self::InvalidPatch(_) => (StatusCode::BAD_REQUEST, "invalid_patch"),
            Self::PatchFailed(_) => (StatusCode::UNPROCESSABLE_ENTITY, "patch_failed"),
            Self::Unauthorized | Self::WrongCredential(_) => (StatusCode::UNAUTHORIZED, "unauthorized"),
            Self::Denied(_) | Self::BetaOnly | Self::Forbidden(_) => (StatusCode::FORBIDDEN, "forbidden"),
            Self::NotFound(_) => (StatusCode::NOT_FOUND, "not_found"),
            Self::MethodNotAllowed(_) => (StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed"),
            Self::Conflict(_) => (StatusCode::CONFLICT, "conflict"),
            Self::OptimisticLocking(_) => (StatusCode::CONFLICT, "optimistic_locking_error"),
            Self::Outdated => (StatusCode::PRECONDITION_FAILED, "outdated"),
            Self::StaleSequence(_) => (StatusCode::CONFLICT, "updateSequenceId_conflict"),
            Self::TooLarge(_) => (StatusCode::PAYLOAD_TOO_LARGE, "request_entity_too_large"),
            Self::RateLimited(_) => (StatusCode::TOO_MANY_REQUESTS, "rate_limited"),
            Self::NotImplemented(_) => (StatusCode::NOT_IMPLEMENTED, "not_implemented"),
            Self::Unavailable => (StatusCode::SERVICE_UNAVAILABLE, "service_unavailable"),
            Self::AnswerLost(_) => (StatusCode::INTERNAL_SERVER_ERROR, "answer_lost"),
            Self::Internal(_) => (StatusCode::INTERNAL_SERVER_ERROR, "internal_service_error"),
        }
    }

    /// The same after a change was `made` all the same: no client shall take a failure of ours for one of the change,
    /// and make it twice.
    #[must_use]
    pub(crate) fn after(self, made: Option<String>) -> Self {
        match made {
            Some(change) if self.class().0.is_server_error() => {
                tracing::error!(change, cause = ?self, "a change was made, and its answer is lost");
                Self::AnswerLost(change)
            }
            _ => self,
        }
    }

    /// The body every client decodes: `code`, `message`, `id`, and on a denial what was denied.
    #[must_use]
    pub fn body(&self, id: &str) -> Value {
        let (_, code) = self.class();
        let mut body = json!({"code": code, "message": self.to_string(), "id": id});
        if let Self::Denied(denial) = self {
            body["access"] = json!({"action": denial.action, "resource": denial.resource});
            body["reason"] = denial.reason.clone();
        }
        if let Self::Emails { emails, .. } = self {
            body["invalid_emails"] = json!(emails);
        }
        body
    }
}

impl From<StoreError> for Error {
    fn from(error: StoreError) -> Self {
        match error {
            // Trying again would find it gone, and perhaps nothing wrong with that.
            StoreError::Conflict { key, expected: Expect::Live, .. } => {
                Self::Conflict(format!("The {} {} was deleted meanwhile", key.kind.as_str(), key.key))
            }
            StoreError::Conflict { .. } => {
                Self::OptimisticLocking("The resource was changed by somebody else meanwhile. Try again".to_owned())
            }
            StoreError::Duplicate { field, .. } => Self::Conflict(format!("That {field} is already in use")),
            StoreError::Unavailable(why) => {
                // Clients are not told why; the log is.
                tracing::warn!(why, "the database is not available");
                Self::Unavailable
            }
            StoreError::InDoubt(why) => {
                tracing::error!(why, "whether a change was made is not known");
                Self::Unavailable
            }
            StoreError::Closed => Self::Unavailable,
            // A key that no document can have: too long, or with a NUL character.
            StoreError::Invalid(problem) => Self::Invalid(problem),
            other => Self::Internal(other.to_string()),
        }
    }
}
