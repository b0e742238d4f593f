//! A token as the API shows it. Its value is shown once.

use std::collections::HashMap;

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;
use wigwag_auth::{Activity, token_subject};
use wigwag_kit::links::{Links, path};
use wigwag_kit::{Ctx, Result};
use wigwag_model::clock::Millis;
use wigwag_model::doc::{Member, Role, Token};

use crate::read::{MemberSummary, members_by_id, owner_id, summary_of};

/// An access token.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct TokenRep {
    /// Itself and the list.
    #[serde(rename = "_links")]
    links: Links,
    /// 24 hex digits.
    #[serde(rename = "_id")]
    id: String,
    /// The owner of the account.
    owner_id: String,
    /// The member who made it.
    member_id: String,
    /// That member, while they exist.
    #[serde(rename = "_member", skip_serializing_if = "Option::is_none")]
    member: Option<MemberSummary>,
    /// Optional name.
    #[serde(skip_serializing_if = "String::is_empty")]
    name: String,
    /// Optional description.
    #[serde(skip_serializing_if = "String::is_empty")]
    description: String,
    /// When it was made.
    creation_date: Millis,
    /// When it was last changed.
    last_modified: Millis,
    /// Custom roles.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    custom_role_ids: Vec<String>,
    /// Policy statements, as sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    inline_role: Option<Vec<Value>>,
    /// Base role.
    #[serde(skip_serializing_if = "Option::is_none")]
    role: Option<Role>,
    /// The value when it was just made, otherwise its last four characters.
    token: String,
    /// Acts for itself, not for its maker.
    service_token: bool,
    /// The API version it speaks unless a request says otherwise.
    default_api_version: u32,
    /// When it was last used, to the minute; 0 when never.
    last_used: Millis,
    /// When it ends.
    #[serde(skip_serializing_if = "Option::is_none")]
    expiry: Option<Millis>,
}

/// Shows one token, with its value if it was just made.
pub(super) async fn shown(ctx: &Ctx, token: &Token, value: Option<String>) -> Result<TokenRep> {
    let people = People::of(ctx, &[token]).await?;
    Ok(people.shown(token, value))
}

/// What tokens refer to.
pub(super) struct People {
    owner: String,
    members: HashMap<String, Member>,
    /// When they were last used, by what that is noted under.
    used: HashMap<String, Millis>,
}

impl People {
    /// What these refer to.
    pub(super) async fn of(ctx: &Ctx, tokens: &[&Token]) -> Result<Self> {
        let members = members_by_id(ctx, tokens.iter().map(|token| &*token.member_id)).await?;
        let subjects: Vec<_> = tokens.iter().map(|token| token_subject(&token.id)).collect();
        let used = match ctx.app.extension::<Activity>() {
            Some(activity) => activity.last(&subjects).await?,
            None => ctx.store().volume().last_uses(&subjects).await?,
        };
        Ok(Self { owner: owner_id(ctx).await?, members, used })
    }

    pub(super) fn shown(&self, token: &Token, value: Option<String>) -> TokenRep {
        let token = token.clone();
        TokenRep {
            last_used: self.used.get(&token_subject(&token.id)).copied().unwrap_or_default(),
            links: Links::new().own(path(&["tokens", &token.id])).parent(path(&["tokens"])),
            owner_id: self.owner.clone(),
            member: self.members.get(&token.member_id).map(summary_of),
            id: token.id,
            member_id: token.member_id,
            name: token.name,
            description: token.description,
            creation_date: token.created_at,
            last_modified: token.modified_at,
            custom_role_ids: token.custom_role_ids,
            inline_role: token.inline_role,
            role: token.role,
            token: value.unwrap_or(token.ending),
            service_token: token.service_token,
            default_api_version: token.default_api_version,
            expiry: token.expiry,
        }
    }
}
