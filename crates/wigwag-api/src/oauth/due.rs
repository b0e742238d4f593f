//! What clients were given goes when it ends.

use wigwag_kit::resource::retried;
use wigwag_kit::{Change, Ctx, Proofs, Result, Spec, Target};
use wigwag_model::clock::Millis;
use wigwag_model::doc::{Kind, OAuthGrant, Token};
use wigwag_store::{Doc, DocKey, Expect};

use super::issue::GRANT_ENDS;
use crate::due::DueKind;
use crate::read::TOKEN_GOES;

pub(crate) fn due_kinds() -> [DueKind; 2] {
    [
        DueKind {
            kind: Kind::OAuthGrant,
            fact: GRANT_ENDS,
            apply: |ctx, key| Box::pin(async move { retried(false, || gone(&ctx, &key, grant_ends)).await }),
        },
        DueKind {
            kind: Kind::Token,
            fact: TOKEN_GOES,
            apply: |ctx, key| Box::pin(async move { retried(false, || gone(&ctx, &key, token_ends)).await }),
        },
    ]
}

fn grant_ends(doc: &Doc) -> Result<Option<Millis>> {
    Ok(Some(doc.decode::<OAuthGrant>()?.expires_at))
}

fn token_ends(doc: &Doc) -> Result<Option<Millis>> {
    let token: Token = doc.decode()?;
    Ok(token.expiry.filter(|_| token.client_id.is_some()))
}

async fn gone(ctx: &Ctx, key: &DocKey, ends: fn(&Doc) -> Result<Option<Millis>>) -> Result<()> {
    let Some(doc) = ctx.store().get(key).await? else { return Ok(()) };
    if ends(&doc)?.is_none_or(|at| at > ctx.app.clock.now()) {
        return Ok(());
    }
    let spec = Spec::account();
    let target = Target {
        kind: "oauth-client".to_owned(),
        name: "ended grants".to_owned(),
        resources: vec![spec.to_string()],
        href: "/api/v2/oauth/clients".to_owned(),
        site: String::new(),
        project: String::new(),
        environment: None,
        document: None,
    };
    let proofs = Proofs::of(ctx.authorise("deleteAccessToken", &spec)?);
    let mut change = Change::new(proofs, "removed what an oauth-client was given until now", target).unlisted();
    change.delete(key.clone(), Expect::Version(doc.version));
    change.commit(ctx).await.map(drop)
}
