//! The pages for people without the console: forms over the same functions as the operations.

mod account;
mod consent;
mod device;
mod html;
mod set_up;

use http::StatusCode;
use wigwag_kit::operation::Access;
use wigwag_kit::{Ctx, Error, Operations, Reply, Request, Result};

use self::html::{Button, Field, Html, at};
use super::desk::SignIn;
use super::enter::{self, CodePost, Entered, PasswordPost, Second};
use super::provider;
use super::recover::{self, AcceptPost, FinishPost, ResetPost};
use super::visit::{BODY, go_to, with_cookie};

pub(super) fn ops() -> Operations {
    let pages = [
        Operations::new()
            .beside("GET", "/login", "signInPage", Access::Public, login)
            .beside("POST", "/login", "signInForm", Access::Public, logged_in)
            .beside("GET", "/login-code", "signInCodePage", Access::Public, code)
            .beside("POST", "/login-code", "signInCodeForm", Access::Public, coded)
            .beside("GET", "/login-return", "signInReturn", Access::Public, returned),
        Operations::new()
            .beside("GET", "/reset-password", "signInResetPage", Access::Public, reset)
            .beside("POST", "/reset-password", "signInResetForm", Access::Public, reset_done)
            .beside("GET", "/accept-invitation", "signInInvitationPage", Access::Public, invitation)
            .beside("POST", "/accept-invitation", "signInInvitationForm", Access::Public, invited),
        account::ops(),
        consent::ops(),
        device::ops(),
        set_up::ops(),
    ];
    let mut all = Operations::new();
    for operation in pages.into_iter().flat_map(Operations::into_list) {
        all = all.with(operation.body_limit(BODY));
    }
    all
}

/// The fields of a form.
pub(super) struct Form(Vec<(String, String)>);

impl Form {
    fn of(request: &Request) -> Result<Self> {
        if request.media_type() != "application/x-www-form-urlencoded" {
            return Err(Error::field("Content-Type", "must be application/x-www-form-urlencoded: this is a form"));
        }
        let text =
            std::str::from_utf8(&request.body).map_err(|_| Error::Invalid("The form is not UTF-8".to_owned()))?;
        wigwag_kit::query::parse(text).map(Self)
    }

    /// A field; empty when it is not there.
    fn get(&self, name: &str) -> &str {
        self.0.iter().find(|(own, _)| own == name).map_or("", |(_, value)| value)
    }

    fn text(&self, name: &str) -> String {
        self.get(name).to_owned()
    }
}

/// What a page says of a refusal, and its status. Faults are not for pages.
fn shown(error: Error) -> Result<(StatusCode, String)> {
    match error {
        Error::Internal(_) | Error::Unavailable => Err(error),
        error => Ok((error.class().0, error.to_string())),
    }
}

/// Where to go after signing in: only where a page of ours has sent the browser here from.
fn after(asked: &str) -> &str {
    let code = |rest: &str| rest.len() <= 16 && rest.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    let plain = |rest: &str| rest.starts_with('?') && rest.bytes().all(|b| b.is_ascii_graphic() && b != b'\\');
    let ours = asked == "/device"
        || asked.strip_prefix("/device/").is_some_and(code)
        || asked.strip_prefix(consent::PATH).is_some_and(plain);
    if ours { asked } else { "/account" }
}

/// Has the member sign in first, and come back to a page of ours.
fn login_first(ctx: &Ctx, then: &str) -> Result<Reply> {
    go_to(ctx, &format!("/login{}", wigwag_kit::query::render([("then", after(then))])))
}

async fn login(ctx: Ctx, request: Request) -> Result<Reply> {
    login_page(&ctx, request.query("then").unwrap_or_default(), "", StatusCode::OK, None)
}

