//! A directory belongs to one process at a time.

use std::fs::{File, TryLockError};
use std::io;
use std::path::Path;
use std::time::{Duration, Instant};

/// How long a directory that is taken is waited for: its holder may be on its way out, and a program that it was just
/// starting holds its files open for a moment longer.
const LET_GO: Duration = Duration::from_secs(2);
/// How often it is tried.
const TRY: Duration = Duration::from_millis(20);

/// Takes a directory by this file in it, which is made; the lock goes with the handle. `None` where another process
/// has it. Blocks for up to two seconds.
///
/// # Errors
/// The file cannot be made or locked.
pub fn take_by(file: &Path) -> io::Result<Option<File>> {
    let file = File::create(file)?;
    let patience = Instant::now() + LET_GO;
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(Some(file)),
            Err(TryLockError::Error(error)) => return Err(error),
            Err(TryLockError::WouldBlock) if Instant::now() >= patience => return Ok(None),
            Err(TryLockError::WouldBlock) => std::thread::sleep(TRY),
        }
    }
}
