//! Everything of a pattern but escapes and classes.

use super::escape::{Escape, escape, unicode_class};
use super::{Reader, class, push_literal};

/// RE2 refuses repeat counts above this, also as the product of nested ones.
const MAX_REPEAT: u32 = 1000;

/// Rewrites an RE2 pattern for the `regex` crate; `None` if RE2 refuses it. What both refuse
/// (unbalanced groups, a repetition of nothing) is left to the crate.
pub(super) fn translate(pattern: &str) -> Option<String> {
    let reader = Reader { rest: pattern };
    let mut translator =
        Translator { reader, out: String::new(), atom: 1, repeated: false, groups: vec![1], names: Vec::new() };
    translator.pattern()?;
    Some(translator.out)
}

struct Translator<'p> {
    reader: Reader<'p>,
    out: String,
    /// How often the atom just written repeats its innermost part.
    atom: u32,
    /// Whether a repetition was just written: another must not follow.
    repeated: bool,
    /// The largest such number in each open group.
    groups: Vec<u32>,
    names: Vec<&'p str>,
}

impl Translator<'_> {
    fn pattern(&mut self) -> Option<()> {
        while let Some(c) = self.reader.peek() {
            match c {
                '*' | '+' | '?' => {
                    self.reader.next();
                    self.repeat(&c.to_string(), 1)?;
                }
                '{' => self.braces()?,
                _ => {
                    self.reader.next();
                    self.repeated = false;
                    self.atom(c)?;
                }
            }
        }
        Some(())
    }

    fn atom(&mut self, c: char) -> Option<()> {
        match c {
            '(' => return self.open(),
            ')' => {
                self.out.push(')');
                let inside = self.groups.pop()?;
                self.set_atom(inside);
                return self.groups.first().map(|_| ());
            }
            '.' | '^' | '$' | '|' => self.out.push(c),
            '[' => class::translate(&mut self.reader, &mut self.out)?,
            '\\' => self.escape()?,
            literal => push_literal(&mut self.out, literal),
        }
        self.set_atom(1);
        Some(())
    }

    fn set_atom(&mut self, repeats: u32) {
        self.atom = repeats;
        if let Some(group) = self.groups.last_mut() {
            *group = repeats.max(*group);
        }
    }

    fn escape(&mut self) -> Option<()> {
        match self.reader.peek()? {
            'A' | 'z' => {
                self.out.push('\\');
                self.out.extend(self.reader.next());
            }
            'b' | 'B' => {
                let word = self.reader.next()?;
                self.out.push_str(&format!("(?-u:\\{word})"));
            }
            'Q' => {
                self.reader.next();
                let quoted = self.reader.until("\\E").unwrap_or_else(|| std::mem::take(&mut self.reader.rest));
                quoted.chars().for_each(|c| push_literal(&mut self.out, c));
            }
            'p' | 'P' => self.out.push_str(&unicode_class(&mut self.reader)?),
            _ => match escape(&mut self.reader)? {
                Escape::Char(c) => push_literal(&mut self.out, c),
                Escape::Class(class) => self.out.push_str(class),
            },
        }
        Some(())
    }

    /// After `(`. Nothing is captured, so names are checked and dropped.
    fn open(&mut self) -> Option<()> {
        if !self.reader.eat("?") {
            self.out.push_str("(?:");
        } else if self.reader.eat("P<") || self.reader.eat("<") {
            let name = self.reader.until(">")?;
            let valid = !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
            if !valid || self.names.contains(&name) {
                return None;
            }
            self.names.push(name);
            self.out.push_str("(?:");
        } else {
            return self.flags();
        }
        self.groups.push(1);
        Some(())
    }

    /// After `(?`: `flags)` or `flags:`.
    fn flags(&mut self) -> Option<()> {
        let mut flags = String::new();
        let mut negated = false;
        loop {
            match self.reader.next()? {
                c @ ('i' | 'm' | 's' | 'U') => flags.push(c),
                '-' if !negated => {
                    negated = true;
                    flags.push('-');
                }
                _ if flags.ends_with('-') => return None,
                ':' => {
                    self.out.push_str(&format!("(?{flags}:"));
                    self.groups.push(1);
                    return Some(());
                }
                ')' => {
                    if !flags.is_empty() {
                        self.out.push_str(&format!("(?{flags})"));
                    }
                    return Some(());
                }
                _ => return None,
            }
        }
    }

    /// `{n}`, `{n,}`, `{n,m}`; any other brace is a literal.
    fn braces(&mut self) -> Option<()> {
        let Some((text, min, max)) = counts(self.reader.rest) else {
            self.reader.next();
            self.repeated = false;
            push_literal(&mut self.out, '{');
            self.set_atom(1);
            return Some(());
        };
        self.reader.eat(text);
        if min > MAX_REPEAT || max.is_some_and(|max| max > MAX_REPEAT || max < min) {
            return None;
        }
        self.repeat(text, max.unwrap_or(min))
    }

    fn repeat(&mut self, text: &str, times: u32) -> Option<()> {
        if self.repeated {
            return None;
        }
        self.out.push_str(text);
        if self.reader.eat("?") {
            self.out.push('?');
        }
        let product = self.atom.saturating_mul(times.max(1));
        if times >= 2 && product > MAX_REPEAT {
            return None;
        }
        self.set_atom(product);
        self.repeated = true;
        Some(())
    }
}

/// The repetition at the start of the text, with its counts. Counts that are too long to read are
/// too large as well.
fn counts(text: &str) -> Option<(&str, u32, Option<u32>)> {
    let end = text.find('}')?;
    let inside = &text[1..end];
    let (min, max) = match inside.split_once(',') {
        None => (count(inside)?, Some(count(inside)?)),
        Some((min, "")) => (count(min)?, None),
        Some((min, max)) => (count(min)?, Some(count(max)?)),
    };
    Some((&text[..=end], min, max))
}

fn count(digits: &str) -> Option<u32> {
    let plain = digits.bytes().all(|b| b.is_ascii_digit()) && (digits.len() == 1 || !digits.starts_with('0'));
    (plain && !digits.is_empty()).then(|| digits.parse().unwrap_or(u32::MAX))
}
