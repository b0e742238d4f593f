//! Whether a policy allows no more than others do: what one may hand out is what one may do.
//!
//! Policies are compared as they are written, not by trying resources. Where that cannot tell, the answer is that the
//! policy goes beyond: a wildcard is within a wildcard that is as wide, a key within a wildcard that it fits.

use serde_json::Value;

use super::attributes::references;
use super::glob::Glob;
use super::specifier::{Selector, Specifier, Step};
use super::statement::{Resources, Statement};
use super::{Attributes, Policy, resource_types};

impl Policy {
    /// The first action that this policy allows somewhere where none of `held` is sure to.
    pub(crate) fn beyond(&self, held: &[&Self]) -> Option<&'static str> {
        resource_types().iter().find_map(|of_type| {
            let all = Specifier::parse(of_type.specifier, &Attributes::default()).ok()?;
            of_type.actions.iter().copied().find(|action| self.goes_beyond(held, action, &all))
        })
    }

    /// For an action on the resources of one type, all of which `all` names.
    fn goes_beyond(&self, held: &[&Self], action: &str, all: &Specifier) -> bool {
        let seen = (self.views_all && action.starts_with("view")).then_some(all);
        let allowing = self.statements.iter().filter(|statement| statement.allow && statement.actions.include(action));
        let mut places = allowing.flat_map(|statement| statement.resources.within_type(all)).chain(seen);
        let may = |action: &str, place: &Specifier| held.iter().any(|policy| policy.is_sure(action, place, self));
        let within = |place: &Specifier| {
            let moot = self.denying(action).any(|denied| denied.resources.holds(place));
            moot || (may(action, place) && place.project().is_none_or(|project| may("viewProject", &project)))
        };
        places.any(|place| !within(place))
    }

    /// Whether it allows an action wherever `place` is; what `given` denies as well does not matter.
    fn is_sure(&self, action: &str, place: &Specifier, given: &Self) -> bool {
        let matters = |denied: &Statement| {
            denied.resources.may_meet(place)
                && !given.denying(action).any(|own| own.resources.holds_all(&denied.resources))
        };
        let allows = |statement: &Statement| {
            statement.allow && statement.actions.include(action) && statement.resources.holds(place)
        };
        let seen = self.views_all && action.starts_with("view");
        !self.denying(action).any(matters) && (seen || self.statements.iter().any(allows))
    }

    fn denying<'a>(&'a self, action: &'a str) -> impl Iterator<Item = &'a Statement> {
        self.statements.iter().filter(move |statement| !statement.allow && statement.actions.include(action))
    }
}

/// Statements as they are at most, whatever role attributes their holder comes to have.
pub(crate) fn widest(statements: &[Value]) -> Vec<Value> {
    let refers = |statement: &&Value| !references(&statement.to_string()).is_empty();
    let counts = |statement: &&Value| statement["effect"] == "allow" || !refers(statement);
    statements.iter().filter(counts).map(any_value).collect()
}

/// Every reference to a role attribute stands for anything.
fn any_value(value: &Value) -> Value {
    match value {
        Value::String(text) => {
            let mut wide = text.clone();
            for key in references(text) {
                wide = wide.replace(&format!("${{roleAttribute/{key}}}"), "*");
            }
            Value::String(wide)
        }
        Value::Array(items) => items.iter().map(any_value).collect(),
        Value::Object(members) => members.iter().map(|(name, value)| (name.clone(), any_value(value))).collect(),
        other => other.clone(),
    }
}

impl Resources {
    /// What of a type is meant, or a little more.
    fn within_type<'a>(&'a self, all: &'a Specifier) -> Vec<&'a Specifier> {
        match self {
            Self::Listed(list) => list.iter().filter(|one| one.is_like(all)).collect(),
            Self::Except { types, .. } if types.iter().any(|one| one.is_like(all)) => vec![all],
            Self::Projects if all.project().is_none() => Vec::new(),
            Self::Except { .. } => Vec::new(),
            Self::All | Self::Projects => vec![all],
        }
    }

