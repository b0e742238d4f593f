//! The types of resource there are and the actions on each, as data: `contract/actions.tsv`
//! (access-control.md 5). Policies of roles may name nothing else.

use std::sync::LazyLock;

use serde_json::Value;
use wigwag_kit::Spec;
use wigwag_kit::spec::Segment;

use super::glob::Glob;
use super::specifier::Specifier;
use super::statement::Statement;

/// One type of resource, such as `proj/*:env/*:flag/*`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResourceType {
    /// How policies name all resources of the type.
    pub specifier: &'static str,
    /// Its actions, those first whose names are published.
    pub actions: Vec<&'static str>,
}

static CATALOGUE: LazyLock<Vec<ResourceType>> = LazyLock::new(|| {
    let entry = |line: &'static str| {
        let (specifier, actions) = line.split_once('\t')?;
        Some(ResourceType { specifier, actions: actions.split_whitespace().collect() })
    };
    include_str!("../../../../contract/actions.tsv").lines().skip(1).filter_map(entry).collect()
});

/// Every type of resource.
#[must_use]
pub fn resource_types() -> &'static [ResourceType] {
    &CATALOGUE
}

/// Whether some type of resource has this action.
#[must_use]
pub fn is_action(name: &str) -> bool {
    CATALOGUE.iter().any(|known| known.actions.contains(&name))
}

/// Whether a specifier of one resource is of a type there is, with names where it has names.
#[must_use]
pub fn is_resource(spec: &Spec) -> bool {
    let segments = spec.segments();
    let same = |known: &ResourceType| {
        let steps: Vec<_> = known.specifier.split(':').collect();
        let fits = |(step, segment): (&&str, &Segment)| {
            kind_of(step) == segment.kind && step.contains('/') == segment.name.as_ref().is_some_and(|n| !n.is_empty())
        };
        steps.len() == segments.len() && steps.iter().zip(segments).all(fits)
    };
    CATALOGUE.iter().any(same)
}

/// Refuses statements that could not mean anything: malformed ones, types of resource that there are not, actions
/// that no resource has, globs that match no action.
///
/// # Errors
/// Where and what, such as `[1].actions[0]: there is no action updateFoo`.
pub fn check(statements: &[Value]) -> Result<(), String> {
    for (at, statement) in statements.iter().enumerate() {
        Statement::parse(statement, &Default::default()).map_err(|problem| format!("[{at}]{problem}"))?;
        for member in ["resources", "notResources"] {
            each(statement, member, |text| {
                Specifier::parse(text, &Default::default()).and_then(|specifier| known_type(text, &specifier))
            })
            .map_err(|problem| format!("[{at}].{problem}"))?;
        }
        for member in ["actions", "notActions"] {
            each(statement, member, known_action).map_err(|problem| format!("[{at}].{problem}"))?;
        }
    }
    Ok(())
}

fn each(statement: &Value, member: &str, check: impl Fn(&str) -> Result<(), String>) -> Result<(), String> {
    let texts = statement.get(member).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
    for (at, text) in texts.enumerate() {
        check(text).map_err(|problem| format!("{member}[{at}]: {problem}"))?;
    }
    Ok(())
}

fn known_type(text: &str, specifier: &Specifier) -> Result<(), String> {
    let kinds: Vec<_> = specifier.kinds().collect();
    let same = |known: &&ResourceType| {
        let steps: Vec<_> = known.specifier.split(':').collect();
        steps.len() == kinds.len() && steps.iter().zip(&kinds).all(|(step, (kind, _))| kind_of(step) == *kind)
    };
    let Some(known) = CATALOGUE.iter().find(same) else {
        return Err(format!("\"{text}\" is of no type of resource there is"));
    };
    let named = known.specifier.split(':').zip(&kinds).all(|(step, (_, named))| step.contains('/') == *named);
    if named { Ok(()) } else { Err(format!("\"{text}\" must have the form {}", known.specifier)) }
}

fn kind_of(step: &str) -> &str {
    step.split('/').next().unwrap_or(step)
}

fn known_action(text: &str) -> Result<(), String> {
    let glob = Glob::new(text);
    if CATALOGUE.iter().flat_map(|known| &known.actions).any(|action| glob.matches(action)) {
        return Ok(());
    }
    let what = if text.contains('*') { "no action matches" } else { "there is no action" };
    Err(format!("{what} {text}"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;
    use serde_json::json;

    #[test]
    fn every_type_can_be_named() {
        assert!(CATALOGUE.len() > 50);
        for known in resource_types() {
            check(&[json!({"effect": "allow", "actions": ["*"], "resources": [known.specifier]})]).unwrap();
            let one = known.specifier.replace('*', "x");
            assert_eq!(Spec::parse(&one).unwrap().to_string(), one, "kit's list of types lacks one");
        }
    }

    #[test]
    fn what_means_nothing_is_refused_with_its_place() {
        let bad = |actions: Value, resources: Value| {
            let good = json!({"effect": "allow", "actions": ["*"], "resources": ["proj/*"]});
            check(&[good, json!({"effect": "deny", "actions": actions, "resources": resources})]).unwrap_err()
        };
        let flags = json!(["proj/*:env/*:flag/*"]);
        for (actions, resources, message) in [
            (json!(["updateOn", "updateFoo"]), flags.clone(), "[1].actions[1]: there is no action updateFoo"),
            (json!(["upgrade*"]), flags.clone(), "[1].actions[0]: no action matches upgrade*"),
            (json!(["UpdateOn"]), flags, "[1].actions[0]: there is no action UpdateOn"),
            (
                json!(["*"]),
                json!(["proj/*", "proj/*:flag/*"]),
                "[1].resources[1]: \"proj/*:flag/*\" is of no type of resource there is",
            ),
            (json!(["*"]), json!(["domain/*"]), "[1].resources[0]: \"domain/*\" is of no type of resource there is"),
            (json!(["*"]), json!(["acct/*"]), "[1].resources[0]: \"acct/*\" must have the form acct"),
            (json!(["*"]), json!(["member"]), "[1].resources[0]: \"member\" must have the form member/*"),
            (json!(["*"]), json!([]), "[1]: needs resources or notResources"),
        ] {
            assert_eq!(bad(actions, resources), message);
        }
    }

    /// Those of the published documents, of Terraform and of third parties (access-control.md 3).
    #[test]
    fn known_examples_pass() {
        for resource in [
            "proj/*:env/*;qa_*:/flag/*",
            "proj/*:env/*:flag/*;testing-tag",
            "proj/*:env/:flag/*;terraform-managed",
            "proj/*;mobile:env/*:flag/*",
            "proj/*:env/*;{critical:true}",
            "proj/*:env/*;{critical:false}:flag/*",
            "proj/P:env/*:flag/*;view:KEY",
            "proj/P:env/*:flag/*;view:${roleAttribute/views}",
            "proj/${roleAttribute/developerProjectKeys}:env/*:aiconfig/*",
            "proj/a,b:env/qa",
            "member/*:token/*",
            "acct",
            "ip-allowlist",
        ] {
            check(&[json!({"effect": "allow", "actions": ["*"], "resources": [resource]})]).unwrap();
            check(&[json!({"effect": "deny", "notActions": ["view*"], "notResources": [resource]})]).unwrap();
        }
    }
}
