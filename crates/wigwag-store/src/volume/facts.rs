//! What a context can be found by: its attributes as texts and numbers, and the words of its names.

use serde_json::Value;
use std::borrow::Cow;

/// Facts kept of one context; what comes after is not found.
pub(crate) const MAX_FACTS: usize = 64;
/// Characters of a value that count.
pub(crate) const MAX_VALUE: usize = 200;
/// Levels of nesting that are looked into.
const MAX_DEPTH: usize = 5;
/// Elements of a list that are looked at.
const MAX_LIST: usize = 16;
/// Words of one name.
const MAX_WORDS: usize = 6;
/// Contexts that are too few to be worth a thread.
const ALONE: usize = 256;
/// The attribute under which words are kept: no context can have one of this name.
pub(crate) const WORDS: &str = "";
/// Attributes whose words are searched, besides the key.
const NAMED: [&str; 4] = ["name", "firstName", "lastName", "email"];

/// One thing that is known of a context.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Fact {
    /// A JSON pointer, or [`WORDS`].
    pub(crate) name: String,
    /// The value as text.
    pub(crate) value: String,
    /// Numbers, and times in milliseconds since 1970.
    pub(crate) num: Option<i64>,
}

/// All facts of a context, sorted, and which attributes were left out by its SDK.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Facts {
    pub(crate) list: Vec<Fact>,
    pub(crate) redacted: Vec<String>,
}

/// The pointer to an attribute that is named as in a clause: a name, or a reference that begins with `/`.
pub(crate) fn pointer(attribute: &str) -> String {
    if attribute.starts_with('/') { attribute.to_owned() } else { format!("/{}", escaped(attribute)) }
}

/// A value as the text by which it is found; lists and objects have none.
pub(crate) fn text_of(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(clipped(text)),
        Value::Number(_) | Value::Bool(_) => Some(clipped(&value.to_string())),
        _ => None,
    }
}

/// At most [`MAX_VALUE`] characters, without NUL.
pub(crate) fn clipped(text: &str) -> String {
    if text.len() <= MAX_VALUE && !text.contains('\0') {
        return text.to_owned();
    }
    text.chars().take(MAX_VALUE).map(|c| if c == '\0' { '\u{fffd}' } else { c }).collect()
}

/// The milliseconds since 1970 that a date stands for.
pub(crate) fn moment(text: &str) -> Option<i64> {
    let plausible =
        text.len() >= 10 && text.as_bytes()[..4].iter().all(u8::is_ascii_digit) && text.as_bytes()[4] == b'-';
    let parsed = plausible.then(|| text.parse::<jiff::Timestamp>().ok()).flatten();
    parsed.map(jiff::Timestamp::as_millisecond)
}

impl Facts {
    /// The facts of a context of one kind, as JSON text.
    pub(crate) fn of(body: &str) -> Self {
        let Ok(Value::Object(object)) = serde_json::from_str(body) else { return Self::default() };
        let mut facts = Self::default();
        let texts = NAMED.iter().filter_map(|name| object.get(*name)?.as_str());
        for text in object.get("key").and_then(Value::as_str).into_iter().chain(texts) {
            facts.words(text);
        }
        for (name, value) in object.iter().filter(|(name, _)| !matches!(name.as_str(), "kind" | "key" | "_meta")) {
            facts.value(&format!("/{}", escaped(name)), value, 1);
        }
        let redacted = object.get("_meta").and_then(|meta| meta.get("redactedAttributes")).and_then(Value::as_array);
        let names = redacted.into_iter().flatten().filter_map(Value::as_str);
        facts.redacted = names.take(MAX_FACTS).map(|name| clipped(&pointer(name))).collect();
        facts.list.sort_unstable();
        facts.list.dedup_by(|a, b| a.name == b.name && a.value == b.value);
        facts
    }

    /// The facts of many, by as many threads as there are cores.
    pub(crate) fn of_all(bodies: &[String]) -> Vec<Self> {
        let cores = std::thread::available_parallelism().map_or(1, usize::from).min(8);
        if cores == 1 || bodies.len() < ALONE {
            return bodies.iter().map(|body| Self::of(body)).collect();
        }
        let share = |some: &[String]| some.iter().map(|body| Self::of(body)).collect::<Vec<_>>();
        std::thread::scope(|scope| {
            let parts =
                bodies.chunks(bodies.len().div_ceil(cores)).map(|some| (some, scope.spawn(move || share(some))));
            let parts: Vec<_> = parts.collect();
            parts.into_iter().flat_map(|(some, part)| part.join().unwrap_or_else(|_| share(some))).collect()
        })
    }

