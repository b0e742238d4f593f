//! Random changes of flags, as clients send them.

use rand::rngs::StdRng;
use rand::seq::IndexedRandom as _;
use rand::{RngExt as _, SeedableRng as _};
use serde_json::{Value, json};

pub(super) const FLAGS: [&str; 4] = ["lamp", "colour", "limit", "theme"];
pub(super) const ENVIRONMENTS: [&str; 2] = ["test", "production"];
pub(super) const USERS: [&str; 6] = ["ann", "bob", "cy", "dee", "eve", "fay"];
const DEVICES: [&str; 2] = ["d1", "d2"];

/// A change: of which flag, and the body of the PATCH, or of the POST to `copy`.
pub(super) struct Change {
    pub(super) flag: &'static str,
    pub(super) copy: bool,
    pub(super) body: Value,
}

/// Draws an instruction, given all flags, the one to change and its configuration to change.
type Instruction = fn(&mut Draw, &[Value], &Value, &Value) -> Value;

pub(super) struct Draw(StdRng);

impl Draw {
    pub(super) fn new(seed: u64) -> Self {
        Self(StdRng::seed_from_u64(seed))
    }

    fn one<T: Clone>(&mut self, of: &[T]) -> T {
        of.choose(&mut self.0).unwrap().clone()
    }

    /// Some of them, at least one.
    fn some(&mut self, of: &[&str]) -> Vec<String> {
        let count = self.0.random_range(1..=of.len().min(3));
        (0..count).map(|_| self.one(of).to_owned()).collect()
    }

    /// A change of one of the flags, whose representations are `flags`, in their order.
    pub(super) fn change(&mut self, flags: &[Value]) -> Change {
        let at = self.0.random_range(0..FLAGS.len());
        let (flag, environment) = (&flags[at], self.one(&ENVIRONMENTS));
        let copy = self.0.random_bool(0.04);
        let body = match copy {
            true => json!({"source": {"key": ENVIRONMENTS[0]}, "target": {"key": ENVIRONMENTS[1]}}),
            false => {
                let count = self.0.random_range(1..=3);
                let instructions: Vec<_> = (0..count).map(|_| self.instruction(flags, flag, environment)).collect();
                json!({"environmentKey": environment, "instructions": instructions})
            }
        };
        Change { flag: FLAGS[at], copy, body }
    }

    fn instruction(&mut self, flags: &[Value], flag: &Value, environment: &str) -> Value {
        let config = &flag["environments"][environment];
        let draws: [Instruction; 22] = [
            |_, _, _, _| json!({"kind": "turnFlagOn"}),
            |_, _, _, _| json!({"kind": "turnFlagOn"}),
            |_, _, _, _| json!({"kind": "turnFlagOff"}),
            |draw, _, flag, _| draw.rule(flag),
            |draw, _, flag, _| draw.rule(flag),
            |draw, _, _, config| json!({"kind": "removeRule", "ruleId": draw.rule_id(config)}),
            |draw, _, _, config| draw.reorder(config),
            |draw, _, flag, config| {
                let sent = json!({"kind": "updateRuleVariationOrRollout", "ruleId": draw.rule_id(config)});
                draw.serving(sent, flag)
            },
            |draw, _, _, config| json!({"kind": "addClauses", "ruleId": draw.rule_id(config), "clauses": [draw.clause()]}),
            |draw, _, _, config| {
                let (rule, clause) = draw.clause_id(config);
                json!({"kind": "updateClause", "ruleId": rule, "clauseId": clause, "clause": draw.clause()})
            },
            |draw, _, _, config| {
                let (rule, clause) = draw.clause_id(config);
                json!({"kind": "removeClauses", "ruleId": rule, "clauseIds": [clause]})
            },
            |draw, _, flag, _| draw.targets("addTargets", flag),
            |draw, _, flag, _| draw.targets("addTargets", flag),
            |draw, _, flag, _| draw.targets("removeTargets", flag),
            |draw, _, flag, _| json!({"kind": "clearTargets", "variationId": draw.variation(flag)}),
            |draw, flags, _, _| {
                let other = draw.one(flags);
                json!({"kind": "addPrerequisite", "key": other["key"], "variationId": draw.variation(&other)})
            },
            |draw, _, _, _| json!({"kind": "removePrerequisite", "key": draw.one(&FLAGS)}),
            |draw, _, flag, _| draw.serving(json!({"kind": "updateFallthroughVariationOrRollout"}), flag),
            |draw, _, flag, _| json!({"kind": "updateOffVariation", "variationId": draw.variation(flag)}),
            |draw, _, _, _| json!({"kind": "addVariation", "value": format!("v{}", draw.0.random_range(0..9))}),
            |draw, _, flag, _| json!({"kind": "removeVariation", "variationId": draw.variation(flag)}),
            |draw, _, _, _| json!({"kind": draw.one(&["archiveFlag", "restoreFlag", "restoreFlag", "restoreFlag"])}),
        ];
        let draw = self.one(&draws);
        draw(self, flags, flag, config)
    }

