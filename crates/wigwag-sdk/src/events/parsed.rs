//! A body of events together with what was read of it.

use std::fmt;

use bytes::Bytes;
use self_cell::self_cell;

use super::event::{Event, read_events};

type Events<'b> = Vec<Event<'b>>;

self_cell!(
    struct Read {
        owner: Bytes,
        #[covariant]
        dependent: Events,
    }
);

/// A batch that was read: its events point into its text.
pub struct Parsed(Read);

impl Parsed {
    /// Reads an array of events or one event. `seen` is told of each element, nothing for one that is no object.
    ///
    /// # Errors
    /// It is not JSON in UTF-8, or neither an array nor an object.
    pub fn of(body: Bytes, mut seen: impl FnMut(Option<&Event<'_>>)) -> serde_json::Result<Self> {
        let read = Read::try_new(body, |body| {
            let mut events = Vec::new();
            let read = read_events(body, |event| {
                seen(event.as_ref());
                events.extend(event);
            });
            read.map(|()| events)
        });
        read.map(Self)
    }

    /// Its events. What is not an object is left out.
    #[must_use]
    pub fn events(&self) -> &[Event<'_>] {
        self.0.borrow_dependent()
    }

    /// Bytes of memory that it takes, about, beyond its text.
    #[must_use]
    pub fn size(&self) -> usize {
        size_of_val(self.events())
    }
}

impl fmt::Debug for Parsed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} events", self.events().len())
    }
}
