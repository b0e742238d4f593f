//! What policies could select a resource by when it was changed: kept with the change, because tags change and
//! resources go.

use serde::{Deserialize, Serialize};

use crate::change::Record;
use crate::spec::Spec;

/// The tags of a resource and of what encloses it, as they were.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Selectors {
    /// The specifier, without tags.
    pub resource: String,
    /// One for each of its steps.
    pub steps: Vec<Step>,
}

/// What one step of a specifier can be selected by.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// Tags.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    /// Whether it is a critical environment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub critical: Option<bool>,
    /// Keys of the views it is linked to.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub views: Vec<String>,
}

impl Selectors {
    /// Those of a resource; none where there is nothing to select by.
    pub(crate) fn of(resource: &str, spec: &Spec) -> Option<Self> {
        let step =
            |s: &crate::spec::Segment| Step { tags: s.tags.clone(), critical: s.critical, views: s.views.clone() };
        let steps: Vec<_> = spec.segments().iter().map(step).collect();
        let any = steps.iter().any(|step| *step != Step::default());
        any.then(|| Self { resource: resource.to_owned(), steps })
    }
}

impl Record {
    /// What was authorised, with the tags that the resources had then. Resources of kinds nobody knows any more are
    /// left out.
    pub fn authorised(&self) -> impl Iterator<Item = (&str, Spec)> {
        self.accesses.iter().filter_map(|access| {
            let mut spec = Spec::parse(&access.resource)?;
            if let Some(known) = self.selectors.iter().find(|s| s.resource == access.resource) {
                for (segment, step) in spec.segments_mut().iter_mut().zip(&known.steps) {
                    segment.tags.clone_from(&step.tags);
                    segment.critical = step.critical;
                    segment.views.clone_from(&step.views);
                }
            }
            Some((access.action.as_str(), spec))
        })
    }
}
