//! Bracketed classes. RE2 knows no set operations and no nesting, so every character is written
//! in a form that cannot start one.

use super::escape::{Escape, escape, unicode_class};
use super::{Reader, push_literal};

const POSIX: [&str; 14] = [
    "alnum", "alpha", "ascii", "blank", "cntrl", "digit", "graph", "lower", "print", "punct", "space", "upper", "word",
    "xdigit",
];

/// Reads after `[` up to and including the closing bracket.
pub(super) fn translate(reader: &mut Reader<'_>, out: &mut String) -> Option<()> {
    out.push('[');
    if reader.eat("^") {
        out.push('^');
    }
    // A bracket in first place is a literal.
    let mut first = true;
    while first || !reader.eat("]") {
        first = false;
        item(reader, out)?;
    }
    out.push(']');
    Some(())
}

fn item(reader: &mut Reader<'_>, out: &mut String) -> Option<()> {
    if reader.rest.starts_with("[:") && reader.rest[2..].contains(":]") {
        reader.eat("[:");
        let name = reader.until(":]")?;
        if !POSIX.contains(&name.strip_prefix('^').unwrap_or(name)) {
            return None;
        }
        out.push_str(&format!("[:{name}:]"));
        return Some(());
    }
    if reader.rest.starts_with("\\p") || reader.rest.starts_with("\\P") {
        reader.eat("\\");
        out.push_str(&unicode_class(reader)?);
        return Some(());
    }
    let low = match character(reader)? {
        Escape::Class(class) => {
            out.push_str(class);
            return Some(());
        }
        Escape::Char(c) => c,
    };
    push_literal(out, low);
    // `[a-]` is an `a` and a hyphen.
    if reader.rest.starts_with('-') && reader.rest.len() > 1 && !reader.rest.starts_with("-]") {
        reader.eat("-");
        let Escape::Char(high) = character(reader)? else {
            return None;
        };
        out.push('-');
        push_literal(out, high);
    }
    Some(())
}

fn character(reader: &mut Reader<'_>) -> Option<Escape> {
    match reader.next()? {
        '\\' => escape(reader),
        c => Some(Escape::Char(c)),
    }
}
