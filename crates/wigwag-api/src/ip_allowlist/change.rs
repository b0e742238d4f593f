//! Changes to the allowlist. None of them locks out whoever makes it.

use schemars::JsonSchema;
use serde::Deserialize;
use wigwag_kit::links::path;
use wigwag_kit::resource::retried;
use wigwag_kit::{Change, Ctx, Error, Proof, Proofs, Reply, Request, Result, Target};
use wigwag_model::doc::{IpAllowlist, IpAllowlistEntry, Kind};
use wigwag_store::{Expect, IndexFacts};

use super::rep::EntryRep;
use super::{block, covers, key, load, shown, spec, unknown};
use crate::common::{Bullets, code};

pub(super) const CREATE: &str = "createIpAllowlistEntry";
pub(super) const ENABLE: &str = "updateIpAllowlistEnabled";
pub(super) const UPDATE: &str = "updateIpAllowlistEntry";
pub(super) const DELETE: &str = "deleteIpAllowlistEntry";

/// Most entries.
const MOST: usize = 1_000;
/// Longest description, in characters.
const MAX_DESCRIPTION: usize = 1_024;

/// A new entry.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "CreateIpAllowlistEntryRequest")]
pub(super) struct EntryPost {
    /// An IPv4 or IPv6 address, or a block in CIDR form.
    ip_address: String,
    /// What it is.
    #[serde(default)]
    description: Option<String>,
}

/// What to change of an entry.
#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "PatchIpAllowlistEntryRequest")]
pub(super) struct EntryPatch {
    /// What it is.
    description: String,
}

/// For whom the list holds.
#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "PatchIpAllowlistConfigRequest")]
pub(super) struct ConfigPatch {
    /// For people who signed in.
    #[serde(default, rename = "sessionAllowlistEnabled")]
    session: Option<bool>,
    /// For access tokens.
    #[serde(default, rename = "apiTokenAllowlistEnabled")]
    token: Option<bool>,
}

pub(super) async fn create(ctx: Ctx, request: Request) -> Result<Reply> {
    let post: EntryPost = request.json()?;
    let proof = |ctx: &Ctx| ctx.authorise(CREATE, &spec());
    proof(&ctx)?;
    let text = post.ip_address.trim();
    let new = block(text).ok_or_else(|| Error::field("ipAddress", "must be an IP address or a block in CIDR form"))?;
    check_description(post.description.as_deref().unwrap_or_default())?;
    let now = ctx.app.clock.now();
    let entry = IpAllowlistEntry {
        id: ctx.app.ids.uuid(),
        ip_address: text.to_owned(),
        description: post.description.clone().unwrap_or_default(),
        member_id: ctx.caller.acting_member().map(|member| member.id.clone()),
        created_at: now,
        updated_at: now,
    };
    let added = retried(false, || async {
        let (mut list, version) = load(&ctx).await?;
        if list.entries.iter().any(|old| block(&old.ip_address) == Some(new)) {
            return Ok(false);
        }
        if list.entries.len() >= MOST {
            return Err(Error::Conflict(format!("The list has at most {MOST} entries")));
        }
        list.entries.push(entry.clone());
        let line = format!("Added {}", code(text));
        save(&ctx, proof(&ctx)?, "created the ip-allowlist entry", text, line, &list, version).await?;
        Ok(true)
    });
    if added.await? {
        return Reply::json(&EntryRep::of(&entry));
    }
    // The code that clients know this by.
    Err(Error::OptimisticLocking(format!("{text} is on the list already")))
}

pub(super) async fn describe(ctx: Ctx, request: Request) -> Result<Reply> {
    let id = request.param("id");
    let (list, _) = load(&ctx).await?;
    find(&list, id)?;
    ctx.authorise(UPDATE, &spec())?;
    let EntryPatch { description } = request.json()?;
    check_description(&description)?;
    let entry = retried(false, || async {
        let (mut list, version) = load(&ctx).await?;
        let at = find(&list, id)?;
        let entry = &mut list.entries[at];
        if entry.description == description {
            return Ok(entry.clone());
        }
        entry.description.clone_from(&description);
        entry.updated_at = ctx.app.clock.now();
        let entry = entry.clone();
        let (proof, line) = (ctx.authorise(UPDATE, &spec())?, "Changed the description".to_owned());
        let verb = "updated the ip-allowlist entry";
        save(&ctx, proof, verb, &entry.ip_address, line, &list, version).await?;
        Ok(entry)
    })
    .await?;
    Reply::json(&EntryRep::of(&entry))
}

