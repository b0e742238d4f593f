//! What `expand` adds to flags from elsewhere: their evaluations, and the code that names them.

use std::collections::BTreeMap;

use wigwag_kit::expand::Expand;
use wigwag_kit::{Ctx, Request, Result};
use wigwag_model::doc::Environment;

use super::filters::EVALUATED_LATELY;
use crate::read::{CodeReferencesRep, Loaded, code_references_of};

/// Context kinds by flag, by environment key.
type Kinds = BTreeMap<String, BTreeMap<String, Vec<String>>>;

/// What was asked for; none of what was not.
pub(crate) struct Expanded {
    kinds: Option<Kinds>,
    code: Option<BTreeMap<String, CodeReferencesRep>>,
}

impl Expanded {
    /// Nothing.
    pub(crate) const NONE: Self = Self { kinds: None, code: None };

    /// Loads what the request expands for these flags in these environments. Evaluations are known as
    /// they are now only.
    ///
    /// # Errors
    /// The store cannot be read.
    pub(crate) async fn load(
        ctx: &Ctx,
        request: &Request,
        project: &str,
        environments: &[Loaded<Environment>],
        flags: &[&str],
    ) -> Result<Self> {
        let expand = Expand::of(request);
        let mut expanded = Self::NONE;
        if expand.has("evaluation") && ctx.as_of.is_none() {
            expanded.kinds = Some(kinds(ctx, environments, flags).await?);
        }
        if expand.has("codeReferences") {
            expanded.code = Some(code_references_of(ctx, project, flags).await?);
        }
        Ok(expanded)
    }

    /// Kinds of the contexts that a flag was evaluated for lately; none when they were not asked for.
    pub(crate) fn kinds(&self, environment: &str, flag: &str) -> Option<&[String]> {
        let kinds = self.kinds.as_ref()?;
        Some(kinds.get(environment).and_then(|flags| flags.get(flag)).map_or(&[], Vec::as_slice))
    }

    /// The code that names a flag; none when it was not asked for.
    pub(crate) fn code(&self, flag: &str) -> Option<&CodeReferencesRep> {
        self.code.as_ref()?.get(flag)
    }
}

async fn kinds(ctx: &Ctx, environments: &[Loaded<Environment>], flags: &[&str]) -> Result<Kinds> {
    let since = ctx.app.clock.now() - EVALUATED_LATELY;
    let mut all = Kinds::new();
    for environment in environments.iter().map(|loaded| &loaded.value) {
        let found = ctx.store().volume().flag_kinds(&environment.id, flags, since).await?;
        all.insert(environment.key.clone(), found);
    }
    Ok(all)
}