    /// The value itself and where its words begin, in lower case.
    fn words(&mut self, text: &str) {
        let low = clipped(&text.to_lowercase());
        let starts = low.char_indices().filter(|(at, c)| {
            c.is_alphanumeric() && low[..*at].chars().next_back().is_some_and(|before| !before.is_alphanumeric())
        });
        let words: Vec<String> = starts.map(|(at, _)| low[at..].to_owned()).take(MAX_WORDS).collect();
        self.add(WORDS, low, None);
        words.into_iter().for_each(|word| self.add(WORDS, word, None));
    }

    fn value(&mut self, pointer: &str, value: &Value, depth: usize) {
        match value {
            Value::Null => {}
            Value::Object(object) if depth < MAX_DEPTH => {
                for (name, value) in object {
                    self.value(&format!("{pointer}/{}", escaped(name)), value, depth + 1);
                }
            }
            Value::Array(list) => {
                let plain = list.iter().take(MAX_LIST).filter(|v| !v.is_array() && !v.is_object());
                plain.for_each(|value| self.value(pointer, value, depth));
            }
            Value::Object(_) => {}
            Value::String(text) => self.add(pointer, clipped(text), moment(text)),
            Value::Number(number) => {
                #[expect(clippy::cast_possible_truncation, reason = "only its place among others counts")]
                let num = number.as_i64().or_else(|| number.as_f64().map(|n| n as i64));
                self.add(pointer, clipped(&number.to_string()), num);
            }
            Value::Bool(yes) => self.add(pointer, yes.to_string(), None),
        }
    }

    fn add(&mut self, name: &str, value: String, num: Option<i64>) {
        if self.list.len() < MAX_FACTS && name.len() <= MAX_VALUE {
            self.list.push(Fact { name: name.to_owned(), value, num });
        }
    }
}

fn escaped(name: &str) -> Cow<'_, str> {
    if !name.contains(['~', '/', '\0']) {
        return Cow::Borrowed(name);
    }
    name.replace('~', "~0").replace('/', "~1").replace('\0', "\u{fffd}").into()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn has(facts: &Facts, name: &str, value: &str) -> bool {
        facts.list.iter().any(|fact| fact.name == name && fact.value == value)
    }

    #[test]
    fn attributes_words_and_what_was_left_out() {
        let body = r#"{"kind":"user","key":"u-1","name":"Ann Berg","address":{"city/town":"Ulm"},"beta":true,
            "age":41,"tags":["a","b"],"nothing":null,"since":"2024-01-02T03:04:05Z",
            "_meta":{"redactedAttributes":["email","/address/street"]}}"#;
        let facts = Facts::of(body);
        for (name, value) in [
            ("/name", "Ann Berg"),
            ("/address/city~1town", "Ulm"),
            ("/beta", "true"),
            ("/age", "41"),
            ("/tags", "a"),
            ("/tags", "b"),
            (WORDS, "u-1"),
            (WORDS, "1"),
            (WORDS, "ann berg"),
            (WORDS, "berg"),
        ] {
            assert!(has(&facts, name, value), "{name} {value} in {facts:?}");
        }
        assert_eq!(facts.redacted, ["/email", "/address/street"]);
        let num = |name: &str| facts.list.iter().find(|fact| fact.name == name).unwrap().num;
        assert_eq!((num("/age"), num("/since"), num("/name")), (Some(41), Some(1_704_164_645_000), None));
        assert!(!facts.list.iter().any(|fact| fact.name == "/nothing" || fact.name == "/key"));
    }

    #[test]
    fn facts_are_bounded() {
        let many: Vec<String> = (0..500).map(|n| format!("\"a{n}\":\"{}\"", "x".repeat(1000))).collect();
        let facts = Facts::of(&format!("{{\"kind\":\"user\",\"key\":\"k\",{}}}", many.join(",")));
        assert_eq!(facts.list.len(), MAX_FACTS);
        assert!(facts.list.iter().all(|fact| fact.value.chars().count() <= MAX_VALUE));
    }
}
