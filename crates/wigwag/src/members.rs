//! Members of big segments for results of client-side SDKs: the server holds them itself, so it is never behind.

use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::Mutex;
use tokio::runtime::Handle;
use wigwag_api::read::segment_owner;
use wigwag_live::{Answers, BigSegmentsStatus, MemberQuestion, Members};
use wigwag_model::doc::Kind;
use wigwag_store::{Membership, Result, Store};

/// The keys of a project and of an environment in it.
type Name = (Box<str>, Box<str>);

/// Asks the store.
#[derive(Clone)]
pub(crate) struct StoreMembers(Arc<Inner>);

struct Inner {
    store: Store,
    /// Where look-ups run: streams wait for them on threads without a runtime.
    runtime: Handle,
    /// Project and environment by client-side ID; neither key ever changes.
    names: Mutex<HashMap<Box<str>, Name>>,
}

impl StoreMembers {
    /// To be called within a runtime.
    pub(crate) fn new(store: Store) -> Self {
        Self(Arc::new(Inner { store, runtime: Handle::current(), names: Mutex::default() }))
    }

    async fn look_up(&self, env: &str, questions: &[MemberQuestion]) -> Result<Vec<Option<bool>>> {
        let Some((project, environment)) = self.name(env).await? else { return Ok(Vec::new()) };
        let asked = |q: &MemberQuestion| (segment_owner(&project, &environment, &q.segment), q.key.to_string());
        let found = self.0.store.memberships(&questions.iter().map(asked).collect::<Vec<_>>()).await?;
        Ok(found.into_iter().map(included).collect())
    }

    async fn name(&self, env: &str) -> Result<Option<Name>> {
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
        let runtime = members.0.runtime.clone();
        let looked_up =
            runtime.spawn(async move { members.look_up(&env, &questions).await.map_err(|error| error.to_string()) });
        Box::pin(async move {
            match looked_up.await.map_err(|error| error.to_string()).and_then(|found| found) {
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
