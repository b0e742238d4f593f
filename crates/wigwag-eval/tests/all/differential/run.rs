//! Draws cases, runs both engines, compares.

use super::draw::Draw;
use super::known::{KNOWN, PrerequisiteFacts, Seen, objects};
use super::{contexts, flags};
use launchdarkly_server_sdk_evaluation as peer;
use serde_json::{Value, json};
use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use wigwag_eval::client::{Plan, is_experiment};
use wigwag_eval::{
    ClauseOutcome, CompiledFlag, CompiledSegment, Environment, Evaluation, Lookup, Recorder, evaluate_flag,
    evaluate_recorded,
};
use wigwag_model::clause::Clause;
use wigwag_model::context::Context;
use wigwag_model::flag::{Flag, Prerequisite};
use wigwag_model::segment::Segment;

/// What a run came to.
#[derive(Debug, Default)]
pub struct Report {
    /// Cases in which both engines evaluated.
    pub compared: u64,
    /// Contexts that both refused.
    pub refused: u64,
    /// Contexts that only one refused, all of the one known sort.
    pub refused_by_one: u64,
    /// Cases that differ, by the name of the first difference that explains them.
    pub differences: BTreeMap<&'static str, u64>,
    /// Cases that were also evaluated by a plan, which tells the variation and no reason.
    pub planned: u64,
    /// How often each kind of reason came out.
    pub reasons: BTreeMap<&'static str, u64>,
    /// How often clauses of each operator matched and did not, of those that were compared.
    pub clauses: BTreeMap<String, (u64, u64)>,
    /// Differences that nothing explains, ready to print.
    pub unexplained: Vec<String>,
}

const CONTEXTS_PER_ENVIRONMENT: u64 = 12;

/// Runs at least this many cases from a seed on, or until something is unexplained.
pub fn run_cases(seed: u64, cases: u64, report: &mut Report) {
    let mut number = seed;
    let end = report.compared + cases;
    while report.compared < end && report.unexplained.is_empty() {
        let mut draw = Draw::new(number);
        let world = World::draw(&mut draw);
        for _ in 0..CONTEXTS_PER_ENVIRONMENT {
            let context = contexts::context(&mut draw);
            world.compare(number, &context, report);
        }
        number = number.wrapping_add(1);
    }
}

/// One environment in both engines' forms.
struct World {
    flags: Vec<Value>,
    segments: Vec<Value>,
    ours: Environment,
    theirs: PeerStore,
    plan: Plan,
}

struct PeerStore {
    flags: HashMap<String, peer::Flag>,
    segments: HashMap<String, peer::Segment>,
}

impl peer::Store for PeerStore {
    fn flag(&self, key: &str) -> Option<peer::Flag> {
        self.flags.get(key).cloned()
    }

    fn segment(&self, key: &str) -> Option<peer::Segment> {
        self.segments.get(key).cloned()
    }
}

impl World {
    fn draw(draw: &mut Draw) -> World {
        let (flags, segments) = (flags::flags(draw), flags::segments(draw));
        let mut ours = Environment::default();
        let mut theirs = PeerStore { flags: HashMap::new(), segments: HashMap::new() };
        for value in &flags {
            let flag: Flag = serde_json::from_value(value.clone()).unwrap();
            // What we would send must be what the peer reads: feed it our own writing.
            let sent = serde_json::to_value(&flag).unwrap();
            let read: peer::Flag = serde_json::from_value(keep_unknown_kinds(sent, value)).unwrap();
            theirs.flags.insert(flag.key.clone(), read);
            ours.put_flag(Arc::new(CompiledFlag::new(Arc::new(flag))));
        }
        for value in &segments {
            let segment: Segment = serde_json::from_value(value.clone()).unwrap();
            let sent = serde_json::to_value(&segment).unwrap();
            theirs.segments.insert(segment.key.clone(), serde_json::from_value(sent).unwrap());
            ours.put_segment(Arc::new(CompiledSegment::new(Arc::new(segment))));
        }
        let plan = Plan::new(flags::FLAG_KEYS.iter().map(|key| ours.flag(key).unwrap()));
        World { flags, segments, ours, theirs, plan }
    }

    fn compare(&self, seed: u64, context: &Value, report: &mut Report) {
        let ours = Context::from_value(context.clone());
        let theirs = serde_json::from_value::<peer::Context>(context.clone());
        let (ours, theirs) = match (ours, theirs) {
            (Ok(ours), Ok(theirs)) => (ours, theirs),
            (Err(_), Err(_)) => {
                report.refused += 1;
                return;
            }
            (ours, theirs) => {
                report.refused_by_one += 1;
                let member_says_kind = context["kind"] == "multi" && context["org"].get("kind").is_some();
                if !member_says_kind {
                    report.unexplained.push(format!("seed {seed}: context {context}: {ours:?} or {theirs:?}"));
                }
                return;
            }
        };
        if ours.canonical_key() != theirs.canonical_key() {
            report.unexplained.push(format!("seed {seed}: canonical key of {context}"));
        }
        let mut facts = self.plan.facts(&ours);
        for (n, key) in flags::FLAG_KEYS.iter().enumerate() {
            report.compared += 1;
            let flag = self.ours.flag(key).unwrap();
            if let Some(variation) = self.plan.variation(n, || flag, &mut facts) {
                report.planned += 1;
                let result = evaluate_flag(&self.ours, flag, &ours);
                assert_eq!(variation, result.variation, "seed {seed}: {key} for {context} by a plan");
                assert!(!is_experiment(flag, &result.reason), "seed {seed}: {key} for {context}");
            }
            self.compare_flag(key, seed, context, &ours, &theirs, report);
        }
    }

