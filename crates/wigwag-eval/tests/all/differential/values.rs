//! Small pools of words, so that things drawn apart often meet.

use super::draw::Draw;
use serde_json::{Value, json};

pub const KINDS: &[&str] = &["user", "user", "user", "user", "user", "org", "yard", "Org"];
pub const ILLEGAL_KINDS: &[&str] = &["has space", "größe", "kind", "multi"];
pub const NAMES: &[&str] =
    &["crew", "n", "flag", "when", "ver", "obj", "list", "a/b", "~x", "key", "name", "anonymous", "kind"];
const REFERENCES: &[&str] = &[
    "/crew",
    "/obj/x",
    "/obj/y~1z",
    "/obj/x/deep",
    "/a~1b",
    "/~0x",
    "/list/0",
    "/key",
    "/kind",
    "/name/x",
    "obj/x",
    "/n",
    "zzz",
    "_meta",
];
const BROKEN_REFERENCES: &[&str] = &["", "/", "//", "/obj//x", "/obj/", "/~2", "/obj/~", "/x~"];
const WORDS: &[&str] = &["", "a", "ab", "abc", "abcabc", "b", "signal-7", "Ab", "ä", "🚦", "a/b", "33", "true", "null"];
const NUMBERS: &[&str] = &[
    "0",
    "-0.0",
    "1",
    "2",
    "2.0",
    "33",
    "33.5",
    "-7",
    "1e3",
    "1000",
    "9007199254740991",
    "-9007199254740991",
    "0.1",
    "1e-300",
    "1.7976931348623157e308",
    "1577836800000",
    "-62135596800001",
];
/// Integers that the Rust crate does not hash.
pub const HUGE: &[&str] =
    &["9007199254740992", "9007199254740993", "-9007199254740992", "1e18", "1e20", "18446744073709551615"];
const DATES: &[&str] = &[
    "2020-01-01T00:00:00Z",
    "2020-01-01T00:00:00.000Z",
    "2020-01-01t01:00:00+01:00",
    "2019-12-31T23:59:60Z",
    "2020-01-01T00:00:00.0000000001z",
    "1969-12-31T23:59:59.999999999Z",
    "2020-02-30T00:00:00Z",
    "2020-02-29T00:00:00Z",
    "2100-02-29T00:00:00Z",
    "2020-01-01",
    "2020-01-01T00:00:00",
    "2020-01-01T0:00:00Z",
    "2020-01-01T00:00:00+24:00",
    "2020-01-01T00:00:00+0100",
    "2020-01-01T00:00:00-00:00",
    "0000-01-01T00:00:00Z",
    "9999-12-31T23:59:59.9Z",
    "2020-01-01T00:00Z",
    "+2020-01-01T00:00:00Z",
    "2020-1-01T00:00:00Z",
    "2020-01-01T00:00:00Zx",
    "1577836800000",
    "",
    "2020-01-01T00:00:00.Z",
    "2020-01-01T24:00:00Z",
    "2020-01-01T00:60:00Z",
    "2020-01-01T00:00:61Z",
    "2020-00-01T00:00:00Z",
    "2020-13-01T00:00:00Z",
    "2020-01-32T00:00:00Z",
    "2020-01-01T12:34:60.5-23:59",
];
const MILLIS: &[&str] = &[
    "0",
    "1577836800000",
    "1577836799999.9",
    "-0.5",
    "-1.5",
    "8210266876799999",
    "8210266876800000",
    "-8334601228800000",
    "-8334601228800001",
    "1e300",
    "9007199254740993",
];
/// Dates that other SDKs than Rust refuse.
pub const DATE_DIALECT: &[&str] = &["2020-01-01 00:00:00Z", "2020-01-01T00:00:00\u{2212}01:00"];
const VERSIONS: &[&str] = &[
    "1",
    "1.0",
    "1.0.0",
    "2",
    "2.1",
    "2.0.1",
    "2-rc.1",
    "2.0.0-rc.1",
    "2.0.0-rc.1.1",
    "2.0.0-rc",
    "2.0.0-1",
    "2.0.0-01",
    "2.0.0-10",
    "2.0.0-99999999999999999999999",
    "2.0.0-100000000000000000000000",
    "2+b",
    "2.0.0+b.01",
    "2.0.0+a-1",
    "2-rc+x",
    "v2",
    " 2",
    "2 ",
    "02",
    "2.00",
    "2.0.0.0",
    "2.",
    "2-",
    "2+",
    "2-a..b",
    "x",
    "18446744073709551615",
    "18446744073709551616",
    "2.0.0--",
    "2.0.0-0a",
    "2..0",
    "",
    "2.x",
    "2.0.0-é",
];
const PATTERNS: &[&str] = &[
    "",
    "a",
    "^a",
    "b$",
    "^abc$",
    "a.c",
    "[a-c]{2,3}",
    "(a|b)c?",
    "a+?b*",
    "(?i)AB",
    "^(?:abc)+$",
    "\\.",
    "\\d",
    "[^a]",
    "(",
    "[",
    "*a",
    "a{2,1}",
    "(?=a)",
    "\\1",
    "(?P<n>a)",
    "🚦",
    "^.$",
    "\\x61",
    "[[:alpha:]]",
    "\\p{L}",
    "\\bab",
    "(?m)^b",
    "a|",
    "\\Aab",
    "c\\z",
];
/// Patterns that the `regex` crate and RE2 read differently.
pub const PATTERN_DIALECT: &[&str] = &[
    "a**",
    "a++",
    "^\\w+$",
    "\\s",
    "\\101",
    "\\Qa\\E",
    "a{b}|a",
    "a{1001}|b",
    "(?x) a",
    "[a-z&&[b]]",
    "\\u0061",
    "ä\\b",
];

