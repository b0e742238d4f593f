//! Which members are meant: the conditions that lists and bulk changes have in common (behaviour.md 5).

use std::collections::HashSet;

use serde_json::{Map, Value};
use wigwag_kit::patch::Instruction;
use wigwag_kit::{Ctx, Error, Result};
use wigwag_model::clock::Millis;
use wigwag_model::doc::{Kind, Member, Role, Team};
use wigwag_store::Predicate;

use super::{GivenRoles, Loaded, all_teams, member_of};

/// When members were last active.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LastSeen {
    /// Never: they have not accepted their invitation.
    Never,
    /// It is not known when.
    NoData,
    /// Not since this time.
    Before(Millis),
}

impl LastSeen {
    /// Reads `{"never": true}`, `{"noData": true}` or `{"before": 1608672063611}`.
    ///
    /// # Errors
    /// What the object must be.
    pub fn read(object: &Map<String, Value>) -> std::result::Result<Self, &'static str> {
        let mut members = object.iter();
        let found = match (members.next(), members.next()) {
            (Some((name, value)), None) => (name.as_str(), value),
            _ => return Err(Self::FORM),
        };
        match found {
            ("never", Value::Bool(true)) => Ok(Self::Never),
            ("noData", Value::Bool(true)) => Ok(Self::NoData),
            ("before", at) => at.as_i64().map(Self::Before).ok_or(Self::FORM),
            _ => Err(Self::FORM),
        }
    }

    const FORM: &str = "must be {\"never\":true}, {\"noData\":true} or {\"before\":<milliseconds>}";

    /// Whether it is so of a member.
    #[must_use]
    pub fn holds(self, member: &Member) -> bool {
        match self {
            Self::Never => member.pending_invite && member.last_seen.is_none(),
            Self::NoData => !member.pending_invite && member.last_seen.is_none(),
            Self::Before(at) => member.last_seen.is_none_or(|seen| seen < at),
        }
    }

    /// The same as a condition on facts.
    #[must_use]
    pub fn predicate(self) -> Predicate {
        let since = |min| Predicate::NumberRange { field: "lastSeen".to_owned(), min: Some(min), max: None };
        let not = |p| Predicate::Not(Box::new(p));
        let pending = Predicate::eq("pendingInvite", "true");
        match self {
            Self::Never => Predicate::And(vec![pending, not(since(1))]),
            Self::NoData => Predicate::And(vec![not(pending), not(since(1))]),
            Self::Before(at) => not(since(at)),
        }
    }
}

/// The members of some teams.
pub fn within(teams: &[Loaded<Team>], wanted: impl Fn(&Team) -> bool) -> HashSet<String> {
    let meant = teams.iter().filter(|team| wanted(&team.value));
    meant.flat_map(|team| team.value.member_ids.iter().cloned()).collect()
}

/// All members but those who match any of the filters of a bulk instruction (semantic-patch.md 10).
///
/// # Errors
/// 400 naming a filter that cannot be read.
pub async fn members_but(ctx: &Ctx, instruction: &Instruction<'_>) -> Result<Vec<Member>> {
    let left_out = LeftOut::read(ctx, instruction).await?;
    let mut members = Vec::new();
    for doc in ctx.store().scan(Kind::Member, Some(""), Some("")).await? {
        let member = member_of(&doc)?.value;
        if !left_out.matches(&member) {
            members.push(member);
        }
    }
    Ok(members)
}

/// Who is left out.
struct LeftOut {
    last_seen: Option<LastSeen>,
    query: Option<String>,
    roles: Vec<String>,
    ids: HashSet<String>,
}

impl LeftOut {
    async fn read(ctx: &Ctx, instruction: &Instruction<'_>) -> Result<Self> {
        let last_seen = instruction.optional::<Map<String, Value>>("filterLastSeen")?;
        let last_seen = last_seen.map(|o| LastSeen::read(&o).map_err(|p| instruction.problem("filterLastSeen", p)));
        let roles = instruction.optional::<String>("filterRoles")?.unwrap_or_default();
        let named: Vec<String> =
            roles.split('|').map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned).collect();
        let custom = GivenRoles::named(ctx, &named).await?;
        let teams = all_teams(ctx).await?;
        let mut ids: HashSet<String> = instruction.optional("ignoredMemberIDs")?.unwrap_or_default();
        if let Some(key) = instruction.optional::<String>("filterTeamKey")? {
            ids.extend(within(&teams, |team| team.key.eq_ignore_ascii_case(&key)));
        }
        ids.extend(within(&teams, |team| team.custom_role_keys.iter().any(|key| named.contains(key))));
        Ok(Self {
            last_seen: last_seen.transpose()?,
            query: instruction.optional::<String>("filterQuery")?.map(|q| q.to_lowercase()),
            roles: named.iter().map(|n| custom.get(n).map_or_else(|| n.clone(), |r| r.id.clone())).collect(),
            ids,
        })
    }

    fn matches(&self, member: &Member) -> bool {
        let text = || format!("{}\n{} {}", member.email, member.first_name, member.last_name).to_lowercase();
        self.ids.contains(&member.id)
            || self.last_seen.is_some_and(|seen| seen.holds(member))
            || self.query.as_ref().is_some_and(|query| text().contains(query))
            || self.roles.iter().any(|role| role_names(member.role).contains(&role.as_str()))
            || self.roles.iter().any(|role| member.custom_roles.contains(role))
    }
}

/// What filters call a base role: the owner counts as an admin.
#[must_use]
pub const fn role_names(role: Role) -> &'static [&'static str] {
    match role {
        Role::NoAccess => &["no_access"],
        Role::Reader => &["reader"],
        Role::Writer => &["writer"],
        Role::Admin => &["admin"],
        Role::Owner => &["owner", "admin"],
    }
}

/// The base role that a request gives to somebody.
///
/// # Errors
/// 400 naming `field`: no base role, or the owner's.
pub fn given_role(field: &str, name: &str) -> Result<Role> {
    match name {
        "no_access" => Ok(Role::NoAccess),
        "reader" => Ok(Role::Reader),
        "writer" => Ok(Role::Writer),
        // So the contract spells the role of those whom only the owner surpasses.
        "admin" | "owner/admin" => Ok(Role::Admin),
        _ => Err(Error::field(field, format_args!("must be reader, writer, admin or no_access, not {name}"))),
    }
}
