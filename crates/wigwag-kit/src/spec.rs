//! Resource specifiers: how policies and audit entries name things (access-control.md 3).

use std::fmt;

/// The resource an action is about, such as `proj/p:env/e:flag/f`, with what policies can
/// select by: tags and whether the environment is critical.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Spec {
    segments: Vec<Segment>,
}

/// One step of a specifier.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Segment {
    /// `proj`, `env`, `flag`…
    pub kind: &'static str,
    /// Key or id; `None` for those without a name, such as `acct`.
    pub name: Option<String>,
    /// Tags of the resource itself.
    pub tags: Vec<String>,
    /// `critical` of an environment.
    pub critical: Option<bool>,
    /// Keys of the views it is linked to.
    pub views: Vec<String>,
}

impl Segment {
    fn of(kind: &'static str, name: Option<String>, tags: &[String]) -> Self {
        Self { kind, name, tags: tags.to_vec(), critical: None, views: Vec::new() }
    }
}

impl Spec {
    /// The account: `acct`.
    #[must_use]
    pub fn account() -> Self {
        Self { segments: vec![Segment::of("acct", None, &[])] }
    }

    /// A top-level resource without tags, such as `member/5f…`.
    #[must_use]
    pub fn top(kind: &'static str, name: &str) -> Self {
        Self::default().then(kind, name, &[])
    }

    /// A project.
    #[must_use]
    pub fn project(key: &str, tags: &[String]) -> Self {
        Self::default().then("proj", key, tags)
    }

    /// One step down.
    #[must_use]
    pub fn then(mut self, kind: &'static str, name: &str, tags: &[String]) -> Self {
        self.segments.push(Segment::of(kind, Some(name.to_owned()), tags));
        self
    }

    /// Down to an environment.
    #[must_use]
    pub fn env(mut self, key: &str, tags: &[String], critical: bool) -> Self {
        self = self.then("env", key, tags);
        if let Some(last) = self.segments.last_mut() {
            last.critical = Some(critical);
        }
        self
    }

    /// A type without names, such as `ip-allowlist`.
    #[must_use]
    pub fn only(kind: &'static str) -> Self {
        Self { segments: vec![Segment::of(kind, None, &[])] }
    }

    /// The views that the last step is linked to.
    #[must_use]
    pub fn in_views(mut self, views: &[String]) -> Self {
        if let Some(last) = self.segments.last_mut() {
            last.views = views.to_vec();
        }
        self
    }

    /// The outermost step alone, such as the project.
    #[must_use]
    pub fn outermost(&self) -> Self {
        Self { segments: self.segments.iter().take(1).cloned().collect() }
    }

    /// The steps, outermost first.
    #[must_use]
    pub fn segments(&self) -> &[Segment] {
        &self.segments
    }
}

/// Every type of resource that specifiers name (access-control.md 5).
const TYPES: [&str; 51] = [
    "acct",
    "agent-graph",
    "agent-optimization",
    "agent-skill",
    "ai-dataset",
    "ai-evaluation",
    "ai-model-config",
    "ai-tool",
    "aiconfig",
    "alert",
    "application",
    "assignment-data-source",
    "code-reference-repository",
    "context-kind",
    "dashboard",
    "destination",
    "domain-verification",
    "env",
    "error",
    "experiment",
    "flag",
    "holdout",
    "integration",
    "ip-allowlist",
    "layer",
    "log",
    "member",
    "metric",
    "metric-data-source",
    "metric-group",
    "notification-subscription",
    "observability-settings",
    "pending-request",
    "product-analytics-dashboard",
    "proj",
    "prompt-snippet",
    "relay-proxy-config",
    "release-pipeline",
    "release-policy",
    "role",
    "sdk-key",
    "segment",
    "service-token",
    "session",
    "team",
    "template",
    "token",
    "trace",
    "user",
    "view",
    "webhook",
];

impl Spec {
    /// Reads what [`Spec`] prints: a specifier of one resource, without tags. None for types
    /// nobody knows.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let segment = |text: &str| {
            let (kind, name) = text.split_once('/').map_or((text, None), |(kind, name)| (kind, Some(name.to_owned())));
            let kind = TYPES.iter().copied().find(|t| *t == kind)?;
            Some(Segment::of(kind, name, &[]))
        };
        text.split(':').map(segment).collect::<Option<_>>().map(|segments| Self { segments })
    }
}

/// Without tags, as audit entries and refusals show it.
impl fmt::Display for Spec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, segment) in self.segments.iter().enumerate() {
            if i > 0 {
                f.write_str(":")?;
            }
            f.write_str(segment.kind)?;
            if let Some(name) = &segment.name {
                write!(f, "/{name}")?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn printed_and_read_back() {
        let flag = Spec::project("p", &[]).env("e", &[], true).then("flag", "f.1", &[]);
        for text in ["acct", "member/5f", "webhook/5f", "template/5f"] {
            assert_eq!(Spec::parse(text).map(|s| s.to_string()).as_deref(), Some(text));
        }
        assert_eq!(flag.to_string(), "proj/p:env/e:flag/f.1");
        assert_eq!(Spec::parse(&flag.to_string()).map(|s| s.to_string()), Some(flag.to_string()));
        assert!(Spec::parse("nonsense/1").is_none());
    }
}
