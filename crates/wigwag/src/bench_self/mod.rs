//! `wigwag bench-self`: what this machine and its disk can do, measured in a few seconds with this very binary.

mod commits;
mod evaluation;
mod fanout;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context as _;

use crate::cli::BenchArgs;

/// Measures and tells.
///
/// # Errors
/// The directory cannot be written to, no server starts in it.
pub fn run(args: &BenchArgs) -> anyhow::Result<String> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let outcome = runtime.block_on(report(args));
    runtime.shutdown_background();
    outcome
}

async fn report(args: &BenchArgs) -> anyhow::Result<String> {
    let place = Place::make(&args.dir)?;
    let time = Duration::from_secs(args.seconds);
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let (version, dir) = (env!("CARGO_PKG_VERSION"), args.dir.display());
    let mut text = format!("Wigwag {version}{}, {cores} processors, files in {dir}\n\n", build());
    for writers in [1, 16, 64] {
        let figures = commits::measure(&place.0.join(format!("commits-{writers}")), writers, time).await?;
        let words = format!("commits on SQLite, {writers} at a time");
        writeln!(text, "{words:<44}{figures}")?;
    }
    let each = evaluation::measure(time / 4)?;
    let words = "evaluation, a flag of 10 rules";
    writeln!(text, "{words:<44}{:>8.0} ns, {:.1} million a second and processor", each, 1e3 / each)?;
    let spread = fanout::measure(&place.0.join("server"), args.streams, time).await?;
    let words = format!("a change, REST request to {} streams", args.streams);
    writeln!(text, "{words:<44}{spread}")?;
    Ok(text)
}

/// A binary without optimisations measures nothing worth keeping.
const fn build() -> &'static str {
    if cfg!(debug_assertions) { " (not a release build: figures are far too low)" } else { "" }
}

/// A directory that goes when it is dropped.
struct Place(PathBuf);

impl Place {
    fn make(dir: &Path) -> anyhow::Result<Self> {
        let place = dir.join(format!(".wigwag-bench-{}", std::process::id()));
        std::fs::create_dir_all(&place).with_context(|| format!("cannot make {}", place.display()))?;
        Ok(Self(place))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if let Err(error) = std::fs::remove_dir_all(&self.0) {
            tracing::warn!(%error, "{} is left", self.0.display());
        }
    }
}

/// The value below which a share of a list of times is; the list is in order and not empty.
fn share(times: &[Duration], share: f64) -> Duration {
    let at = (times.len() as f64 * share) as usize;
    times.get(at.min(times.len().saturating_sub(1))).copied().unwrap_or_default()
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}
