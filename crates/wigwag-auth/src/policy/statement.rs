//! One statement of a policy.

use serde_json::{Map, Value};
use wigwag_kit::spec::Segment;

use super::attributes::{Attributes, references};
use super::glob::Glob;
use super::specifier::Specifier;

/// A compiled statement, with its text for refusals.
#[derive(Clone, Debug)]
pub(crate) struct Statement {
    pub(crate) allow: bool,
    pub(super) resources: Resources,
    pub(super) actions: Actions,
    /// As written, reduced to the members that mean something.
    pub(crate) text: Value,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Resources {
    Listed(Box<[Specifier]>),
    /// Of the types named, those that no specifier matches.
    Except {
        types: Box<[Specifier]>,
        but: Box<[Specifier]>,
    },
    /// Base roles only.
    All,
    /// Base roles only: projects and everything inside them.
    Projects,
}

#[derive(Clone, Debug)]
pub(crate) enum Actions {
    Listed(Box<[Glob]>),
    Except(Box<[Glob]>),
}

impl Statement {
    /// A statement of a base role, which has no text.
    pub(crate) fn built_in(allow: bool, actions: &[&str], resources: Resources) -> Self {
        let actions = Actions::Listed(actions.iter().map(|a| Glob::new(a)).collect());
        Self { allow, resources, actions, text: Value::Null }
    }

    /// Compiles a statement as clients send it, for a holder with these role attributes. The error begins with the
    /// place inside the statement: `.resources[0]: …`, or `: …` for the statement itself.
    pub(crate) fn parse(text: &Value, attributes: &Attributes) -> Result<Self, String> {
        let members = text.as_object().ok_or(": must be an object")?;
        let allow = match members.get("effect").and_then(Value::as_str) {
            Some("allow") => true,
            Some("deny") => false,
            _ => return Err(": effect must be allow or deny".to_owned()),
        };
        let resources = match one_of(members, "resources", "notResources")? {
            (list, true) => Resources::Listed(specifiers("resources", &list, attributes)?),
            // What is excepted cannot be told, so that an allowance of the rest would be too wide.
            (list, false) if allow && list.iter().any(|text| unknown(text, attributes)) => {
                specifiers("notResources", &list, attributes)?;
                Resources::Listed(Box::default())
            }
            (list, false) => Resources::Except {
                types: types("notResources", &list)?,
                but: specifiers("notResources", &list, attributes)?,
            },
        };
        let globs = |list: Vec<&str>| list.into_iter().map(Glob::new).collect();
        let actions = match one_of(members, "actions", "notActions")? {
            (list, true) => Actions::Listed(globs(list)),
            (list, false) => Actions::Except(globs(list)),
        };
        let known = ["effect", "resources", "notResources", "actions", "notActions"];
        let text = known.iter().filter_map(|k| members.get(*k).map(|v| ((*k).to_owned(), v.clone()))).collect();
        Ok(Self { allow, resources, actions, text: Value::Object(text) })
    }

    /// Whether the statement speaks about this action on this resource.
    pub(crate) fn covers(&self, action: &str, resource: &[Segment]) -> bool {
        self.actions.include(action) && self.resources.include(resource)
    }
}

impl Resources {
    fn include(&self, resource: &[Segment]) -> bool {
        match self {
            Self::Listed(list) => list.iter().any(|s| s.matches(resource)),
            Self::Except { types, but } => {
                types.iter().any(|s| s.same_type(resource)) && !but.iter().any(|s| s.matches(resource))
            }
            Self::All => true,
            Self::Projects => resource.first().is_some_and(|s| s.kind == "proj"),
        }
    }
}

impl Actions {
    pub(super) fn include(&self, action: &str) -> bool {
        match self {
            Self::Listed(globs) => globs.iter().any(|g| g.matches(action)),
            Self::Except(globs) => !globs.iter().any(|g| g.matches(action)),
        }
    }
}

fn specifiers(member: &str, list: &[&str], attributes: &Attributes) -> Result<Box<[Specifier]>, String> {
    let mut all = Vec::with_capacity(list.len());
    for (at, text) in list.iter().enumerate() {
        Specifier::expand(text, attributes, &mut all).map_err(|problem| format!(".{member}[{at}]: {problem}"))?;
    }
    Ok(all.into())
}

/// The types that specifiers name, whatever role attributes they refer to.
fn types(member: &str, list: &[&str]) -> Result<Box<[Specifier]>, String> {
    let parse = |(at, text): (usize, &&str)| {
        Specifier::parse(text, &Attributes::default()).map_err(|problem| format!(".{member}[{at}]: {problem}"))
    };
    list.iter().enumerate().map(parse).collect()
}

/// Whether a specifier refers to a role attribute that has no value.
fn unknown(text: &str, attributes: &Attributes) -> bool {
    references(text).iter().any(|key| attributes.values(key).is_empty())
}

/// The strings of whichever of the two members is there, and whether it is the first.
/// An empty list counts as absent: some clients send all four members.
fn one_of<'a>(members: &'a Map<String, Value>, yes: &str, no: &str) -> Result<(Vec<&'a str>, bool), String> {
    let (listed, excepted) = (strings(members, yes)?, strings(members, no)?);
    match (listed.is_empty(), excepted.is_empty()) {
        (false, true) => Ok((listed, true)),
        (true, false) => Ok((excepted, false)),
        (true, true) => Err(format!(": needs {yes} or {no}")),
        (false, false) => Err(format!(": cannot have both {yes} and {no}")),
    }
}

fn strings<'a>(members: &'a Map<String, Value>, name: &str) -> Result<Vec<&'a str>, String> {
    match members.get(name) {
        None | Some(Value::Null) => Ok(Vec::new()),
        Some(Value::Array(items)) => {
            items.iter().map(|i| i.as_str().ok_or_else(|| format!(": {name} must hold strings"))).collect()
        }
        Some(_) => Err(format!(": {name} must be a list of strings")),
    }
}