pub fn text(draw: &mut Draw) -> String {
    let pool = draw.pick(&[WORDS, WORDS, DATES, VERSIONS]);
    draw.pick(pool).to_string()
}

pub fn number(draw: &mut Draw) -> Value {
    let pool = match draw.below(40) {
        0 => HUGE,
        1..=8 => MILLIS,
        _ => NUMBERS,
    };
    serde_json::from_str(draw.pick(pool)).unwrap()
}

/// Any attribute or clause value; lists and objects get rarer with depth.
pub fn any(draw: &mut Draw, depth: usize) -> Value {
    match draw.below(if depth == 0 { 14 } else { 9 }) {
        0..=3 => json!(text(draw)),
        4..=6 => number(draw),
        7 => json!(draw.chance(500)),
        8 => Value::Null,
        // Fixed ones too, or two lists or objects would never be equal.
        9..=11 => draw.pick(&[json!([1]), json!({ "x": 1 }), json!([]), json!([["a"]])]),
        12 => Value::Array(draw.some(3, |d| any(d, depth + 1))),
        _ => json!({ "x": any(draw, depth + 1), "y/z": any(draw, depth + 1) }),
    }
}

/// A value that suits an operator, mostly.
pub fn for_operator(draw: &mut Draw, op: &str) -> Value {
    if draw.chance(60) {
        // Lists and objects as clause values are a known difference of `in`: draw them seldom.
        let depth = if draw.chance(50) { 0 } else { 1 };
        return any(draw, depth);
    }
    let pick = |draw: &mut Draw, usual: &[&str], dialect: &[&str]| {
        let pool = if draw.chance(80) { dialect } else { usual };
        json!(draw.pick(pool))
    };
    match op {
        "matches" => pick(draw, PATTERNS, PATTERN_DIALECT),
        "before" | "after" if draw.chance(300) => serde_json::from_str(draw.pick(MILLIS)).unwrap(),
        "before" | "after" => pick(draw, DATES, DATE_DIALECT),
        "semVerEqual" | "semVerLessThan" | "semVerGreaterThan" => pick(draw, VERSIONS, VERSIONS),
        "lessThan" | "lessThanOrEqual" | "greaterThan" | "greaterThanOrEqual" => number(draw),
        "in" => {
            let depth = if draw.chance(100) { 0 } else { 1 };
            any(draw, depth)
        }
        _ => pick(draw, WORDS, WORDS),
    }
}

/// An attribute name or reference; broken ones seldom.
pub fn reference(draw: &mut Draw) -> &'static str {
    if draw.chance(15) {
        return draw.pick(BROKEN_REFERENCES);
    }
    let pool = if draw.chance(300) { REFERENCES } else { NAMES };
    draw.pick(pool)
}

/// A context kind for flag data: absent, legal, or seldom not.
pub fn kind(draw: &mut Draw) -> Option<&'static str> {
    match draw.below(400) {
        0 => Some(draw.pick(ILLEGAL_KINDS)),
        1 => Some(""),
        2..150 => None,
        _ => Some(draw.pick(KINDS)),
    }
}

pub fn context_key(draw: &mut Draw) -> String {
    match draw.below(10) {
        0 => format!("k{}", draw.next()),
        1 => format!("{}-{}", "long".repeat(draw.below(40)), draw.below(100)),
        _ => draw.pick(&["a", "b", "c", "signal-7", "a:b%", "ä", "k1", "k2", "k3", "k4", "k5"]).to_string(),
    }
}
