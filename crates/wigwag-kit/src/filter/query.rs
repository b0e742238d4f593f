//! Grammar B: `field op value`, joined by `,` (and) and `|` (or), grouped by parentheses.
//! `,` binds closer than `|`.

use std::fmt;

use serde_json::Value;

use crate::error::{Error, Result};

/// A parsed filter.
#[derive(Clone, Debug, PartialEq)]
pub enum Expr {
    /// All must hold; empty holds always.
    And(Vec<Self>),
    /// Any may hold.
    Or(Vec<Self>),
    /// A comparison.
    Is(Comparison),
}

/// One `field op value`.
#[derive(Clone, Debug, PartialEq)]
pub struct Comparison {
    /// The field, one of those allowed.
    pub field: String,
    /// The operator, one of those allowed for the field.
    pub op: Op,
    /// The value, or for a list its items.
    pub values: Vec<Value>,
}

/// An operator of grammar B.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Op {
    /// The same.
    Equals,
    /// Not the same.
    NotEquals,
    /// One of a list.
    AnyOf,
    /// Lists: has the item. Text: has the part.
    Contains,
    /// Text: begins so.
    StartsWith,
    /// Present, or with `false` absent.
    Exists,
    /// Earlier than a date.
    Before,
    /// Later than a date.
    After,
}

impl Op {
    const ALL: [(Self, &'static str); 8] = [
        (Self::Equals, "equals"),
        (Self::NotEquals, "notEquals"),
        (Self::AnyOf, "anyOf"),
        (Self::Contains, "contains"),
        (Self::StartsWith, "startsWith"),
        (Self::Exists, "exists"),
        (Self::Before, "before"),
        (Self::After, "after"),
    ];

    /// As filters spell it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        Self::ALL.iter().find(|(op, _)| *op == self).map_or("", |(_, name)| name)
    }
}

impl Comparison {
    /// The value as text; lists and objects as JSON.
    #[must_use]
    pub fn texts(&self) -> Vec<String> {
        self.values.iter().map(|v| v.as_str().map_or_else(|| v.to_string(), ToOwned::to_owned)).collect()
    }
}

/// A field and the operators it takes. The field `*.*` stands for any name with a dot.
pub type Allowed<'a> = (&'a str, &'a [Op]);

/// Parses a filter.
///
/// # Errors
/// A field or operator that is not allowed, by name; anything that cannot be read, by place.
pub fn parse(text: &str, allowed: &[Allowed<'_>]) -> Result<Expr> {
    if text.len() > super::MAX_FILTER {
        return Err(Error::field("filter", format_args!("is longer than {} bytes", super::MAX_FILTER)));
    }
    let mut parser = Parser { text, at: 0, depth: 0, allowed };
    parser.space();
    if parser.at == text.len() {
        return Ok(Expr::And(Vec::new()));
    }
    let expr = parser.or()?;
    if parser.at < text.len() { Err(parser.problem("\",\", \"|\" or the end")) } else { Ok(expr) }
}

/// Deepest nesting of parentheses.
const MAX_DEPTH: usize = 32;

struct Parser<'a> {
    text: &'a str,
    at: usize,
    depth: usize,
    allowed: &'a [Allowed<'a>],
}

impl<'a> Parser<'a> {
    fn or(&mut self) -> Result<Expr> {
        let mut any = vec![self.and()?];
        while self.take('|') {
            any.push(self.and()?);
        }
        Ok(if any.len() > 1 { Expr::Or(any) } else { any.remove(0) })
    }

    fn and(&mut self) -> Result<Expr> {
        let mut all = vec![self.term()?];
        while self.take(',') || self.take_word("and") {
            all.push(self.term()?);
        }
        Ok(if all.len() > 1 { Expr::And(all) } else { all.remove(0) })
    }

