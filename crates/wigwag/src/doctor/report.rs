//! What was found: a line each.

use std::fmt;

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// As it should be.
    Ok,
    /// Works, and may become a problem.
    Warn,
    /// A server does not start or loses something.
    Fail,
}

impl Verdict {
    const fn word(self) -> &'static str {
        match self {
            Self::Ok => "ok  ",
            Self::Warn => "warn",
            Self::Fail => "fail",
        }
    }
}

/// Everything that was found.
#[derive(Debug, Default)]
pub struct Report(Vec<(Verdict, &'static str, String)>);

impl Report {
    pub(super) fn ok(&mut self, about: &'static str, what: impl Into<String>) {
        self.0.push((Verdict::Ok, about, what.into()));
    }

    pub(super) fn warn(&mut self, about: &'static str, what: impl Into<String>) {
        self.0.push((Verdict::Warn, about, what.into()));
    }

    pub(super) fn fail(&mut self, about: &'static str, what: impl Into<String>) {
        self.0.push((Verdict::Fail, about, what.into()));
    }

    /// The worst of it.
    #[must_use]
    pub fn worst(&self) -> Verdict {
        self.0.iter().map(|line| line.0).max().unwrap_or(Verdict::Ok)
    }
}

/// One line each: verdict, subject, what was found and what to do.
impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (verdict, about, what) in &self.0 {
            writeln!(f, "{}  {about:<14} {}", verdict.word(), what.replace('\n', " "))?;
        }
        Ok(())
    }
}
