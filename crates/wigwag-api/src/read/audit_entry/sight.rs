//! Which entries a caller may see.

use std::collections::HashMap;

use wigwag_kit::{Ctx, Error, Result, Spec};
use wigwag_model::doc::{Kind, Project};
use wigwag_store::{ChangeRow, DocKey};

/// Which projects the caller may view, asked once each.
#[derive(Default)]
pub struct Sight(HashMap<String, (bool, Option<String>)>);

impl Sight {
    /// Whether an entry may be seen: of a project by those who see the project, of a team by those who see the team,
    /// others of the account by those who may look around it.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn sees(&mut self, ctx: &Ctx, row: &ChangeRow) -> Result<bool> {
        let change = &row.change;
        if !change.project.is_empty() {
            return Ok(self.look(ctx, &change.project).await?.0);
        }
        let teams = change.resources.iter().filter(|resource| resource.starts_with("team/"));
        let seen = |team: &String| Spec::parse(team).is_some_and(|team| ctx.may("viewTeam", &team));
        Ok(ctx.may("viewAccount", &Spec::account()) && teams.into_iter().all(seen))
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
