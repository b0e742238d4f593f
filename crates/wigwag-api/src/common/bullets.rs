//! The markdown list of an audit entry (behaviour.md 13.3).

use std::fmt::Display;

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
            self.line(format!("Changed the {what} from ~~{}~~ to {}", code(before), code(after)));
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

/// A code span; a back quote inside would end it.
fn code(text: &impl Display) -> String {
    format!("`{}`", text.to_string().replace('`', "'"))
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
