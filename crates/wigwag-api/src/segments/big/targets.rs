//! Single members, put in and taken out by key.

use std::collections::HashSet;

use schemars::JsonSchema;
use serde::Deserialize;
use wigwag_kit::resource::retried;
use wigwag_kit::{Ctx, Error, Proofs, Reply, Request, Result};
use wigwag_store::{MAX_MEMBER, MemberList, MemberOp};

/// What happens to the lists.
#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "SegmentUserState")]
pub(super) struct UserState {
    #[serde(default)]
    included: UserList,
    #[serde(default)]
    excluded: UserList,
}

/// What happens to a list.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "SegmentUserList")]
struct UserList {
    /// Keys to put in; those already in stay.
    #[serde(default)]
    add: Option<Vec<String>>,
    /// Keys to take out; those not in do not matter.
    #[serde(default)]
    remove: Option<Vec<String>>,
}

pub(super) async fn update(ctx: Ctx, request: Request) -> Result<Reply> {
    retried(false, || attempt(&ctx, &request)).await
}

async fn attempt(ctx: &Ctx, request: &Request) -> Result<Reply> {
    let found = super::of(ctx, request).await?;
    let state: UserState = request.json()?;
    let (mut ops, mut said, mut proofs) = (Vec::new(), String::new(), Vec::new());
    let lists = [
        (MemberList::Included, "included", "updateIncluded", state.included),
        (MemberList::Excluded, "excluded", "updateExcluded", state.excluded),
    ];
    for (list, name, action, UserList { add, remove }) in lists {
        let (add, remove) = (checked(name, "add", add)?, checked(name, "remove", remove)?);
        if let Some(key) = both(&add, &remove) {
            return Err(Error::field(name, format_args!("{key} is to be added and removed")));
        }
        for (keys, verb) in [(&add, "Added"), (&remove, "Removed")] {
            if !keys.is_empty() {
                proofs.push(ctx.authorise(action, &found.spec())?);
                said.push_str(&format!("* {verb} {}\n", counted(keys.len(), name)));
            }
        }
        // A key that is there and not there at once has no order to be told by: none is in both.
        ops.extend((!remove.is_empty()).then_some(MemberOp::Remove { list, keys: remove }));
        ops.extend((!add.is_empty()).then_some(MemberOp::Add { list, keys: add }));
    }
    let Some(proofs) = Proofs::from_list(proofs) else {
        return Err(Error::Invalid("included, excluded: there is nothing to add or remove".to_owned()));
    };
    let change = super::change(&found, proofs, said, ops);
    super::save(ctx, change, found).await?;
    Ok(Reply::empty())
}

fn checked(list: &str, verb: &str, keys: Option<Vec<String>>) -> Result<Vec<String>> {
    let keys = keys.unwrap_or_default();
    for (at, key) in keys.iter().enumerate() {
        if let Some(fault) = fault(key) {
            return Err(Error::field(&format!("{list}.{verb}[{at}]"), fault));
        }
    }
    Ok(keys)
}

/// Why a text cannot be the key of a member.
pub(super) fn fault(key: &str) -> Option<String> {
    match key {
        "" => Some("is empty".to_owned()),
        key if key.len() > MAX_MEMBER => Some(format!("is longer than {MAX_MEMBER} bytes")),
        key if key.chars().any(char::is_control) => Some("holds a control character".to_owned()),
        _ => None,
    }
}

fn both<'a>(add: &'a [String], remove: &[String]) -> Option<&'a str> {
    let remove: HashSet<&String> = remove.iter().collect();
    add.iter().find(|key| remove.contains(key)).map(String::as_str)
}

pub(super) fn counted(count: usize, list: &str) -> String {
    format!("{count} {list} target{}", if count == 1 { "" } else { "s" })
}