fn login_page(ctx: &Ctx, then: &str, email: &str, status: StatusCode, problem: Option<&str>) -> Result<Reply> {
    let mut page = Html::new("Sign in").problem(problem);
    if SignIn::of(ctx)?.provider().is_some() {
        page = page.link(&at(ctx, "/internal/single-sign-on"), "Sign in with single sign-on");
    }
    let fields = [
        Field::text("email", "E-mail address", "username").value(email),
        Field::password("password", "Password", "current-password"),
        Field::hidden("then", after(then)),
    ];
    let page = page.form(&at(ctx, "/login"), &fields, &[Button::new("sign-in", "Sign in")]);
    Ok(page.link(&at(ctx, "/reset-password"), "I forgot my password").reply(status))
}

async fn logged_in(ctx: Ctx, request: Request) -> Result<Reply> {
    let form = Form::of(&request)?;
    let (email, then) = (form.get("email"), form.get("then"));
    let post = PasswordPost { email: email.to_owned(), password: form.text("password") };
    match enter::password(&ctx, &request, &post).await {
        Ok(entered) => onwards(&ctx, &entered, then),
        Err(error) => {
            let again = retry_after(&error);
            let (status, problem) = shown(error)?;
            Ok(waiting(login_page(&ctx, then, email, status, Some(&problem))?, again))
        }
    }
}

/// To the second step, or to where one wanted to go.
fn onwards(ctx: &Ctx, entered: &Entered, then: &str) -> Result<Reply> {
    let then = after(then);
    let path = match entered {
        Entered::Done(..) => then.to_owned(),
        Entered::Half(second, _) => {
            let page = if *second == Second::Code { "/login-code" } else { set_up::PATH };
            format!("{page}{}", wigwag_kit::query::render([("then", then)]))
        }
    };
    with_cookie(go_to(ctx, &path)?, entered.cookie())
}

const fn retry_after(error: &Error) -> Option<u64> {
    if let Error::RateLimited(seconds) = error { *seconds } else { None }
}

fn waiting(mut reply: Reply, seconds: Option<u64>) -> Reply {
    if let Some(seconds) = seconds {
        reply.headers.insert(http::header::RETRY_AFTER, seconds.into());
    }
    reply
}

async fn code(ctx: Ctx, request: Request) -> Result<Reply> {
    if enter::half_way(&ctx, &request).await? != Some(Second::Code) {
        return go_to(&ctx, "/login");
    }
    Ok(code_page(&ctx, request.query("then").unwrap_or_default(), StatusCode::OK, None))
}

fn code_page(ctx: &Ctx, then: &str, status: StatusCode, problem: Option<&str>) -> Reply {
    let fields = [
        Field::text("code", "Code of your authenticator app, or a recovery code", "one-time-code"),
        Field::hidden("then", after(then)),
    ];
    let page = Html::new("One more step").problem(problem);
    page.form(&at(ctx, "/login-code"), &fields, &[Button::new("sign-in", "Sign in")]).reply(status)
}

async fn coded(ctx: Ctx, request: Request) -> Result<Reply> {
    let form = Form::of(&request)?;
    match enter::code(&ctx, &request, &CodePost { code: form.text("code") }).await {
        Ok(entered) => with_cookie(onwards(&ctx, &entered, form.get("then"))?, &enter::half_farewell(&ctx)?),
        Err(error) => {
            let again = retry_after(&error);
            let (status, problem) = shown(error)?;
            Ok(waiting(code_page(&ctx, form.get("then"), status, Some(&problem)), again))
        }
    }
}

/// Back from the provider of single sign-on.
async fn returned(ctx: Ctx, request: Request) -> Result<Reply> {
    match provider::finish(&ctx, &request).await {
        Ok((entered, cookie)) => with_cookie(onwards(&ctx, &entered, "")?, &cookie),
        Err(error) => {
            let (status, problem) = shown(error)?;
            login_page(&ctx, "", "", status, Some(&problem))
        }
    }
}

