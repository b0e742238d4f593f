//! Resource specifiers as policies write them (access-control.md 3).

use wigwag_kit::spec::Segment;

use super::attributes::{Attributes, MOST, references};
use super::glob::Glob;

/// A compiled specifier, such as `proj/*:env/*;{critical:true}:flag/ops_*`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Specifier(pub(super) Box<[Step]>);

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Step {
    pub(super) kind: Box<str>,
    /// Any of these; absent for kinds without a name, such as `acct`. An empty name, which published examples have,
    /// is that of nothing.
    pub(super) names: Option<Box<[Glob]>>,
    /// All of these.
    pub(super) selectors: Box<[Selector]>,
}

/// Where there are several globs, any of them: they come from a role attribute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Selector {
    Tag(Box<[Glob]>),
    View(Box<[Glob]>),
    Critical(bool),
    /// A property that no resource has.
    Never,
}

impl Specifier {
    /// Compiles `text`; the error says what is wrong with it.
    pub(crate) fn parse(text: &str, attributes: &Attributes) -> Result<Self, String> {
        split(text)?.into_iter().map(|step| Step::parse(step, attributes)).collect::<Result<_, _>>().map(Self)
    }

    /// One resource of the top level, whatever characters its name has.
    pub(super) fn exact(kind: &str, name: &str) -> Self {
        let names: Box<[Glob]> = Box::new([Glob::Exact(name.into())]);
        Self(Box::new([Step { kind: kind.into(), names: Some(names), selectors: Box::default() }]))
    }

    /// Compiles `text` for every value of the role attributes in it. An attribute that stands in several places has
    /// the same value in all of them; one that stands in one place becomes a choice there.
    pub(crate) fn expand(text: &str, attributes: &Attributes, into: &mut Vec<Self>) -> Result<(), String> {
        let mut keys = references(text);
        keys.sort_unstable();
        let twice = keys.windows(2).find(|pair| pair[0] == pair[1] && attributes.values(pair[0]).len() > 1);
        let Some(key) = twice.map(|pair| pair[0]) else {
            into.push(Self::parse(text, attributes)?);
            return Ok(());
        };
        for value in attributes.values(key) {
            if into.len() < MOST / 10 {
                Self::expand(text, &attributes.only(key, value), into)?;
            }
        }
        Ok(())
    }

    /// Whether the resource has exactly these steps and each of them fits.
    pub(crate) fn matches(&self, resource: &[Segment]) -> bool {
        self.0.len() == resource.len() && self.0.iter().zip(resource).all(|(step, segment)| step.matches(segment))
    }

    /// Whether the resource is of the type named here, whatever its name and tags.
    pub(crate) fn same_type(&self, resource: &[Segment]) -> bool {
        self.0.len() == resource.len() && self.0.iter().zip(resource).all(|(step, segment)| *step.kind == *segment.kind)
    }

    /// The kind of each step, and whether it has a name.
    pub(super) fn kinds(&self) -> impl Iterator<Item = (&str, bool)> {
        self.0.iter().map(|step| (&*step.kind, step.names.is_some()))
    }
}

/// Splits at colons, but not inside braces nor between `view` and its key.
fn split(text: &str) -> Result<Vec<&str>, String> {
    let mut parts = Vec::new();
    let (mut start, mut depth) = (0, 0_u32);
    for (at, c) in text.char_indices() {
        let part = &text[start..at];
        match c {
            '{' => depth += 1,
            '}' => depth = depth.checked_sub(1).ok_or_else(|| format!("\"{text}\" closes a brace it did not open"))?,
            ':' if depth == 0 && !part.ends_with(";view") && !part.ends_with(",view") => {
                parts.push(part);
                start = at + 1;
            }
            _ => {}
        }
    }
    if depth > 0 {
        return Err(format!("\"{text}\" leaves a brace open"));
    }
    parts.push(&text[start..]);
    Ok(parts)
}

impl Step {
    fn parse(text: &str, attributes: &Attributes) -> Result<Self, String> {
        // Published examples have steps such as `/flag/*`.
        let plain = text.strip_prefix('/').unwrap_or(text);
        let (path, selectors) = plain.split_once(';').map_or((plain, ""), |(path, rest)| (path, rest));
        let (kind, names) = path.split_once('/').map_or((path, None), |(kind, names)| (kind, Some(names)));
        if kind.is_empty() || !kind.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-') {
            return Err(format!("\"{text}\" does not begin with a resource type"));
        }
        let name = |name: &str| globs(name, attributes).into_vec();
        Ok(Self {
            kind: kind.into(),
            names: names.map(|n| n.split(',').flat_map(name).collect()),
            selectors: selectors.split(',').filter(|s| !s.is_empty()).map(|s| Selector::parse(s, attributes)).collect(),
        })
    }

    fn matches(&self, segment: &Segment) -> bool {
        let named = match (&self.names, &segment.name) {
            (None, None) => true,
            (Some(globs), Some(name)) => globs.iter().any(|g| g.matches(name)),
            _ => false,
        };
        named && *self.kind == *segment.kind && self.selectors.iter().all(|s| s.matches(segment))
    }
}

impl Selector {
    fn parse(text: &str, attributes: &Attributes) -> Self {
        match text.strip_prefix("view:") {
            Some(view) => Self::View(globs(view, attributes)),
            None if text == "{critical:true}" => Self::Critical(true),
            None if text == "{critical:false}" => Self::Critical(false),
            None if text.starts_with('{') => Self::Never,
            None => Self::Tag(globs(text, attributes)),
        }
    }

    fn matches(&self, segment: &Segment) -> bool {
        let any = |globs: &[Glob], texts: &[String]| texts.iter().any(|text| globs.iter().any(|g| g.matches(text)));
        match self {
            Self::Tag(globs) => any(globs, &segment.tags),
            Self::View(globs) => any(globs, &segment.views),
            Self::Critical(wanted) => segment.critical == Some(*wanted),
            Self::Never => false,
        }
    }
}

/// One glob for every value of the role attributes in a text.
fn globs(text: &str, attributes: &Attributes) -> Box<[Glob]> {
    attributes.expand(text).iter().map(|text| Glob::new(text)).collect()
}
