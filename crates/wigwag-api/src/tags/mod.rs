//! The tags in use, over all kinds of resource that have tags.
//!
//! Read from the index, so that a look at the tags of ten thousand flags reads no flag; as of an
//! earlier time from the documents as they were.

use std::collections::{BTreeSet, HashSet};

use serde::Deserialize;
use wigwag_kit::page::{Collection, Page};
use wigwag_kit::{Ctx, Error, Operations, Reply, Request, Result};
use wigwag_model::clock::Millis;
use wigwag_model::doc::Kind;

use crate::read::{VIEWER, project_of, require_viewer};

/// Kinds as clients name them. There are no resources of the others yet, and so no tags.
const KINDS: [(&str, Option<Kind>); 8] = [
    ("flag", Some(Kind::Flag)),
    ("project", Some(Kind::Project)),
    ("environment", Some(Kind::Environment)),
    ("segment", Some(Kind::Segment)),
    ("metric", None),
    ("metric-data-source", None),
    ("aiconfig", None),
    ("view", None),
];

/// The largest page, which is also what a client gets that does not ask for less.
const MOST: u32 = 1000;

/// The operations of tags.
#[must_use]
pub fn ops() -> Operations {
    Operations::new().with(Operations::operation("getTags", VIEWER, list).reply::<Collection<String>>().as_of())
}

async fn list(ctx: Ctx, request: Request) -> Result<Reply> {
    require_viewer(&ctx)?;
    let page = Page::of(&request, Some(MOST), MOST)?;
    let wanted = Wanted { kinds: kinds(&request)?, archived: request.query_flag("archived")?.unwrap_or(false) };
    let prefix = request.query("pre").unwrap_or_default();
    let tags = tags(&ctx, &wanted).await?.into_iter().filter(|tag| tag.starts_with(prefix));
    let tags: BTreeSet<String> = tags.collect();
    let total = tags.len() as u64;
    Reply::json(&Collection::new(page.cut(tags).collect(), total, &page, &request))
}

/// Which tags are asked for.
struct Wanted {
    kinds: Vec<Kind>,
    /// Those of archived flags as well.
    archived: bool,
}

/// The kinds under `kind`, or all.
fn kinds(request: &Request) -> Result<Vec<Kind>> {
    let one = |name: &str| {
        let found = KINDS.iter().find(|(known, _)| *known == name);
        let names = || KINDS.map(|(known, _)| known).join(", ");
        found.map(|(_, kind)| *kind).ok_or_else(|| Error::field("kind", format_args!("must be one of {}", names())))
    };
    let named = request.query_list("kind").map(one).collect::<Result<Vec<_>>>()?;
    let kinds = if named.is_empty() { KINDS.map(|(_, kind)| kind).to_vec() } else { named };
    Ok(kinds.into_iter().flatten().collect())
}

/// What the documents of all these kinds say of tags.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Tagged {
    #[serde(default)]
    tags: Vec<String>,
    #[serde(default)]
    archived_at: Option<Millis>,
}

async fn tags(ctx: &Ctx, wanted: &Wanted) -> Result<Vec<String>> {
    let projects = viewable(ctx).await?;
    let mut tags = Vec::new();
    for kind in &wanted.kinds {
        match (kind, ctx.as_of) {
            (Kind::Flag | Kind::Segment, None) => {
                let but = (!wanted.archived).then_some(("state", "archived"));
                let found = ctx.store().texts(*kind, "tags", but).await?;
                tags.extend(found.into_iter().filter(|(project, _)| projects.contains(project)).map(|(_, tag)| tag));
            }
            (kind, _) => {
                for doc in ctx.scan(*kind, None, None).await? {
                    let project = if *kind == Kind::Project { &doc.key.key } else { &doc.key.project };
                    let tagged: Tagged = doc.decode()?;
                    if projects.contains(&**project) && (wanted.archived || tagged.archived_at.is_none()) {
                        tags.extend(tagged.tags);
                    }
                }
            }
        }
    }
    Ok(tags)
}

/// Keys of the projects that the caller may view.
async fn viewable(ctx: &Ctx) -> Result<HashSet<String>> {
    let mut keys = HashSet::new();
    for doc in ctx.scan(Kind::Project, None, None).await? {
        let project = project_of(&doc)?;
        if ctx.may("viewProject", &project.spec) {
            keys.insert(project.value.key);
        }
    }
    Ok(keys)
}
