//! Members of big segments for results of client-side SDKs: the server holds them itself, so it is never behind.

use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::Mutex;
use wigwag_api::read::segment_owner;
use wigwag_live::{Answers, BigSegmentsStatus, MemberQuestion, Members};
use wigwag_model::doc::Kind;
use wigwag_store::{Membership, Result, Store};

/// Asks the store.
#[derive(Clone)]
pub(crate) struct StoreMembers(Arc<Inner>);

struct Inner {
    store: Store,
    /// Project and environment by client-side ID; neither key ever changes.
    names: Mutex<HashMap<Box<str>, (Box<str>, Box<str>)>>,
}

impl StoreMembers {
    pub(crate) fn new(store: Store) -> Self {
        Self(Arc::new(Inner { store, names: Mutex::default() }))
    }

    async fn look_up(&self, env: &str, questions: &[MemberQuestion]) -> Result<Vec<Option<bool>>> {
        let Some((project, environment)) = self.name(env).await? else { return Ok(Vec::new()) };
        let asked = |q: &MemberQuestion| (segment_owner(&project, &environment, &q.segment), q.key.to_string());
        let found = self.0.store.memberships(&questions.iter().map(asked).collect::<Vec<_>>()).await?;
        Ok(found.into_iter().map(included).collect())
    }

    async fn name(&self, env: &str) -> Result<Option<(Box<str>, Box<str>)>> {
        if let Some(known) = self.0.names.lock().get(env) {
            return Ok(Some(known.clone()));
        }
        let Some(doc) = self.0.store.find_unique(Kind::Environment, "clientSideId", env).await? else {
            return Ok(None);
        };
        let name = (Box::from(&*doc.key.project), Box::from(&*doc.key.key));
        self.0.names.lock().insert(env.into(), name.clone());
        Ok(Some(name))
    }
}

impl Members for StoreMembers {
    fn ask(&self, env: &str, questions: Vec<MemberQuestion>) -> Answers {
        let (members, env) = (self.clone(), Box::<str>::from(env));
        Box::pin(async move {
            match members.look_up(&env, &questions).await {
                Ok(found) => (BigSegmentsStatus::Healthy, found),
                Err(error) => {
                    tracing::warn!("big segments cannot be asked: {error}");
                    (BigSegmentsStatus::StoreError, Vec::new())
                }
            }
        })
    }
}

/// Inclusion beats exclusion.
const fn included(found: Membership) -> Option<bool> {
    match found {
        Membership { included: true, .. } => Some(true),
        Membership { excluded: true, .. } => Some(false),
        Membership { .. } => None,
    }
}
