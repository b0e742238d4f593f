//! Which members are meant: the conditions that lists and bulk changes have in common (behaviour.md 5).

use std::collections::{HashMap, HashSet};

use serde_json::{Map, Value};
use wigwag_auth::{Activity, member_subject};
use wigwag_kit::patch::Instruction;
use wigwag_kit::{Ctx, Error, Result};
use wigwag_model::clock::Millis;
use wigwag_model::doc::{Kind, Member, Role, Team};
use wigwag_store::Predicate;

use super::{GivenRoles, Loaded, all_teams};

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

    /// Whether it is so of a member who was last active at `seen`.
    const fn holds(self, member: &Member, seen: Option<Millis>) -> bool {
        match (self, seen) {
            (Self::Never, seen) => member.pending_invite && seen.is_none(),
            (Self::NoData, seen) => !member.pending_invite && seen.is_none(),
            (Self::Before(at), Some(seen)) => seen < at,
            (Self::Before(_), None) => true,
        }
    }
}

/// Members by when they were last active.
pub struct Seen {
    members: Vec<Member>,
    at: HashMap<String, Millis>,
}

impl Seen {
    /// Of all members.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn load(ctx: &Ctx) -> Result<Self> {
        let docs = ctx.store().scan(Kind::Member, Some(""), Some("")).await?;
        let members = docs.iter().map(|doc| Ok(doc.decode()?)).collect::<Result<Vec<Member>>>()?;
        let at = match ctx.app.extension::<Activity>() {
            Some(activity) => {
                let subjects: Vec<_> = members.iter().map(|member| member_subject(&member.id)).collect();
                activity.last(&subjects).await?
            }
            None => HashMap::new(),
        };
        Ok(Self { members, at })
    }

    /// When a member was last active; none for those who never were.
    #[must_use]
    pub fn at(&self, member: &str) -> Option<Millis> {
        self.at.get(&member_subject(member)).copied()
    }

    fn holds(&self, wanted: LastSeen, member: &Member) -> bool {
        wanted.holds(member, self.at(&member.id))
    }

    /// Those of whom it holds.
    #[must_use]
    pub fn which(&self, wanted: LastSeen) -> Predicate {
        let found = self.members.iter().filter(|member| self.holds(wanted, member));
        Predicate::KeyIn(found.map(|member| member.id.clone()).collect())
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
    let (left_out, seen) = (LeftOut::read(ctx, instruction).await?, Seen::load(ctx).await?);
    let is_out: Vec<bool> = seen.members.iter().map(|member| left_out.matches(member, &seen)).collect();
    Ok(seen.members.into_iter().zip(is_out).filter(|(_, out)| !out).map(|(member, _)| member).collect())
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

    fn matches(&self, member: &Member, seen: &Seen) -> bool {
        let text = || format!("{}\n{} {}", member.email, member.first_name, member.last_name).to_lowercase();
        self.ids.contains(&member.id)
            || self.last_seen.is_some_and(|wanted| seen.holds(wanted, member))
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
