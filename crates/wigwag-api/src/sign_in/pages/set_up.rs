//! The pages of a member of whom a second factor is demanded: between the password and being in.

use http::StatusCode;
use wigwag_kit::operation::Access;
use wigwag_kit::{Ctx, Operations, Reply, Request, Result};

use super::html::{Button, Field, Html, at};
use super::{Form, after, shown};
use crate::sign_in::enter::{self, Second};
use crate::sign_in::factor::{ConfirmPost, SetUpRep};
use crate::sign_in::visit::{go_to, with_cookie};

pub(super) const PATH: &str = "/login-set-up";

pub(super) fn ops() -> Operations {
    Operations::new().beside("GET", PATH, "signInSetUpPage", Access::Public, show).beside(
        "POST",
        PATH,
        "signInSetUpForm",
        Access::Public,
        act,
    )
}

async fn show(ctx: Ctx, request: Request) -> Result<Reply> {
    if enter::half_way(&ctx, &request).await? != Some(Second::SetUp) {
        return go_to(&ctx, "/login");
    }
    Ok(first(&ctx, request.query("then").unwrap_or_default(), StatusCode::OK, None))
}

fn first(ctx: &Ctx, then: &str, status: StatusCode, problem: Option<&str>) -> Reply {
    let page = Html::new("A second factor is demanded").problem(problem).text(
        "Besides the password, members of this account need an authenticator app. Set it up now; then you are in.",
    );
    page.form(&at(ctx, PATH), &[Field::hidden("then", after(then))], &[Button::new("totp", "Set it up")]).reply(status)
}

async fn act(ctx: Ctx, request: Request) -> Result<Reply> {
    let form = Form::of(&request)?;
    let then = form.get("then");
    let done = match form.get("do") {
        "totp-confirm" => confirm(&ctx, &request, then, form.text("code")).await,
        _ => enter::set_up(&ctx, &request).await.map(|rep| begun(&ctx, then, &rep)),
    };
    match done {
        Ok(reply) => Ok(reply),
        Err(error) => {
            let (status, problem) = shown(error)?;
            Ok(first(&ctx, then, status, Some(&problem)))
        }
    }
}

fn begun(ctx: &Ctx, then: &str, rep: &SetUpRep) -> Reply {
    Html::to_set_up(rep, &at(ctx, PATH), &[Field::hidden("then", after(then))]).reply(StatusCode::OK)
}

async fn confirm(ctx: &Ctx, request: &Request, then: &str, code: String) -> Result<Reply> {
    let (rep, [session, half]) = enter::confirm_set_up(ctx, request, &ConfirmPost { code }).await?;
    let page = Html::set_up(rep, &at(ctx, after(then)), "Go on");
    with_cookie(with_cookie(page.reply(StatusCode::OK), &session)?, &half)
}
