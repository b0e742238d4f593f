//! Flag links: references from a flag to something elsewhere, such as a ticket. The contract says
//! only what openapi.json says; a link concerns the flag everywhere, so it takes its action in every
//! environment, like other flag-wide changes.

use http::Uri;
use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use wigwag_kit::links::path;
use wigwag_kit::resource::{About, Parent, Search, Stored};
use wigwag_kit::{Ctx, Dialects, Error, Links, Operations, Request, Resource, Result, Spec, Standard, Target};
use wigwag_model::clock::Millis;
use wigwag_model::doc::{FlagLink, Kind, Member};
use wigwag_model::key::MAX_KEY;
use wigwag_store::{IndexFacts, ListQuery, Predicate};

use crate::common::check_key;
use crate::read::{FlagPlace, members_by_id};

/// Longest key of a link, in characters; it is stored together with the flag's.
const MAX_LINK_KEY: usize = 200;
/// Longest address, in bytes.
const MAX_URL: usize = 2_048;
/// Longest title and description, in characters.
const MAX_TEXT: usize = 4_096;
/// Most entries of the metadata.
const MAX_METADATA: usize = 64;

/// The operations on flag links.
#[must_use]
pub fn ops() -> Operations {
    Standard::<FlagLinks>::new()
        .list("getFlagLinks")
        .create("createFlagLink")
        .patch("updateFlagLink")
        .delete("deleteFlagLink")
        .table()
}

/// A link.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "FlagLinkRep")]
pub struct FlagLinkRep {
    /// Itself and the links of the flag.
    #[serde(rename = "_links")]
    links: Links,
    /// Chosen key.
    #[serde(rename = "_key", skip_serializing_if = "Option::is_none")]
    key: Option<String>,
    /// The integration it came by.
    #[serde(rename = "_integrationKey", skip_serializing_if = "Option::is_none")]
    integration_key: Option<String>,
    /// 24 hex digits.
    #[serde(rename = "_id")]
    id: String,
    /// Where it leads.
    #[serde(rename = "_deepLink")]
    deep_link: String,
    /// When what it leads to belongs to.
    #[serde(rename = "_timestamp")]
    timestamp: Timestamp,
    /// Human title.
    #[serde(skip_serializing_if = "String::is_empty")]
    title: String,
    /// Human description.
    #[serde(skip_serializing_if = "String::is_empty")]
    description: String,
    /// What the integration wants kept.
    #[serde(rename = "_metadata", skip_serializing_if = "IndexMap::is_empty")]
    #[schemars(with = "std::collections::BTreeMap<String, String>")]
    metadata: IndexMap<String, String>,
    /// When it was created.
    #[serde(rename = "_createdAt")]
    created_at: Millis,
    /// Who made it.
    #[serde(rename = "_member", skip_serializing_if = "Option::is_none")]
    member: Option<LinkMember>,
}

/// A time in four notations.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "TimestampRep")]
struct Timestamp {
    /// Since the epoch.
    milliseconds: Millis,
    /// Since the epoch.
    seconds: i64,
    /// As in RFC 3339, in UTC.
    rfc3339: String,
    /// `2022-06-16 01:16:39`, in UTC.
    simple: String,
}

/// The member who made a link.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "FlagLinkMember")]
struct LinkMember {
    /// The member.
    #[serde(rename = "_links")]
    links: Links,
    /// 24 hex digits.
    #[serde(rename = "_id")]
    id: String,
    /// Given name.
    #[serde(skip_serializing_if = "String::is_empty")]
    first_name: String,
    /// Family name.
    #[serde(skip_serializing_if = "String::is_empty")]
    last_name: String,
}

/// A new link.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "flagLinkPost")]
pub struct FlagLinkPost {
    /// Chosen key, unique among the links of the flag.
    #[serde(default)]
    key: Option<String>,
    /// The integration it comes by; none for a plain address.
    #[serde(default)]
    integration_key: Option<String>,
    /// When what it leads to belongs to; now when missing.
    #[serde(default)]
    timestamp: Option<Millis>,
    /// Where it leads.
    #[serde(default)]
    deep_link: Option<String>,
    /// Human title.
    #[serde(default)]
    title: Option<String>,
    /// Human description.
    #[serde(default)]
    description: Option<String>,
    /// What the integration wants kept.
    #[serde(default)]
    #[schemars(with = "Option<std::collections::BTreeMap<String, String>>")]
    metadata: Option<IndexMap<String, String>>,
}

