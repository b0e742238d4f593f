//! Members of big segments: asked for before flags are evaluated, because evaluating neither reads nor waits.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use sha2::{Digest as _, Sha256};
use wigwag_eval::{BigSegmentAnswer, BigSegmentsStatus, CompiledFlag, CompiledSegment, Lookup};
use wigwag_model::context::Context;

use crate::snapshot::EnvSnapshot;

/// Knows the members of big segments.
pub trait Members: Send + Sync {
    /// Where keys stand in segments of the environment with this client-side ID: whether each is included or excluded,
    /// in the order of the questions, and how far that can be relied on. Streams await the answer on threads of their own,
    /// where there is no runtime: whatever needs one is to be spawned on it.
    fn ask(&self, env: &str, questions: Vec<MemberQuestion>) -> Answers;
}

/// What is known of each question, and how well.
pub type Answers = Pin<Box<dyn Future<Output = (BigSegmentsStatus, Vec<Option<bool>>)> + Send>>;

/// A segment and the key of a context.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MemberQuestion {
    /// The segment.
    pub segment: Box<str>,
    /// Counts how often its lists began anew.
    pub generation: i64,
    /// The key, as it is.
    pub key: Box<str>,
}

/// What is known of one context's memberships.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    status: BigSegmentsStatus,
    found: Box<[(MemberQuestion, Option<bool>)]>,
}

/// Has it looked up where `context` stands in the big segments of a snapshot; nothing where there are none, or nobody
/// is to be asked.
pub fn ask(
    members: Option<&Arc<dyn Members>>,
    snapshot: &EnvSnapshot,
    context: &Context,
) -> Option<Pin<Box<dyn Future<Output = Known> + Send>>> {
    if snapshot.big_segments().is_empty() {
        return None;
    }
    let members = members?;
    let questions: Vec<MemberQuestion> = snapshot
        .big_segments()
        .iter()
        .filter_map(|segment| {
            let big = segment.about().big.as_ref()?;
            let part = context.parts().iter().find(|part| part.kind().as_str() == &*big.kind)?;
            Some(MemberQuestion { segment: segment.key().into(), generation: big.generation, key: part.key().into() })
        })
        .collect();
    let answers = members.ask(&snapshot.settings().id, questions.clone());
    Some(Box::pin(async move {
        let (status, found) = answers.await;
        let found = found.into_iter().chain(std::iter::repeat(None));
        Known { status, found: questions.into_iter().zip(found).collect() }
    }))
}

impl Known {
    /// Whether the members could be read.
    #[must_use]
    pub fn is_read(&self) -> bool {
        self.status != BigSegmentsStatus::StoreError
    }

    fn answer(&self, segment: &str, generation: i64, key: &str) -> BigSegmentAnswer {
        let asked = |question: &MemberQuestion| {
            question.generation == generation && *question.segment == *segment && *question.key == *key
        };
        let found = self.found.iter().find(|(question, _)| asked(question));
        BigSegmentAnswer { status: self.status, included: found.and_then(|(_, included)| *included) }
    }

    /// Makes a difference to what was made of other knowledge.
    pub(super) fn digest(&self, hash: &mut Sha256) {
        hash.update([self.status as u8]);
        for (question, included) in &self.found {
            hash.update([match included {
                None => 0,
                Some(false) => 1,
                Some(true) => 2,
            }]);
            hash.update(&*question.segment);
        }
    }
}

/// A snapshot as one context sees it, with what is known of its memberships.
#[derive(Clone, Copy)]
pub struct Seen<'a> {
    snapshot: &'a EnvSnapshot,
    known: Option<&'a Known>,
}

impl<'a> Seen<'a> {
    /// Without knowledge, big segments are not configured.
    #[must_use]
    pub const fn new(snapshot: &'a EnvSnapshot, known: Option<&'a Known>) -> Self {
        Self { snapshot, known }
    }

    /// The snapshot.
    #[must_use]
    pub const fn snapshot(&self) -> &'a EnvSnapshot {
        self.snapshot
    }

    /// What is known.
    #[must_use]
    pub const fn known(&self) -> Option<&'a Known> {
        self.known
    }
}

impl Lookup for Seen<'_> {
    #[inline]
    fn flag(&self, key: &str) -> Option<&CompiledFlag> {
        self.snapshot.flag(key)
    }

    #[inline]
    fn segment(&self, key: &str) -> Option<&CompiledSegment> {
        self.snapshot.segment(key)
    }

    fn big_segment(&self, segment: &str, generation: i64, key: &str) -> BigSegmentAnswer {
        let nobody = BigSegmentAnswer { status: BigSegmentsStatus::NotConfigured, included: None };
        self.known.map_or(nobody, |known| known.answer(segment, generation, key))
    }
}
