//! Invitations: everybody in the request, or nobody (behaviour.md 2.2).

use std::collections::{BTreeMap, HashSet};

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::Deserialize;
use wigwag_auth::password;
use wigwag_kit::links::path;
use wigwag_kit::resource::retried;
use wigwag_kit::{Change, Collection, Ctx, Error, Expand, Page, Proofs, Reply, Request, Result, Target};
use wigwag_model::doc::{Kind, Member, Role, SignIn};
use wigwag_store::Expect;

use super::rep::Surroundings;
use super::{index, spec, target};
use crate::common::{
    Bullets, Giving, check_name, check_password, check_role_attributes, code, invited, is_email, unique,
};
use crate::read::{GivenRoles, Loaded, given_role, member_key, team_index, team_key, team_of};

/// Most members of one request.
const MOST: usize = 50;

/// A new member.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "NewMemberForm")]
pub struct MemberPost {
    /// Sign-in name.
    email: String,
    /// A first password; without one, the invitation lets them choose.
    #[serde(default)]
    password: Option<String>,
    /// Given name.
    #[serde(default)]
    first_name: Option<String>,
    /// Family name.
    #[serde(default)]
    last_name: Option<String>,
    /// `reader`, `writer`, `admin` or `no_access`; may be absent where there are custom roles.
    #[serde(default)]
    role: Option<String>,
    /// Keys or ids of custom roles.
    #[serde(default)]
    custom_roles: Option<Vec<String>>,
    /// Keys of teams to join.
    #[serde(default)]
    team_keys: Option<Vec<String>>,
    /// Values that the policies of their roles may refer to.
    #[serde(default)]
    #[schemars(with = "Option<BTreeMap<String, Vec<String>>>")]
    role_attributes: Option<IndexMap<String, Vec<String>>>,
}

pub(super) async fn invite(ctx: Ctx, request: Request) -> Result<Reply> {
    let posts: Vec<MemberPost> = request.json()?;
    if posts.is_empty() || posts.len() > MOST {
        return Err(Error::Invalid(format!("The body must be an array of 1 to {MOST} members")));
    }
    // Nobody learns who is a member who may not invite.
    let anyone = wigwag_kit::Spec::top("member", "*");
    ctx.authorise("createMember", &anyone)?;
    check_addresses(&ctx, &posts).await?;
    let mut members = Vec::with_capacity(posts.len());
    for (at, post) in posts.iter().enumerate() {
        members.push(member(&ctx, at, post).await?);
    }
    let giving = Giving::of(&ctx).await?;
    for (at, member) in members.iter().enumerate() {
        giving.member(&format!("[{at}]."), None, member)?;
    }
    let versions = retried(false, || save(&ctx, &giving, &posts, &members)).await?;
    invited(&ctx, &members).await;
    let around = Surroundings::load(&ctx, &Expand::of(&request)).await?;
    let mut items = Vec::with_capacity(members.len());
    for (value, version) in members.into_iter().zip(versions) {
        items.push(around.shown(&Loaded { version, key: member_key(&value.id), spec: spec(&value), value }));
    }
    let total = items.len() as u64;
    Reply::json(&Collection::new(items, total, &Page { limit: None, offset: 0 }, &request))
}

/// Addresses must be some, each once, and nobody's yet.
async fn check_addresses(ctx: &Ctx, posts: &[MemberPost]) -> Result<()> {
    let refuse = |code, message: &str, emails: Vec<String>| match emails.is_empty() {
        true => Ok(()),
        false => Err(Error::Emails { code, message: format!("{message}: {}", emails.join(", ")), emails }),
    };
    let mut seen = HashSet::new();
    let (mut bad, mut twice, mut taken) = (Vec::new(), Vec::new(), Vec::new());
    for post in posts {
        let email = post.email.to_lowercase();
        if !is_email(&email) {
            bad.push(post.email.clone());
        } else if ctx.store().find_unique(Kind::Member, "email", &email).await?.is_some() {
            taken.push(post.email.clone());
        }
        if !seen.insert(email) {
            twice.push(post.email.clone());
        }
    }
    refuse("invalid_request", "email: not an address", bad)?;
    refuse("duplicate_email", "email: more than once in this request", twice)?;
    refuse("email_already_exists_in_account", "email: already a member of this account", taken)
}

