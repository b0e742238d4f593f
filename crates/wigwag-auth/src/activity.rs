//! When tokens and members were last active. Noted in memory, written at most once a minute to the volume: it is no
//! configuration, and not worth a change.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use wigwag_kit::Error;
use wigwag_model::clock::Millis;
use wigwag_store::Store;

/// How long what was noted waits to be written.
const WRITTEN_EVERY: Duration = Duration::from_secs(60);

/// The last use of tokens and members. Cheap to clone.
#[derive(Clone)]
pub struct Activity(Arc<Inner>);

struct Inner {
    store: Store,
    state: Mutex<Noted>,
}

#[derive(Default)]
struct Noted {
    /// What is not written yet.
    at: HashMap<Arc<str>, Millis>,
    /// Whether a task waits to write it.
    waiting: bool,
}

/// What uses of a token are noted under.
#[must_use]
pub fn token_subject(id: &str) -> String {
    format!("token/{id}")
}

/// What the activity of a member is noted under.
#[must_use]
pub fn member_subject(id: &str) -> String {
    format!("member/{id}")
}

impl Activity {
    /// Kept in the volume of a store.
    #[must_use]
    pub fn new(store: Store) -> Self {
        Self(Arc::new(Inner { store, state: Mutex::default() }))
    }

    /// Notes that these were active. Within a runtime, what is noted is written within a minute.
    pub fn note(&self, subjects: &[Arc<str>], at: Millis) {
        let mut state = self.0.state.lock();
        for subject in subjects {
            match state.at.get_mut(subject) {
                Some(last) => *last = at.max(*last),
                None => {
                    state.at.insert(Arc::clone(subject), at);
                }
            }
        }
        if !state.waiting
            && let Ok(runtime) = tokio::runtime::Handle::try_current()
        {
            state.waiting = true;
            let later = self.clone();
            runtime.spawn(async move {
                tokio::time::sleep(WRITTEN_EVERY).await;
                later.0.state.lock().waiting = false;
                if let Err(error) = later.flush().await {
                    tracing::warn!("the last use of tokens could not be written, it is tried again: {error}");
                }
            });
        }
    }

    /// Writes what was noted.
    ///
    /// # Errors
    /// When the volume cannot be written; what was noted is kept.
    pub async fn flush(&self) -> Result<(), Error> {
        let noted = std::mem::take(&mut self.0.state.lock().at);
        if noted.is_empty() {
            return Ok(());
        }
        let uses = noted.iter().map(|(subject, at)| (subject.to_string(), *at)).collect();
        let written = self.0.store.volume().note_uses(uses).await;
        if written.is_err() {
            let mut state = self.0.state.lock();
            for (subject, at) in noted {
                let last = state.at.entry(subject).or_insert(at);
                *last = at.max(*last);
            }
        }
        Ok(written?)
    }

    /// When these were last active, as far as this process knows and has read; none for those who never were.
    ///
    /// # Errors
    /// When the volume cannot be read.
    pub async fn last(&self, subjects: &[String]) -> Result<HashMap<String, Millis>, Error> {
        let mut last = self.0.store.volume().last_uses(subjects).await?;
        let state = self.0.state.lock();
        for subject in subjects {
            if let Some(&at) = state.at.get(&**subject) {
                let known = last.entry(subject.clone()).or_insert(at);
                *known = at.max(*known);
            }
        }
        Ok(last)
    }
}
