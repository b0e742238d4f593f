//! The page where a member lets a program in.

use http::StatusCode;
use wigwag_kit::operation::Access;
use wigwag_kit::{Ctx, Error, Operations, Reply, Request, Result};

use super::html::{Button, Field, Html, at};
use super::{Form, login_first, shown};
use crate::sign_in::desk::SignIn;
use crate::sign_in::device::{self, DecidePost};
use crate::sign_in::visit::own_page;

pub(super) fn ops() -> Operations {
    Operations::new()
        .beside("GET", "/device", "signInDevicePage", Access::Public, ask)
        .beside("POST", "/device", "signInDeviceForm", Access::Public, decide)
        .beside("GET", "/device/{code}", "signInDeviceCodePage", Access::Public, show)
}

/// Asks for the code.
async fn ask(ctx: Ctx, request: Request) -> Result<Reply> {
    if SignIn::of(&ctx)?.sessions().find(&request.headers).await?.is_none() {
        return login_first(&ctx, "/device");
    }
    Ok(ask_page(&ctx, StatusCode::OK, None))
}

fn ask_page(ctx: &Ctx, status: StatusCode, problem: Option<&str>) -> Reply {
    let page = Html::new("Let a program in").problem(problem);
    let fields = [Field::text("code", "The code that the program shows", "off")];
    page.form(&at(ctx, "/device"), &fields, &[Button::new("look", "Go on")]).reply(status)
}

async fn show(ctx: Ctx, request: Request) -> Result<Reply> {
    let code = request.param("code");
    if SignIn::of(&ctx)?.sessions().find(&request.headers).await?.is_none() {
        return login_first(&ctx, &format!("/device/{code}"));
    }
    confirm_page(&ctx, code).await
}

/// Asks whether the code is the one that the program shows: somebody else may have sent the link.
async fn confirm_page(ctx: &Ctx, code: &str) -> Result<Reply> {
    let name = match device::waiting(ctx, code).await {
        Ok(name) => name,
        Err(error) => {
            let (status, problem) = shown(error)?;
            return Ok(ask_page(ctx, status, Some(&problem)));
        }
    };
    let name = if name.is_empty() { "a device without a name".to_owned() } else { name };
    let page = Html::new("Let a program in")
        .text(&format!("A program on {name} asks for an access token that may do what you may do."))
        .text("Let it in only if you have just started it yourself, and it shows this code:")
        .lines([code]);
    let buttons = [Button::new("approve", "Let it in"), Button::new("deny", "Do not")];
    Ok(page.form(&at(ctx, "/device"), &[Field::hidden("code", code)], &buttons).reply(StatusCode::OK))
}

async fn decide(ctx: Ctx, request: Request) -> Result<Reply> {
    own_page(&ctx, &request)?;
    let form = Form::of(&request)?;
    let user_code = form.text("code");
    if SignIn::of(&ctx)?.sessions().find(&request.headers).await?.is_none() {
        return login_first(&ctx, "/device");
    }
    let approve = match form.get("do") {
        "look" => return confirm_page(&ctx, &user_code).await,
        "approve" => true,
        "deny" => false,
        _ => return Err(Error::field("do", "is not something that this form does")),
    };
    match device::decided(&ctx, &request, &DecidePost { user_code, approve }).await {
        Ok(()) if approve => {
            Ok(Html::new("It is in").text("You can close this page and go on there.").reply(StatusCode::OK))
        }
        Ok(()) => Ok(Html::new("It stays out").text("Nothing was changed.").reply(StatusCode::OK)),
        Err(error) => {
            let (status, problem) = shown(error)?;
            Ok(ask_page(&ctx, status, Some(&problem)))
        }
    }
}
