//! `wigwag doctor`: looks at everything a server stands on and says what to mend. It changes nothing.

mod database;
mod machine;
mod report;

pub use report::{Report, Verdict};

use crate::cli::DoctorArgs;
use crate::config::{Config, Environment};
use crate::server::Outside;

/// Examines what `wigwag serve` would be given.
///
/// # Errors
/// Only what keeps it from looking at all.
pub fn run(args: &DoctorArgs, environment: Environment<'_>) -> anyhow::Result<Report> {
    let mut report = Report::default();
    let config = match Config::load(&args.settings, environment) {
        Ok(config) => config,
        Err(problems) => {
            for problem in problems {
                report.fail("configuration", problem.to_string());
            }
            return Ok(report);
        }
    };
    report.ok("configuration", format!("{}, listening on {}", config.database.shown(), config.listen));
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    let clock = Outside::real().clock;
    let in_use = runtime.block_on(database::examine(&config, args.deep, clock.now(), &mut report));
    machine::examine(&config, in_use, &mut report);
    Ok(report)
}