/// The part of a link that a patch may touch.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Edit {
    #[serde(default)]
    title: Option<String>,
    #[serde(default)]
    description: Option<String>,
    deep_link: String,
    timestamp: Millis,
    #[serde(default)]
    metadata: Option<IndexMap<String, String>>,
}

/// The kind.
pub enum FlagLinks {}

impl Resource for FlagLinks {
    type Doc = FlagLink;
    type Parent = FlagPlace;
    type Create = FlagLinkPost;
    type Edit = Edit;
    type Facts = ();
    type Rep = FlagLinkRep;

    const ABOUT: About = About {
        kind: Kind::FlagLink,
        noun: "flag link",
        create: "createFlagLink",
        delete: "deleteFlagLink",
        view: None,
        dialects: Dialects::JSON,
        edits: &[
            ("title", "updateFlagLink"),
            ("description", "updateFlagLink"),
            ("deepLink", "updateFlagLink"),
            ("timestamp", "updateFlagLink"),
            ("metadata", "updateFlagLink"),
        ],
        instructions: &[],
        secrets: &[],
    };

    async fn create(ctx: &Ctx, place: &FlagPlace, input: FlagLinkPost) -> Result<FlagLink> {
        let now = ctx.app.clock.now();
        Ok(FlagLink {
            id: ctx.app.ids.object_id(),
            flag: place.flag.key.clone(),
            key: input.key,
            integration_key: input.integration_key,
            deep_link: input.deep_link.ok_or_else(|| Error::missing("deepLink"))?,
            timestamp: input.timestamp.unwrap_or(now),
            title: input.title.unwrap_or_default(),
            description: input.description.unwrap_or_default(),
            metadata: input.metadata.unwrap_or_default(),
            member_id: ctx.caller.acting_member().map(|member| member.id.clone()),
            created_at: now,
        })
    }

    /// Under its own key where it has one, so that no two of a flag can have the same.
    fn key(link: &FlagLink) -> &str {
        link.key.as_deref().unwrap_or(&link.id)
    }

    fn name(link: &FlagLink) -> &str {
        &link.title
    }

    fn spec(_: &FlagLink, place: &FlagPlace) -> Spec {
        place.specs().into_iter().next().unwrap_or_default()
    }

    fn specs(_: &FlagLink, place: &FlagPlace) -> Vec<Spec> {
        place.specs()
    }

    fn subject(place: &FlagPlace) -> Option<Target> {
        Some(place.target())
    }

    /// Paths name a link by its key or its id.
    async fn resolve(ctx: &Ctx, place: &FlagPlace, key: &str) -> Result<String> {
        let both = vec![Predicate::eq("flag", &*place.flag.key), Predicate::eq("id", key)];
        let query = ListQuery::in_project(Kind::FlagLink, place.project()).filter(Predicate::And(both)).page(1, 0);
        let found = ctx.store().list(&query).await?.docs.into_iter().next();
        let link: Option<FlagLink> = found.map(|doc| doc.decode()).transpose()?;
        Ok(link.map_or_else(|| key.to_owned(), |link| Self::key(&link).to_owned()))
    }

    fn href(link: &FlagLink, place: &FlagPlace) -> String {
        path(&["flag-links", "projects", place.project(), "flags", &link.flag, &link.id])
    }

    fn edit(link: &FlagLink) -> Edit {
        Edit {
            title: Some(link.title.clone()),
            description: Some(link.description.clone()),
            deep_link: link.deep_link.clone(),
            timestamp: link.timestamp,
            metadata: Some(link.metadata.clone()),
        }
    }

    fn set(link: &mut FlagLink, edit: Edit) {
        link.title = edit.title.unwrap_or_default();
        link.description = edit.description.unwrap_or_default();
        link.deep_link = edit.deep_link;
        link.timestamp = edit.timestamp;
        link.metadata = edit.metadata.unwrap_or_default();
    }

