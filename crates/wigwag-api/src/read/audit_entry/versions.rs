//! The state before and after a change, from the store's history, as GET shows it and without secrets.

use std::collections::HashMap;
use std::sync::Arc;

use http::Method;
use serde_json::{Map, Value};
use wigwag_auth::Unrestricted;
use wigwag_kit::patch::MASK;
use wigwag_kit::{ApiVersion, Caller, Ctx, Error, Operation, Operations, Request, Result};
use wigwag_model::doc::Kind;
use wigwag_store::{At, ChangeRow, DocKey};

use super::{Detail, record};

/// The operations that show one document of a kind, by that kind. Each reads through the [`Ctx`] that it is given,
/// so that it can be asked about the past.
const SHOWN: &[(Kind, &str)] = &[
    (Kind::Project, "getProject"),
    (Kind::Environment, "getEnvironment"),
    (Kind::Flag, "getFeatureFlag"),
    (Kind::FlagConfig, "getFeatureFlag"),
    (Kind::Segment, "getSegment"),
    (Kind::Webhook, "getWebhook"),
    (Kind::Team, "getTeam"),
    (Kind::Integration, "getSubscriptionByID"),
    (Kind::View, "getView"),
    (Kind::CustomRole, "getCustomRole"),
    (Kind::RelayConfig, "getRelayProxyConfig"),
    (Kind::Member, "getMember"),
    (Kind::Token, "getToken"),
];

/// What operations show of other documents, or of how it is doing: that is of the present.
const fn of_the_present(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::Member => &["_lastSeen", "teams", "permissionGrants"],
        Kind::Token => &["lastUsed", "_member"],
        Kind::CustomRole => &["assignedTo"],
        _ => &["_status"],
    }
}

/// How documents of the past are shown: by the operations that show them in the present.
#[derive(Clone, Default)]
pub struct Views(Arc<HashMap<Kind, Operation>>);

impl Views {
    /// From the table of operations.
    #[must_use]
    pub fn of(operations: &Operations) -> Self {
        let found = |(kind, id): &(Kind, &str)| Some((*kind, operations.find(id)?.clone()));
        Self(Arc::new(SHOWN.iter().filter_map(found).collect()))
    }

    /// A document after a change; none where there was none.
    async fn show(&self, ctx: &Ctx, key: &DocKey, href: &str, seq: u64) -> Result<Option<Value>> {
        let kind = key.kind;
        let Some((operation, handler)) = self.0.get(&kind).and_then(|o| Some((o, o.handler()?))) else {
            let doc = ctx.store().get_at(key, At::Seq(seq)).await?;
            return doc.map(|doc| stored(kind, doc.decode()?, doc.version)).transpose();
        };
        // What a flag does in an environment is part of the flag.
        let env = if kind == Kind::FlagConfig { "" } else { &*key.env };
        // A subscription is the account's own, and its path names the integration.
        let of = href.split('/').nth(4).filter(|_| kind == Kind::Integration).unwrap_or("");
        let values = [&*key.project, env, of, &*key.key].into_iter().filter(|part| !part.is_empty());
        let mut request = Request::new(Method::GET, operation.entry.path)?;
        request.params = parameters(operation.entry.path).zip(values.map(ToOwned::to_owned)).collect();
        if kind == Kind::Member {
            request.query.push(("expand".to_owned(), "roleAttributes".to_owned()));
        }
        // Whoever may see the entry may see what it is about.
        let system = Caller { member: None, token: None, authority: Arc::new(Unrestricted) };
        let ctx = Ctx { caller: Arc::new(system), version: ApiVersion::NEWEST, ..ctx.at(seq) };
        let reply = match handler(ctx, request).await {
            Err(Error::NotFound(_)) => return Ok(None),
            reply => reply?,
        };
        let fault = |e: serde_json::Error| Error::Internal(format!("{}: {e}", operation.entry.id));
        let Some(body) = reply.body else { return Ok(None) };
        let mut value = serde_json::from_slice(&body.collect().await?).map_err(fault)?;
        mask(&mut value, kind);
        if let Value::Object(shown) = &mut value {
            of_the_present(kind).iter().for_each(|name| drop(shown.shift_remove(*name)));
        }
        Ok(Some(value))
    }
}

fn parameters(path: &'static str) -> impl Iterator<Item = &'static str> {
    path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
}

/// The members that only the detail of an entry has.
pub(super) async fn detail(ctx: &Ctx, row: &ChangeRow, views: &Views) -> Result<Detail> {
    let record = record(row)?;
    let mut detail = Detail::new();
    if let Some(delta) = record.delta {
        detail.insert("delta".to_owned(), delta);
    }
    if let Some(body) = record.trigger_body {
        detail.insert("triggerBody".to_owned(), body);
    }
    let href = record.target.href;
    let Some(key) = record.target.document.and_then(|[kind, project, env, key]| {
        let kind = Kind::parse(&kind)?;
        Some(DocKey { kind, project: project.into(), env: env.into(), key: key.into() })
    }) else {
        return Ok(detail);
    };
    for (name, seq) in [("previousVersion", row.seq.saturating_sub(1)), ("currentVersion", row.seq)] {
        if let Some(value) = views.show(ctx, &key, &href, seq).await? {
            detail.insert(name.to_owned(), value);
        }
    }
    Ok(detail)
}

/// A document of a kind that no operation shows: as it is stored, with its version and without secrets.
fn stored(kind: Kind, document: Map<String, Value>, version: u64) -> Result<Value> {
    let mut value = Value::Object(document);
    mask(&mut value, kind);
    value["_version"] = version.into();
    Ok(value)
}

/// Members that hold secrets, by kind, as they are stored and as they are shown. No wild card: a new kind must say.
const fn secrets(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::Member => &["passwordHash", "signIn"],
        Kind::Token => &["hash", "previous"],
        Kind::OAuthClient => &["secretHash"],
        Kind::OAuthGrant => &["codeHash", "refreshHash", "spentHash", "challenge"],
        Kind::RelayConfig => &["keyHash", "previous"],
        Kind::Webhook => &["secret", "sealedSecret"],
        Kind::Integration | Kind::PersistentStore => &["sealed"],
        Kind::Trigger => &["secretHash"],
        Kind::FlagLink | Kind::FlagFollower => &[],
        Kind::Environment => &["sdkKeys", "mobileKeys", "apiKey", "mobileKey"],
        Kind::SegmentImport | Kind::SegmentExport => &[],
        Kind::CodeRepository | Kind::CodeBranch | Kind::CodeReferences | Kind::CodeExtinction => &[],
        Kind::Account => &["keyring"],
        Kind::Team
        | Kind::Announcement
        | Kind::IpAllowlist
        | Kind::CustomRole
        | Kind::Project
        | Kind::Flag
        | Kind::FlagConfig
        | Kind::Segment
        | Kind::ContextKind
        | Kind::Application
        | Kind::View => &[],
    }
}

fn mask(value: &mut Value, kind: Kind) {
    let Value::Object(map) = value else { return };
    for (name, value) in map.iter_mut() {
        if secrets(kind).contains(&name.as_str()) {
            *value = MASK.into();
        }
    }
}