    /// Whether all that `place` may be is meant.
    fn holds(&self, place: &Specifier) -> bool {
        match self {
            Self::Listed(list) => list.iter().any(|one| one.holds(place)),
            Self::Except { types, but } => {
                types.iter().any(|one| one.is_like(place)) && but.iter().all(|one| one.is_apart_from(place))
            }
            Self::All => true,
            Self::Projects => place.project().is_some(),
        }
    }

    fn holds_all(&self, others: &Self) -> bool {
        match others {
            Self::Listed(list) => list.iter().all(|one| self.holds(one)),
            other => self == other,
        }
    }

    /// Whether something that `place` may be is perhaps meant.
    fn may_meet(&self, place: &Specifier) -> bool {
        match self {
            Self::Listed(list) => list.iter().any(|one| !one.is_apart_from(place)),
            Self::Except { types, but } => {
                types.iter().any(|one| one.is_like(place)) && !but.iter().any(|one| one.holds(place))
            }
            Self::All => true,
            Self::Projects => place.project().is_some(),
        }
    }
}

impl Specifier {
    /// Whether both name resources of the same type.
    fn is_like(&self, other: &Self) -> bool {
        self.kinds().map(|(kind, _)| kind).eq(other.kinds().map(|(kind, _)| kind))
    }

    fn holds(&self, other: &Self) -> bool {
        self.is_like(other) && self.0.iter().zip(&other.0).all(|(own, other)| own.holds(other))
    }

    fn is_apart_from(&self, other: &Self) -> bool {
        !self.is_like(other) || self.0.iter().zip(&other.0).any(|(own, other)| own.is_apart_from(other))
    }

    /// The project that it is in or is.
    fn project(&self) -> Option<Self> {
        self.0.first().filter(|step| &*step.kind == "proj").map(|step| Self(Box::new([step.clone()])))
    }
}

impl Step {
    fn holds(&self, other: &Self) -> bool {
        let named = match (&self.names, &other.names) {
            (None, None) => true,
            (Some(own), Some(others)) => all_within(others, own),
            _ => false,
        };
        named && self.selectors.iter().all(|own| other.selectors.iter().any(|other| own.holds(other)))
    }

    fn is_apart_from(&self, other: &Self) -> bool {
        let names = match (&self.names, &other.names) {
            (Some(own), Some(others)) => own.iter().all(|own| others.iter().all(|other| own.is_apart_from(other))),
            _ => false,
        };
        let opposite = |own: &Selector| match own {
            Selector::Critical(wanted) => other.selectors.contains(&Selector::Critical(!wanted)),
            _ => false,
        };
        names || self.selectors.iter().any(opposite)
    }
}

impl Selector {
    fn holds(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Tag(own), Self::Tag(others)) | (Self::View(own), Self::View(others)) => all_within(others, own),
            (Self::Critical(own), Self::Critical(other)) => own == other,
            (_, other) => *other == Self::Never,
        }
    }
}

