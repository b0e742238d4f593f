//! Names of the attributes that users have.

use schemars::JsonSchema;
use serde::Serialize;
use wigwag_kit::{Ctx, Reply, Request, Result};

use super::rep::OWN;
use crate::read::project_and_environment;

/// At most so many names.
const LIMIT: usize = 1000;

/// Names by sort.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "UserAttributeNamesRep")]
pub(super) struct AttributeNames {
    /// Those whose values some SDK left out.
    private: Vec<String>,
    custom: Vec<String>,
    standard: Vec<String>,
}

pub(super) async fn names(ctx: Ctx, request: Request) -> Result<Reply> {
    let (_, environment) =
        project_and_environment(&ctx, request.param("projectKey"), request.param("environmentKey")).await?;
    let mut names = AttributeNames { private: Vec::new(), custom: Vec::new(), standard: Vec::new() };
    for found in ctx.store().volume().attributes(&environment.value.id, Some("user"), None, LIMIT).await? {
        // Users had no nested attributes: the outermost name stands for all of it.
        let name = found.name.trim_start_matches('/').split('/').next().unwrap_or_default();
        let name = name.replace("~1", "/").replace("~0", "~");
        let mut list = vec![if OWN.contains(&name.as_str()) { &mut names.standard } else { &mut names.custom }];
        if found.redacted {
            list.push(&mut names.private);
        }
        for list in list {
            if !list.contains(&name) {
                list.push(name.clone());
            }
        }
    }
    if !names.standard.is_empty() || !names.custom.is_empty() {
        names.standard.push("key".to_owned());
    }
    for list in [&mut names.private, &mut names.custom, &mut names.standard] {
        list.sort_unstable();
    }
    Reply::json(&names)
}
