//! The known differences to the official Rust crate, by name (numbers are those of evaluation
//! §16.2). Each says when a case may differ because of it; nothing else excuses a difference.

use super::values::{DATE_DIALECT, HUGE, PATTERN_DIALECT};
use serde_json::Value;
use wigwag_eval::{CompiledFlag, Evaluation, ReasonKind, Recorder};
use wigwag_model::flag::Prerequisite;
use wigwag_model::kind::Kind;

pub struct Known {
    pub name: &'static str,
    pub explains: fn(&Seen) -> bool,
}

/// What a case has in it.
pub struct Seen<'c> {
    /// Every object in flags and segments.
    pub objects: Vec<&'c Value>,
    pub context: &'c Value,
    pub kinds: Vec<String>,
    pub prerequisites: PrerequisiteFacts,
}

pub const KNOWN: &[Known] = &[
    Known {
        name: "2: integers from 2^53 on are hashed",
        explains: |seen| {
            seen.any("bucketBy", |_, _| true) && texts(seen.context).iter().any(|text| HUGE.contains(&text.as_str()))
        },
    },
    Known { name: "5: an empty bucketBy means the key", explains: |seen| seen.any("bucketBy", |by, _| by == "") },
    Known {
        name: "7: an unknown rollout kind means a rollout",
        explains: |seen| seen.any("kind", |kind, _| kind == "newKind"),
    },
    Known {
        name: "10: a weighted segment rule needs its kind",
        explains: |seen| {
            seen.any("weight", |_, rule| rule.get("clauses").is_some() && seen.lacks_kind(&rule["rolloutContextKind"]))
        },
    },
    Known {
        name: "11: a negative segment weight matches nobody",
        explains: |seen| seen.any("weight", |weight, rule| rule.get("clauses").is_some() && weight.as_i64() < Some(0)),
    },
    Known { name: "13: big segments are asked from the store", explains: |seen| seen.any("unbounded", |_, _| true) },
    Known {
        name: "15: a placeholder stands for the first list of its variation",
        explains: |seen| {
            seen.any("targets", |targets, flag| flag.get("contextTargets").is_some() && repeats_variation(targets))
        },
    },
    Known { name: "17: a plain error in a prerequisite fails it", explains: |seen| seen.prerequisites.plain_error },
    Known { name: "19: a failed prerequisite may be required again", explains: |seen| seen.prerequisites.failed_again },
    Known {
        name: "29: an illegal kind is nobody's",
        explains: |seen| {
            ["contextKind", "rolloutContextKind"].iter().any(|name| {
                seen.any(name, |kind, _| kind.as_str().is_some_and(|k| !k.is_empty() && !Kind::is_valid(k)))
            })
        },
    },
    Known {
        name: "31: lists and objects equal nothing",
        explains: |seen| {
            seen.any("values", |values, clause| {
                clause.get("op").is_some_and(|op| op == "in") && items(values).any(|v| v.is_array() || v.is_object())
            })
        },
    },
    Known {
        name: "34: patterns are RE2",
        explains: |seen| {
            seen.any("values", |values, clause| {
                clause.get("op").is_some_and(|op| op == "matches")
                    && items(values).any(|v| is_one_of(v, PATTERN_DIALECT))
            })
        },
    },
    Known {
        name: "35: dates have a T and an ASCII sign",
        explains: |seen| {
            let dated = |values: &Value| texts(values).iter().any(|text| DATE_DIALECT.contains(&text.as_str()));
            let compares = |clause: &Value| clause.get("op").is_some_and(|op| op == "before" || op == "after");
            seen.any("values", |values, clause| compares(clause) && (dated(values) || dated(seen.context)))
        },
    },
];

impl Seen<'_> {
    /// Whether any object has this property and passes.
    fn any(&self, name: &str, passes: impl Fn(&Value, &Value) -> bool) -> bool {
        self.objects.iter().any(|object| object.get(name).is_some_and(|value| passes(value, object)))
    }

    fn lacks_kind(&self, kind: &Value) -> bool {
        let kind = kind.as_str().filter(|kind| !kind.is_empty()).unwrap_or("user");
        !self.kinds.iter().any(|k| k == kind)
    }
}

fn items(values: &Value) -> impl Iterator<Item = &Value> {
    values.as_array().into_iter().flatten()
}

fn is_one_of(value: &Value, pool: &[&str]) -> bool {
    value.as_str().is_some_and(|text| pool.contains(&text))
}

fn repeats_variation(targets: &Value) -> bool {
    let mut variations: Vec<_> = items(targets).map(|target| target["variation"].as_i64()).collect();
    variations.sort_unstable();
    variations.windows(2).any(|pair| pair[0] == pair[1])
}

/// Every text and number inside a value, as text.
fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) => vec![text.clone()],
        Value::Number(number) => {
            let same = |huge: &&&str| huge.parse::<f64>().ok() == number.as_f64();
            vec![HUGE.iter().find(same).map_or_else(|| number.to_string(), |huge| huge.to_string())]
        }
        Value::Array(elements) => elements.iter().flat_map(texts).collect(),
        Value::Object(members) => members.values().flat_map(texts).collect(),
        _ => Vec::new(),
    }
}

/// Every object inside a value, itself included.
pub fn objects<'v>(value: &'v Value, into: &mut Vec<&'v Value>) {
    match value {
        Value::Object(members) => {
            into.push(value);
            members.values().for_each(|member| objects(member, into));
        }
        Value::Array(elements) => elements.iter().for_each(|element| objects(element, into)),
        _ => {}
    }
}

/// What happened to prerequisites on the way.
#[derive(Default)]
pub struct PrerequisiteFacts {
    pub plain_error: bool,
    pub failed_again: bool,
    failed: Vec<String>,
}

impl<'a> Recorder<'a> for PrerequisiteFacts {
    fn flag_started(&mut self, flag: &'a CompiledFlag) {
        self.failed_again |= self.failed.iter().any(|key| key == flag.key());
    }

    fn flag_finished(&mut self, flag: &'a CompiledFlag, result: &Evaluation<'a>) {
        if matches!(result.reason.kind, ReasonKind::PrerequisiteFailed { .. }) {
            self.failed.push(flag.key().to_string());
        }
    }

    fn prerequisite(
        &mut self,
        _: &'a CompiledFlag,
        _: &'a Prerequisite,
        found: Option<(&'a CompiledFlag, &Evaluation<'a>)>,
        _: bool,
    ) {
        self.plain_error |= found.is_some_and(|(_, result)| result.is_error());
    }
}
