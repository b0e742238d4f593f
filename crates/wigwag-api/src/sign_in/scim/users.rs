//! Users of a directory: members. One that is not active cannot sign in, and their personal tokens are refused.

use http::StatusCode;
use serde_json::{Value, json};
use wigwag_auth::{Directory, Reach};
use wigwag_kit::{Change, Ctx, Error, Operation, Proofs, Reply, Request, Result, Spec};
use wigwag_model::doc::{Kind, Member, Role, SignIn};
use wigwag_store::{Expect, Predicate};

use super::query::{Listing, of_type, projected};
use super::{location, operations, reply};
use crate::common::check_email;
use crate::common::rfc3339;
use crate::read::{Loaded, display_name, member_key, member_of};
use crate::sign_in::who::{self, By, What};

pub(super) const SCHEMA: &str = "urn:ietf:params:scim:schemas:core:2.0:User";

/// Longest name of a user, in characters.
const LONGEST_NAME: usize = 254;

/// What a directory wants a member to be.
#[derive(Clone)]
struct Wanted {
    user_name: String,
    /// Where it is not the name.
    email: Option<String>,
    given: String,
    family: String,
    external_id: Option<String>,
    active: bool,
    role: Option<Role>,
}

impl Wanted {
    const fn nobody() -> Self {
        Self {
            user_name: String::new(),
            email: None,
            given: String::new(),
            family: String::new(),
            external_id: None,
            active: true,
            role: None,
        }
    }

    fn of(member: &Member) -> Self {
        Self {
            user_name: user_name(member).to_owned(),
            email: member.sign_in.user_name.is_some().then(|| member.email.clone()),
            given: member.first_name.clone(),
            family: member.last_name.clone(),
            external_id: member.sign_in.external_id.clone(),
            active: !member.sign_in.deactivated,
            role: None,
        }
    }

    /// Sets every attribute of an object.
    fn all(&mut self, object: &Value) -> Result<()> {
        let object = object.as_object().ok_or_else(|| Error::Invalid("A user is an object".to_owned()))?;
        object.iter().try_for_each(|(name, value)| self.set(name, value))
    }

    /// Sets one attribute; those that mean nothing here are ignored. `null` takes it away.
    fn set(&mut self, path: &str, value: &Value) -> Result<()> {
        let path = path.strip_prefix(SCHEMA).map_or(path, |rest| rest.trim_start_matches(':'));
        let text = || match value {
            Value::String(text) => Ok(text.trim().to_owned()),
            Value::Null => Ok(String::new()),
            _ => Err(Error::field(path, "must be text")),
        };
        match path.to_ascii_lowercase().as_str() {
            "username" => self.user_name = text()?,
            "externalid" => self.external_id = Some(text()?).filter(|id| !id.is_empty()),
            "active" => self.active = truth(value).ok_or_else(|| Error::field(path, "must be true or false"))?,
            "name.givenname" => self.given = text()?,
            "name.familyname" => self.family = text()?,
            "name" if value.is_null() => (self.given, self.family) = (String::new(), String::new()),
            "name" => {
                for (part, value) in value.as_object().into_iter().flatten() {
                    self.set(&format!("name.{part}"), value)?;
                }
            }
            // There is always one.
            path if path.starts_with("emails") && value.is_null() => {}
            "emails" => self.email = address_of(value).map(|text| text.trim().to_owned()).or(self.email.take()),
            path if path.starts_with("emails[") || path == "emails.value" => self.email = Some(text()?),
            "roles" => self.role = role(&value[0]["value"])?,
            path if path.starts_with("roles[") => self.role = role(value)?,
            _ => {}
        }
        Ok(())
    }

    fn check(&self) -> Result<()> {
        if self.user_name.is_empty() || self.user_name.chars().count() > LONGEST_NAME {
            return Err(Error::field("userName", format_args!("must have 1 to {LONGEST_NAME} characters")));
        }
        check_email(if self.email.is_some() { "emails.value" } else { "userName" }, self.address())
    }

    /// The name, where no address is told.
    fn address(&self) -> &str {
        self.email.as_deref().unwrap_or(&self.user_name)
    }

    /// Refuses a name that is another member's address; those that are names are told apart by the store.
    async fn check_free(&self, ctx: &Ctx, id: &str) -> Result<()> {
        match who::by_email(ctx, &self.user_name).await? {
            Some(other) if other.value.id != id && other.value.sign_in.user_name.is_none() => {
                Err(Error::Conflict("There is a user with this userName".to_owned()))
            }
            _ => Ok(()),
        }
    }

