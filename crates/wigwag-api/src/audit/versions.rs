//! The state before and after a change, from the store's history, without secrets.

use serde_json::Value;
use wigwag_kit::patch::MASK;
use wigwag_kit::{Ctx, Result};
use wigwag_model::doc::Kind;
use wigwag_store::{At, ChangeRow, Doc, DocKey};

use super::Detail;
use super::search::record;

/// The members that only the detail of an entry has.
pub(super) async fn detail(ctx: &Ctx, row: &ChangeRow) -> Result<Detail> {
    let record = record(row)?;
    let mut detail = Detail::new();
    if let Some(delta) = record.delta {
        detail.insert("delta".to_owned(), delta);
    }
    if let Some(body) = record.trigger_body {
        detail.insert("triggerBody".to_owned(), body);
    }
    let Some((kind, key)) = record.target.document.and_then(|[kind, project, env, key]| {
        let kind = Kind::parse(&kind)?;
        Some((kind, DocKey { kind, project: project.into(), env: env.into(), key: key.into() }))
    }) else {
        return Ok(detail);
    };
    for (name, seq) in [("previousVersion", row.seq.saturating_sub(1)), ("currentVersion", row.seq)] {
        if let Some(doc) = ctx.store().get_at(&key, At::Seq(seq)).await? {
            detail.insert(name.to_owned(), shown(kind, &doc)?);
        }
    }
    Ok(detail)
}

/// A stored document with its secrets masked and its version.
fn shown(kind: Kind, doc: &Doc) -> Result<Value> {
    let mut value: Value = doc.decode()?;
    mask(&mut value, secrets(kind));
    value["_version"] = doc.version.into();
    Ok(value)
}

/// Members that hold secrets, by kind. No wild card: a new kind must say.
const fn secrets(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::Member => &["passwordHash"],
        Kind::Token => &["hash", "previous"],
        Kind::OAuthClient => &["secretHash"],
        Kind::OAuthGrant => &["codeHash", "refreshHash", "spentHash", "challenge"],
        Kind::RelayConfig => &["keyHash", "previous"],
        Kind::Webhook => &["secret"],
        Kind::Trigger => &["secretHash"],
        Kind::FlagLink | Kind::FlagFollower => &[],
        Kind::Environment => &["sdkKeys", "mobileKeys"],
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
        | Kind::ContextKind => &[],
    }
}

fn mask(value: &mut Value, names: &[&str]) {
    let Value::Object(map) = value else { return };
    for (name, value) in map.iter_mut() {
        if names.contains(&name.as_str()) {
            *value = MASK.into();
        }
    }
}
