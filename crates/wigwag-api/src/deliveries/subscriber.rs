//! What a kind of document states that wants to hear of changes.

use serde_json::{Value, json};
use wigwag_auth::policy::Policy;
use wigwag_kit::links::path;
use wigwag_kit::operation::Own;
use wigwag_kit::{BoxFuture, Ctx, Error, Result, Spec};
use wigwag_model::doc::Kind;
use wigwag_outbound::Call;
use wigwag_store::{Doc, DocKey};

use crate::read::AuditEntry;

/// A kind of subscriber.
#[derive(Clone, Copy)]
pub struct SubscriberKind {
    /// Its documents.
    pub kind: Kind,
    /// Reads what planning must know.
    pub read: fn(&Doc) -> Result<Subscriber>,
    /// Makes the call that tells a subscriber of an entry.
    pub call: fn(&Ctx, &Doc, &AuditEntry) -> Result<Call>,
    /// Loads the one that the path of a request names, if the caller may see it.
    pub find: for<'a> fn(&'a Ctx, &'a wigwag_kit::Request) -> BoxFuture<'a, Result<Doc>>,
    /// The operations on its deliveries.
    pub ids: DeliveryIds,
}

/// The operations on deliveries of a kind of subscriber.
#[derive(Clone, Copy)]
pub struct DeliveryIds {
    /// Lists them.
    pub list: Own,
    /// Shows one.
    pub get: Own,
    /// Makes one once more.
    pub replay: Own,
    /// Makes one for a look.
    pub test: Own,
}

/// A subscriber, as far as planning and permissions go.
#[derive(Clone, Debug)]
pub struct Subscriber {
    /// Whether it wants to hear of anything.
    pub on: bool,
    /// Statements that select entries; none selects flag changes in production.
    pub statements: Option<Vec<Value>>,
    /// How policies name it.
    pub spec: Spec,
    /// REST path of it.
    pub href: String,
}

impl Subscriber {
    /// Its policy.
    ///
    /// # Errors
    /// Statements that cannot be read: a fault of ours, they were checked when they were stored.
    pub(super) fn policy(&self) -> Result<Policy> {
        let by_default =
            || vec![json!({"effect": "allow", "resources": ["proj/*:env/production:flag/*"], "actions": ["*"]})];
        let statements = self.statements.clone().filter(|list| !list.is_empty()).unwrap_or_else(by_default);
        Policy::parse(&statements).map_err(|e| Error::Internal(format!("statements of {}: {e}", self.spec)))
    }

    /// REST path of its deliveries.
    pub(super) fn deliveries(&self) -> String {
        format!("{}{}", self.href, path(&["deliveries"]).trim_start_matches("/api/v2"))
    }
}

/// What a subscriber is called in the table of deliveries.
pub(super) fn name(key: &DocKey) -> String {
    format!("{}/{}", key.kind.as_str(), key.key)
}

/// The document of a subscriber, by what it is called in the table of deliveries.
pub(super) fn key(name: &str) -> Option<DocKey> {
    let (kind, key) = name.split_once('/')?;
    Some(DocKey::account(Kind::parse(kind)?, key))
}
