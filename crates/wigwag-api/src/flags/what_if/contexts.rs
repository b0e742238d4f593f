//! Whom a what-if is about: contexts of the request, or those that SDKs told of, in pages.

use std::collections::VecDeque;
use std::sync::Arc;

use serde_json::value::RawValue;
use wigwag_kit::{Ctx, Error, Result};
use wigwag_model::context::Context;
use wigwag_store::Store;
use wigwag_store::volume::{Cursor, PageOf};

use super::MOST_CONTEXTS;

/// Contexts read, and compared, at once: one page is compared while the next is read.
const PAGE: usize = 4_000;

/// Some contexts as JSON.
pub(super) enum Page {
    Sent(Vec<Box<RawValue>>),
    Seen(Vec<String>),
}

impl Page {
    /// How many.
    pub(super) fn len(&self) -> usize {
        match self {
            Self::Sent(list) => list.len(),
            Self::Seen(list) => list.len(),
        }
    }

    fn text(&self, at: usize) -> &str {
        match self {
            Self::Sent(list) => list[at].get(),
            Self::Seen(list) => &list[at],
        }
    }

    /// Their texts.
    pub(super) fn texts(&self) -> Vec<&str> {
        (0..self.len()).map(|at| self.text(at)).collect()
    }

    /// Kinds and keys of those that can be read.
    pub(super) fn keys(&self) -> Vec<(String, String)> {
        let contexts = self.texts().into_iter().filter_map(|text| Context::from_json(text.as_bytes()).ok());
        let parts = |context: Context| {
            let parts = context.parts().iter();
            parts.map(|part| (part.kind().as_str().to_owned(), part.key().to_owned())).collect::<Vec<_>>()
        };
        contexts.flat_map(parts).collect()
    }
}

/// The text of a context by its place among all.
pub(super) fn text(pages: &[Arc<Page>], mut at: usize) -> &str {
    for page in pages {
        if at < page.len() {
            return page.text(at);
        }
        at -= page.len();
    }
    ""
}

/// Contexts that come page by page.
pub(super) struct Contexts {
    ready: VecDeque<Arc<Page>>,
    rest: Option<Rest>,
    complete: bool,
}

/// What is still to be read of those that were seen, the most recent ones first.
struct Rest {
    store: Store,
    environment: String,
    left: usize,
    after: Option<Cursor>,
}

impl Contexts {
    /// Those of a request.
    pub(super) fn sent(list: Vec<Box<RawValue>>) -> Self {
        let (mut ready, mut list) = (VecDeque::new(), list.into_iter());
        loop {
            let page: Vec<_> = list.by_ref().take(PAGE).collect();
            if page.is_empty() {
                return Self { ready, rest: None, complete: true };
            }
            ready.push_back(Arc::new(Page::Sent(page)));
        }
    }

    /// Those that SDKs told of, at most `limit`.
    ///
    /// # Errors
    /// A limit that cannot be.
    pub(super) fn seen(ctx: &Ctx, environment: &str, limit: Option<usize>) -> Result<Self> {
        let left = limit.unwrap_or(MOST_CONTEXTS);
        if !(1..=MOST_CONTEXTS).contains(&left) {
            return Err(Error::field("limit", format_args!("must be 1 to {MOST_CONTEXTS}")));
        }
        let rest = Rest { store: ctx.store().clone(), environment: environment.to_owned(), left, after: None };
        Ok(Self { ready: VecDeque::new(), rest: Some(rest), complete: false })
    }

    /// The next page.
    pub(super) async fn next(&mut self) -> Result<Option<Arc<Page>>> {
        if let Some(page) = self.ready.pop_front() {
            return Ok(Some(page));
        }
        let Some(rest) = &mut self.rest else { return Ok(None) };
        let page = PageOf { limit: rest.left.min(PAGE), after: rest.after, ascending: false, count: false };
        let found = rest.store.volume().bodies(&rest.environment, page).await?;
        rest.left -= found.items.len();
        rest.after = found.next;
        if rest.after.is_none() || rest.left == 0 {
            self.complete = rest.after.is_none();
            self.rest = None;
        }
        Ok((!found.items.is_empty()).then(|| Arc::new(Page::Seen(found.items))))
    }

    /// Reads all there are; they are still to come.
    pub(super) async fn read_all(&mut self) -> Result<Vec<Arc<Page>>> {
        let mut all = Vec::new();
        while let Some(page) = self.next().await? {
            all.push(page);
        }
        self.ready = all.iter().cloned().collect();
        Ok(all)
    }

    /// Whether these were all there are, once all are read.
    pub(super) const fn complete(&self) -> bool {
        self.complete
    }
}
