//! The engines, each with its data prepared as well as it can be.

use super::bare::Bare;
use super::shapes::Shape;
use anyhow::{Result, ensure};
use launchdarkly_server_sdk_evaluation as official;
use std::collections::HashMap;
use std::hint::black_box;
use std::sync::Arc;
use unleash_yggdrasil::state::EnrichedContext;
use unleash_yggdrasil::{ClientFeatures, Context as UnleashContext, EngineState, UpdateMessage};
use wigwag_eval::{CompiledFlag, CompiledSegment, Environment, evaluate_flag};
use wigwag_model::context::Context;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Engine {
    Wigwag,
    Official,
    Yggdrasil,
    Bare,
}

impl Engine {
    pub(crate) const ALL: [Engine; 4] = [Engine::Wigwag, Engine::Official, Engine::Yggdrasil, Engine::Bare];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Engine::Wigwag => "wigwag",
            Engine::Official => "official",
            Engine::Yggdrasil => "yggdrasil",
            Engine::Bare => "bare",
        }
    }

    pub(crate) fn named(name: &str) -> Option<Engine> {
        Engine::ALL.into_iter().find(|engine| engine.name() == name)
    }

    /// Builds the engine's data and checks that it gives the shape's result.
    pub(crate) fn prepare(self, shape: &Shape) -> Result<Prepared> {
        Ok(match self {
            Engine::Wigwag => Prepared::Wigwag(Box::new(Wigwag::new(shape)?)),
            Engine::Official => Prepared::Official(Box::new(Official::new(shape)?)),
            Engine::Yggdrasil => Prepared::Yggdrasil(Box::new(Yggdrasil::new(shape)?)),
            Engine::Bare => Prepared::Bare(Box::new(Bare::new(shape)?)),
        })
    }
}

/// An engine with a shape's data.
pub(crate) enum Prepared {
    Wigwag(Box<Wigwag>),
    Official(Box<Official>),
    Yggdrasil(Box<Yggdrasil>),
    Bare(Box<Bare>),
}

impl Prepared {
    /// Evaluates the shape once.
    #[inline]
    pub(crate) fn run(&self) {
        match self {
            Prepared::Wigwag(engine) => engine.run(),
            Prepared::Official(engine) => engine.run(),
            Prepared::Yggdrasil(engine) => engine.run(),
            Prepared::Bare(engine) => engine.run(),
        }
    }
}

pub(crate) struct Wigwag {
    environment: Environment,
    context: Context,
    top: Vec<Arc<CompiledFlag>>,
}

impl Wigwag {
    fn new(shape: &Shape) -> Result<Wigwag> {
        let mut environment = Environment::default();
        for flag in &shape.flags {
            environment.put_flag(Arc::new(CompiledFlag::new(Arc::new(serde_json::from_value(flag.clone())?))));
        }
        for segment in &shape.segments {
            let segment = serde_json::from_value(segment.clone())?;
            environment.put_segment(Arc::new(CompiledSegment::new(Arc::new(segment))));
        }
        let context = Context::from_value(shape.context.clone())?;
        let shared = |key: &String| environment.flags().find(|flag| flag.key() == key).cloned();
        let top: Vec<_> = shape.top.iter().filter_map(shared).collect();
        ensure!(top.len() == shape.top.len(), "{}: flags are missing", shape.name);
        let got = evaluate_flag(&environment, &top[0], &context);
        ensure!(*got.value == shape.serves, "{}: {got:?}", shape.name);
        Ok(Wigwag { environment, context, top })
    }

    /// Is handed the flag itself, as the official crate is; yggdrasil always finds it by name.
    #[inline]
    fn run(&self) {
        for flag in &self.top {
            black_box(evaluate_flag(black_box(&self.environment), black_box(flag), black_box(&self.context)));
        }
    }
}

pub(crate) struct Official {
    store: OfficialStore,
    context: official::Context,
    top: Vec<official::Flag>,
}

/// The crate asks its store for owned flags and segments.
struct OfficialStore {
    flags: HashMap<String, official::Flag>,
    segments: HashMap<String, official::Segment>,
}

impl official::Store for OfficialStore {
    fn flag(&self, key: &str) -> Option<official::Flag> {
        self.flags.get(key).cloned()
    }

    fn segment(&self, key: &str) -> Option<official::Segment> {
        self.segments.get(key).cloned()
    }
}

impl Official {
    fn new(shape: &Shape) -> Result<Official> {
        let key = |value: &serde_json::Value| value["key"].as_str().unwrap_or_default().to_string();
        let mut store = OfficialStore { flags: HashMap::new(), segments: HashMap::new() };
        for flag in &shape.flags {
            store.flags.insert(key(flag), serde_json::from_value(flag.clone())?);
        }
        for segment in &shape.segments {
            store.segments.insert(key(segment), serde_json::from_value(segment.clone())?);
        }
        let context = serde_json::from_value(shape.context.clone())?;
        let top: Vec<_> = shape.top.iter().filter_map(|key| store.flags.get(key).cloned()).collect();
        let got = serde_json::to_value(official::evaluate(&store, &top[0], &context, None).value)?;
        ensure!(got == shape.serves, "{}: {got}", shape.name);
        Ok(Official { store, context, top })
    }

    #[inline]
    fn run(&self) {
        for flag in &self.top {
            black_box(official::evaluate(black_box(&self.store), black_box(flag), black_box(&self.context), None));
        }
    }
}

pub(crate) struct Yggdrasil {
    state: EngineState,
    context: UnleashContext,
    top: Vec<String>,
}

impl Yggdrasil {
    fn new(shape: &Shape) -> Result<Yggdrasil> {
        let features: ClientFeatures = serde_json::from_value(shape.unleash.clone())?;
        let context: UnleashContext = serde_json::from_value(shape.unleash_context.clone())?;
        let state = EngineState::default();
        let warnings = state.take_state(UpdateMessage::FullResponse(features));
        ensure!(warnings.is_none_or(|warnings| warnings.is_empty()), "{}: warnings", shape.name);
        let engine = Yggdrasil { state, context, top: shape.top.clone() };
        let got = engine.state.check_enabled(&EnrichedContext::from(&engine.context, &engine.top[0], None));
        ensure!(got == Some(shape.unleash_serves), "{}: {got:?}", shape.name);
        Ok(engine)
    }

    #[inline]
    fn run(&self) {
        for name in &self.top {
            let context = EnrichedContext::from(black_box(&self.context), black_box(name), None);
            black_box(black_box(&self.state).check_enabled(&context));
        }
    }
}
