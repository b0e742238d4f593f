//! Memory for answers that is used again: whoever asks for all flags is answered by tens of kilobytes, and memory of that
//! size that was given back comes empty from the system each time, page by page.

use std::cell::Cell;

use bytes::Bytes;

/// So many are kept by each thread.
const KEPT: usize = 4;
/// Longer ones are given back.
const MOST: usize = 1 << 20;

thread_local! {
    static SPARE: Cell<Vec<Vec<u8>>> = const { Cell::new(Vec::new()) };
}

/// What `write` appends to an empty buffer.
pub(super) fn bytes(write: impl FnOnce(&mut Vec<u8>)) -> Bytes {
    let mut buffer = taken().unwrap_or_default();
    write(&mut buffer);
    Bytes::from_owner(Lent(buffer))
}

/// A buffer that comes back once the last of its bytes was written.
struct Lent(Vec<u8>);

impl AsRef<[u8]> for Lent {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        let mut buffer = std::mem::take(&mut self.0);
        if buffer.capacity() > MOST {
            return;
        }
        buffer.clear();
        // An error is a thread that ends.
        let _ended = SPARE.try_with(|spare| {
            let mut kept = spare.take();
            if kept.len() < KEPT {
                kept.push(buffer);
            }
            spare.set(kept);
        });
    }
}

/// The one that was given back last: it is the likeliest to be in the processor's memory.
fn taken() -> Option<Vec<u8>> {
    let taken = SPARE.try_with(|spare| {
        let mut kept = spare.take();
        let last = kept.pop();
        spare.set(kept);
        last
    });
    taken.ok().flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_read_to_the_end_is_used_again() {
        let first = bytes(|out| out.extend_from_slice(b"first"));
        let part = first.slice(1..3);
        let place = first.as_ptr();
        drop(first);
        let second = bytes(|out| out.extend_from_slice(b"second"));
        assert_ne!(second.as_ptr(), place, "a part of it is still needed");
        assert_eq!((&*part, &*second), (&b"ir"[..], &b"second"[..]));
        drop(part);
        assert_eq!(bytes(|out| out.extend_from_slice(b"3")).as_ptr(), place);
    }

    #[test]
    fn no_more_is_kept_than_a_little() {
        let many: Vec<Bytes> = (0..10).map(|_| bytes(|out| out.push(0))).collect();
        drop(many);
        drop(bytes(|out| out.resize(MOST + 1, 0)));
        // One of them grew too long.
        let kept: Vec<usize> = std::iter::from_fn(taken).map(|buffer| buffer.capacity()).collect();
        assert!(kept.len() == KEPT - 1 && kept.iter().all(|capacity| *capacity <= MOST), "{kept:?}");
    }
}
