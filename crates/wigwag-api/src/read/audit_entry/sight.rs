//! Which entries a caller may see.

use std::collections::HashMap;

use wigwag_kit::{Ctx, Error, Result, Spec};
use wigwag_model::doc::{Kind, Project};
use wigwag_store::{ChangeRow, DocKey};

use super::record;

/// Kinds of the account that not everybody may view, with the action.
const VIEWED: &[(&str, &str)] =
    &[("team", "viewTeam"), ("ip-allowlist", "viewIpAllowlist"), ("template", "viewTemplate")];

/// Which projects the caller may view, asked once each.
#[derive(Default)]
pub struct Sight(HashMap<String, (bool, Option<String>)>);

impl Sight {
    /// Whether the caller may see an entry: those of a project who may view the project, those of kinds that have an
    /// action for viewing who may do that; the account's others everybody.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn sees(&mut self, ctx: &Ctx, row: &ChangeRow) -> Result<bool> {
        if !row.change.project.is_empty() {
            return Ok(self.look(ctx, &row.change.project).await?.0);
        }
        let Some((_, view)) = VIEWED.iter().find(|(kind, _)| *kind == row.change.kind) else { return Ok(true) };
        let record = record(row)?;
        Ok(record.authorised().any(|(_, spec)| ctx.may(view, &spec)))
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
