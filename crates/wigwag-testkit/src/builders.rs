//! Bodies of requests, short to write.

use serde_json::{Value, json};

/// A boolean flag in the making.
#[must_use]
pub fn flag(key: &str) -> FlagBuilder {
    FlagBuilder(json!({"key": key, "name": key}))
}

/// The body of a request that creates a flag.
#[derive(Clone, Debug)]
pub struct FlagBuilder(Value);

impl FlagBuilder {
    /// With these variations instead of true and false.
    #[must_use]
    pub fn variations(mut self, values: &[Value]) -> Self {
        self.0["variations"] = values.iter().map(|value| json!({"value": value})).collect();
        self
    }

    /// With tags.
    #[must_use]
    pub fn tags(mut self, tags: &[&str]) -> Self {
        self.0["tags"] = json!(tags);
        self
    }

    /// With any other member.
    #[must_use]
    pub fn with(mut self, member: &str, value: Value) -> Self {
        self.0[member] = value;
        self
    }

    /// The body.
    #[must_use]
    pub fn body(&self) -> &Value {
        &self.0
    }
}