    fn term(&mut self) -> Result<Expr> {
        if !self.take('(') {
            return self.comparison().map(Expr::Is);
        }
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(Error::field("filter", format_args!("is nested deeper than {MAX_DEPTH}")));
        }
        let inner = self.or()?;
        self.depth -= 1;
        if self.take(')') { Ok(inner) } else { Err(self.problem("\")\"")) }
    }

    fn comparison(&mut self) -> Result<Comparison> {
        let field = self.word();
        let Some((_, ops)) = self.allowed.iter().find(|(name, _)| matches(name, field)) else {
            let names: Vec<_> = self.allowed.iter().map(|(name, _)| *name).collect();
            let names = names.join(", ");
            return Err(match field {
                "" => self.problem("a field"),
                _ => Error::field("filter", format_args!("unknown field {field}; allowed are {names}")),
            });
        };
        let word = self.word();
        let op = Op::ALL.iter().find(|(op, name)| *name == word && ops.contains(op)).map(|(op, _)| *op);
        let Some(op) = op else {
            let names: Vec<_> = ops.iter().map(|op| op.as_str()).collect();
            let names = names.join(", ");
            return Err(Error::field("filter", format_args!("{field} has no operator \"{word}\"; it has {names}")));
        };
        Ok(Comparison { field: field.to_owned(), op, values: self.values()? })
    }

    fn values(&mut self) -> Result<Vec<Value>> {
        if !self.take('[') {
            return Ok(vec![self.value()?]);
        }
        let mut values = Vec::new();
        while !self.take(']') {
            values.push(self.value()?);
            if !self.take(',') && !self.rest().starts_with(']') {
                return Err(self.problem("\",\" or \"]\""));
            }
        }
        Ok(values)
    }

    fn value(&mut self) -> Result<Value> {
        match self.rest().chars().next() {
            Some('"') => self.json_text(),
            Some('\'') => self.single_quoted(),
            _ => {
                let word = self.word();
                if word.is_empty() {
                    return Err(self.problem("a value"));
                }
                let bare = serde_json::from_str(word).ok().filter(|v: &Value| v.is_number() || v.is_boolean());
                Ok(bare.unwrap_or_else(|| Value::from(word)))
            }
        }
    }

    fn json_text(&mut self) -> Result<Value> {
        let mut stream = serde_json::Deserializer::from_str(self.rest()).into_iter::<String>();
        let Some(Ok(text)) = stream.next() else { return Err(self.problem("a closed string")) };
        self.at += stream.byte_offset();
        self.space();
        Ok(Value::from(text))
    }

    fn single_quoted(&mut self) -> Result<Value> {
        let inner = &self.rest()[1..];
        let Some(end) = inner.find('\'') else { return Err(self.problem("a closed string")) };
        let value = Value::from(&inner[..end]);
        self.at += end + 2;
        self.space();
        Ok(value)
    }

    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn space(&mut self) {
        self.at += self.rest().len() - self.rest().trim_start().len();
    }

    fn take(&mut self, c: char) -> bool {
        let found = self.rest().starts_with(c);
        if found {
            self.at += c.len_utf8();
            self.space();
        }
        found
    }

    fn take_word(&mut self, word: &str) -> bool {
        let found = self.rest().strip_prefix(word).is_some_and(|r| r.starts_with(char::is_whitespace));
        if found {
            self.at += word.len();
            self.space();
        }
        found
    }

    fn word(&mut self) -> &'a str {
        let rest = self.rest();
        let end = rest.find(|c: char| c.is_whitespace() || ",|()[]\"'".contains(c)).unwrap_or(rest.len());
        self.at += end;
        self.space();
        &rest[..end]
    }

    fn problem(&self, wanted: &str) -> Error {
        let near: String = self.rest().chars().take(20).collect();
        let near = if near.is_empty() { "the end".to_owned() } else { format!("\"{near}\"") };
        Error::field("filter", format_args!("expected {wanted} at {near}"))
    }
}

fn matches(allowed: &str, field: &str) -> bool {
    allowed == field || (allowed == "*.*" && field.split_once('.').is_some_and(|(k, a)| !k.is_empty() && !a.is_empty()))
}

