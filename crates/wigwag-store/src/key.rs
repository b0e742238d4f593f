//! What a document is called.

use crate::StoreError;
use std::fmt;
use wigwag_model::doc::Kind;

/// Longest part of a [`DocKey`], in bytes: PostgreSQL bounds the size of an index row.
pub const MAX_KEY_PART: usize = 512;

/// Longest key of a member, in bytes.
pub const MAX_MEMBER: usize = MAX_KEY_PART;

/// The name of one document: its kind, where it lives and its key there.
///
/// `project` and `env` are empty where the scope does not apply.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DocKey {
    /// The kind of document.
    pub kind: Kind,
    /// The project it belongs to, or empty.
    pub project: Box<str>,
    /// The environment it belongs to, or empty.
    pub env: Box<str>,
    /// Its key within the kind and scope.
    pub key: Box<str>,
}

impl DocKey {
    /// A document of the account itself: a member, a token, a project.
    pub fn account(kind: Kind, key: impl Into<Box<str>>) -> Self {
        Self { kind, project: "".into(), env: "".into(), key: key.into() }
    }

    /// A document of a project: a flag, an environment.
    pub fn in_project(kind: Kind, project: impl Into<Box<str>>, key: impl Into<Box<str>>) -> Self {
        Self { kind, project: project.into(), env: "".into(), key: key.into() }
    }

    /// A document of one environment: a flag's configuration, a segment.
    pub fn in_env(
        kind: Kind,
        project: impl Into<Box<str>>,
        env: impl Into<Box<str>>,
        key: impl Into<Box<str>>,
    ) -> Self {
        Self { kind, project: project.into(), env: env.into(), key: key.into() }
    }

    /// Refuses what one of the engines could not hold.
    pub(crate) fn check(&self) -> Result<(), StoreError> {
        for part in [&self.project, &self.env, &self.key] {
            if part.len() > MAX_KEY_PART {
                return Err(StoreError::Invalid(format!("a key part is longer than {MAX_KEY_PART} bytes")));
            }
            if part.contains('\0') {
                return Err(StoreError::Invalid("a key holds a NUL character".into()));
            }
        }
        if self.key.is_empty() {
            return Err(StoreError::Invalid(format!("a {} without a key", self.kind.as_str())));
        }
        Ok(())
    }
}

impl fmt::Display for DocKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ", self.kind.as_str())?;
        for scope in [&self.project, &self.env] {
            if !scope.is_empty() {
                write!(f, "{scope}/")?;
            }
        }
        f.write_str(&self.key)
    }
}

/// A part of the tree whose documents can be deleted together.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Scope {
    /// Everything in the project, its environments included; not the project's own document.
    Project(Box<str>),
    /// Everything in one environment; not the environment's own document.
    Environment(Box<str>, Box<str>),
}

impl Scope {
    /// Whether the document lives in this scope.
    #[must_use]
    pub fn holds(&self, key: &DocKey) -> bool {
        match self {
            Self::Project(project) => key.project == *project,
            Self::Environment(project, env) => key.project == *project && key.env == *env,
        }
    }

    /// The project and, for an environment, its key.
    pub(crate) fn parts(&self) -> (&str, Option<&str>) {
        match self {
            Self::Project(project) => (project, None),
            Self::Environment(project, env) => (project, Some(env)),
        }
    }

    pub(crate) fn check(&self) -> Result<(), StoreError> {
        let (project, env) = self.parts();
        if project.is_empty() || env.is_some_and(str::is_empty) {
            return Err(StoreError::Invalid("a scope to delete needs its project and environment".into()));
        }
        Ok(())
    }
}
