//! The page of a member who is signed in: sessions, password, second factor.

use http::StatusCode;
use wigwag_kit::operation::Access;
use wigwag_kit::{Ctx, Error, Operations, Reply, Request, Result};

use super::html::{Button, Field, Html, at};
use super::{Form, shown};
use crate::sign_in::desk::SignIn;
use crate::sign_in::factor::{self, ConfirmPost, OncePost};
use crate::sign_in::recover::{self, ChangePost};
use crate::sign_in::session;
use crate::sign_in::visit::{go_to, own_page, with_cookie};

const PATH: &str = "/account";

pub(super) fn ops() -> Operations {
    Operations::new().beside("GET", PATH, "signInAccountPage", Access::Public, show).beside(
        "POST",
        PATH,
        "signInAccountForm",
        Access::Public,
        act,
    )
}

async fn show(ctx: Ctx, request: Request) -> Result<Reply> {
    page(&ctx, &request, StatusCode::OK, None).await
}

async fn page(ctx: &Ctx, request: &Request, status: StatusCode, problem: Option<&str>) -> Result<Reply> {
    let sessions = SignIn::of(ctx)?.sessions();
    let Some(session) = sessions.find(&request.headers).await? else { return go_to(ctx, "/login") };
    let member = session.caller.member.as_deref().ok_or(Error::Unauthorized)?;
    let action = at(ctx, PATH);
    let mut page = Html::new("Your account").problem(problem);
    page = page.text(&format!("You are signed in as {}.", member.email));
    page = page.form(&action, &[], &[Button::new("sign-out", "Sign out")]).heading("Sessions");
    let rows = sessions.of(&member.id).await?;
    page = page.lines(rows.iter().map(|row| {
        let here = if row.hash == session.row.hash { " (this one)" } else { "" };
        let agent = if row.agent.is_empty() { "unknown browser" } else { &row.agent };
        format!("{agent}, {}{here}", row.address)
    }));
    page = page.form(&action, &[], &[Button::new("end-others", "End the others")]).heading("Second factor");
    page = if member.sign_in.totp.is_some() {
        let fields = [Field::password("password", "Password", "current-password")];
        page.text("It is on.").form(&action, &fields, &[Button::new("totp-off", "Switch it off")])
    } else {
        page.text("It is off.").form(&action, &[], &[Button::new("totp", "Set it up")])
    };
    if member.password_hash.is_some() {
        let fields = [
            Field::password("current", "Present password", "current-password"),
            Field::password("password", "New password, 12 characters or more", "new-password"),
        ];
        page = page.heading("Password").form(&action, &fields, &[Button::new("password", "Change it")]);
    }
    Ok(page.reply(status))
}

async fn act(ctx: Ctx, request: Request) -> Result<Reply> {
    own_page(&ctx, &request)?;
    let form = Form::of(&request)?;
    let done = match form.get("do") {
        "sign-out" => {
            return with_cookie(go_to(&ctx, "/login")?, &session::signed_out(&ctx, &request).await?);
        }
        "end-others" => end_others(&ctx, &request).await,
        "totp" => set_up(&ctx, &request).await,
        "totp-confirm" => confirm(&ctx, &request, form.text("code")).await,
        "totp-off" => {
            let post = OncePost { password: form.text("password") };
            back(&ctx, factor::switched_off(&ctx, &request, &post).await)
        }
        "password" => {
            let post = ChangePost { current: form.text("current"), password: form.text("password") };
            back(&ctx, recover::changed(&ctx, &request, &post).await)
        }
        _ => Err(Error::field("do", "is not something that this form does")),
    };
    match done {
        Ok(reply) => Ok(reply),
        Err(error) => {
            let (status, problem) = shown(error)?;
            page(&ctx, &request, status, Some(&problem)).await
        }
    }
}

/// To the page again, with the new cookie.
fn back(ctx: &Ctx, cookie: Result<String>) -> Result<Reply> {
    with_cookie(go_to(ctx, PATH)?, &cookie?)
}

async fn end_others(ctx: &Ctx, request: &Request) -> Result<Reply> {
    let session = crate::sign_in::visit::session(ctx, request).await?;
    ctx.store().end_sessions(&session.row.member, &session.row.hash).await?;
    go_to(ctx, PATH)
}

async fn set_up(ctx: &Ctx, request: &Request) -> Result<Reply> {
    let rep = factor::begin(ctx, request).await?;
    Ok(Html::to_set_up(&rep, &at(ctx, PATH), &[]).reply(StatusCode::OK))
}

async fn confirm(ctx: &Ctx, request: &Request, code: String) -> Result<Reply> {
    let (rep, cookie) = factor::confirmed(ctx, request, &ConfirmPost { code }).await?;
    let page = Html::set_up(rep, &at(ctx, PATH), "Back to your account");
    with_cookie(page.reply(StatusCode::OK), &cookie)
}
