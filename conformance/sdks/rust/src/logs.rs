//! What the SDK logs at warning level and above, kept for the `logs` and `status` commands.

use std::sync::Mutex;

use log::{Level, LevelFilter, Log, Metadata, Record, SetLoggerError};

static LINES: Mutex<Vec<(String, String)>> = Mutex::new(Vec::new());

struct Keep;

impl Log for Keep {
    fn enabled(&self, metadata: &Metadata) -> bool {
        metadata.level() <= Level::Warn
    }

    fn log(&self, record: &Record) {
        if self.enabled(record.metadata()) {
            let level = record.level().as_str().to_lowercase();
            if let Ok(mut lines) = LINES.lock() {
                lines.push((level, record.args().to_string()));
            }
        }
    }

    fn flush(&self) {}
}

/// Installs the keeper as the process's logger.
pub fn keep_warnings() -> Result<(), SetLoggerError> {
    log::set_logger(&Keep)?;
    log::set_max_level(LevelFilter::Warn);
    Ok(())
}

/// Level and message of each line kept so far.
pub fn lines() -> Vec<(String, String)> {
    LINES.lock().map(|lines| lines.clone()).unwrap_or_default()
}

/// The HTTP status a line speaks of, with the line.
pub fn http_status(message: &str) -> Option<(u16, &str)> {
    let number = message.split(|c: char| !c.is_ascii_digit()).find(|word| word.len() == 3)?;
    let status = number.parse().ok()?;
    (400..600).contains(&status).then_some((status, message))
}