    fn apply(&self, member: &mut Member) {
        self.address().clone_into(&mut member.email);
        let same = self.user_name.eq_ignore_ascii_case(self.address());
        member.sign_in.user_name = (!same).then(|| self.user_name.clone());
        member.first_name.clone_from(&self.given);
        member.last_name.clone_from(&self.family);
        member.sign_in.external_id.clone_from(&self.external_id);
        member.sign_in.deactivated = !self.active;
        member.role = self.role.unwrap_or(member.role);
    }
}

/// What a directory calls a member.
fn user_name(member: &Member) -> &str {
    member.sign_in.user_name.as_deref().unwrap_or(&member.email)
}

/// The primary address of a list, else the first.
fn address_of(list: &Value) -> Option<&str> {
    let all = list.as_array()?;
    let primary = all.iter().find(|one| one["primary"] == true).or(all.first())?;
    primary["value"].as_str().filter(|text| !text.trim().is_empty())
}

/// Some directories write truth as text.
fn truth(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(truth) => Some(*truth),
        Value::String(text) if text.eq_ignore_ascii_case("true") => Some(true),
        Value::String(text) if text.eq_ignore_ascii_case("false") => Some(false),
        _ => None,
    }
}

fn role(value: &Value) -> Result<Option<Role>> {
    if value.is_null() {
        return Ok(None);
    }
    let role: Option<Role> = serde_json::from_value(value.clone()).ok().filter(|role| *role != Role::Owner);
    role.map(Some).ok_or_else(|| Error::field("roles", "must be reader, writer, admin or no_access"))
}

fn shown(ctx: &Ctx, member: &Loaded<Member>) -> Value {
    let Loaded { value: member, version, .. } = member;
    let mut user = json!({
        "schemas": [SCHEMA],
        "id": member.id,
        "userName": user_name(member),
        "displayName": display_name(member),
        "emails": [{"value": member.email, "primary": true}],
        "active": !member.sign_in.deactivated,
        "roles": [{"value": member.role, "primary": true}],
        "meta": {
            "resourceType": "User",
            "created": rfc3339(member.created_at),
            "location": location(ctx, "Users", &member.id),
            "version": format!("W/\"{version}\""),
        },
    });
    for (part, text) in [("givenName", &member.first_name), ("familyName", &member.last_name)] {
        if !text.is_empty() {
            user["name"][part] = text.as_str().into();
        }
    }
    if let Some(id) = &member.sign_in.external_id {
        user["externalId"] = id.as_str().into();
    }
    user
}

pub(super) const LISTING: Listing =
    Listing { kind: Kind::Member, searched, shown: |ctx, doc| Ok(shown(ctx, &member_of(doc)?)) };

pub(super) async fn list(ctx: Ctx, request: Request) -> Result<Reply> {
    LISTING.list(&ctx, &request).await
}

fn searched(name: &str, value: &str) -> Option<Predicate> {
    Some(match name {
        "username" => Predicate::Or(vec![
            Predicate::eq("userName", value.to_lowercase()),
            Predicate::eq("email", value.to_lowercase()),
        ]),
        "emails" | "emails.value" => Predicate::eq("email", value.to_lowercase()),
        "displayname" => Predicate::eq("displayName", value),
        "externalid" => Predicate::eq("externalId", value),
        "id" => Predicate::KeyIn(vec![value.to_owned()]),
        "meta.resourcetype" => of_type(value, "User"),
        _ => return None,
    })
}

pub(super) async fn create(ctx: Ctx, request: Request) -> Result<Reply> {
    let mut wanted = Wanted::nobody();
    wanted.all(&request.value()?)?;
    wanted.check()?;
    wanted.check_free(&ctx, "").await?;
    may_give(&ctx, wanted.role).await?;
    let mut member = Member {
        id: ctx.app.ids.object_id(),
        email: String::new(),
        first_name: String::new(),
        last_name: String::new(),
        role: Role::Reader,
        password_hash: None,
        custom_roles: Vec::new(),
        role_attributes: Default::default(),
        pending_invite: false,
        sign_in: SignIn::default(),
        created_at: ctx.app.clock.now(),
    };
    wanted.apply(&mut member);
    let proofs = Proofs::of(ctx.authorise("createMember", &Spec::top("member", &member.id))?);
    let mut change = Change::new(proofs, "provisioned the member", crate::members::target(&member));
    change.put(member_key(&member.id), Expect::Absent, &member, crate::members::index(&member))?;
    change.commit(&ctx).await?;
    let made = find(&ctx, &member.id).await?;
    Ok(reply(&shown(&ctx, &made))?.status(StatusCode::CREATED))
}

