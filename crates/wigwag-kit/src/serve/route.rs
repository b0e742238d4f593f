//! From a method and a raw path to an operation. Literal segments win over parameters
//! (behaviour.md 1.1); parameters are decoded once, after routing, so that `%2F` is no slash.

use http::Method;
use percent_encoding::percent_decode_str;

use crate::error::{Error, Result};
use crate::operation::Operation;

/// Every operation by path and method. Built once.
pub struct Router {
    operations: Vec<Operation>,
    paths: matchit::Router<Vec<Leaf>>,
    /// The templates that hold a secret.
    secret: Vec<&'static str>,
}

/// Path parameters whose values are secrets.
const SECRETS: [&str; 2] = ["secret", "code"];

/// One method of a path.
struct Leaf {
    method: Method,
    operation: usize,
    params: Vec<&'static str>,
}

/// What was found for a request.
pub struct Found<'r> {
    /// The operation.
    pub operation: &'r Operation,
    /// Its place in the table.
    pub at: usize,
    /// Its path parameters, decoded.
    pub params: Vec<(&'static str, String)>,
}

impl Router {
    /// A router over `operations`.
    ///
    /// # Panics
    /// Two operations have the same method and path: caught by the first test that builds it.
    #[must_use]
    pub fn new(operations: Vec<Operation>) -> Self {
        let mut by_path: indexmap::IndexMap<&'static str, Vec<Leaf>> = indexmap::IndexMap::new();
        for (at, operation) in operations.iter().enumerate() {
            let entry = operation.entry;
            // Parameters may be called differently by the methods of one path.
            let params = params_of(entry.path).collect();
            let method = Method::from_bytes(entry.method.as_bytes()).unwrap_or_default();
            by_path.entry(entry.path).or_default().push(Leaf { method, operation: at, params });
        }
        let holds_secret = |path: &&'static str| params_of(path).any(|name| SECRETS.contains(&name));
        let secret = by_path.keys().copied().filter(holds_secret).collect();
        let mut paths = matchit::Router::new();
        for (path, leaves) in by_path {
            #[expect(clippy::panic, reason = "a slip in our own table, found by every test that builds it")]
            if let Err(error) = paths.insert(path, leaves) {
                panic!("{path}: {error}");
            }
        }
        Self { operations, paths, secret }
    }

    /// Every operation, in the contract's order.
    #[must_use]
    pub fn operations(&self) -> &[Operation] {
        &self.operations
    }

    /// The operation for a request. HEAD is served as GET.
    ///
    /// # Errors
    /// No such path (404), no such method on it (405), a parameter that is not UTF-8.
    pub fn find(&self, method: &Method, path: &str) -> Result<Found<'_>> {
        let (leaves, values) = self.at(path).ok_or_else(|| Error::NotFound("Invalid resource path".to_owned()))?;
        let method = if method == Method::HEAD { &Method::GET } else { method };
        let leaf = leaves.iter().find(|leaf| leaf.method == *method).ok_or_else(|| {
            Error::MethodNotAllowed(format!("The method {method} is not allowed here; allowed are {}", allow(leaves)))
        })?;
        let params = leaf.params.iter().zip(values).map(|(name, value)| Ok((*name, decode(name, value)?)));
        let (operation, at) = (&self.operations[leaf.operation], leaf.operation);
        Ok(Found { operation, at, params: params.collect::<Result<_>>()? })
    }

    /// The methods of a path as an `Allow` field lists them; none for unknown paths.
    #[must_use]
    pub fn allowed(&self, path: &str) -> Option<String> {
        self.at(path).map(|(leaves, _)| allow(leaves))
    }

    /// The largest body of any method of a path, in bytes; none for unknown paths.
    #[must_use]
    pub fn largest_body(&self, path: &str) -> Option<usize> {
        let (leaves, _) = self.at(path)?;
        let held = leaves.iter().map(|leaf| &self.operations[leaf.operation]).filter(|operation| !operation.streamed);
        held.map(|operation| operation.body_limit).max()
    }

    /// A path as logs may tell it, whatever becomes of the request: all that begins like a template that holds a
    /// secret is told as that template.
    #[must_use]
    pub fn told<'p>(&self, path: &'p str) -> &'p str {
        let begins = |template: &&&'static str| path.starts_with(template.split('{').next().unwrap_or_default());
        self.secret.iter().find(begins).copied().unwrap_or(path)
    }

    fn at<'p>(&self, path: &'p str) -> Option<(&Vec<Leaf>, impl Iterator<Item = &'p str> + use<'p>)> {
        let path = path.strip_suffix('/').filter(|p| !p.is_empty()).unwrap_or(path);
        let found = self.paths.at(path).ok()?;
        let values: Vec<&'p str> = found.params.iter().map(|(_, value)| value).collect();
        Some((found.value, values.into_iter()))
    }
}

