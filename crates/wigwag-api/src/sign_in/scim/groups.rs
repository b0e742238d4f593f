//! Groups of a directory: teams. A team's key is made of the group's name and stays.

use http::StatusCode;
use serde_json::{Value, json};
use wigwag_kit::resource::{Account, retried, target};
use wigwag_kit::{Change, Ctx, Error, Proofs, Reply, Request, Resource as _, Result, Spec};
use wigwag_model::doc::{Kind, Team};
use wigwag_store::{Doc, DocKey, Expect, Predicate};

use super::query::{Listing, equality, of_type, projected};
use super::{location, operations, reply};
use crate::common::{check_name, rfc3339};
use crate::read::members_by_id;
use crate::teams::Teams;

pub(super) const SCHEMA: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";

fn shown(ctx: &Ctx, team: &Team) -> Value {
    let member = |id: &String| json!({"value": id, "$ref": location(ctx, "Users", id), "type": "User"});
    let members: Vec<_> = team.member_ids.iter().map(member).collect();
    let mut group = json!({
        "schemas": [SCHEMA],
        "id": team.key,
        "displayName": team.name,
        "members": members,
        "meta": {
            "resourceType": "Group",
            "created": rfc3339(team.created_at),
            "lastModified": rfc3339(team.modified_at),
            "location": location(ctx, "Groups", &team.key),
        },
    });
    if let Some(id) = &team.external_id {
        group["externalId"] = id.as_str().into();
    }
    group
}

pub(super) const LISTING: Listing =
    Listing { kind: Kind::Team, searched, shown: |ctx, doc| Ok(shown(ctx, &doc.decode()?)) };

pub(super) async fn list(ctx: Ctx, request: Request) -> Result<Reply> {
    LISTING.list(&ctx, &request).await
}

fn searched(name: &str, value: &str) -> Option<Predicate> {
    Some(match name {
        "displayname" => Predicate::eq("name", value),
        "externalid" => Predicate::eq("externalId", value),
        "id" => Predicate::KeyIn(vec![value.to_owned()]),
        "members" | "members.value" => Predicate::eq("memberId", value),
        "meta.resourcetype" => of_type(value, "Group"),
        _ => return None,
    })
}

pub(super) async fn create(ctx: Ctx, request: Request) -> Result<Reply> {
    let body = request.value()?;
    let name = text(&body["displayName"])?;
    check_name("displayName", &name)?;
    let now = ctx.app.clock.now();
    let team = Team {
        key: key_of(&name)?,
        name,
        external_id: external_id(&body["externalId"])?,
        description: String::new(),
        member_ids: known(&ctx, values(&body["members"])).await?,
        custom_role_keys: Vec::new(),
        role_attributes: Default::default(),
        permission_grants: Vec::new(),
        created_at: now,
        modified_at: now,
    };
    let proofs = Proofs::of(ctx.authorise("createTeam", &spec(&team))?);
    let mut change = Change::new(proofs, "provisioned the team", target::<Teams>(&team, &Account));
    change.put(at(&team.key), Expect::Absent, &team, Teams::index(&team))?;
    match change.commit(&ctx).await {
        Err(Error::OptimisticLocking(_)) => Err(Error::Conflict(format!("There is a team {} already", team.key))),
        Err(error) => Err(error),
        Ok(_) => Ok(reply(&shown(&ctx, &team))?.status(StatusCode::CREATED)),
    }
}

pub(super) async fn get(ctx: Ctx, request: Request) -> Result<Reply> {
    let (_, team) = find(&ctx, request.param("id")).await?;
    reply(&projected(&request, shown(&ctx, &team)))
}

pub(super) async fn replace(ctx: Ctx, request: Request) -> Result<Reply> {
    let body = request.value()?;
    let (name, members) = (text(&body["displayName"])?, known(&ctx, values(&body["members"])).await?);
    let external_id = external_id(&body["externalId"])?;
    edit(&ctx, request.param("id"), |team| {
        team.name.clone_from(&name);
        team.member_ids.clone_from(&members);
        team.external_id.clone_from(&external_id);
        Ok(())
    })
    .await
}

pub(super) async fn patch(ctx: Ctx, request: Request) -> Result<Reply> {
    let body = request.value()?;
    let operations = operations(&body)?;
    let named = operations
        .iter()
        .filter(|(op, ..)| op != "remove")
        .flat_map(|(_, _, value)| [values(value), values(&value["members"])].concat());
    let known = known(&ctx, named.collect()).await?;
    let real = |value: &Value| -> Vec<String> { values(value).into_iter().filter(|id| known.contains(id)).collect() };
    edit(&ctx, request.param("id"), |team| {
        for (op, path, value) in &operations {
            let path = path.strip_prefix(SCHEMA).map_or(*path, |rest| rest.trim_start_matches(':'));
            let lower = path.to_ascii_lowercase();
            match (op.as_str(), lower.as_str()) {
                ("add", "members") => add(team, real(value)),
                ("replace", "members") => team.member_ids = real(value),
                ("remove", "members") if value.is_null() => team.member_ids.clear(),
                ("remove", "members") => remove(team, &values(value)),
                ("remove", path) if path.starts_with("members[") => remove(team, &[within(path)?]),
                ("add" | "replace", "displayname") => team.name = text(value)?,
                ("add" | "replace", "") => {
                    if !value["displayName"].is_null() {
                        team.name = text(&value["displayName"])?;
                    }
                    if !value["externalId"].is_null() {
                        team.external_id = external_id(&value["externalId"])?;
                    }
                    match (op.as_str(), &value["members"]) {
                        (_, Value::Null) => {}
                        ("add", members) => add(team, real(members)),
                        (_, members) => team.member_ids = real(members),
                    }
                }
                (_, "externalid") => team.external_id = external_id(value)?,
                _ => return Err(Error::field("Operations.path", format_args!("{path} cannot be changed so"))),
            }
        }
        Ok(())
    })
    .await
}

