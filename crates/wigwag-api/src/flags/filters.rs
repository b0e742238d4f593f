//! What the list of flags can be narrowed by (behaviour.md 5).

use wigwag_kit::filter::colon::{self, Term};
use wigwag_kit::{ApiVersion, Error, Request, Result};
use wigwag_model::clock::Millis;
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
    /// What must hold besides, each for itself.
    pub(super) conditions: Vec<Condition>,
    /// Environments under `filterEnv`.
    pub(super) environments: Vec<String>,
}

/// A condition that the index of flags does not answer.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Condition {
    /// Their configuration in one of the environments is such.
    Config(Predicate),
    /// They were evaluated in one of the environments since then: for contexts of that kind, by that
    /// application.
    Evaluated { kind: Option<String>, application: Option<String>, since: Millis },
    /// They have this status in one of the environments.
    Status(String),
    /// This member follows them in one of the environments.
    Followed(String),
    /// So many hunks of code name them.
    CodeReferences { min: u64, max: u64 },
}

/// How far back `contextKindsEvaluated` and `expand=evaluation` look, in milliseconds: 30 days.
pub(super) const EVALUATED_LATELY: Millis = 30 * 24 * 60 * 60 * 1000;

impl Filter {
    /// Reads `filter` and the older parameters `tag`, `archived` and `query`.
    ///
    /// # Errors
    /// An unknown field, a value that does not fit, a filter Wigwag has no data for.
    pub(super) fn of(request: &Request, now: Millis) -> Result<Self> {
        let newest = request.version >= ApiVersion::V20240415;
        let older: &[&str] = if newest { &[] } else { &OLDER };
        let terms = colon::parse(request.query("filter").unwrap_or_default(), &[&FIELDS, older].concat())?;
        let (mut all, mut conditions) = (Vec::new(), Vec::new());
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
                _ => match condition(term, now)? {
                    Some(more) => conditions.extend(more),
                    None => all.push(predicate(term)?),
                },
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
        if environments.is_empty() && terms.iter().any(|term| term.field == "evaluated") {
            return Err(Error::field("filter", "evaluated needs filterEnv"));
        }
        if newest && environments.len() > MOST_ENVIRONMENTS {
            return Err(Error::field("filter", "filterEnv takes at most 3 environments"));
        }
        Ok(Self { matches: Predicate::And(all), conditions, environments })
    }
}

/// What a field asks of other data than that of flags; none for fields of flags.
fn condition(term: &Term, now: Millis) -> Result<Option<Vec<Condition>>> {
    let config = |field: &str| vec![Condition::Config(Predicate::eq(field, &*term.value))];
    let evaluated = |kind: Option<&str>, application: Option<&str>, since| Condition::Evaluated {
        kind: kind.map(str::to_owned),
        application: application.map(str::to_owned),
        since,
    };
    let count = || u64::try_from(term.number()?).map_err(|_| term.problem("must not be negative"));
    Ok(Some(match term.field.as_str() {
        "contextKindTargeted" => config("contextKinds"),
        "segmentTargeted" => config("segments"),
        "evaluated" => vec![evaluated(None, None, term.object_number("after")?)],
        "applicationEvaluated" => vec![evaluated(None, Some(&term.value), 0)],
        "contextKindsEvaluated" => {
            term.all().into_iter().map(|kind| evaluated(Some(kind), None, now - EVALUATED_LATELY)).collect()
        }
        "followerId" => vec![Condition::Followed(term.value.clone())],
        "status" => {
            let status = term.one_of(&["new", "inactive", "active", "launched"])?;
            vec![Condition::Status(status.to_owned())]
        }
        "codeReferences.min" => vec![Condition::CodeReferences { min: count()?, max: u64::MAX }],
        "codeReferences.max" => vec![Condition::CodeReferences { min: 0, max: count()? }],
        _ => return Ok(None),
    }))
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
        // Views are stored in lower case.
        "view" | "views" => {
            let keys: Vec<String> = term.value.split('|').map(str::to_lowercase).collect();
            Predicate::TextAnyOf { field: crate::read::IN_VIEW.to_owned(), values: keys }
        }
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
