//! The flags of an environment, ready to be evaluated: as SDKs have them now, or as they were.

use std::sync::Arc;
use std::time::Duration;

use wigwag_eval::{BigSegmentAnswer, BigSegmentsStatus, CompiledFlag, CompiledSegment, Environment, Lookup};
use wigwag_kit::{Ctx, Result};
use wigwag_live::{EnvSnapshot, Live};
use wigwag_model::doc::{self, Kind};
use wigwag_model::publish;
use wigwag_store::{At, Doc};

/// How long the process's snapshots may lag behind the log before the documents are read instead.
const FRESH_WITHIN: Duration = Duration::from_millis(250);

/// Answers whether a raw context key is in a generation of a big segment.
pub type BigSegmentLookup = Arc<dyn Fn(&str, i64, &str) -> BigSegmentAnswer + Send + Sync>;

/// An environment's flags and segments, compiled. Evaluating with it neither reads nor waits.
pub struct Evaluator {
    from: From,
    big_segments: Option<BigSegmentLookup>,
}

enum From {
    /// The snapshot that SDKs are served.
    Live(Arc<EnvSnapshot>),
    /// Compiled from documents.
    Documents(Environment),
}

impl Evaluator {
    /// With an answer for big segments; without one they are as good as not configured.
    #[must_use]
    pub fn with_big_segments(mut self, lookup: BigSegmentLookup) -> Self {
        self.big_segments = Some(lookup);
        self
    }

    /// The big segments there are, in no order.
    #[must_use]
    pub fn big_segments(&self) -> Vec<&CompiledSegment> {
        let all: Vec<&CompiledSegment> = match &self.from {
            From::Live(snapshot) => snapshot.segments().iter().map(|item| item.compiled()).collect(),
            From::Documents(environment) => environment.segments().map(|segment| &**segment).collect(),
        };
        all.into_iter().filter(|segment| segment.source().unbounded).collect()
    }

    /// All flags that are not archived, by key.
    #[must_use]
    pub fn flags(&self) -> Vec<&CompiledFlag> {
        match &self.from {
            From::Live(snapshot) => snapshot.flags().iter().map(|item| item.compiled()).collect(),
            From::Documents(environment) => {
                let mut flags: Vec<&CompiledFlag> = environment.flags().map(|flag| &**flag).collect();
                flags.sort_by(|a, b| a.key().cmp(b.key()));
                flags
            }
        }
    }
}

impl Lookup for Evaluator {
    fn flag(&self, key: &str) -> Option<&CompiledFlag> {
        match &self.from {
            From::Live(snapshot) => snapshot.flag(key),
            From::Documents(environment) => environment.flag(key),
        }
    }

    fn segment(&self, key: &str) -> Option<&CompiledSegment> {
        match &self.from {
            From::Live(snapshot) => snapshot.segment(key),
            From::Documents(environment) => environment.segment(key),
        }
    }

    fn big_segment(&self, segment: &str, generation: i64, context_key: &str) -> BigSegmentAnswer {
        let unknown = BigSegmentAnswer { status: BigSegmentsStatus::NotConfigured, included: None };
        self.big_segments.as_ref().map_or(unknown, |ask| ask(segment, generation, context_key))
    }
}

/// The flags of an environment as they are now, or as of the time that the request asks about: the
/// process's own snapshot if it has one that holds all that was committed, otherwise the documents.
/// The caller has checked who asks.
///
/// # Errors
/// The store cannot be read.
pub async fn evaluator(ctx: &Ctx, project: &str, environment: &str) -> Result<Evaluator> {
    if let Some(seq) = ctx.as_of {
        return evaluator_at(ctx, project, environment, At::Seq(seq)).await;
    }
    if let Some(snapshot) = fresh(ctx, project, environment).await {
        return Ok(Evaluator { from: From::Live(snapshot), big_segments: None });
    }
    let scan = |kind, env| ctx.store().scan(kind, Some(project), Some(env));
    let (flags, configs, segments) =
        tokio::try_join!(scan(Kind::Flag, ""), scan(Kind::FlagConfig, environment), scan(Kind::Segment, environment))?;
    Ok(Evaluator { from: From::Documents(compile(&flags, &configs, &segments)?), big_segments: None })
}

/// The flags of an environment as they were. The caller has checked who asks.
///
/// # Errors
/// The store cannot be read.
pub async fn evaluator_at(ctx: &Ctx, project: &str, environment: &str, at: At) -> Result<Evaluator> {
    let at = At::Seq(ctx.store().seq_at(at).await?);
    let scan = |kind, env| ctx.store().scan_at(kind, Some(project), Some(env), at);
    let (flags, configs, segments) =
        tokio::try_join!(scan(Kind::Flag, ""), scan(Kind::FlagConfig, environment), scan(Kind::Segment, environment))?;
    Ok(Evaluator { from: From::Documents(compile(&flags, &configs, &segments)?), big_segments: None })
}

/// The process's snapshot, once it shows everything that this process has committed.
async fn fresh(ctx: &Ctx, project: &str, environment: &str) -> Option<Arc<EnvSnapshot>> {
    let live = ctx.app.extension::<Live>().filter(|live| live.is_loaded())?;
    let head = *ctx.store().watch().borrow();
    tokio::time::timeout(FRESH_WITHIN, live.reached(head)).await.ok()?;
    live.by_name(project, environment).map(|env| env.snapshot())
}

fn compile(flags: &[Doc], configs: &[Doc], segments: &[Doc]) -> Result<Environment> {
    let mut environment = Environment::default();
    // Both lists are in the order of their keys.
    let mut flags = flags.iter().peekable();
    for config in configs {
        while flags.next_if(|flag| flag.key.key < config.key.key).is_some() {}
        let Some(flag) = flags.next_if(|flag| flag.key.key == config.key.key) else { continue };
        let wire = publish::flag(&flag.decode::<doc::Flag>()?, &config.decode::<doc::FlagConfig>()?, config.version);
        if let Some(wire) = wire {
            environment.put_flag(Arc::new(CompiledFlag::new(Arc::new(wire))));
        }
    }
    for segment in segments {
        let wire = publish::segment_from(segment.decode()?, segment.version);
        environment.put_segment(Arc::new(CompiledSegment::new(Arc::new(wire))));
    }
    Ok(environment)
}