/// The id in `members[value eq "…"]`.
fn within(path: &str) -> Result<String> {
    let inner = path.strip_prefix("members[").and_then(|rest| rest.strip_suffix(']'));
    let found = inner.and_then(equality).filter(|(name, _)| name == "value");
    found.map(|(_, id)| id).ok_or_else(|| Error::field("Operations.path", "must be members[value eq \"…\"]"))
}

fn add(team: &mut Team, ids: Vec<String>) {
    for id in ids {
        if !team.member_ids.contains(&id) {
            team.member_ids.push(id);
        }
    }
}

fn remove(team: &mut Team, ids: &[String]) {
    team.member_ids.retain(|id| !ids.contains(id));
}

/// Changes a team as the caller.
async fn edit(ctx: &Ctx, key: &str, change: impl Fn(&mut Team) -> Result<()> + Send + Sync) -> Result<Reply> {
    let change = &change;
    let team = retried(false, || async move {
        let (doc, before) = find(ctx, key).await?;
        let mut team = before.clone();
        change(&mut team)?;
        check_name("displayName", &team.name)?;
        if team == before {
            return Ok(team);
        }
        team.modified_at = ctx.app.clock.now();
        let mut proofs = Vec::new();
        if team.member_ids != before.member_ids {
            proofs.push(ctx.authorise("updateTeamMembers", &spec(&team))?);
        }
        if (&team.name, &team.external_id) != (&before.name, &before.external_id) {
            proofs.push(ctx.authorise("updateTeamName", &spec(&team))?);
        }
        let Some(proofs) = Proofs::from_list(proofs) else { return Ok(team) };
        let mut made = Change::new(proofs, "updated by the directory", target::<Teams>(&team, &Account));
        made.put(doc.key, Expect::Version(doc.version), &team, Teams::index(&team))?;
        made.commit(ctx).await?;
        Ok(team)
    })
    .await?;
    reply(&shown(ctx, &team))
}

pub(super) async fn delete(ctx: Ctx, request: Request) -> Result<Reply> {
    let (doc, team) = find(&ctx, request.param("id")).await?;
    let proofs = Proofs::of(ctx.authorise("deleteTeam", &spec(&team))?);
    let mut change = Change::new(proofs, "deleted the team", target::<Teams>(&team, &Account));
    change.delete(doc.key, Expect::Version(doc.version));
    change.commit(&ctx).await?;
    Ok(Reply::empty().status(StatusCode::NO_CONTENT))
}

async fn find(ctx: &Ctx, key: &str) -> Result<(Doc, Team)> {
    let found = ctx.store().get(&at(key)).await?.ok_or_else(|| Error::NotFound(format!("Unknown group {key}")))?;
    let team = found.decode()?;
    Ok((found, team))
}

/// Those of the ids that are members, each once. Others the directory has not told us of yet, or never will.
async fn known(ctx: &Ctx, ids: Vec<String>) -> Result<Vec<String>> {
    let found = members_by_id(ctx, ids.iter().map(String::as_str)).await?;
    let ids: indexmap::IndexSet<String> = ids.into_iter().filter(|id| found.contains_key(id)).collect();
    Ok(ids.into_iter().collect())
}

/// The ids in `[{"value": "…"}]`.
fn values(list: &Value) -> Vec<String> {
    let list = list.as_array().into_iter().flatten();
    list.filter_map(|one| one["value"].as_str()).map(str::to_owned).collect()
}

fn text(value: &Value) -> Result<String> {
    value.as_str().map(|text| text.trim().to_owned()).ok_or_else(|| Error::missing("displayName"))
}

/// Null takes it away.
fn external_id(value: &Value) -> Result<Option<String>> {
    match value {
        Value::Null => Ok(None),
        Value::String(text) => Ok(Some(text.clone()).filter(|text| !text.is_empty())),
        _ => Err(Error::field("externalId", "must be text")),
    }
}

/// A key made of a name: letters and digits, with hyphens in between.
fn key_of(name: &str) -> Result<String> {
    let plain: String =
        name.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' }).collect();
    let words: Vec<&str> = plain.split('-').filter(|word| !word.is_empty()).collect();
    let key: String = words.join("-").chars().take(64).collect();
    if key.is_empty() { Err(Error::field("displayName", "must have a letter or digit of ASCII")) } else { Ok(key) }
}

fn at(key: &str) -> DocKey {
    DocKey::account(Kind::Team, key)
}

fn spec(team: &Team) -> Spec {
    Spec::top("team", &team.key)
}
