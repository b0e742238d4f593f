//! Resource specifiers as policies write them (access-control.md 3).

use wigwag_kit::spec::Segment;

use super::glob::Glob;

/// A compiled specifier, such as `proj/*:env/*;{critical:true}:flag/ops_*`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Specifier(Box<[Step]>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Step {
    kind: Box<str>,
    /// Any of these; absent for kinds without a name, such as `acct`.
    names: Option<Box<[Glob]>>,
    /// All of these.
    selectors: Box<[Selector]>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Selector {
    Tag(Glob),
    Critical(bool),
    /// A property or view that no resource has yet.
    Never,
}

impl Specifier {
    /// Compiles `text`; the error says what is wrong with it.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        split(text)?.into_iter().map(Step::parse).collect::<Result<_, _>>().map(Self)
    }

    /// Whether the resource has exactly these steps and each of them fits.
    pub(crate) fn matches(&self, resource: &[Segment]) -> bool {
        self.0.len() == resource.len() && self.0.iter().zip(resource).all(|(step, segment)| step.matches(segment))
    }

    /// Whether the resource is of the type named here, whatever its name and tags.
    pub(crate) fn same_type(&self, resource: &[Segment]) -> bool {
        self.0.len() == resource.len() && self.0.iter().zip(resource).all(|(step, segment)| *step.kind == *segment.kind)
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
    fn parse(text: &str) -> Result<Self, String> {
        let (path, selectors) = text.split_once(';').map_or((text, ""), |(path, rest)| (path, rest));
        let (kind, names) = path.split_once('/').map_or((path, None), |(kind, names)| (kind, Some(names)));
        if kind.is_empty() || !kind.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-') {
            return Err(format!("\"{text}\" does not begin with a resource type"));
        }
        if names.is_some_and(|n| n.split(',').any(str::is_empty)) {
            return Err(format!("\"{text}\" has an empty name"));
        }
        Ok(Self {
            kind: kind.into(),
            names: names.map(|n| n.split(',').map(Glob::new).collect()),
            selectors: selectors.split(',').filter(|s| !s.is_empty()).map(Selector::parse).collect(),
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
    fn parse(text: &str) -> Self {
        match text {
            "{critical:true}" => Self::Critical(true),
            "{critical:false}" => Self::Critical(false),
            _ if text.starts_with('{') || text.starts_with("view:") => Self::Never,
            _ => Self::Tag(Glob::new(text)),
        }
    }

    fn matches(&self, segment: &Segment) -> bool {
        match self {
            Self::Tag(glob) => segment.tags.iter().any(|tag| glob.matches(tag)),
            Self::Critical(wanted) => segment.critical == Some(*wanted),
            Self::Never => false,
        }
    }
}
