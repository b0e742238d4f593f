//! Single sign-on: what a provider of identities does for us (OpenID Connect). The provider itself is an
//! extension of the process; here is what becomes of whoever it vouches for.

use std::collections::BTreeMap;

use wigwag_auth::{Cookie, SINGLE_SIGN_ON};
use wigwag_kit::resource::Account;
use wigwag_kit::{BoxFuture, Change, Ctx, Error, Proofs, Reply, Request, Resource as _, Result, Spec};
use wigwag_model::doc::{Kind, Member, Role, SignIn as How, Team};
use wigwag_store::{DocKey, Expect};

use super::desk::SignIn;
use super::enter::{self, Entered};
use super::passes::{self, Use};
use super::visit::{go_to_address, with_cookie};
use super::who::{self, By, What};
use crate::members::target;
use crate::teams::Teams;

/// The cookie while the browser is at the provider.
const STATE: Cookie = Cookie::named("wigwag_sso", "__Host-wigwag_sso");

/// A provider of identities.
pub trait Provider: Send + Sync {
    /// Where to send a browser, and what to keep of it until it comes back.
    ///
    /// # Errors
    /// Why the provider cannot be used, for the log.
    fn begin(&self) -> BoxFuture<'_, std::result::Result<Departure, String>>;

    /// Whom the provider vouches for, by the `code` that the browser brought back.
    ///
    /// # Errors
    /// Why it is not believed, for the log.
    fn finish<'a>(&'a self, code: &'a str, kept: &'a str) -> BoxFuture<'a, std::result::Result<Identity, String>>;

    /// What its groups mean here.
    fn mapping(&self) -> &Mapping;
}

/// The way to the provider.
#[derive(Clone, Debug)]
pub struct Departure {
    /// Where to send the browser.
    pub url: String,
    /// What comes back beside the code.
    pub state: String,
    /// What [`Provider::finish`] wants to know: nonce and verifier.
    pub kept: String,
}

/// Whom a provider vouches for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Identity {
    /// The provider, by its address.
    pub issuer: String,
    /// Who they are there; never given to somebody else.
    pub subject: String,
    /// E-mail address, empty where the provider does not tell.
    pub email: String,
    /// Whether the provider has checked the address.
    pub email_verified: bool,
    /// Given name.
    pub first_name: String,
    /// Family name.
    pub last_name: String,
    /// Groups; none where the provider tells nothing of groups.
    pub groups: Option<Vec<String>>,
}

/// What groups of a provider mean here.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mapping {
    /// Base role by group. Of several the greatest counts. The owner's is never given.
    pub roles: BTreeMap<String, Role>,
    /// Keys of teams by group.
    pub teams: BTreeMap<String, Vec<String>>,
    /// Base role of new members in none of these groups; without one they are turned away.
    pub default_role: Option<Role>,
}

impl Mapping {
    /// The base role that groups give, if they give one.
    fn role(&self, groups: &[String]) -> Option<Role> {
        groups.iter().filter_map(|group| self.roles.get(group)).copied().max()
    }

    /// Whether a team is given by groups at all, and whether by these.
    fn team(&self, key: &str, groups: &[String]) -> Option<bool> {
        let gives = |group: &String| self.teams.get(group).is_some_and(|keys| keys.iter().any(|own| own == key));
        self.teams.keys().any(gives).then(|| groups.iter().any(gives))
    }
}

fn provider(ctx: &Ctx) -> Result<std::sync::Arc<dyn Provider>> {
    let provider = SignIn::of(ctx)?.provider().cloned();
    provider.ok_or_else(|| Error::NotFound("No provider of single sign-on is configured".to_owned()))
}

/// Sends the browser to the provider.
pub(super) async fn begin(ctx: Ctx, _: Request) -> Result<Reply> {
    let departure = provider(&ctx)?.begin().await.map_err(|error| {
        tracing::error!(error, "the provider of single sign-on cannot be used");
        Error::Unavailable
    })?;
    let browser = passes::make(&ctx, Use::Provider, "", &format!("{}\n{}", departure.state, departure.kept)).await?;
    let secure = SignIn::of(&ctx)?.sessions().secure();
    let cookie = STATE.set(&browser, Use::Provider.lasts() / 1_000, secure);
    with_cookie(go_to_address(&departure.url)?, &cookie)
}

/// The browser is back: whom the provider vouches for is let in.
pub(super) async fn finish(ctx: &Ctx, request: &Request) -> Result<(Entered, String)> {
    const REFUSED: Error = Error::WrongCredential("Single sign-on did not succeed. Try again");
    let provider = provider(ctx)?;
    let secure = SignIn::of(ctx)?.sessions().secure();
    let browser = STATE.value(&request.headers, secure).ok_or(REFUSED)?;
    let pass = passes::take(ctx, Use::Provider, browser).await?.ok_or(REFUSED)?;
    let (state, kept) = pass.body.split_once('\n').unwrap_or_default();
    let told = request.query("state").unwrap_or_default();
    if state.is_empty() || !wigwag_auth::secret::same(state, told) {
        return Err(REFUSED);
    }
    let Some(code) = request.query("code") else {
        tracing::warn!(error = request.query("error").unwrap_or_default(), "the provider let somebody not in");
        return Err(REFUSED);
    };
    let identity = provider.finish(code, kept).await.map_err(|error| {
        tracing::warn!(error, "single sign-on was refused");
        REFUSED
    })?;
    let member = member(ctx, provider.mapping(), &identity).await?;
    join_teams(ctx, provider.mapping(), &identity, &member).await?;
    let entered = enter::step(ctx, request, member, SINGLE_SIGN_ON).await?;
    Ok((entered, STATE.set("", 0, secure)))
}