    fn check(link: &FlagLink) -> Result<()> {
        if let Some(key) = &link.key {
            check_key("key", key, MAX_LINK_KEY)?;
        }
        if let Some(key) = &link.integration_key {
            check_key("integrationKey", key, MAX_KEY)?;
        }
        let leads = link.deep_link.parse::<Uri>().is_ok_and(|uri| uri.scheme().is_some() && uri.host().is_some());
        if !leads || link.deep_link.len() > MAX_URL {
            return Err(Error::field("deepLink", "must be an absolute address"));
        }
        for (field, text) in [("title", &link.title), ("description", &link.description)] {
            if text.chars().count() > MAX_TEXT {
                return Err(Error::field(field, format_args!("must be at most {MAX_TEXT} characters long")));
            }
        }
        if link.metadata.len() > MAX_METADATA {
            return Err(Error::field("metadata", format_args!("must be at most {MAX_METADATA} entries")));
        }
        Timestamp::of(link.timestamp).map(drop).ok_or_else(|| Error::field("timestamp", "must be epoch milliseconds"))
    }

    fn index(link: &FlagLink) -> IndexFacts {
        IndexFacts::new().text("flag", &link.flag).text("id", &link.id)
    }

    fn search(request: &Request) -> Result<Search> {
        let filter = Predicate::eq("flag", request.param("featureFlagKey"));
        Ok(Search { filter, ..Search::everything() })
    }

    fn rep(link: &FlagLink, _: u64, place: &FlagPlace) -> FlagLinkRep {
        rep(link, place, None)
    }

    async fn reps(
        ctx: &Ctx,
        _: &Request,
        place: &FlagPlace,
        stored: Vec<Stored<FlagLink>>,
    ) -> Result<Vec<FlagLinkRep>> {
        let members = members_by_id(ctx, stored.iter().filter_map(|s| s.value.member_id.as_deref())).await?;
        let member = |link: &FlagLink| link.member_id.as_ref().and_then(|id| members.get(id));
        Ok(stored.iter().map(|s| rep(&s.value, place, member(&s.value))).collect())
    }
}

fn rep(link: &FlagLink, place: &FlagPlace, member: Option<&Member>) -> FlagLinkRep {
    let parent = path(&["flag-links", "projects", place.project(), "flags", &link.flag]);
    FlagLinkRep {
        links: Links::new().own(FlagLinks::href(link, place)).parent(parent),
        key: link.key.clone(),
        integration_key: link.integration_key.clone(),
        id: link.id.clone(),
        deep_link: link.deep_link.clone(),
        timestamp: Timestamp::of(link.timestamp).unwrap_or_else(|| Timestamp::bare(link.timestamp)),
        title: link.title.clone(),
        description: link.description.clone(),
        metadata: link.metadata.clone(),
        created_at: link.created_at,
        member: member.map(|member| LinkMember {
            links: Links::new().own(path(&["members", &member.id])),
            id: member.id.clone(),
            first_name: member.first_name.clone(),
            last_name: member.last_name.clone(),
        }),
    }
}

impl Timestamp {
    /// None for a time that no calendar has.
    fn of(at: Millis) -> Option<Self> {
        let time = jiff::Timestamp::from_millisecond(at).ok()?;
        let simple = time.strftime("%Y-%m-%d %H:%M:%S").to_string();
        let rfc3339 = time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
        Some(Self { rfc3339, simple, ..Self::bare(at) })
    }

    const fn bare(at: Millis) -> Self {
        Self { milliseconds: at, seconds: at.div_euclid(1_000), rfc3339: String::new(), simple: String::new() }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]

    #[test]
    fn a_time_in_four_notations() {
        let at = super::Timestamp::of(1_655_342_199_935).unwrap();
        assert_eq!((at.seconds, &*at.rfc3339), (1_655_342_199, "2022-06-16T01:16:39Z"));
        assert_eq!(at.simple, "2022-06-16 01:16:39");
        assert!(super::Timestamp::of(i64::MAX).is_none());
    }
}