    fn variation(&mut self, flag: &Value) -> Value {
        self.one(flag["variations"].as_array().unwrap())["_id"].clone()
    }

    /// Adds what is served: a variation, or a rollout over all of them.
    fn serving(&mut self, mut sent: Value, flag: &Value) -> Value {
        if self.0.random_bool(0.6) {
            sent["variationId"] = self.variation(flag);
            return sent;
        }
        let ids: Vec<&str> =
            flag["variations"].as_array().unwrap().iter().map(|v| v["_id"].as_str().unwrap()).collect();
        let mut left = 100_000;
        for (i, id) in ids.iter().enumerate() {
            let weight = if i + 1 == ids.len() { left } else { self.0.random_range(0..=left) };
            sent["rolloutWeights"][id] = json!(weight);
            left -= weight;
        }
        if self.0.random_bool(0.4) {
            sent["rolloutBucketBy"] = json!("country");
        }
        if self.0.random_bool(0.3) {
            sent["rolloutContextKind"] = json!("device");
        }
        sent
    }

    fn rule(&mut self, flag: &Value) -> Value {
        let clauses: Vec<_> = (0..self.0.random_range(1..=2)).map(|_| self.clause()).collect();
        self.serving(json!({"kind": "addRule", "clauses": clauses}), flag)
    }

    fn clause(&mut self) -> Value {
        let (attribute, op, values) = match self.0.random_range(0..6) {
            0 => ("key", "in", json!(self.some(&USERS))),
            1 => ("country", "in", json!(self.some(&["NO", "SE", "DK"]))),
            2 => ("email", "endsWith", json!([self.one(&[".edu", "@b.example"])])),
            3 => ("age", "greaterThan", json!([self.0.random_range(10..60)])),
            4 => ("/address/city", "matches", json!(["^O.*o$"])),
            _ => ("version", "semVerLessThan", json!(["2.0.0"])),
        };
        let kind = self.one(&["user", "user", "device"]);
        let negate = self.0.random_bool(0.2);
        json!({"contextKind": kind, "attribute": attribute, "op": op, "values": values, "negate": negate})
    }

    fn targets(&mut self, kind: &str, flag: &Value) -> Value {
        let device = self.0.random_bool(0.25);
        let values = if device { self.some(&DEVICES) } else { self.some(&USERS) };
        let context_kind = if device { "device" } else { "user" };
        json!({"kind": kind, "variationId": self.variation(flag), "contextKind": context_kind, "values": values})
    }

    /// The id of a rule; where there is none, of one that is not there.
    fn rule_id(&mut self, config: &Value) -> Value {
        let rules = config["rules"].as_array().unwrap();
        rules.choose(&mut self.0).map_or_else(|| json!("none"), |rule| rule["_id"].clone())
    }

    fn clause_id(&mut self, config: &Value) -> (Value, Value) {
        let rule = config["rules"].as_array().unwrap().choose(&mut self.0);
        let clause = rule.and_then(|rule| rule["clauses"].as_array().unwrap().choose(&mut self.0));
        let id = |found: Option<&Value>| found.map_or_else(|| json!("none"), |one| one["_id"].clone());
        (id(rule), id(clause))
    }

    fn reorder(&mut self, config: &Value) -> Value {
        let mut ids: Vec<_> = config["rules"].as_array().unwrap().iter().map(|rule| rule["_id"].clone()).collect();
        ids.reverse();
        json!({"kind": "reorderRules", "ruleIds": ids})
    }
}
