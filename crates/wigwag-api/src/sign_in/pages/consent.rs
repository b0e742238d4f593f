//! The page where a member lets an OAuth 2.0 client act for them (RFC 6749 4.1.1).

use std::sync::Arc;

use http::StatusCode;
use wigwag_kit::operation::Access;
use wigwag_kit::{Ctx, Error, Operations, Reply, Request, Result, query};

use super::html::{Button, Field, Html, at};
use super::{Form, login_first, shown};
use crate::oauth::{Asked, Consent, asked, consented, declined};
use crate::sign_in::desk::SignIn;
use crate::sign_in::visit::{from_own_page, go_to_address};

/// Where clients send the browser.
pub(super) const PATH: &str = "/trust/oauth/authorize";

pub(super) fn ops() -> Operations {
    Operations::new().beside("GET", PATH, "signInConsentPage", Access::Public, ask).beside(
        "POST",
        PATH,
        "signInConsentForm",
        Access::Public,
        decide,
    )
}

async fn ask(ctx: Ctx, request: Request) -> Result<Reply> {
    let wanted = query::render(request.query.iter().map(|(name, value)| (name.as_str(), value.as_str())));
    match asked(&ctx, &request.query).await {
        Err(error) => refused(error),
        Ok(Asked::Back(address)) => go_to_address(&address),
        Ok(Asked::Member(consent)) => {
            if SignIn::of(&ctx)?.sessions().find(&request.headers).await?.is_none() {
                return login_first(&ctx, &format!("{PATH}{wanted}"));
            }
            Ok(page(&ctx, &consent, &wanted))
        }
    }
}

fn page(ctx: &Ctx, consent: &Consent, wanted: &str) -> Reply {
    let client = &consent.client;
    let buttons = [Button::new("approve", "Let it in"), Button::new("deny", "Do not")];
    Html::new("Let an application in")
        .text(&format!("{} asks to act for you, as {} at most.", client.name, consent.scope()))
        .text("You are sent back to it, at:")
        .lines([&client.redirect_uri])
        .form(&at(ctx, PATH), &[Field::hidden("request", wanted)], &buttons)
        // The form's answer leads the browser there.
        .leading_to(&client.redirect_uri)
        .reply(StatusCode::OK)
}

async fn decide(ctx: Ctx, request: Request) -> Result<Reply> {
    from_own_page(&ctx, &request)?;
    let form = Form::of(&request)?;
    let wanted = form.get("request");
    let Some(session) = SignIn::of(&ctx)?.sessions().find(&request.headers).await? else {
        return login_first(&ctx, &format!("{PATH}{wanted}"));
    };
    let consent = match asked(&ctx, &query::parse(wanted.trim_start_matches('?'))?).await {
        Err(error) => return refused(error),
        Ok(Asked::Back(address)) => return go_to_address(&address),
        Ok(Asked::Member(consent)) => consent,
    };
    let ctx = Ctx { caller: Arc::new(session.caller), ..ctx };
    match form.get("do") {
        "approve" => go_to_address(&consented(&ctx, &consent).await?),
        "deny" => go_to_address(&declined(&consent)),
        _ => Err(Error::field("do", "is not something that this form does")),
    }
}

/// Nobody is sent to an address that is not the client's: people are told here.
fn refused(error: Error) -> Result<Reply> {
    let (status, problem) = shown(error)?;
    Ok(Html::new("This request cannot be answered").problem(Some(&problem)).reply(status))
}
