//! `GET /integration-manifests`: which integrations there are, and what each asks for.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;
use wigwag_kit::operation::Own;
use wigwag_kit::{Ctx, Links, Reply, Request, Result};

use super::manifest::{Manifest, VariableKind, manifests};

/// What it is called.
pub(super) const OWN: Own = Own {
    tag: "Wigwag: integrations",
    method: "GET",
    path: "/api/v2/integration-manifests",
    id: "getIntegrationManifests",
    query: &[],
};

/// Every integration there is.
#[derive(Serialize, JsonSchema)]
pub(super) struct IntegrationManifests {
    /// Itself.
    #[serde(rename = "_links")]
    links: Links,
    /// By key.
    items: Vec<IntegrationManifest>,
}

/// One integration.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct IntegrationManifest {
    /// As in paths.
    key: &'static str,
    /// For people.
    name: &'static str,
    /// What a subscription says in `config`.
    form_variables: Vec<FormVariable>,
}

/// A value that a subscription needs.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct FormVariable {
    /// Its name in `config`.
    key: &'static str,
    /// For people.
    name: &'static str,
    /// What it is, for people.
    description: &'static str,
    /// Its type.
    #[serde(rename = "type")]
    kind: VariableKind,
    /// Whether it must be given.
    required: bool,
    /// Never shown again.
    secret: bool,
    /// What is used where it is not given.
    #[serde(rename = "default", skip_serializing_if = "Option::is_none")]
    default_value: Option<&'static Value>,
    /// All values there are, for an `enum`.
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    allowed_values: &'static [String],
}

/// All of them.
pub(super) async fn list(_: Ctx, _: Request) -> Result<Reply> {
    let links = Links::new().own(OWN.path.to_owned());
    Reply::json(&IntegrationManifests { links, items: manifests().iter().map(shown).collect() })
}

fn shown(manifest: &'static Manifest) -> IntegrationManifest {
    let variables = manifest.form_variables.iter().map(|variable| FormVariable {
        key: &variable.key,
        name: &variable.name,
        description: &variable.description,
        kind: variable.kind,
        required: variable.required,
        secret: variable.secret,
        default_value: variable.default.as_ref(),
        allowed_values: &variable.allowed_values,
    });
    IntegrationManifest { key: &manifest.key, name: &manifest.name, form_variables: variables.collect() }
}
