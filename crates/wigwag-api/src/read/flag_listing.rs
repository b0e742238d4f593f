//! Flags as other resources list them.

use schemars::JsonSchema;
use serde::Serialize;
use wigwag_kit::Links;
use wigwag_kit::links::path;

/// A link on its own, outside `_links`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct SiteLink {
    href: String,
    #[serde(rename = "type")]
    media_type: &'static str,
}

impl SiteLink {
    /// The console's page of a flag.
    #[must_use]
    pub fn of(project: &str, environment: &str, flag: &str) -> Self {
        Self { href: flag_site(project, environment, flag), media_type: "text/html" }
    }
}

/// The console's page of a flag in one environment, or in all (`~`).
#[must_use]
pub fn flag_site(project: &str, environment: &str, flag: &str) -> String {
    format!("/{project}/{environment}/features/{flag}")
}

/// A flag by its names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "FlagListingRep")]
pub struct FlagListing {
    name: String,
    key: String,
    #[serde(rename = "_links")]
    links: Links,
    #[serde(rename = "_site")]
    site: SiteLink,
}

impl FlagListing {
    /// A flag, with the console's page of one environment.
    #[must_use]
    pub fn of(project: &str, environment: &str, key: &str, name: String) -> Self {
        let links = Links::new().own(path(&["flags", project, key])).parent(path(&["flags", project]));
        Self { name, key: key.to_owned(), links, site: SiteLink::of(project, environment, key) }
    }
}
