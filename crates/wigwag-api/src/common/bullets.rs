//! The markdown list of an audit entry (behaviour.md 13.3).

use std::fmt::Display;

/// More names than this are counted instead of listed.
const MOST_NAMES: usize = 10;

/// Longest text shown of one value, in characters.
const MOST_TEXT: usize = 200;

/// What changed, a line each.
#[derive(Debug, Default)]
pub struct Bullets(Vec<String>);

impl Bullets {
    /// A line of its own.
    pub fn line(&mut self, text: impl Into<String>) {
        self.0.push(text.into());
    }

    /// `Changed the name from … to …`, if it did.
    pub fn changed<T: Display + PartialEq>(&mut self, what: &str, before: &T, after: &T) {
        if before != after {
            self.line(format!(
                "Changed the {what} from ~~{}~~ to {}",
                code(&before.to_string()),
                code(&after.to_string())
            ));
        }
    }

    /// `Added tag …` and `Removed tag …` for what came and went.
    pub fn tags(&mut self, before: &[String], after: &[String]) {
        for tag in after.iter().filter(|t| !before.contains(t)) {
            self.line(format!("Added tag {}", code(tag)));
        }
        for tag in before.iter().filter(|t| !after.contains(t)) {
            self.line(format!("Removed tag {}", code(tag)));
        }
    }

    /// `Turned on …` or `Turned off …`, if it was.
    pub fn turned(&mut self, what: &str, before: bool, after: bool) {
        if before != after {
            self.line(format!("Turned {} {what}", if after { "on" } else { "off" }));
        }
    }

    /// The list, empty when nothing was said.
    #[must_use]
    pub fn markdown(&self) -> String {
        self.0.iter().map(|line| format!("* {line}\n")).collect()
    }
}

/// Text in a code span, on one line.
#[must_use]
pub fn code(text: &str) -> String {
    let shown: String =
        text.chars().take(MOST_TEXT).map(|c| if c == '`' || c.is_control() { '\'' } else { c }).collect();
    let more = if text.chars().nth(MOST_TEXT).is_some() { "…" } else { "" };
    format!("`{shown}{more}`")
}

/// "`a`, `b`", or how many there are.
pub fn names<'a>(list: impl ExactSizeIterator<Item = &'a str>, noun: &str) -> String {
    match list.len() {
        count if count > MOST_NAMES => format!("{count} {noun}"),
        _ => list.map(code).collect::<Vec<_>>().join(", "),
    }
}

#[cfg(test)]
mod tests {
    use super::Bullets;

    #[test]
    fn lines() {
        let mut bullets = Bullets::default();
        bullets.changed("name", &"a`b", &"c");
        bullets.changed("color", &1, &1);
        bullets.tags(&["x".to_owned()], &["y".to_owned()]);
        bullets.turned("secure mode", false, true);
        assert_eq!(
            bullets.markdown(),
            "* Changed the name from ~~`a'b`~~ to `c`\n* Added tag `y`\n* Removed tag `x`\n* Turned on secure mode\n"
        );
    }
}
