//! One what-if: the flag before and after, compared page by page, each on a thread of its own.

use std::collections::VecDeque;
use std::num::NonZero;
use std::sync::Arc;

use tokio::task::JoinHandle;
use wigwag_eval::{CompiledFlag, Evaluation};
use wigwag_kit::{Error, Result};

use super::answer::compiled;
use super::compare::{Comparison, Instead, one};
use super::contexts::{Contexts, Page};
use crate::flags::state::FlagState;
use crate::read::Evaluator;

/// What is compared.
pub(super) struct Job {
    evaluator: Evaluator,
    pub(super) before: FlagState,
    pub(super) after: Option<FlagState>,
    pub(super) env: String,
    old: Option<CompiledFlag>,
    new: Option<CompiledFlag>,
    /// Where each variation of before is after.
    positions: Vec<Option<usize>>,
    samples: usize,
}

impl Job {
    pub(super) fn new(
        evaluator: Evaluator,
        before: FlagState,
        after: Option<FlagState>,
        env: &str,
        samples: usize,
    ) -> Self {
        let at = |id: &str| after.as_ref().and_then(|after| after.flag.variations.iter().position(|new| new.id == id));
        let positions = before.flag.variations.iter().map(|old| at(&old.id)).collect();
        let (old, new) = (compiled(&before, env), after.as_ref().and_then(|after| compiled(after, env)));
        Self { evaluator, before, after, env: env.to_owned(), old, new, positions, samples }
    }

    /// Compares all contexts: the next page is read meanwhile. Answers the pages too.
    ///
    /// # Errors
    /// The store cannot be read.
    pub(super) async fn over(self: &Arc<Self>, contexts: &mut Contexts) -> Result<(Comparison, Vec<Arc<Page>>)> {
        let threads = std::thread::available_parallelism().map_or(1, NonZero::get);
        let (mut all, mut pages, mut running, mut from) = (Comparison::default(), Vec::new(), VecDeque::new(), 0);
        while let Some(page) = contexts.next().await? {
            if running.len() >= threads
                && let Some(first) = running.pop_front()
            {
                all.add(ended(first).await?, self.samples);
            }
            let (job, part) = (Arc::clone(self), Arc::clone(&page));
            // A slow rule makes much work: not on a thread that serves others.
            running.push_back(tokio::task::spawn_blocking(move || job.part(&part, from)));
            from += page.len();
            pages.push(page);
        }
        for part in running {
            all.add(ended(part).await?, self.samples);
        }
        Ok((all, pages))
    }

    fn part(&self, page: &Page, from: usize) -> Comparison {
        let key = self.before.flag.key.as_str();
        let of = |flag| Instead { environment: &self.evaluator, key, flag };
        let same = |old: &Evaluation<'_>, new: &Evaluation<'_>| {
            let moved = old.variation.and_then(|at| self.positions.get(at as usize).copied().flatten());
            moved == new.variation.map(|at| at as usize) && old.value == new.value
        };
        one(&of(self.old.as_ref()), &of(self.new.as_ref()), &page.texts(), from, self.samples, &same)
    }
}

async fn ended(part: JoinHandle<Comparison>) -> Result<Comparison> {
    part.await.map_err(|e| Error::Internal(format!("comparing: {e}")))
}