fn all_within(these: &[Glob], those: &[Glob]) -> bool {
    these.iter().all(|one| those.iter().any(|wide| wide.holds(one)))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use serde_json::{Value, json};
    use wigwag_model::doc::Role;

    use super::*;
    use crate::policy::base_role;

    fn policy(statements: &Value) -> Policy {
        Policy::parse(statements.as_array().unwrap()).unwrap()
    }

    fn one(effect: &str, actions: &[&str], resources: &[&str]) -> Value {
        json!({"effect": effect, "actions": actions, "resources": resources})
    }

    fn allow(actions: &[&str], resources: &[&str]) -> Value {
        one("allow", actions, resources)
    }

    #[test]
    fn what_is_within() {
        const FLAGS: &str = "proj/*:env/*:flag/*";
        let see = allow(&["viewProject"], &["proj/*"]);
        let prod = one("deny", &["*"], &["proj/*:env/production:flag/*"]);
        let critical = "proj/*:env/*;{critical:true}:flag/*";
        // What is given, what is held, and whether the first is within the second.
        for (given, held, within) in [
            (json!([]), json!([]), true),
            (json!([allow(&["updateOn"], &[FLAGS])]), json!([]), false),
            // Nobody who cannot see the project does anything there.
            (json!([allow(&["updateOn"], &[FLAGS])]), json!([allow(&["updateOn"], &[FLAGS])]), false),
            (json!([allow(&["updateOn"], &[FLAGS])]), json!([see, allow(&["updateOn"], &[FLAGS])]), true),
            (
                json!([allow(&["updateOn"], &["proj/a:env/b:flag/c"])]),
                json!([see, allow(&["update*"], &[FLAGS])]),
                true,
            ),
            (json!([allow(&["update*"], &[FLAGS])]), json!([see, allow(&["updateOn"], &[FLAGS])]), false),
            (json!([allow(&["updateOn"], &[FLAGS])]), json!([see, allow(&["*"], &["proj/a:env/*:flag/*"])]), false),
            (
                json!([allow(&["*"], &["proj/*:env/*:flag/ops_a*"])]),
                json!([see, allow(&["*"], &["proj/*:env/*:flag/ops_*"])]),
                true,
            ),
            (
                json!([allow(&["*"], &["proj/*:env/*:flag/op*"])]),
                json!([see, allow(&["*"], &["proj/*:env/*:flag/ops_*"])]),
                false,
            ),
            // Tags and criticality narrow.
            (
                json!([allow(&["*"], &["proj/*:env/*:flag/*;a,b"])]),
                json!([see, allow(&["*"], &["proj/*:env/*:flag/*;a"])]),
                true,
            ),
            (json!([allow(&["*"], &[FLAGS])]), json!([see, allow(&["*"], &["proj/*:env/*:flag/*;a"])]), false),
            (json!([allow(&["*"], &[critical])]), json!([see, allow(&["*"], &[FLAGS])]), true),
            // What is denied to the giver is not theirs to give, unless the gift denies it too.
            (json!([allow(&["*"], &[FLAGS])]), json!([see, allow(&["*"], &[FLAGS]), prod]), false),
            (json!([allow(&["*"], &[FLAGS]), prod]), json!([see, allow(&["*"], &[FLAGS]), prod]), true),
            (json!([allow(&["*"], &["proj/*:env/test:flag/*"])]), json!([see, allow(&["*"], &[FLAGS]), prod]), true),
            (json!([allow(&["*"], &[FLAGS]), one("deny", &["*"], &[FLAGS])]), json!([]), true),
            // All actions of a type by name are all actions.
            (
                json!([allow(&["*"], &["ip-allowlist"])]),
                json!([allow(
                    &["createIpAllowlistEntry", "deleteIpAllowlistEntry", "updateIp*", "viewIpAllowlist"],
                    &["ip-allowlist"]
                )]),
                true,
            ),
            // All but some is taken for all.
            (
                json!([{"effect": "allow", "actions": ["createMember"], "notResources": ["member/x"]}]),
                json!([allow(&["createMember"], &["member/*"])]),
                true,
            ),
            (
                json!([{"effect": "allow", "notActions": ["deleteMember"], "resources": ["member/*"]}]),
                json!([{"effect": "allow", "notActions": ["deleteMember", "createMember"], "resources": ["member/*"]}]),
                false,
            ),
        ] {
            let beyond = policy(&given).beyond(&[&policy(&held)]);
            assert_eq!(beyond.is_none(), within, "{given} within {held}: {beyond:?}");
        }
    }

    #[test]
    fn base_roles_are_within_those_above() {
        let all = [Role::NoAccess, Role::Reader, Role::Writer, Role::Admin, Role::Owner];
        for given in all {
            for held in all {
                assert_eq!(base_role(given).beyond(&[&base_role(held)]).is_none(), given <= held, "{given:?} {held:?}");
            }
        }
        let everything = policy(&json!([allow(&["*"], &["acct"])]));
        assert!(everything.beyond(&[&base_role(Role::Owner)]).is_none());
        assert!(everything.beyond(&[&base_role(Role::Admin)]).is_some(), "what only owners do");
    }

    #[test]
    fn attributes_stand_for_anything() {
        let text = "proj/${roleAttribute/projects}:env/*:flag/*";
        let statements = [allow(&["*"], &[text]), one("deny", &["*"], &[text]), one("deny", &["*"], &["acct"])];
        let wide = widest(&statements);
        assert_eq!(wide, [allow(&["*"], &["proj/*:env/*:flag/*"]), one("deny", &["*"], &["acct"])]);
    }
}
