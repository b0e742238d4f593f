//! Contexts come again with every event: each text is read once, and what it tells is recorded once.

use std::borrow::Cow;

use wigwag_model::clock::Millis;
use wigwag_sdk::Event;
use wigwag_store::volume::{Sighting, Unique};

use super::contexts::Said;
use super::keys::{Form, is_anonymous_user};
use super::{Known, Sender};

const DAY: Millis = 24 * 60 * 60_000;

/// The contexts of the events read so far.
#[derive(Default)]
pub(super) struct Contexts<'b> {
    /// By where it stands and its text, the place of what it says.
    read: Known<(Where, Cow<'b, str>), usize>,
    said: Vec<Said>,
    /// By the number of the sender and that place.
    seen: Known<(usize, usize), Seen>,
    uniques: Vec<Unique>,
    /// Events so far.
    events: usize,
}

/// Where an event tells its context.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Where {
    In(Form),
    UserKey { anonymous: bool },
    Nowhere,
}

struct Seen {
    /// When last.
    at: Millis,
    /// The last day it was counted on.
    day: Millis,
    /// The number of the last event that had it.
    event: usize,
    sender: Sender,
}

impl<'b> Contexts<'b> {
    /// What an event says about its context, as a number for [`Contexts::said`].
    pub(super) fn of(&mut self, event: &mut Event<'b>) -> usize {
        let (place, text) = told(event);
        let said = &mut self.said;
        *self.read.entry((place, text)).or_insert_with_key(|(place, text)| {
            said.push(match place {
                Where::In(form) => Said::by(*form, text),
                Where::UserKey { anonymous } => Said::by_user_key(text, *anonymous),
                Where::Nowhere => Said::nothing(),
            });
            said.len() - 1
        })
    }

    pub(super) fn said(&self, number: usize) -> &Said {
        &self.said[number]
    }

    /// Notes that somebody sent it at some time.
    pub(super) fn note(&mut self, number: usize, sender: &Sender, at: Millis) {
        let said = &self.said[number];
        if said.counted.is_empty() && said.parts.is_empty() {
            return;
        }
        self.events += 1;
        let day = at.div_euclid(DAY);
        let mut is_new = false;
        let seen = self.seen.entry((sender.number, number)).or_insert_with(|| {
            is_new = true;
            Seen { at, day, event: 0, sender: sender.clone() }
        });
        if is_new || seen.day != day {
            self.uniques.extend(said.counted.iter().map(|key| Unique {
                env: sender.env.clone(),
                sender: sender.sender.clone(),
                kind: key.kind.clone(),
                anonymous: key.anonymous,
                hash: key.hash,
                at,
            }));
        }
        (seen.at, seen.day, seen.event) = (seen.at.max(at), day, self.events);
    }

    /// Contexts in the order in which they were seen last, which decides what is known in the end; and what is to be
    /// counted of them.
    pub(super) fn into_told(self) -> (Vec<Sighting>, Vec<Unique>) {
        let mut all: Vec<_> = self.seen.into_iter().collect();
        all.retain(|((_, number), _)| !self.said[*number].parts.is_empty());
        all.sort_unstable_by_key(|(_, seen)| seen.event);
        let sighting = |((_, number), seen): ((usize, usize), Seen)| {
            let Said { parts, anonymous, .. } = &self.said[number];
            let Sender { env, application, .. } = seen.sender;
            Sighting { env, at: seen.at, application, anonymous: anonymous.clone(), parts: parts.clone() }
        };
        (all.into_iter().map(sighting).collect(), self.uniques)
    }
}

/// Where the context stands, and its text.
fn told<'b>(event: &mut Event<'b>) -> (Where, Cow<'b, str>) {
    let object = |form: Form| {
        let text = form.of(event)?.get();
        text.starts_with('{').then_some((Where::In(form), text))
    };
    if let Some((place, text)) = Form::ALL.into_iter().find_map(object) {
        return (place, text.into());
    }
    let anonymous = is_anonymous_user(event.context_kind.text());
    match std::mem::take(&mut event.user_key).into_text() {
        Some(key) => (Where::UserKey { anonymous }, key),
        None => (Where::Nowhere, "".into()),
    }
}
