//! Sign-in: sessions, passwords, the second factor, invitations, single sign-on, programs without a browser.
//!
//! The operations under `/internal` speak JSON; the pages are forms over the same functions, so that all of it
//! works without the console. What it needs besides the store is the extension [`SignIn`].

mod demand;
mod desk;
mod device;
mod enter;
mod factor;
mod mail;
pub mod operator;
mod pages;
mod passes;
mod provider;
mod recover;
mod scim;
mod session;
mod visit;
mod who;

pub use desk::SignIn;
pub(crate) use factor::sealed_kind;
pub use mail::{Carrier, Letter, Mail};
pub use provider::{Departure, Identity, Mapping, Provider};
pub use recover::{invite, inviter};

use wigwag_kit::operation::{Access, Own};
use wigwag_kit::{Collection, Ctx, Operation, Operations, Reply, Request, Result};

/// Everything about signing in. Ids of what is public begin with `signIn`. Directories delete members by
/// `delete_member`, the operation that does so everywhere.
#[must_use]
pub fn ops(delete_member: Option<Operation>) -> Operations {
    steps().and(own()).and(recovery()).and(devices()).and(pages::ops()).and(scim::ops(delete_member))
}

fn steps() -> Operations {
    Operations::new()
        .with(
            public("POST", "/internal/session", "signInByPassword", enter::by_password)
                .refuses(&["401"])
                .body::<enter::PasswordPost>()
                .reply::<enter::EnteredRep>()
                .about(
                    "Signs a member in by e-mail address and password. The session is a cookie of the \
                     answer; where the member has a second factor, the answer says \"next\": \
                     \"totp\".",
                ),
        )
        .with(
            public("POST", "/internal/session/totp", "signInByCode", enter::by_code)
                .refuses(&["401"])
                .body::<enter::CodePost>()
                .reply::<enter::EnteredRep>()
                .about("The second step of signing in: the code of the authenticator app, or a recovery code."),
        )
        .with(
            public("POST", "/internal/session/totp/set-up", "signInSetUpCode", enter::set_up_half_way)
                .refuses(&["401"])
                .reply::<factor::SetUpRep>()
                .about(
                    "Begins to set up the second factor that is demanded of a member who has given the password and \
                     has none (\"next\": \"totpSetUp\").",
                ),
        )
        .with(
            public("POST", "/internal/session/totp/confirm", "signInConfirmCode", enter::confirm_half_way)
                .refuses(&["401"])
                .body::<factor::ConfirmPost>()
                .reply::<factor::RecoveryRep>()
                .about(
                    "Switches that second factor on, by a code that proves that it works, and signs the member in. \
                     Answers recovery codes, once.",
                ),
        )
        .with(
            public("GET", "/internal/session", "signInState", session::now)
                .reply::<session::NowRep>()
                .about("Who is signed in, and what there is to do if nobody is."),
        )
        .with(public("DELETE", "/internal/session", "signInEnd", session::sign_out).no_content().about("Signs out."))
        .with(
            public("GET", "/internal/single-sign-on", "signInAtProvider", provider::begin)
                .media("")
                .refuses(&["404"])
                .about("Sends the browser to the provider of single sign-on."),
        )
}

