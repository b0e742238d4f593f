//! What the list of flags can be narrowed by (behaviour.md 5).

use wigwag_kit::filter::colon::{self, Term};
use wigwag_kit::{ApiVersion, Error, Request, Result};
use wigwag_store::Predicate;

const FIELDS: [&str; 21] = [
    "applicationEvaluated",
    "archived",
    "codeReferences.max",
    "codeReferences.min",
    "contextKindsEvaluated",
    "creationDate",
    "evaluated",
    "filterEnv",
    "guardedRollout",
    "hasExperiment",
    "maintainerId",
    "maintainerTeamKey",
    "purpose",
    "query",
    "releasePipeline",
    "sdkAvailability",
    "state",
    "tags",
    "type",
    "view",
    "views",
];

/// Fields that only versions before 20240415 have.
const OLDER: [&str; 5] = ["contextKindTargeted", "followerId", "hasDataExport", "segmentTargeted", "status"];

/// Most environments in `filterEnv` from 20240415 on.
const MOST_ENVIRONMENTS: usize = 3;

/// What a request asks of the list.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Filter {
    /// Which flags.
    pub(super) matches: Predicate,
    /// What must hold of their configuration in one of the environments, each for itself.
    pub(super) configs: Vec<Predicate>,
    /// How they must have been used in one of the environments, each for itself.
    pub(super) uses: Vec<Used>,
    /// Environments under `filterEnv`.
    pub(super) environments: Vec<String>,
}

/// What SDKs must have told of a flag.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Used {
    /// Evaluated then, in milliseconds since 1970, or later.
    Since(i64),
    /// Evaluated lately for a context of this kind.
    Kind(String),
    /// Evaluated lately by this application.
    Application(String),
    /// It has this status.
    Status(String),
}

impl Filter {
    /// Reads `filter` and the older parameters `tag`, `archived` and `query`.
    ///
    /// # Errors
    /// An unknown field, a value that does not fit, a filter Wigwag has no data for.
    pub(super) fn of(request: &Request) -> Result<Self> {
        let newest = request.version >= ApiVersion::V20240415;
        let older: &[&str] = if newest { &[] } else { &OLDER };
        let terms = colon::parse(request.query("filter").unwrap_or_default(), &[&FIELDS, older].concat())?;
        let (mut all, mut configs, mut uses) = (Vec::new(), Vec::new(), Vec::new());
        let mut environments = Vec::new();
        let mut state_asked = false;
        for term in &terms {
            match term.field.as_str() {
                "filterEnv" => environments.extend(term.all().into_iter().map(str::to_owned)),
                "state" => {
                    state_asked = true;
                    let state = term.one_of(&["live", "deprecated", "archived"])?;
                    all.push(Predicate::eq("state", state));
                }
                "archived" => {
                    state_asked = true;
                    all.push(archived(term.flag()?));
                }
                "evaluated" => uses.push(Used::Since(term.object_number("after")?)),
                "contextKindsEvaluated" => {
                    uses.extend(term.all().into_iter().map(|kind| Used::Kind(kind.to_owned())));
                }
                "applicationEvaluated" => uses.push(Used::Application(term.value.clone())),
                "status" => {
                    let status = term.one_of(&["new", "inactive", "active", "launched"])?;
                    uses.push(Used::Status(status.to_owned()));
                }
                "contextKindTargeted" => configs.push(Predicate::eq("contextKinds", &*term.value)),
                "segmentTargeted" => configs.push(Predicate::eq("segments", &*term.value)),
                _ => all.push(predicate(term)?),
            }
        }
        if let Some(tag) = request.query("tag") {
            all.push(Predicate::eq("tags", tag));
        }
        if let Some(text) = request.query("query") {
            all.push(Predicate::any_contains(&["name", "key"], text));
        }
        if !state_asked {
            all.push(archived(request.query_flag("archived")?.unwrap_or(false)));
        }
        if newest && environments.len() > MOST_ENVIRONMENTS {
            return Err(Error::field("filter", "filterEnv takes at most 3 environments"));
        }
        if environments.is_empty() && uses.iter().any(|used| matches!(used, Used::Since(_))) {
            return Err(Error::field("filter", "evaluated needs filterEnv"));
        }
        Ok(Self { matches: Predicate::And(all), configs, uses, environments })
    }
}

fn archived(archived: bool) -> Predicate {
    let states: &[&str] = if archived { &["archived"] } else { &["live", "deprecated"] };
    any_of("state", states)
}

fn any_of(field: &str, values: &[&str]) -> Predicate {
    Predicate::TextAnyOf { field: field.to_owned(), values: values.iter().map(|v| (*v).to_owned()).collect() }
}

fn predicate(term: &Term) -> Result<Predicate> {
    let field = term.field.as_str();
    Ok(match field {
        "query" => Predicate::any_contains(&["name", "key"], &term.value),
        "tags" => Predicate::And(term.all().into_iter().map(|tag| Predicate::eq("tags", tag)).collect()),
        "maintainerId" | "maintainerTeamKey" => Predicate::eq(field, &*term.value),
        "type" => Predicate::eq(field, term.one_of(&["temporary", "permanent"])?),
        "creationDate" => {
            let before = term.object_number("before")?;
            Predicate::NumberRange { field: field.to_owned(), min: None, max: Some(before.saturating_sub(1)) }
        }
        "sdkAvailability" => match term.one_of(&["client", "mobile", "anyClient", "server"])? {
            "anyClient" => any_of(field, &["client", "mobile"]),
            one => Predicate::eq(field, one),
        },
        "purpose" => purpose(&term.value),
        _ => return Err(Error::field("filter", format_args!("{field} is not supported yet"))),
    })
}

/// A purpose, or `all`, less those in `!(…)`: `all+!(holdout)`.
fn purpose(value: &str) -> Predicate {
    let mut all = Vec::new();
    for part in value.split(['+', ' ']).filter(|part| !part.is_empty()) {
        match part.strip_prefix("!(").and_then(|rest| rest.strip_suffix(')')) {
            Some(excluded) => {
                let excluded: Vec<_> = excluded.split(['|', ',']).collect();
                all.push(Predicate::Not(Box::new(any_of("purpose", &excluded))));
            }
            None if part == "all" => {}
            None => all.push(any_of("purpose", &part.split('|').collect::<Vec<_>>())),
        }
    }
    Predicate::And(all)
}
