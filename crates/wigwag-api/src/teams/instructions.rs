//! The instructions of teams: pure functions on a team.

use indexmap::IndexMap;
use wigwag_kit::Result;
use wigwag_kit::patch::Instruction;
use wigwag_model::doc::{PermissionGrant, Team};

use super::{Facts, GrantPost, unique};

/// Every instruction and its action.
pub(super) const ACTIONS: &[(&str, &str)] = &[
    ("addCustomRoles", "updateTeamCustomRoles"),
    ("removeCustomRoles", "updateTeamCustomRoles"),
    ("addMembers", "updateTeamMembers"),
    ("removeMembers", "updateTeamMembers"),
    ("replaceMembers", "updateTeamMembers"),
    ("addPermissionGrants", "updateTeamPermissionGrants"),
    ("removePermissionGrants", "updateTeamPermissionGrants"),
    ("addRoleAttribute", "updateTeamRoleAttributes"),
    ("updateRoleAttribute", "updateTeamRoleAttributes"),
    ("removeRoleAttribute", "updateTeamRoleAttributes"),
    ("replaceRoleAttributes", "updateTeamRoleAttributes"),
    ("updateName", "updateTeamName"),
    ("updateDescription", "updateTeamDescription"),
];

/// Ids of members that an instruction names, as far as it can be read.
pub(super) fn members<'a>(instruction: &Instruction<'a>) -> Vec<&'a str> {
    let name = match instruction.kind() {
        "addMembers" | "replaceMembers" => "values",
        "addPermissionGrants" => "memberIDs",
        _ => return Vec::new(),
    };
    let list = instruction.value(name).and_then(serde_json::Value::as_array);
    list.into_iter().flatten().filter_map(serde_json::Value::as_str).collect()
}

/// Keys or ids of roles that an instruction names, as far as it can be read.
pub(super) fn roles<'a>(instruction: &Instruction<'a>) -> Vec<&'a str> {
    if !matches!(instruction.kind(), "addCustomRoles" | "removeCustomRoles") {
        return Vec::new();
    }
    let list = instruction.value("values").and_then(serde_json::Value::as_array);
    list.into_iter().flatten().filter_map(serde_json::Value::as_str).collect()
}

/// Applies an instruction to a team.
pub(super) fn apply(team: &mut Team, facts: &Facts, instruction: &Instruction<'_>) -> Result<()> {
    let values = || instruction.required::<Vec<String>>("values");
    match instruction.kind() {
        "updateName" => team.name = instruction.required("value")?,
        "updateDescription" => team.description = instruction.required("value")?,
        "addCustomRoles" => {
            let values = values()?;
            if let Some(unknown) = values.iter().find(|name| facts.roles.get(name).is_none()) {
                return Err(instruction.problem("values", format_args!("Unknown role {unknown}")));
            }
            add(&mut team.custom_role_keys, facts.roles.keys("values", &values)?);
        }
        "removeCustomRoles" => {
            // A role that is gone may still be on the list, under the name it was given.
            let key = |name: String| facts.roles.get(&name).map_or(name, |role| role.key.clone());
            let values: Vec<String> = values()?.into_iter().map(key).collect();
            remove(&mut team.custom_role_keys, &values);
        }
        "addMembers" => {
            let values = values()?;
            facts.check("values", &values)?;
            add(&mut team.member_ids, values);
        }
        "removeMembers" => remove(&mut team.member_ids, &values()?),
        "replaceMembers" => {
            let values = values()?;
            facts.check("values", &values)?;
            team.member_ids = unique(values);
        }
        "addPermissionGrants" => grant(team, facts, read_grant(instruction)?)?,
        "removePermissionGrants" => revoke(team, instruction)?,
        _ => attributes(&mut team.role_attributes, instruction)?,
    }
    Ok(())
}

fn add(list: &mut Vec<String>, values: Vec<String>) {
    list.extend(values);
    *list = unique(std::mem::take(list));
}

fn remove(list: &mut Vec<String>, values: &[String]) {
    list.retain(|v| !values.contains(v));
}

fn read_grant(instruction: &Instruction<'_>) -> Result<PermissionGrant> {
    let post = GrantPost {
        action_set: instruction.optional("actionSet")?,
        actions: instruction.optional("actions")?,
        member_ids: Some(instruction.required("memberIDs")?),
    };
    post.read("permissionGrants")
}

fn grant(team: &mut Team, facts: &Facts, new: PermissionGrant) -> Result<()> {
    facts.check("memberIDs", &new.member_ids)?;
    match team.permission_grants.iter_mut().find(|g| same(g, &new)) {
        Some(old) => add(&mut old.member_ids, new.member_ids),
        None => team.permission_grants.push(new),
    }
    Ok(())
}

fn revoke(team: &mut Team, instruction: &Instruction<'_>) -> Result<()> {
    let gone = read_grant(instruction)?;
    let Some(old) = team.permission_grants.iter_mut().find(|g| same(g, &gone)) else {
        return Err(instruction.problem("actionSet", "the team has no grant with exactly these actions"));
    };
    remove(&mut old.member_ids, &gone.member_ids);
    team.permission_grants.retain(|g| !g.member_ids.is_empty());
    Ok(())
}

fn same(a: &PermissionGrant, b: &PermissionGrant) -> bool {
    a.action_set == b.action_set && a.actions == b.actions
}

fn attributes(all: &mut IndexMap<String, Vec<String>>, instruction: &Instruction<'_>) -> Result<()> {
    if instruction.kind() == "replaceRoleAttributes" {
        *all = instruction.required("value")?;
        return Ok(());
    }
    let key: String = instruction.required("key")?;
    match (instruction.kind(), all.contains_key(&key)) {
        ("addRoleAttribute", true) => return Err(instruction.problem("key", format_args!("{key} is already there"))),
        ("addRoleAttribute", false) | ("updateRoleAttribute", true) => {
            all.insert(key, instruction.required("values")?);
        }
        ("removeRoleAttribute", true) => {
            all.shift_remove(&key);
        }
        ("updateRoleAttribute" | "removeRoleAttribute", false) => {
            return Err(instruction.problem("key", format_args!("there is no role attribute {key}")));
        }
        _ => return Err(instruction.unsupported()),
    }
    Ok(())
}
