//! Which projects a role lets its holders write to.

use indexmap::IndexMap;
use serde_json::Value;
use wigwag_auth::policy::{Attributes, Policy};
use wigwag_kit::{Ctx, Result, Spec};
use wigwag_model::doc::{CustomRole, Kind, Project};

use crate::read::project_of;

/// The projects that the caller sees.
#[derive(Default)]
pub(super) struct Writes(Vec<Project>);

impl Writes {
    pub(super) async fn load(ctx: &Ctx) -> Result<Self> {
        let mut projects = Vec::new();
        for doc in ctx.store().scan(Kind::Project, Some(""), Some("")).await? {
            let project = project_of(&doc)?;
            if ctx.may("viewProject", &project.spec) {
                projects.push(project.value);
            }
        }
        Ok(Self(projects))
    }

    /// Those in which one of the roles allows a change of anything.
    pub(super) fn of(&self, roles: &[&CustomRole], attributes: &IndexMap<String, Vec<String>>) -> Vec<&Project> {
        let policies: Vec<_> = roles.iter().filter_map(|role| Probed::of(role, attributes)).collect();
        self.0.iter().filter(|project| policies.iter().any(|policy| policy.allows_in(project))).collect()
    }
}

/// A policy, and what it might allow.
struct Probed {
    policy: Policy,
    /// Actions and specifiers of its statements that allow, without stars.
    tries: Vec<(String, String)>,
}

impl Probed {
    fn of(role: &CustomRole, attributes: &IndexMap<String, Vec<String>>) -> Option<Self> {
        let mut values = Attributes::default();
        values.join(attributes);
        let statements = role.statements();
        let policy = Policy::parse_for(&statements, &values).ok()?;
        let allowing = statements.iter().filter(|s| s["effect"] == "allow");
        let tries = allowing.flat_map(|statement| tries(statement, &values)).collect();
        Some(Self { policy, tries })
    }

    fn allows_in(&self, project: &Project) -> bool {
        self.tries.iter().any(|(action, resource)| {
            let spec = within(resource, project);
            spec.is_some_and(|spec| self.policy.allows(action, spec.segments()))
        })
    }
}

/// What an allowing statement might allow: its own actions and resources, with stars filled in.
fn tries(statement: &Value, attributes: &Attributes) -> Vec<(String, String)> {
    let texts = |name: &str| -> Vec<String> {
        let list = statement[name].as_array();
        list.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
    };
    let mut actions = texts("actions");
    if actions.is_empty() {
        actions = vec!["updateOn".to_owned(), "updateName".to_owned(), "createFlag".to_owned()];
    }
    let mut resources: Vec<_> = texts("resources").iter().flat_map(|text| attributes.expand(text)).collect();
    if resources.is_empty() {
        resources = vec!["proj/*".to_owned(), "proj/*:env/*".to_owned(), "proj/*:env/*:flag/*".to_owned()];
    }
    actions.retain(|action| !action.starts_with("view"));
    let pair = |action: &String| resources.iter().map(|r| (action.replace('*', ""), r.clone())).collect::<Vec<_>>();
    actions.iter().flat_map(pair).collect()
}

/// The resource that a specifier means in a project, as far as it means one: tags that it asks for are there.
fn within(specifier: &str, project: &Project) -> Option<Spec> {
    let mut steps = specifier.split(':').map(|step| {
        let (path, tags) = step.split_once(';').unwrap_or((step, ""));
        let tags: Vec<String> = tags.split(',').filter(|t| !t.is_empty()).map(|t| t.replace('*', "")).collect();
        (path.replace('*', "x"), tags)
    });
    if !steps.next()?.0.starts_with("proj/") {
        return None;
    }
    let mut spec = Spec::project(&project.key, &project.tags);
    for (path, tags) in steps {
        let step = Spec::parse(&path)?;
        let segment = step.segments().first()?;
        let name = segment.name.clone().unwrap_or_default();
        spec = spec.then(segment.kind, &name, &tags);
    }
    Some(spec)
}
