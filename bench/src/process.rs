//! What the system keeps of a process.

use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};

/// Processor time that a process has used, to a hundredth of a second, with threads that ended.
pub(crate) fn processor_time(pid: u32) -> Result<Duration> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).context("no such process")?;
    // After the name in parentheses: user and system time are fields 14 and 15, in hundredths of a second.
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let field = |n: usize| fields.get(n).and_then(|f| f.parse::<u64>().ok()).context("unknown format of stat");
    Ok(Duration::from_millis(10 * (field(11)? + field(12)?)))
}

/// Waits until one that was started listens.
///
/// # Errors
/// It does not within ten seconds.
pub(crate) fn listens(address: SocketAddr) -> Result<()> {
    let until = Instant::now() + Duration::from_secs(10);
    while TcpStream::connect(address).is_err() {
        anyhow::ensure!(Instant::now() < until, "nothing listens at {address}");
        std::thread::sleep(Duration::from_millis(5));
    }
    Ok(())
}

/// A line of its status, in megabytes: `VmRSS` now, `VmHWM` at most.
pub(crate) fn memory(pid: u32, name: &str) -> Result<f64> {
    Ok(kib(pid, name)? as f64 / 1e3)
}

/// The same, in kibibytes.
pub(crate) fn kib(pid: u32, name: &str) -> Result<u64> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).context("no such process")?;
    let line = status.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':')).context("no such line")?;
    Ok(line.trim().trim_end_matches(" kB").parse()?)
}
