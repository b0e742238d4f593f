//! Regular expressions for `matches` (evaluation §6.5), read as RE2 reads them (Go's `regexp`),
//! whatever the `regex` crate would make of the same text.

mod class;
mod escape;
#[cfg(test)]
mod tests;
mod translate;

use regex::Regex;

/// Compiles a pattern; `None` if it is not valid RE2 or too large, and then it matches nothing.
pub(crate) fn compile(pattern: &str) -> Option<Regex> {
    Regex::new(&translate::translate(pattern)?).ok()
}

/// What is left to read of a pattern.
struct Reader<'p> {
    rest: &'p str,
}

impl<'p> Reader<'p> {
    fn peek(&self) -> Option<char> {
        self.rest.chars().next()
    }

    fn next(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.rest = &self.rest[c.len_utf8()..];
        Some(c)
    }

    /// Skips the text if it comes next.
    fn eat(&mut self, text: &str) -> bool {
        match self.rest.strip_prefix(text) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    /// Everything up to the text, which is skipped too.
    fn until(&mut self, text: &str) -> Option<&'p str> {
        let (head, tail) = self.rest.split_once(text)?;
        self.rest = tail;
        Some(head)
    }
}

/// Writes a character so that it means itself, inside and outside classes.
fn push_literal(out: &mut String, c: char) {
    if c.is_ascii() && !c.is_ascii_alphanumeric() {
        out.push_str(&format!("\\x{{{:x}}}", u32::from(c)));
    } else {
        out.push(c);
    }
}