/// Prints what [`parse`] reads back.
impl fmt::Display for Expr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (all, joint) = match self {
            Self::Is(c) => {
                write!(f, "{} {} ", c.field, c.op.as_str())?;
                return match &*c.values {
                    [one] if c.op != Op::AnyOf => write!(f, "{one}"),
                    many => write!(f, "{}", Value::from(many)),
                };
            }
            Self::And(all) => (all, ","),
            Self::Or(all) => (all, "|"),
        };
        for (i, expr) in all.iter().enumerate() {
            let joint = if i > 0 { joint } else { "" };
            match expr {
                Self::Is(_) => write!(f, "{joint}{expr}")?,
                _ => write!(f, "{joint}({expr})")?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    const ALLOWED: &[Allowed<'_>] = &[
        ("kind", &[Op::Equals, Op::NotEquals, Op::AnyOf]),
        ("tags", &[Op::AnyOf, Op::Contains]),
        ("*.*", &[Op::Equals, Op::StartsWith, Op::Exists]),
    ];

    fn is(field: &str, op: Op, values: &[Value]) -> Expr {
        Expr::Is(Comparison { field: field.into(), op, values: values.to_vec() })
    }

    #[test]
    fn shapes_that_clients_send() {
        let read = |text| parse(text, ALLOWED).unwrap();
        assert_eq!(read(r#"tags anyOf ["a","b c"]"#), is("tags", Op::AnyOf, &[json!("a"), json!("b c")]));
        assert_eq!(read("kind equals user"), is("kind", Op::Equals, &[json!("user")]));
        assert_eq!(read("user.age equals 7"), is("user.age", Op::Equals, &[json!(7)]));
        assert_eq!(read("kind equals 'a, b'"), is("kind", Op::Equals, &[json!("a, b")]));
        assert_eq!(read("*.name exists true"), is("*.name", Op::Exists, &[json!(true)]));
        let user = || is("kind", Op::Equals, &[json!("user")]);
        let tag = || is("tags", Op::Contains, &[json!("x")]);
        assert_eq!(
            read("kind equals user, tags contains x | kind equals user"),
            Expr::Or(vec![Expr::And(vec![user(), tag()]), user()])
        );
        assert_eq!(
            read("kind equals user and (tags contains x|kind equals user)"),
            Expr::And(vec![user(), Expr::Or(vec![tag(), user()])])
        );
        assert_eq!(read("  "), Expr::And(vec![]));
    }

    #[test]
    fn refusals_name_field_and_operator() {
        let error = |text| parse(text, ALLOWED).unwrap_err().to_string();
        assert!(error("colour equals red").contains("colour"));
        assert!(error("kind startsWith u").contains("startsWith"));
        for bad in ["kind", "kind equals", "(kind equals user", "kind equals user)", "tags anyOf [a", "kind equals \"x"]
        {
            assert!(error(bad).starts_with("filter:"), "{bad}");
        }
        assert!(error(&"(".repeat(5000)).contains("nested"));
    }

    fn expr() -> impl Strategy<Value = Expr> {
        let value = prop_oneof![".{0,6}".prop_map(Value::from), any::<i32>().prop_map(Value::from)];
        let leaf = prop_oneof![
            value.clone().prop_map(|v| is("kind", Op::Equals, &[v])),
            prop::collection::vec(value, 0..3).prop_map(|v| is("tags", Op::AnyOf, &v)),
        ];
        leaf.prop_recursive(4, 20, 3, |inner| {
            let many = prop::collection::vec(inner, 2..4);
            prop_oneof![many.clone().prop_map(Expr::And), many.prop_map(Expr::Or)]
        })
    }

    proptest! {
        #[test]
        fn what_is_printed_is_read_back(expr in expr()) {
            prop_assert_eq!(parse(&expr.to_string(), ALLOWED).unwrap(), expr);
        }

        #[test]
        fn any_text_is_read_or_refused(text in "[a-z.*'\"\\[\\](),| é]{0,60}") {
            let _ = parse(&text, ALLOWED);
        }
    }
}
