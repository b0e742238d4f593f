//! Flags and segments by filter: what the operations that list them find.

use http::Method;
use serde_json::Value;
use wigwag_kit::links::path;
use wigwag_kit::operation::Operation;
use wigwag_kit::{ApiVersion, Ctx, Error, Request, Result};

/// The most that are asked for at once.
const PAGE: usize = 100;

/// The operations that list flags and segments.
pub(super) struct Finder {
    pub(super) flags: Option<Operation>,
    pub(super) segments: Option<Operation>,
}

impl Finder {
    /// Keys of the flags of a project that a filter finds.
    ///
    /// # Errors
    /// A filter that the list of flags refuses.
    pub(super) async fn flags(&self, ctx: &Ctx, project: &str, filter: &str) -> Result<Vec<String>> {
        let params = vec![("projectKey", project.to_owned())];
        found(self.flags.as_ref(), ctx, &path(&["flags", project]), params, filter).await
    }

    /// Keys of the segments of an environment that a filter finds.
    ///
    /// # Errors
    /// A filter that the list of segments refuses.
    pub(super) async fn segments(&self, ctx: &Ctx, project: &str, env: &str, filter: &str) -> Result<Vec<String>> {
        let params = vec![("projectKey", project.to_owned()), ("environmentKey", env.to_owned())];
        found(self.segments.as_ref(), ctx, &path(&["segments", project, env]), params, filter).await
    }
}

async fn found(
    list: Option<&Operation>,
    ctx: &Ctx,
    path: &str,
    params: Vec<(&'static str, String)>,
    filter: &str,
) -> Result<Vec<String>> {
    let handler = list.and_then(Operation::handler);
    let handler = handler.ok_or_else(|| Error::Internal("there is no list to filter".to_owned()))?;
    // From this version on lists have pages.
    let ctx = Ctx { version: ApiVersion::V20240415, ..ctx.clone() };
    let mut keys = Vec::new();
    loop {
        let mut request = Request::new(Method::GET, path)?;
        let (limit, offset) = (PAGE.to_string(), keys.len().to_string());
        let query = [("filter", filter), ("limit", &*limit), ("offset", &*offset), ("sort", "creationDate")];
        request.query = query.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        request.params.clone_from(&params);
        request.version = ctx.version;
        let Some(body) = handler(ctx.clone(), request).await?.body else { return Ok(keys) };
        let list: Value =
            serde_json::from_slice(&body.collect().await?).map_err(|e| Error::Internal(format!("a list: {e}")))?;
        let items = list["items"].as_array().map(Vec::as_slice).unwrap_or_default();
        keys.extend(items.iter().filter_map(|item| item["key"].as_str()).map(str::to_owned));
        if items.len() < PAGE {
            return Ok(keys);
        }
    }
}
