//! Which entries a caller may see.

use std::collections::HashMap;

use wigwag_kit::{Ctx, Error, Result, Spec};
use wigwag_model::doc::{Kind, Project};
use wigwag_store::DocKey;

/// Which projects the caller may view, asked once each.
#[derive(Default)]
pub struct Sight(HashMap<String, (bool, Option<String>)>);

impl Sight {
    /// Whether entries of the project may be seen. Those of the account may, by everybody.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn sees(&mut self, ctx: &Ctx, project: &str) -> Result<bool> {
        Ok(project.is_empty() || self.look(ctx, project).await?.0)
    }

    /// Name of the project, while it exists.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn name(&mut self, ctx: &Ctx, project: &str) -> Result<Option<String>> {
        Ok(self.look(ctx, project).await?.1.clone())
    }

    async fn look(&mut self, ctx: &Ctx, key: &str) -> Result<&(bool, Option<String>)> {
        if !self.0.contains_key(key) {
            let doc = ctx.store().get(&DocKey::account(Kind::Project, key)).await?;
            let project = doc.map(|doc| doc.decode::<Project>()).transpose()?;
            let tags = project.as_ref().map_or(&[][..], |p| &p.tags);
            let seen = ctx.may("viewProject", &Spec::project(key, tags));
            self.0.insert(key.to_owned(), (seen, project.map(|p| p.name)));
        }
        self.0.get(key).ok_or_else(|| Error::Internal("a project was forgotten".to_owned()))
    }
}