/// What members do about themselves, and about each other.
fn own() -> Operations {
    Operations::new()
        .with(
            private("GET", "/internal/sessions", "getOwnSessions", Access::Caller, session::list)
                .reply::<Collection<session::SessionRep>>()
                .about("The caller's own sessions, newest first."),
        )
        .with(
            private("DELETE", "/internal/sessions", "deleteOwnOtherSessions", Access::Caller, session::end_others)
                .media("")
                .about("Ends all sessions of the member who is signed in but the present one."),
        )
        .with(
            private("DELETE", "/internal/sessions/{id}", "deleteOwnSession", Access::Caller, session::end)
                .media("")
                .about("Ends one of the caller's own sessions."),
        )
        .with(
            private(
                "DELETE",
                "/internal/members/{id}/sessions",
                "deleteMemberSessions",
                Access::Actions(&["deleteMember"]),
                session::end_of_member,
            )
            .media("")
            .about("Ends all sessions of a member."),
        )
        .with(
            private("POST", "/internal/totp", "postTotp", Access::Caller, factor::set_up)
                .reply::<factor::SetUpRep>()
                .about("Begins to set up a second factor for the member who is signed in."),
        )
        .with(
            private("POST", "/internal/totp/confirm", "confirmTotp", Access::Caller, factor::confirm)
                .body::<factor::ConfirmPost>()
                .reply::<factor::RecoveryRep>()
                .about(
                    "Switches the second factor on, by a code that proves that it works. Answers recovery codes, once.",
                ),
        )
        .with(
            private("DELETE", "/internal/totp", "deleteTotp", Access::Caller, factor::switch_off)
                .no_content()
                .body::<factor::OncePost>()
                .about("Switches the second factor off; asks for the password."),
        )
        .with(
            private(
                "DELETE",
                "/internal/members/{id}/totp",
                "deleteMemberTotp",
                Access::Actions(&["resetMemberMfa"]),
                factor::reset,
            )
            .media("")
            .about("Switches the second factor of a member off who lost it."),
        )
        .with(
            private("GET", demand::PATH, "getRequireMfa", Access::Actions(&["viewAccount"]), demand::get)
                .reply::<demand::RequireMfaRep>()
                .about("Of which members a second factor is demanded."),
        )
        .with(
            private("PUT", demand::PATH, "putRequireMfa", Access::Actions(&[demand::ACTION]), demand::put)
                .body::<demand::RequireMfaRep>()
                .reply::<demand::RequireMfaRep>()
                .about(
                    "Demands a second factor of members. Whoever has none sets one up at the next sign-in by password, \
                     and other sessions of theirs end at once. Who demands it must have one; else 409.",
                ),
        )
        .with(
            private("POST", "/internal/password", "changePassword", Access::Caller, recover::change)
                .no_content()
                .body::<recover::ChangePost>()
                .about("Changes the password of the member who is signed in. Their other sessions end."),
        )
        .with(
            private(
                "GET",
                "/internal/mail",
                "getUnsentMail",
                Access::Actions(&["createMember", "updateRole"]),
                mail::list,
            )
            .reply::<Collection<mail::Letter>>()
            .about("The last letters that were written while no mail server is configured."),
        )
}

fn recovery() -> Operations {
    Operations::new()
        .with(
            public("POST", "/internal/password-reset", "signInResetPassword", recover::ask)
                .body::<recover::ResetPost>()
                .reply::<recover::AskedRep>()
                .about("Sends a letter with a link for a new password, if there is a member with this address."),
        )
        .with(
            public("POST", "/internal/password-reset/finish", "signInFinishReset", recover::finish)
                .refuses(&["401"])
                .no_content()
                .body::<recover::FinishPost>()
                .about("Sets a new password by what the link holds. All sessions of the member end."),
        )
        .with(
            public("POST", "/internal/invitation/accept", "signInAcceptInvitation", recover::accept)
                .refuses(&["401"])
                .body::<recover::AcceptPost>()
                .reply::<enter::EnteredRep>()
                .about("Accepts an invitation by what its link holds, and signs the member in."),
        )
}

fn devices() -> Operations {
    Operations::new()
        .with(
            public("POST", "/internal/device-authorization", "signInDevice", device::ask)
                .body::<device::DevicePost>()
                .reply::<device::DeviceRep>()
                .about("Begins to let a program in that has no browser, as ldcli login does."),
        )
        .with(
            public("POST", "/internal/device-authorization/token", "signInDeviceToken", device::poll)
                .own_refusals()
                .body::<device::PollPost>()
                .reply::<device::PollRep>()
                .about(
                    "The program's access token, once a member has approved. Until then 400 with the \
                     code authorization_pending.",
                ),
        )
        .with(
            public("POST", "/internal/tracking", "signInTracking", |_, _| async { Ok(Reply::empty()) })
                .media("")
                .about("Takes what ldcli tells of its use, and keeps nothing of it."),
        )
        .with(
            private("POST", "/internal/device-authorization/decide", "decideDevice", Access::Caller, device::decide)
                .no_content()
                .body::<device::DecidePost>()
                .about("What the member who is signed in decides about a program that shows a code."),
        )
}

fn public<F, Fut>(method: &'static str, path: &'static str, id: &'static str, handler: F) -> Operation
where
    F: Fn(Ctx, Request) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Result<Reply>> + Send + 'static,
{
    private(method, path, id, Access::Public, handler)
}

fn private<F, Fut>(method: &'static str, path: &'static str, id: &'static str, access: Access, handler: F) -> Operation
where
    F: Fn(Ctx, Request) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Result<Reply>> + Send + 'static,
{
    let own = Own { tag: "Wigwag: sign-in", method, path, id, query: &[] };
    Operations::own(own, access, handler).body_limit(visit::BODY)
}