pub(super) async fn delete(ctx: Ctx, request: Request) -> Result<Reply> {
    retried(false, || async {
        let (mut list, version) = load(&ctx).await?;
        let at = find(&list, request.param("id"))?;
        let proof = ctx.authorise(DELETE, &spec())?;
        let before = list.clone();
        let gone = list.entries.remove(at);
        check_way_in(&before, &list, &request)?;
        let line = format!("Removed {}", code(&gone.ip_address));
        save(&ctx, proof, "deleted the ip-allowlist entry", &gone.ip_address, line, &list, version).await
    })
    .await?;
    Ok(Reply::empty())
}

pub(super) async fn configure(ctx: Ctx, request: Request) -> Result<Reply> {
    let patch: ConfigPatch = request.json()?;
    if patch.session.is_none() && patch.token.is_none() {
        return Err(Error::missing("sessionAllowlistEnabled or apiTokenAllowlistEnabled"));
    }
    let list = retried(false, || async {
        let (mut list, version) = load(&ctx).await?;
        let proof = ctx.authorise(ENABLE, &spec())?;
        let before = list.clone();
        list.session_enabled = patch.session.unwrap_or(list.session_enabled);
        list.token_enabled = patch.token.unwrap_or(list.token_enabled);
        if list == before {
            return Ok(list);
        }
        check_way_in(&before, &list, &request)?;
        let mut lines = Bullets::default();
        lines.turned("the list for sessions", before.session_enabled, list.session_enabled);
        lines.turned("the list for access tokens", before.token_enabled, list.token_enabled);
        let text = lines.markdown();
        let line = text.trim_start_matches("* ").trim_end().to_owned();
        save(&ctx, proof, "updated the ip-allowlist", "IP allowlist", line, &list, version).await?;
        Ok(list)
    })
    .await?;
    Reply::json(&shown(&list, &request)?)
}

/// Refuses a change after which the list holds, and does not hold the caller's own address, where it was otherwise
/// before.
fn check_way_in(before: &IpAllowlist, after: &IpAllowlist, request: &Request) -> Result<()> {
    let out = |list: &IpAllowlist| {
        let on = list.session_enabled || list.token_enabled;
        on && !request.peer.is_some_and(|ip| covers(list, ip))
    };
    let more = (after.session_enabled && !before.session_enabled) || (after.token_enabled && !before.token_enabled);
    if !out(after) || (out(before) && !more) {
        return Ok(());
    }
    let from = request.peer.map_or_else(|| "unknown".to_owned(), |ip| ip.to_canonical().to_string());
    Err(Error::Conflict(format!("This would lock you out: your address {from} would not be on the list")))
}

fn find(list: &IpAllowlist, id: &str) -> Result<usize> {
    list.entries.iter().position(|entry| entry.id == id).ok_or_else(|| unknown(id))
}

fn check_description(text: &str) -> Result<()> {
    if text.chars().count() > MAX_DESCRIPTION {
        return Err(Error::field("description", format_args!("must be at most {MAX_DESCRIPTION} characters long")));
    }
    Ok(())
}

async fn save(
    ctx: &Ctx,
    proof: Proof,
    verb: &str,
    name: &str,
    line: String,
    list: &IpAllowlist,
    version: Option<u64>,
) -> Result<()> {
    let key = key();
    let target = Target {
        kind: "ip-allowlist".to_owned(),
        name: name.to_owned(),
        resources: vec![spec().to_string()],
        href: path(&["account", "ip-allowlist"]),
        site: "/settings/security".to_owned(),
        project: String::new(),
        environment: None,
        document: Some([Kind::IpAllowlist.as_str().to_owned(), String::new(), String::new(), key.key.to_string()]),
    };
    let mut change = Change::new(Proofs::of(proof), verb, target).description(format!("* {line}\n"));
    change.put(key, version.map_or(Expect::Absent, Expect::Version), list, IndexFacts::new())?;
    change.commit(ctx).await.map(drop)
}