async fn reset(ctx: Ctx, request: Request) -> Result<Reply> {
    Ok(match request.query("token") {
        Some(token) => new_password_page(&ctx, token, StatusCode::OK, None),
        None => {
            let page = Html::new("A new password")
                .text("You get a letter with a link, if there is a member with this address.");
            let fields = [Field::text("email", "E-mail address", "username")];
            page.form(&at(&ctx, "/reset-password"), &fields, &[Button::new("send", "Send")]).reply(StatusCode::OK)
        }
    })
}

fn new_password_page(ctx: &Ctx, token: &str, status: StatusCode, problem: Option<&str>) -> Reply {
    let fields = [
        Field::hidden("token", token),
        Field::password("password", "New password, 12 characters or more", "new-password"),
    ];
    let page = Html::new("A new password").problem(problem);
    page.form(&at(ctx, "/reset-password"), &fields, &[Button::new("set", "Set the password")]).reply(status)
}

async fn reset_done(ctx: Ctx, request: Request) -> Result<Reply> {
    let form = Form::of(&request)?;
    if form.get("token").is_empty() {
        recover::asked(&ctx, &request, &ResetPost { email: form.text("email") }).await?;
        let page = Html::new("A letter is on its way")
            .text("If there is a member with this address. The link in it works for an hour.");
        return Ok(page.reply(StatusCode::OK));
    }
    let post = FinishPost { token: form.text("token"), password: form.text("password") };
    match recover::finished(&ctx, &request, &post).await {
        Ok(()) => {
            let page = Html::new("The password is set").text("All your sessions have ended.");
            Ok(page.link(&at(&ctx, "/login"), "Sign in").reply(StatusCode::OK))
        }
        Err(error) => {
            let (status, problem) = shown(error)?;
            Ok(new_password_page(&ctx, form.get("token"), status, Some(&problem)))
        }
    }
}

async fn invitation(ctx: Ctx, request: Request) -> Result<Reply> {
    let token = request.query("token").unwrap_or_default();
    Ok(invitation_page(&ctx, token, ["", ""], StatusCode::OK, None))
}

fn invitation_page(ctx: &Ctx, token: &str, names: [&str; 2], status: StatusCode, problem: Option<&str>) -> Reply {
    let fields = [
        Field::hidden("token", token),
        Field::text("firstName", "First name", "given-name").optional().value(names[0]),
        Field::text("lastName", "Last name", "family-name").optional().value(names[1]),
        Field::password("password", "Password, 12 characters or more", "new-password"),
    ];
    let page = Html::new("You are invited").problem(problem);
    page.form(&at(ctx, "/accept-invitation"), &fields, &[Button::new("accept", "Accept")]).reply(status)
}

async fn invited(ctx: Ctx, request: Request) -> Result<Reply> {
    let form = Form::of(&request)?;
    let post = AcceptPost {
        token: form.text("token"),
        password: form.text("password"),
        first_name: Some(form.text("firstName")),
        last_name: Some(form.text("lastName")),
    };
    match recover::accepted(&ctx, &request, &post).await {
        Ok(entered) => onwards(&ctx, &entered, ""),
        Err(error) => {
            let (status, problem) = shown(error)?;
            let names = [form.get("firstName"), form.get("lastName")];
            Ok(invitation_page(&ctx, form.get("token"), names, status, Some(&problem)))
        }
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn nobody_is_sent_elsewhere() {
        for good in ["/device", "/device/ABCD-EFGH", "/trust/oauth/authorize?client_id=1&state=%20x"] {
            assert_eq!(super::after(good), good);
        }
        for bad in [
            "",
            "/",
            "//evil.example",
            "https://evil.example",
            "/device/../x",
            "/device/a?b",
            "/trust/oauth/authorize.evil?x",
            "/trust/oauth/authorize?a b",
            "/device/\r\nx",
            "/\\evil",
        ] {
            assert_eq!(super::after(bad), "/account", "{bad:?}");
        }
    }
}
