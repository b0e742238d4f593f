//! What an answer is made of, without HTTP: each part by itself, in a loop on one thread.

use std::hint::black_box;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use wigwag_live::{Audience, Form, MemoryLog, MemoryWrite, Seen, World};
use wigwag_model::context::Context;

/// Microseconds each part takes for one context, at best.
pub(crate) struct Parts {
    /// Reading the context.
    pub(crate) read: f64,
    /// Making the entity tag.
    pub(crate) tag: f64,
    /// Evaluating all flags and writing the results.
    pub(crate) evaluate: f64,
}

impl Parts {
    /// Of an environment, for some contexts in turn.
    pub(crate) fn measure(flags: Vec<MemoryWrite>, contexts: &[String]) -> Result<Self> {
        let log = MemoryLog::default();
        log.commit(flags);
        let world = World::rebuild(log.state());
        let (_, snapshot) = world.envs().next().context("no environment")?;
        let list = snapshot.clients(Audience::EnvironmentId);
        let parsed = contexts.iter().map(|text| Context::from_json(text.as_bytes())).collect::<Result<Vec<_>, _>>()?;
        let form = Form::default();
        let subject = Seen::new(snapshot, None);
        Ok(Self {
            read: best(contexts, |text| drop(black_box(Context::from_json(text.as_bytes())))),
            tag: best(contexts, |text| drop(black_box(list.etag(text.as_bytes(), form, None)))),
            evaluate: best(&parsed, |context| drop(black_box(list.evaluate(&subject, context, form)))),
        })
    }
}

/// The best of several rounds.
fn best<T>(of: &[T], work: impl Fn(&T)) -> f64 {
    let round = || {
        let (began, mut count) = (Instant::now(), 0);
        while began.elapsed() < Duration::from_millis(50) {
            of.iter().for_each(&work);
            count += of.len();
        }
        began.elapsed().as_secs_f64() * 1e6 / count as f64
    };
    (0..10).map(|_| round()).fold(f64::MAX, f64::min)
}
