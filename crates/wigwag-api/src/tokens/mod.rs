//! Access tokens of the REST API.

mod create;
mod list;
mod patch;
mod rep;
mod reset;

pub use crate::read::{token_index as index, token_key as key, token_spec as spec};
pub use create::TokenPost;
pub use rep::TokenRep;

use wigwag_kit::links::path;
use wigwag_kit::operation::Access;
use wigwag_kit::{Change, Collection, Ctx, Operations, Proofs, Reply, Request, Result, Target};
use wigwag_model::doc::Token;
use wigwag_store::Expect;

use crate::read::{token, token_key, token_spec};

use wigwag_kit::resource::retried;

/// The operations on access tokens.
#[must_use]
pub fn ops() -> Operations {
    Operations::new()
        .with(Operations::operation("getTokens", Access::Caller, list::list).reply::<Collection<TokenRep>>())
        .with(
            Operations::operation("postToken", Access::Actions(&["createAccessToken"]), create::create)
                .body::<TokenPost>()
                .reply::<TokenRep>(),
        )
        .with(Operations::operation("getToken", Access::Caller, get).reply::<TokenRep>())
        .with(
            Operations::operation("patchToken", Access::Actions(patch::ACTIONS), patch::patch)
                .body::<wigwag_kit::patch::Body>()
                .reply::<TokenRep>(),
        )
        .with(Operations::operation("deleteToken", Access::Actions(&["deleteAccessToken"]), delete))
        .with(
            Operations::operation("resetToken", Access::Actions(&["resetAccessToken"]), reset::reset)
                .reply::<TokenRep>(),
        )
}

async fn get(ctx: Ctx, request: Request) -> Result<Reply> {
    let token = token(&ctx, request.param("id")).await?;
    Reply::json(&rep::shown(&ctx, &token.value, None).await?)
}

async fn delete(ctx: Ctx, request: Request) -> Result<Reply> {
    retried(false, || async {
        let token = token(&ctx, request.param("id")).await?;
        let proof = ctx.authorise("deleteAccessToken", &token.spec)?;
        let mut change = Change::new(Proofs::of(proof), "deleted the access token", target(&token.value));
        change.delete(token.key, Expect::Version(token.version));
        change.commit(&ctx).await?;
        Ok(Reply::empty())
    })
    .await
}

/// A token as its audit entries show it.
pub(crate) fn target(token: &Token) -> Target {
    let key = token_key(&token.id);
    Target {
        kind: "token".to_owned(),
        name: if token.name.is_empty() { token.ending.clone() } else { token.name.clone() },
        resources: vec![token_spec(token).to_string()],
        href: path(&["tokens", &token.id]),
        site: "/settings/authorization".to_owned(),
        project: String::new(),
        environment: None,
        document: Some([key.kind.as_str().to_owned(), String::new(), String::new(), token.id.clone()]),
    }
}
