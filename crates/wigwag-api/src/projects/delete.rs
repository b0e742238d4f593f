//! The end of a project.

use wigwag_kit::{Change, Ctx, Error, Proofs, Reply, Request, Result};
use wigwag_model::doc::{Account, Kind};
use wigwag_store::{DocKey, Expect, IndexFacts, ListQuery, Scope};

use super::target;
use crate::read;
use wigwag_kit::resource::retried;

pub(super) async fn delete(ctx: Ctx, request: Request) -> Result<Reply> {
    retried(false, || attempt(&ctx, &request)).await
}

async fn attempt(ctx: &Ctx, request: &Request) -> Result<Reply> {
    let account_key = DocKey::account(Kind::Account, "account");
    let account = ctx.store().get(&account_key).await?;
    let project = read::project(ctx, request.param("projectKey")).await?;
    let proof = ctx.authorise("deleteProject", &project.spec)?;
    if ctx.store().list(&ListQuery::account(Kind::Project).page(1, 0)).await?.total <= 1 {
        return Err(Error::Invalid("Cannot delete last project in an account".to_owned()));
    }
    let mut change = Change::new(Proofs::of(proof), "deleted the project", target(&project));
    change.delete(project.key.clone(), Expect::Version(project.version));
    change.delete_under(Scope::Project(project.value.key.as_str().into()));
    if let Some(doc) = account {
        // The account is written as it is, so that two cannot each delete the other's last one.
        let same: Account = doc.decode()?;
        change.put(account_key, Expect::Version(doc.version), &same, IndexFacts::new())?;
    }
    change.commit(ctx).await?;
    Ok(Reply::empty())
}
