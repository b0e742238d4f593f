//! Why somebody may do something or not. Wigwag's own: the compatible API names the deciding statement of a refusal
//! only.

mod rep;

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;
use wigwag_auth::policy::{self, Policy, is_action};
use wigwag_auth::{Directory, Permissions};
use wigwag_kit::operation::{Access, Own};
use wigwag_kit::{Ctx, Error, Operations, Reply, Request, Result, Spec};
use wigwag_model::doc::{Member, Token};

use crate::read::{self, Loaded, member_key, member_of, require_viewer};

const ABOUT: &str = "Tells which statement of which role allows or denies an action on a resource: for the caller, or \
    for a member or an access token that the caller may see. Nothing is done.";

const ABOUT_MANY: &str = "The same for several questions about one subject, or about a policy that nobody has yet.";

/// Most questions at once.
const MANY: usize = 200;

/// The operations.
#[must_use]
pub fn ops() -> Operations {
    let own = Own {
        tag: "Wigwag: access",
        method: "GET",
        path: "/api/v2/explain-access",
        id: "getAccessExplanation",
        query: &[("action", "string"), ("resource", "string"), ("member", "string"), ("token", "string")],
    };
    let many = Own { method: "POST", id: "postAccessQuestions", query: &[], ..own };
    Operations::new()
        .with(Operations::own(own, Access::Caller, explain).reply::<rep::AccessExplanation>().about(ABOUT))
        .with(
            Operations::own(many, Access::Caller, explain_many)
                .body::<Questions>()
                .reply::<rep::AccessExplanations>()
                .about(ABOUT_MANY),
        )
}

/// Several questions about one subject.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "AccessQuestions")]
struct Questions {
    /// What is asked; answered in the same order. At most 200.
    questions: Vec<Question>,
    /// A member by id, or `me`.
    member: Option<String>,
    /// An access token by id.
    token: Option<String>,
    /// Statements of a policy that nobody has yet: what they would allow by themselves.
    policy: Option<Vec<Value>>,
}

/// Whether one thing may be done.
#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "AccessQuestion")]
struct Question {
    /// The action.
    action: String,
    /// On what.
    resource: String,
}

/// Who is asked about.
enum Subject {
    Member(Box<Member>),
    Token(Box<Token>, Option<Box<Member>>),
}

async fn explain(ctx: Ctx, request: Request) -> Result<Reply> {
    let action = request.query("action").ok_or_else(|| Error::missing("action"))?;
    check_action("action", action)?;
    let resource = request.query("resource").ok_or_else(|| Error::missing("resource"))?;
    let resource = read::spec_named(&ctx, "resource", resource).await?;
    let asked = Asked::load(&ctx, request.query("member"), request.query("token")).await?;
    Reply::json(&asked.answer(action, &resource))
}

/// The answers to several questions, as a page needs them that shows what its viewer may do.
async fn explain_many(ctx: Ctx, request: Request) -> Result<Reply> {
    let Questions { questions, member, token, policy } = request.json()?;
    if questions.len() > MANY {
        return Err(Error::field("questions", format_args!("must be {MANY} at most")));
    }
    let asked = match policy {
        None => Asked::load(&ctx, member.as_deref(), token.as_deref()).await?,
        Some(_) if member.is_some() || token.is_some() => {
            return Err(Error::field("policy", "ask about a policy or about somebody, not both"));
        }
        Some(statements) => {
            let policy = policy::check(&statements).and_then(|()| Policy::parse(&statements));
            let policy = policy.map_err(|problem| Error::field("policy", problem))?;
            Asked { permissions: Permissions::of_policy(policy), member: None, token: None }
        }
    };
    let mut items = Vec::with_capacity(questions.len());
    for (at, Question { action, resource }) in questions.iter().enumerate() {
        check_action(&format!("questions[{at}].action"), action)?;
        let resource = read::spec_named(&ctx, &format!("questions[{at}].resource"), resource).await?;
        items.push(asked.answer(action, &resource));
    }
    Reply::json(&rep::AccessExplanations::new(items))
}

fn check_action(field: &str, action: &str) -> Result<()> {
    if is_action(action) { Ok(()) } else { Err(Error::field(field, format_args!("there is no action {action}"))) }
}

/// Somebody's permissions, and who it is.
struct Asked {
    permissions: Permissions,
    member: Option<String>,
    token: Option<String>,
}

impl Asked {
    async fn load(ctx: &Ctx, member: Option<&str>, token: Option<&str>) -> Result<Self> {
        let subject = subject(ctx, member, token).await?;
        let directory = Directory::load(ctx.store()).await?;
        Ok(match subject {
            Subject::Member(member) => {
                Self { permissions: Permissions::of_member(&member, &directory), member: Some(member.id), token: None }
            }
            Subject::Token(token, member) => Self {
                permissions: Permissions::of_token(&token, member.as_deref(), &directory),
                member: (!token.service_token).then_some(token.member_id),
                token: Some(token.id),
            },
        })
    }

    fn answer(&self, action: &str, resource: &Spec) -> rep::AccessExplanation {
        let explanation = self.permissions.explain(action, resource);
        rep::AccessExplanation::new(&explanation, action, resource, self.member.clone(), self.token.clone())
    }
}

async fn subject(ctx: &Ctx, member: Option<&str>, token: Option<&str>) -> Result<Subject> {
    match (member, token) {
        (Some(_), Some(_)) => Err(Error::field("token", "ask about a member or a token, not both")),
        (Some(id), None) => asked_member(ctx, id).await,
        (None, Some(id)) => {
            let Loaded { value: token, .. } = read::token(ctx, id).await?;
            with_maker(ctx, token).await
        }
        (None, None) => match (&ctx.caller.token, &ctx.caller.member) {
            (Some(token), member) => {
                Ok(Subject::Token(Box::new(Token::clone(token)), member.as_ref().map(|m| Box::new(Member::clone(m)))))
            }
            (None, Some(member)) => Ok(Subject::Member(Box::new(Member::clone(member)))),
            (None, None) => Err(Error::Unauthorized),
        },
    }
}

/// A member by id, or `me`. Everybody may ask about themselves.
async fn asked_member(ctx: &Ctx, id: &str) -> Result<Subject> {
    let missing = || Error::NotFound(format!("Unknown member id {id}"));
    let me = ctx.caller.acting_member().map(|member| member.id.as_str());
    let wanted = if id == "me" { me.ok_or_else(missing)? } else { id };
    if Some(wanted) != me {
        require_viewer(ctx)?;
    }
    if wanted.len() != 24 || !wanted.bytes().all(|b| b.is_ascii_hexdigit()) {
        return Err(missing());
    }
    let doc = ctx.store().get(&member_key(wanted)).await?.ok_or_else(missing)?;
    Ok(Subject::Member(Box::new(member_of(&doc)?.value)))
}

async fn with_maker(ctx: &Ctx, token: Token) -> Result<Subject> {
    let member = read::members_by_id(ctx, [token.member_id.as_str()]).await?.remove(&token.member_id);
    Ok(Subject::Token(Box::new(token), member.map(Box::new)))
}
