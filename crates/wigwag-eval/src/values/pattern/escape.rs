//! Backslash escapes that mean the same inside and outside classes.

use super::Reader;

pub(super) enum Escape {
    Char(char),
    /// A class of its own, usable inside another.
    Class(&'static str),
}

/// Reads what follows a backslash. `\d`, `\s` and `\w` are ASCII, and `\s` has no vertical tab.
pub(super) fn escape(reader: &mut Reader<'_>) -> Option<Escape> {
    let c = reader.next()?;
    Some(match c {
        'd' => Escape::Class("[0-9]"),
        'D' => Escape::Class("[^0-9]"),
        's' => Escape::Class(r"[\t\n\x0C\r\x20]"),
        'S' => Escape::Class(r"[^\t\n\x0C\r\x20]"),
        'w' => Escape::Class("[0-9A-Za-z_]"),
        'W' => Escape::Class("[^0-9A-Za-z_]"),
        'a' => Escape::Char('\x07'),
        'f' => Escape::Char('\x0C'),
        'n' => Escape::Char('\n'),
        'r' => Escape::Char('\r'),
        't' => Escape::Char('\t'),
        'v' => Escape::Char('\x0B'),
        'x' => Escape::Char(hexadecimal(reader)?),
        '0'..='7' => Escape::Char(octal(c, reader)?),
        punctuation if punctuation.is_ascii() && !punctuation.is_ascii_alphanumeric() => Escape::Char(punctuation),
        _ => return None,
    })
}

/// `\xHH` or `\x{H…}`.
fn hexadecimal(reader: &mut Reader<'_>) -> Option<char> {
    let digits = if reader.eat("{") {
        reader.until("}")?
    } else {
        let (digits, rest) = reader.rest.split_at_checked(2)?;
        reader.rest = rest;
        digits
    };
    let plain = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_hexdigit());
    plain.then(|| u32::from_str_radix(digits, 16).ok()).flatten().and_then(char::from_u32)
}

/// Up to three octal digits; a single one other than 0 would be a back-reference.
fn octal(first: char, reader: &mut Reader<'_>) -> Option<char> {
    let mut digits = String::from(first);
    while digits.len() < 3
        && let Some(digit @ '0'..='7') = reader.peek()
    {
        digits.push(digit);
        reader.next();
    }
    if digits.len() == 1 && first != '0' {
        return None;
    }
    u32::from_str_radix(&digits, 8).ok().and_then(char::from_u32)
}

/// `p` or `P` and what follows: a general category (one or two letters), a script, or `Any`.
pub(super) fn unicode_class(reader: &mut Reader<'_>) -> Option<String> {
    let mut negated = reader.next()? == 'P';
    let mut name = if reader.eat("{") {
        reader.until("}")?
    } else {
        let length = reader.peek()?.len_utf8();
        let (name, rest) = reader.rest.split_at_checked(length)?;
        reader.rest = rest;
        name
    };
    if let Some(rest) = name.strip_prefix('^') {
        negated = !negated;
        name = rest;
    }
    // The crate takes names loosely; RE2 wants them as they are spelled.
    let spelled = name.starts_with(|c: char| c.is_ascii_uppercase())
        && name.bytes().all(|b| b.is_ascii_alphabetic() || b == b'_');
    if !spelled {
        return None;
    }
    let p = if negated { 'P' } else { 'p' };
    Some(match name {
        "Any" => format!(r"\{p}{{Any}}"),
        category if category.len() <= 2 => format!(r"\{p}{{gc={category}}}"),
        script => format!(r"\{p}{{sc={script}}}"),
    })
}