/// The names between braces.
pub(crate) fn params_of(template: &'static str) -> impl Iterator<Item = &'static str> {
    template.split('/').filter_map(|s| s.strip_prefix('{')?.strip_suffix('}'))
}

fn allow(leaves: &[Leaf]) -> String {
    let mut names = vec!["OPTIONS"];
    for leaf in leaves {
        names.push(leaf.method.as_str());
        if leaf.method == Method::GET {
            names.push("HEAD");
        }
    }
    names.join(", ")
}

fn decode(name: &str, value: &str) -> Result<String> {
    let decoded = percent_decode_str(value).decode_utf8();
    decoded.map(std::borrow::Cow::into_owned).map_err(|_| Error::field(name, "is not UTF-8"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;
    use crate::operation::{Access, Operations};

    /// Each template, filled with keys that are no literal anywhere, leads to its own operation.
    #[test]
    fn every_operation_is_reached() {
        let router = Router::new(Operations::new().complete());
        for operation in router.operations() {
            let entry = operation.entry;
            let filled: Vec<_> = (entry.path.split('/').enumerate())
                .map(|(i, s)| if s.starts_with('{') { format!("key%2F{i}%20.x") } else { s.to_owned() })
                .collect();
            for path in [filled.join("/"), format!("{}/", filled.join("/"))] {
                let method = entry.method.parse().unwrap();
                let found = router.find(&method, &path).unwrap_or_else(|e| panic!("{} {path}: {e}", entry.id));
                assert_eq!(found.operation.entry.id, entry.id, "{path}");
                let segments: Vec<_> = entry.path.split('/').collect();
                assert_eq!(found.params.len(), entry.path.matches('{').count(), "{path}");
                for (name, value) in &found.params {
                    let at = segments.iter().position(|s| *s == format!("{{{name}}}")).unwrap();
                    assert_eq!(*value, format!("key/{at} .x"), "{} {name}", entry.id);
                }
            }
        }
    }

    /// The table of behaviour.md 1.1.
    #[test]
    fn literals_win() {
        let router = Router::new(Operations::new().complete());
        for (method, path, id) in [
            ("GET", "projects/p/ai-configs/model-configs", "listModelConfigs"),
            ("GET", "projects/p/ai-configs/prompt-snippets", "listPromptSnippets"),
            ("GET", "projects/p/ai-configs/skills", "listAgentSkills"),
            ("GET", "projects/p/ai-configs/quick-stats", "getAIConfigQuickStats"),
            ("GET", "projects/p/ai-configs/other", "getAIConfig"),
            ("POST", "projects/p/ai-configs/model-configs/restricted", "postRestrictedModels"),
            ("GET", "projects/p/ai-configs/model-configs/other", "getModelConfig"),
            ("GET", "projects/p/environments/e/holdouts/id/7", "getHoldoutById"),
            ("GET", "projects/p/environments/e/holdouts/id", "getHoldout"),
            ("GET", "segments/p/s/expiring-targets/e", "getExpiringTargetsForSegment"),
            ("GET", "segments/p/s/expiring-user-targets/e", "getExpiringUserTargetsForSegment"),
            ("GET", "segments/p/e/s/contexts/c", "getSegmentMembershipForContext"),
            ("GET", "segments/p/e/s/users/u", "getSegmentMembershipForUser"),
            ("GET", "flags/p/f/triggers/e", "getTriggerWorkflows"),
            ("GET", "flags/p/f/expiring-targets/e", "getExpiringContextTargets"),
            ("GET", "flags/p/f/expiring-user-targets/e", "getExpiringUserTargets"),
            ("POST", "flags/p/f/copy", "copyFeatureFlag"),
            ("GET", "flags/p/f/dependent-flags", "getDependentFlags"),
            ("GET", "flags/p/e/f/dependent-flags", "getDependentFlagsByEnv"),
            ("GET", "users/p/u/expiring-user-targets/e", "getExpiringFlagsForUser"),
            ("GET", "users/p/e/u/flags", "getUserFlagSettings"),
            ("POST", "destinations/generate-warehouse-destination-key-pair", "postGenerateWarehouseDestinationKeyPair"),
            ("GET", "destinations/p/e/1", "getDestination"),
            ("POST", "projects/p/release-policies/order", "PostReleasePoliciesOrder"),
            ("GET", "projects/p/release-policies/other", "GetReleasePolicy"),
            ("GET", "members/5f", "getMember"),
            ("GET", "integrations/key", "getSubscriptions"),
        ] {
            let found = router.find(&method.parse().unwrap(), &format!("/api/v2/{path}"));
            let found = found.map_or_else(|e| e.to_string(), |f| f.operation.entry.id.to_owned());
            assert_eq!(found, id, "{method} {path}");
        }
    }

    /// Also with another method, with more behind it and without an end.
    #[test]
    fn secrets_of_paths_are_not_told() {
        let trigger = "/webhook/triggers/{id}/{secret}";
        let operations =
            Operations::new().beside("POST", trigger, "t", Access::Public, |_, _| async { unreachable!() });
        let operations = operations
            .beside("GET", "/device", "ask", Access::Public, |_, _| async { unreachable!() })
            .beside("GET", "/device/{code}", "show", Access::Public, |_, _| async { unreachable!() });
        let router = Router::new(operations.complete());
        for path in
            ["/webhook/triggers/1/s", "/webhook/triggers/1/s/", "/webhook/triggers/1/s/2", "/webhook/triggers/s"]
        {
            assert_eq!(router.told(path), trigger, "{path}");
        }
        assert_eq!(router.told("/device/abcd-efgh"), "/device/{code}");
        for path in ["/device", "/", "", "/api/v2/flags/default/lamp", "/api/v2/nope"] {
            assert_eq!(router.told(path), path);
        }
    }

    #[test]
    fn refusals() {
        let router = Router::new(Operations::new().complete());
        assert!(matches!(router.find(&Method::GET, "/api/v2/nope"), Err(Error::NotFound(_))));
        assert!(matches!(router.find(&Method::GET, "/"), Err(Error::NotFound(_))));
        assert!(matches!(router.find(&Method::PUT, "/api/v2/webhooks/1"), Err(Error::MethodNotAllowed(_))));
        assert!(matches!(router.find(&Method::GET, "/api/v2/webhooks/%ff"), Err(Error::Invalid(_))));
        assert_eq!(router.allowed("/api/v2/webhooks").unwrap(), "OPTIONS, GET, HEAD, POST");
        assert!(router.find(&Method::HEAD, "/api/v2/webhooks").is_ok());
    }
}
