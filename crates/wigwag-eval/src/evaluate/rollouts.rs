//! Rollouts: from a bucket to a variation.

use super::{Fatal, Run};
use crate::bucket::with_bucketing_text;
use crate::compile::serve::{BucketBy, Index, Placing, Serve, Split};
use crate::{Bucketing, Recorder};

/// Where a context falls.
pub(super) struct Place {
    pub(super) bucket: f32,
    /// Whether the context has the kind that is bucketed.
    pub(super) kind_found: bool,
}

impl<'a, L, R: Recorder<'a>> Run<'_, 'a, L, R> {
    /// The index to serve (`None` if there is nothing valid) and whether an experiment counts the
    /// context.
    #[inline]
    pub(super) fn serve(&mut self, serve: &Serve) -> Result<(Index, bool), Fatal> {
        match serve {
            Serve::Fixed(index) => Ok((*index, false)),
            Serve::Split(split) => self.split(split),
            Serve::Malformed => Ok((None, false)),
        }
    }

    fn split(&mut self, split: &Split) -> Result<(Index, bool), Fatal> {
        let place = self.place(&split.placing).ok_or(Fatal)?;
        let chosen = split.part(place.bucket);
        let counted = |untracked: bool| split.experiment && place.kind_found && !untracked;
        Ok(chosen.map_or((None, false), |part| (part.variation, counted(part.untracked))))
    }

    /// The context's bucket; `None` if the attribute reference is invalid.
    pub(super) fn place(&mut self, placing: &Placing) -> Option<Place> {
        let part = self.context.part(&placing.kind);
        let hash = |id: &str| placing.prefix.bucket(id);
        let (bucket, attribute) = match &placing.by {
            BucketBy::Invalid => return None,
            BucketBy::Key => (part.map(|part| hash(part.key())), None),
            BucketBy::Attribute(reference) => {
                let value = part.and_then(|part| part.get(reference));
                (value.and_then(|value| with_bucketing_text(value, hash)), Some(reference))
            }
        };
        self.recorder.bucketed(Bucketing {
            prefix: placing.prefix.as_bytes(),
            attribute,
            kind: placing.kind.as_str(),
            kind_found: part.is_some(),
            hashed: bucket.is_some(),
            bucket: bucket.unwrap_or(0.0),
        });
        Some(Place { bucket: bucket.unwrap_or(0.0), kind_found: part.is_some() })
    }
}