async fn member(ctx: &Ctx, at: usize, post: &MemberPost) -> Result<Member> {
    let field = |name: &str| format!("[{at}].{name}");
    let roles = post.custom_roles.as_deref().unwrap_or_default();
    let role = match post.role.as_deref().filter(|role| !role.is_empty()) {
        Some(role) => given_role(&field("role"), role)?,
        // It counts again when the custom roles are taken away.
        None if !roles.is_empty() => Role::Reader,
        None => return Err(Error::missing(&field("role"))),
    };
    let known = GivenRoles::named(ctx, roles).await?;
    let attributes = post.role_attributes.clone().unwrap_or_default();
    check_role_attributes(&field("roleAttributes"), &attributes)?;
    for (name, text) in [("firstName", &post.first_name), ("lastName", &post.last_name)] {
        if let Some(text) = text.as_deref().filter(|text| !text.is_empty()) {
            check_name(&field(name), text)?;
        }
    }
    Ok(Member {
        id: ctx.app.ids.object_id(),
        email: post.email.clone(),
        first_name: post.first_name.clone().unwrap_or_default(),
        last_name: post.last_name.clone().unwrap_or_default(),
        role,
        password_hash: hashed(ctx, &field("password"), post).await?,
        custom_roles: known.ids(&field("customRoles"), roles)?,
        role_attributes: attributes,
        pending_invite: true,
        sign_in: SignIn::default(),
        created_at: ctx.app.clock.now(),
    })
}

async fn hashed(ctx: &Ctx, field: &str, post: &MemberPost) -> Result<Option<String>> {
    let Some(plain) = post.password.as_deref().filter(|plain| !plain.is_empty()) else { return Ok(None) };
    check_password(field, plain, &post.email).await?;
    let (plain, salt) = (plain.to_owned(), ctx.app.ids.salt());
    let hash = tokio::task::spawn_blocking(move || password::hash(&plain, salt.as_bytes())).await;
    let hash = hash.map_err(|e| Error::Internal(e.to_string()))?;
    hash.map(Some).map_err(|e| Error::Internal(format!("a password cannot be hashed: {e}")))
}

/// One commit for all of them and the teams they join. Answers their versions.
async fn save(ctx: &Ctx, giving: &Giving, posts: &[MemberPost], members: &[Member]) -> Result<Vec<u64>> {
    let Some(first) = members.first() else { return Ok(Vec::new()) };
    let mut proofs = Proofs::of(ctx.authorise("createMember", &spec(first))?);
    for member in members {
        proofs.add(ctx.authorise("createMember", &spec(member))?);
    }
    let mut joined: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (post, member) in posts.iter().zip(members) {
        for key in unique(post.team_keys.clone().unwrap_or_default()) {
            joined.entry(key).or_default().push(member.id.clone());
        }
    }
    let mut teams = Vec::new();
    for (key, ids) in joined {
        let unknown = || Error::field("teamKeys", format_args!("Unknown team {key}"));
        let found = if wigwag_model::key::is_key(&key, wigwag_model::key::MAX_KEY) {
            ctx.store().get(&team_key(&key)).await?
        } else {
            None
        };
        let mut team = team_of(&found.ok_or_else(unknown)?)?;
        proofs.add(ctx.authorise("updateTeamMembers", &team.spec)?);
        giving.joining(&team.value)?;
        team.value.member_ids.extend(ids);
        team.value.modified_at = ctx.app.clock.now();
        teams.push(team);
    }
    let mut change = Change::new(proofs, verb(members), all(members, first)).description(described(members));
    for member in members {
        change.put(member_key(&member.id), Expect::Absent, member, index(member))?;
    }
    for team in teams {
        change.put(team.key, Expect::Version(team.version), &team.value, team_index(&team.value))?;
    }
    let versions = change.commit(ctx).await?.versions;
    Ok(versions.into_iter().take(members.len()).collect())
}

const fn verb(members: &[Member]) -> &'static str {
    if members.len() == 1 { "invited the member" } else { "invited the members" }
}

/// What the audit entry is about: the member, or all of them.
fn all(members: &[Member], first: &Member) -> Target {
    if members.len() == 1 {
        return target(first);
    }
    let names: Vec<_> = members.iter().map(|member| member.email.as_str()).collect();
    Target {
        name: names.join(", "),
        resources: members.iter().map(|member| spec(member).to_string()).collect(),
        href: path(&["members"]),
        site: "/settings/members".to_owned(),
        document: None,
        ..target(first)
    }
}

fn described(members: &[Member]) -> String {
    let mut bullets = Bullets::default();
    for member in members {
        bullets.line(format!("Invited {}", code(&member.email)));
    }
    bullets.markdown()
}
