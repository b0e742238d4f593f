//! New tokens.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;
use wigwag_auth::policy;
use wigwag_auth::{Directory, Own, Reach, secret};
use wigwag_kit::{ApiVersion, Change, Ctx, Error, Proofs, Reply, Request, Result};
use wigwag_model::clock::Millis;
use wigwag_model::doc::{Role, Token};
use wigwag_store::Expect;

use super::{index, rep, target};
use crate::common::{future, unique};
use crate::read::{token_key, token_spec};

/// Longest name, in characters.
const MAX_NAME: usize = 256;
/// Longest description, in characters.
const MAX_DESCRIPTION: usize = 4_096;
/// Most statements of an inline role.
const MAX_STATEMENTS: usize = 500;

/// What a client says about a new token.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct TokenPost {
    /// Optional name.
    name: Option<String>,
    /// Optional description.
    description: Option<String>,
    /// `reader`, `writer` or `admin`; exclusive with the next two.
    role: Option<String>,
    /// Ids or keys of custom roles.
    custom_role_ids: Option<Vec<String>>,
    /// Policy statements.
    inline_role: Option<Vec<Value>>,
    /// Acts for itself, not for its maker.
    service_token: Option<bool>,
    /// The API version it speaks unless a request says otherwise; the newest when absent.
    default_api_version: Option<u32>,
    /// When it ends.
    expiry: Option<Millis>,
}

pub(super) async fn create(ctx: Ctx, request: Request) -> Result<Reply> {
    let post: TokenPost = request.json()?;
    let now = ctx.app.clock.now();
    let value = ctx.app.ids.access_token();
    let service_token = post.service_token.unwrap_or_default();
    let directory = Directory::load(ctx.store()).await?;
    let grant = Grant::new(post.role.as_deref(), post.custom_role_ids, post.inline_role, &directory)?;
    let version = post.default_api_version.unwrap_or(ApiVersion::NEWEST.number());
    if ApiVersion::from_number(version).is_none() {
        return Err(Error::field("defaultApiVersion", format_args!("{version} is not a version of the API")));
    }
    let mut token = Token {
        id: ctx.app.ids.object_id(),
        name: post.name.unwrap_or_default(),
        description: post.description.unwrap_or_default(),
        hash: secret::hash(&value),
        ending: secret::ending(&value),
        previous: None,
        member_id: maker(&ctx, service_token)?,
        service_token,
        role: None,
        custom_role_ids: Vec::new(),
        inline_role: None,
        limits: Vec::new(),
        default_api_version: version,
        expiry: post.expiry.map(|at| future("expiry", at, now)).transpose()?,
        client_id: None,
        created_at: now,
        modified_at: now,
    };
    check_texts(&token)?;
    let proof = ctx.authorise("createAccessToken", &token_spec(&token))?;
    grant.give(&mut token, &Reach::of(&ctx.caller, &directory))?;
    let mut change = Change::new(Proofs::of(proof), "created the access token", target(&token));
    change.put(token_key(&token.id), Expect::Absent, &token, index(&token))?;
    // What can fail comes first: the value is shown once.
    let shown = rep::shown(&ctx, &token, Some(value)).await?;
    change.commit(&ctx).await?;
    Reply::json(&shown)
}

/// The member on whose account the token goes.
fn maker(ctx: &Ctx, service_token: bool) -> Result<String> {
    let acting = ctx.caller.acting_member().map(|m| m.id.clone());
    let through = ctx.caller.token.as_ref().map(|t| t.member_id.clone()).filter(|_| service_token);
    acting.or(through).ok_or_else(|| Error::Forbidden("A service token cannot create personal tokens".to_owned()))
}

pub(super) fn check_texts(token: &Token) -> Result<()> {
    for (field, text, max) in [("name", &token.name, MAX_NAME), ("description", &token.description, MAX_DESCRIPTION)] {
        if text.chars().count() > max {
            return Err(Error::field(field, format_args!("must be at most {max} characters long")));
        }
    }
    Ok(())
}

/// What a client wants a token to be able to do: at most one of a role, custom roles and statements.
pub(super) enum Grant {
    /// What its maker can.
    Inherited,
    Role(Role),
    /// Ids.
    Custom(Vec<String>),
    Inline(Vec<Value>),
}

impl Grant {
    pub(super) fn new(
        role: Option<&str>,
        custom_roles: Option<Vec<String>>,
        inline: Option<Vec<Value>>,
        directory: &Directory,
    ) -> Result<Self> {
        let custom_roles = custom_roles.unwrap_or_default();
        let nothing_else = role.is_none() && custom_roles.is_empty();
        let inline = inline.filter(|list| !list.is_empty() || nothing_else);
        if [role.is_some(), !custom_roles.is_empty(), inline.is_some()].iter().filter(|given| **given).count() > 1 {
            return Err(Error::Invalid("role, customRoleIds and inlineRole exclude each other".to_owned()));
        }
        if !custom_roles.is_empty() {
            return Self::custom(custom_roles, directory);
        }
        match (role, inline) {
            (Some("reader"), _) => Ok(Self::Role(Role::Reader)),
            (Some("writer"), _) => Ok(Self::Role(Role::Writer)),
            (Some("admin"), _) => Ok(Self::Role(Role::Admin)),
            (Some(_), _) => Err(Error::field("role", "must be reader, writer or admin")),
            (None, Some(statements)) => Self::inline(statements),
            (None, None) => Ok(Self::Inherited),
        }
    }

    fn custom(references: Vec<String>, directory: &Directory) -> Result<Self> {
        let id = |(at, reference): (usize, String)| match directory.role(&reference) {
            Some(role) => Ok(role.id.clone()),
            None => Err(Error::field(&format!("customRoleIds[{at}]"), format_args!("Unknown role {reference}"))),
        };
        let ids = references.into_iter().enumerate().map(id).collect::<Result<Vec<_>>>()?;
        Ok(Self::Custom(unique(ids)))
    }

    fn inline(statements: Vec<Value>) -> Result<Self> {
        if statements.is_empty() || statements.len() > MAX_STATEMENTS {
            return Err(Error::field("inlineRole", format_args!("must hold 1 to {MAX_STATEMENTS} statements")));
        }
        policy::check(&statements).map_err(|problem| Error::Invalid(format!("inlineRole{problem}")))?;
        Ok(Self::Inline(statements))
    }

    /// Gives it to a token, never more than what its maker reaches.
    pub(super) fn give(self, token: &mut Token, maker: &Reach) -> Result<()> {
        (token.role, token.inline_role, token.custom_role_ids) = (None, None, Vec::new());
        match self {
            Self::Role(role) if !maker.covers_role(role) => {
                return Err(Error::Forbidden(
                    "role: a token cannot have more permissions than the one who creates or changes it".to_owned(),
                ));
            }
            Self::Role(role) => token.role = Some(role),
            Self::Custom(ids) => token.custom_role_ids = ids,
            Self::Inline(statements) => token.inline_role = Some(statements),
            // A service token keeps what its maker has now; a personal one follows its member, unless
            // its maker is held to less.
            Self::Inherited if token.service_token || maker.restricted() => match maker.own() {
                Own::Base(role) => token.role = Some(role),
                Own::Custom(ids) => token.custom_role_ids = ids,
            },
            Self::Inherited => {}
        }
        token.limits = maker.limits(token.role, token.service_token);
        Ok(())
    }
}
