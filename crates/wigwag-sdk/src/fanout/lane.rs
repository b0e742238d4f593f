//! One thread, and the streams it writes.

use std::collections::HashMap;
use std::io;
use std::sync::Arc;
use std::task::Waker;
use std::time::{Duration, Instant};

use mio::{Events, Interest, Poll, Token};
use slab::Slab;

use super::alarm::{Alarm, Tasks};
use super::chunk::Frames;
use super::line::{Line, Outcome};

/// Told by the alarm; streams have the tokens of their places.
const ALARM: Token = Token(usize::MAX);
/// Events taken from the system at once.
const EVENTS: usize = 1024;
/// How often readers that have stopped are looked for, in parts of the time they are given.
const LOOKS: u32 = 4;

/// The streams of one thread.
pub(super) struct Lane {
    poll: Poll,
    alarm: Arc<Alarm>,
    /// In boxes: the list moves as it grows.
    lines: Slab<Box<Seated>>,
    /// Since when streams could not write, by place.
    full: HashMap<usize, Instant>,
    frames: Frames,
    stall: Duration,
}

/// A stream in its place.
struct Seated {
    line: Line,
    bell: Waker,
}

impl Lane {
    /// Starts the thread.
    pub(super) fn start(stall: Duration) -> io::Result<Arc<Alarm>> {
        let poll = Poll::new()?;
        let alarm = Arc::new(Alarm::new(mio::Waker::new(poll.registry(), ALARM)?));
        let (lines, full, frames) = (Slab::new(), HashMap::new(), Frames::default());
        let lane = Self { poll, alarm: Arc::clone(&alarm), lines, full, frames, stall };
        std::thread::Builder::new().name("wigwag-streams".into()).spawn(move || lane.run())?;
        Ok(alarm)
    }

    fn run(mut self) {
        let (mut events, mut tasks) = (Events::with_capacity(EVENTS), Tasks::default());
        while !tasks.ending || !self.lines.is_empty() {
            let pause = if self.alarm.take(&mut tasks) { Some(Duration::ZERO) } else { self.pause() };
            tasks.new.drain(..).for_each(|line| self.seat(line));
            // Twice in the list are those for which there were two changes; the second look finds nothing to do.
            tasks.ready.drain(..).for_each(|place| self.write(place));
            match self.poll.poll(&mut events, pause) {
                Ok(()) => {}
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return tracing::error!(%error, "streams cannot be written any more"),
            }
            for event in &events {
                let Token(place) = event.token();
                if event.token() == ALARM {
                    // Whoever rang is about to say more. Where it shares our processor, we would be switched to and
                    // away from for each stream.
                    std::thread::yield_now();
                } else if (event.is_readable() || event.is_error()) && self.has_left(place) {
                    self.drop(place);
                } else if event.is_writable() {
                    self.write(place);
                }
            }
            self.let_go();
        }
    }

    fn seat(&mut self, mut line: Line) {
        let entry = self.lines.vacant_entry();
        let place = entry.key();
        // Reported once each time something changes, so nothing needs to be asked for again.
        let interest = Interest::READABLE | Interest::WRITABLE;
        if let Err(error) = self.poll.registry().register(line.source(), Token(place), interest) {
            return tracing::warn!(%error, "a stream was not taken on");
        }
        entry.insert(Box::new(Seated { line, bell: self.alarm.bell(place) }));
        self.write(place);
    }

    fn write(&mut self, place: usize) {
        // It may have gone meanwhile, or the place be another's: then this was a look too many.
        let Some(seated) = self.lines.get_mut(place) else { return };
        match seated.line.write(&seated.bell, &mut self.frames) {
            Outcome::Idle => self.moves(place),
            Outcome::More => {
                seated.bell.wake_by_ref();
                self.moves(place);
            }
            Outcome::Full { some } => {
                let since = self.full.entry(place).or_insert_with(Instant::now);
                if some {
                    *since = Instant::now();
                }
            }
            Outcome::Over => self.drop(place),
        }
    }

    fn moves(&mut self, place: usize) {
        if !self.full.is_empty() {
            self.full.remove(&place);
        }
    }

    fn has_left(&mut self, place: usize) -> bool {
        self.lines.get_mut(place).is_some_and(|seated| seated.line.is_gone())
    }

    /// Closes the socket, which takes it off the list of the system too.
    fn drop(&mut self, place: usize) {
        self.full.remove(&place);
        self.lines.try_remove(place);
    }

    /// How long there is nothing to do but what others ask for; `None` for ever.
    fn pause(&self) -> Option<Duration> {
        (!self.full.is_empty()).then(|| (self.stall / LOOKS).max(Duration::from_millis(1)))
    }

    /// Readers that have stopped.
    fn let_go(&mut self) {
        if self.full.is_empty() {
            return;
        }
        let now = Instant::now();
        let stopped = |(place, since): (&usize, &Instant)| (now.duration_since(*since) >= self.stall).then_some(*place);
        let stopped: Vec<usize> = self.full.iter().filter_map(stopped).collect();
        for place in stopped {
            tracing::debug!("a stream's reader has stopped");
            self.drop(place);
        }
    }
}