    fn compare_flag(
        &self,
        key: &str,
        seed: u64,
        context: &Value,
        ours: &Context,
        theirs: &peer::Context,
        report: &mut Report,
    ) {
        let flag = self.ours.flag(key).unwrap();
        let mut events = OurEvents::default();
        let result = evaluate_recorded(&self.ours, flag, ours, &mut events);
        assert_eq!(evaluate_flag(&self.ours, flag, ours), result, "recording must not change the result");
        *report.reasons.entry(result.reason.kind.as_str()).or_default() += 1;

        let peer_events = PeerEvents::default();
        let peer_flag = &self.theirs.flags[key];
        let peer_result = peer::evaluate(&self.theirs, peer_flag, theirs, Some(&peer_events));
        let expected = peer_json(&peer_result);
        for (op, matched) in events.clauses {
            let counts = report.clauses.entry(op.to_string()).or_default();
            if matched { counts.0 += 1 } else { counts.1 += 1 }
        }
        let (got, got_events, expected_events) = (json!(result), events.prerequisites, peer_events.0.into_inner());
        if same(&got, &expected) && (result.is_error() || same(&json!(got_events), &json!(expected_events))) {
            return;
        }
        match self.explanation(flag, context, ours) {
            Some(name) => *report.differences.entry(name).or_default() += 1,
            None => report.unexplained.push(format!(
                "seed {seed}, flag {key}\ncontext {context}\nexpected {expected} {expected_events:?}\n\
                 got      {got} {got_events:?}\nflags {}\nsegments {}",
                json!(self.flags),
                json!(self.segments)
            )),
        }
    }

    fn explanation(&self, flag: &CompiledFlag, context: &Value, ours: &Context) -> Option<&'static str> {
        let mut all = Vec::new();
        self.flags.iter().chain(&self.segments).for_each(|value| objects(value, &mut all));
        let mut facts = PrerequisiteFacts::default();
        evaluate_recorded(&self.ours, self.ours.flag(flag.key())?, ours, &mut facts);
        let kinds = ours.parts().iter().map(|part| part.kind().to_string()).collect();
        let seen = Seen { objects: all, context, kinds, prerequisites: facts };
        KNOWN.iter().find(|known| (known.explains)(&seen)).map(|known| known.name)
    }
}

/// Our reading turns an unknown rollout kind into a plain one; give the peer the original word.
fn keep_unknown_kinds(mut sent: Value, original: &Value) -> Value {
    let restore = |sent: &mut Value, original: &Value| {
        if original["rollout"]["kind"] == "newKind" {
            sent["rollout"]["kind"] = json!("newKind");
        }
    };
    restore(&mut sent["fallthrough"], &original["fallthrough"]);
    for (at, rule) in original["rules"].as_array().into_iter().flatten().enumerate() {
        restore(&mut sent["rules"][at], rule);
    }
    sent
}

/// The peer leaves a too-large index in its malformed results (difference 41).
fn peer_json<T: serde::Serialize>(detail: &peer::Detail<T>) -> Value {
    let error = matches!(detail.reason, peer::Reason::Error { .. });
    let variation = detail.variation_index.filter(|_| !error);
    json!({ "value": detail.value, "variationIndex": variation, "reason": detail.reason })
}

/// Equal JSON, numbers by value.
fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => a.as_f64() == b.as_f64(),
        (Value::Array(a), Value::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b)),
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len() && a.iter().all(|(name, a)| b.get(name).is_some_and(|b| same(a, b)))
        }
        _ => a == b,
    }
}

#[derive(Default)]
struct OurEvents<'a> {
    prerequisites: Vec<Value>,
    clauses: Vec<(&'a str, bool)>,
    /// Operators of the clauses under way, innermost last.
    open: Vec<&'a str>,
}

impl<'a> Recorder<'a> for OurEvents<'a> {
    fn prerequisite(
        &mut self,
        required_by: &'a CompiledFlag,
        wanted: &'a Prerequisite,
        found: Option<(&'a CompiledFlag, &Evaluation<'a>)>,
        _: bool,
    ) {
        if let Some((_, result)) = found {
            self.prerequisites.push(json!([required_by.key(), wanted.key, result]));
        }
    }

    fn clause_started(&mut self, _: u32, clause: &'a Clause) {
        self.open.push(&clause.op);
    }

    fn clause_finished(&mut self, _: u32, outcome: ClauseOutcome) {
        let op = self.open.pop().unwrap();
        if matches!(outcome, ClauseOutcome::Matched | ClauseOutcome::NotMatched) {
            self.clauses.push((op, outcome.matched()));
        }
    }
}

#[derive(Default)]
struct PeerEvents(RefCell<Vec<Value>>);

impl peer::PrerequisiteEventRecorder for PeerEvents {
    fn record(&self, event: peer::PrerequisiteEvent) {
        let result = peer_json(&event.prerequisite_result);
        self.0.borrow_mut().push(json!([event.target_flag_key, event.prerequisite_flag.key, result]));
    }
}