pub(super) async fn get(ctx: Ctx, request: Request) -> Result<Reply> {
    let user = shown(&ctx, &find(&ctx, request.param("id")).await?);
    reply(&projected(&request, user))
}

pub(super) async fn replace(ctx: Ctx, request: Request) -> Result<Reply> {
    let body = request.value()?;
    change(ctx, request.param("id"), move |_| {
        let mut wanted = Wanted::nobody();
        wanted.all(&body).map(|()| wanted)
    })
    .await
}

pub(super) async fn patch(ctx: Ctx, request: Request) -> Result<Reply> {
    let body = request.value()?;
    change(ctx, request.param("id"), move |member| {
        let mut wanted = Wanted::of(member);
        for (op, path, value) in operations(&body)? {
            match (op.as_str(), path) {
                ("remove", "") => return Err(Error::field("Operations.path", "must say what to remove")),
                ("remove", path) => wanted.set(path, &Value::Null)?,
                (_, "") => wanted.all(value)?,
                (_, path) => wanted.set(path, value)?,
            }
        }
        Ok(wanted)
    })
    .await
}

/// Makes a member what the directory wants them to be.
async fn change(ctx: Ctx, id: &str, wanted: impl Fn(&Member) -> Result<Wanted> + Send + Sync) -> Result<Reply> {
    let before = find(&ctx, id).await?;
    let now = wanted(&before.value)?;
    now.check()?;
    now.check_free(&ctx, id).await?;
    may_give(&ctx, now.role.filter(|role| *role != before.value.role)).await?;
    if now.role.is_some_and(|role| role != before.value.role) {
        ctx.authorise("updateRole", &before.spec)?;
    }
    let ends = !now.active && !before.value.sign_in.deactivated;
    // Whoever has the address can set a new password.
    let takes_over = !now.address().eq_ignore_ascii_case(&before.value.email);
    if before.value.role == Role::Owner && (ends || takes_over || now.role.is_some()) {
        return Err(Error::Forbidden("The owner is not the directory's to change".to_owned()));
    }
    if takes_over {
        ctx.authorise("updateRole", &before.spec)?;
    }
    if ends || takes_over {
        may_give(&ctx, Some(before.value.role)).await?;
    }
    let mut after = before.value.clone();
    now.apply(&mut after);
    if after != before.value {
        let action = if ends { "deleteMember" } else { "createMember" };
        let what = What { action, verb: if ends { "deactivated" } else { "updated by the directory" } };
        who::change(&ctx, By::Caller, id, what, |member| {
            let now = wanted(member)?;
            now.check()?;
            now.apply(member);
            Ok(())
        })
        .await?;
    }
    if ends {
        ctx.store().end_sessions(id, "").await?;
    }
    reply(&shown(&ctx, &find(&ctx, id).await?))
}

/// Nobody gives more than they have.
async fn may_give(ctx: &Ctx, role: Option<Role>) -> Result<()> {
    let Some(role) = role else { return Ok(()) };
    let directory = Directory::load(ctx.store()).await?;
    if Reach::of(&ctx.caller, &directory).covers_role(role) {
        return Ok(());
    }
    Err(Error::Forbidden("roles: the token cannot give more than it may do itself".to_owned()))
}

/// By the operation that deletes members everywhere.
pub(super) async fn delete(ctx: Ctx, request: Request, operation: Option<Operation>) -> Result<Reply> {
    find(&ctx, request.param("id")).await?;
    let operation = operation.as_ref().and_then(Operation::handler);
    let handler = operation.ok_or(Error::NotImplemented("deleteMember"))?;
    handler(ctx, request).await?;
    Ok(Reply::empty().status(StatusCode::NO_CONTENT))
}

async fn find(ctx: &Ctx, id: &str) -> Result<Loaded<Member>> {
    who::by_id(ctx, id).await?.ok_or_else(|| Error::NotFound(format!("Unknown user {id}")))
}