/// The member that an identity is, made or brought up to date.
async fn member(ctx: &Ctx, mapping: &Mapping, identity: &Identity) -> Result<Member> {
    let subject = format!("{} {}", identity.issuer, identity.subject);
    let groups = identity.groups.as_deref().unwrap_or_default();
    let known = ctx.store().find_unique(Kind::Member, "subject", &subject).await?;
    let known = match known.as_ref().map(crate::read::member_of).transpose()? {
        Some(known) => Some(known),
        // An address only says who somebody is if the provider has checked it.
        None if identity.email_verified => {
            let found = who::by_email(ctx, &identity.email).await?;
            found.filter(|found| found.value.sign_in.subject.is_none())
        }
        None => None,
    };
    let Some(known) = known else { return make(ctx, mapping, identity, &subject).await };
    if known.value.sign_in.deactivated {
        return shut_out(ctx, &known.value.id).await;
    }
    // Whoever leaves the groups that give roles does not keep what they gave.
    let follows = identity.groups.is_some() && !mapping.roles.is_empty() && known.value.role != Role::Owner;
    let role = match mapping.role(groups).or(mapping.default_role) {
        _ if !follows => None,
        None => return shut_out(ctx, &known.value.id).await,
        given => given,
    };
    let apply = |member: &mut Member| {
        member.sign_in.subject = Some(subject.clone());
        member.pending_invite = false;
        member.role = role.unwrap_or(member.role);
        for (own, told) in
            [(&mut member.first_name, &identity.first_name), (&mut member.last_name, &identity.last_name)]
        {
            if !told.is_empty() {
                own.clone_from(told);
            }
        }
    };
    let mut after = known.value.clone();
    apply(&mut after);
    if after == known.value {
        return Ok(after);
    }
    let what = What { action: "updateRole", verb: "brought up to date by single sign-on" };
    who::change(ctx, By::System, &known.value.id, what, |member| {
        apply(member);
        Ok(())
    })
    .await
}

/// A new member, where the mapping gives one a role.
async fn make(ctx: &Ctx, mapping: &Mapping, identity: &Identity, subject: &str) -> Result<Member> {
    let groups = identity.groups.as_deref().unwrap_or_default();
    let role = mapping.role(groups).or(mapping.default_role).filter(|role| *role != Role::Owner);
    let role = role.ok_or_else(turned_away)?;
    if !identity.email.contains('@') || !identity.email_verified {
        tracing::warn!("single sign-on told no e-mail address that it has checked: no member is made");
        return Err(turned_away());
    }
    let member = Member {
        id: ctx.app.ids.object_id(),
        email: identity.email.clone(),
        first_name: identity.first_name.clone(),
        last_name: identity.last_name.clone(),
        role,
        password_hash: None,
        custom_roles: Vec::new(),
        role_attributes: Default::default(),
        pending_invite: false,
        sign_in: How { subject: Some(subject.to_owned()), ..How::default() },
        created_at: ctx.app.clock.now(),
    };
    let ctx = who::acting(ctx, By::System, &member);
    let spec = Spec::top("member", &member.id);
    let proofs = Proofs::of(ctx.authorise("createMember", &spec)?);
    let mut change = Change::new(proofs, "joined by single sign-on", target(&member));
    let key = crate::read::member_key(&member.id);
    change.put(key, Expect::Absent, &member, crate::members::index(&member))?;
    match change.commit(&ctx).await {
        Ok(_) => Ok(member),
        // The address belongs to a member who is somebody else to the provider.
        Err(Error::Conflict(_)) => Err(turned_away()),
        Err(error) => Err(error),
    }
}

/// Turns a member away whom the provider gives no role any more: also where they are still signed in.
async fn shut_out(ctx: &Ctx, member: &str) -> Result<Member> {
    ctx.store().end_sessions(member, "").await?;
    Err(turned_away())
}

fn turned_away() -> Error {
    Error::Forbidden("You are known, but not let in here. Ask who runs this server".to_owned())
}

/// Puts the member into the teams that their groups give, and takes them out of those that groups give to others.
async fn join_teams(ctx: &Ctx, mapping: &Mapping, identity: &Identity, member: &Member) -> Result<()> {
    let Some(groups) = &identity.groups else { return Ok(()) };
    for doc in ctx.store().scan(Kind::Team, None, None).await? {
        let team: Team = doc.decode()?;
        let Some(wanted) = mapping.team(&team.key, groups) else { continue };
        set_team(ctx, &doc.key, member, wanted).await?;
    }
    Ok(())
}

/// Puts a member into a team or takes them out of it.
async fn set_team(ctx: &Ctx, key: &DocKey, member: &Member, wanted: bool) -> Result<()> {
    wigwag_kit::resource::retried(false, || async move {
        let Some(doc) = ctx.store().get(key).await? else { return Ok(()) };
        let mut team: Team = doc.decode()?;
        if team.member_ids.contains(&member.id) == wanted {
            return Ok(());
        }
        team.member_ids.retain(|id| *id != member.id);
        if wanted {
            team.member_ids.push(member.id.clone());
        }
        team.modified_at = ctx.app.clock.now();
        let ctx = who::acting(ctx, By::System, member);
        let spec = Spec::top("team", &team.key);
        let proofs = Proofs::of(ctx.authorise("updateTeamMembers", &spec)?);
        let verb =
            if wanted { "added a member by single sign-on to" } else { "removed a member by single sign-on from" };
        let mut change = Change::new(proofs, verb, wigwag_kit::resource::target::<Teams>(&team, &Account))
            .description(format!("* `{}`\n", member.email));
        change.put(key.clone(), Expect::Version(doc.version), &team, Teams::index(&team))?;
        change.commit(&ctx).await.map(drop)
    })
    .await
}
