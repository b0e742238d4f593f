//! What who runs the server may do without being let in: on the database itself, through ordinary changes.

use std::sync::Arc;

use wigwag_auth::{password, secret};
use wigwag_kit::change::Agent;
use wigwag_kit::{Acting, ApiVersion, Authority, Caller, Change, Ctx, Decision, Error, Keyring, Proofs, Result, Spec};
use wigwag_model::clock::Clock;
use wigwag_model::doc::{Member, Role, Token};
use wigwag_model::id::Ids;
use wigwag_store::{Expect, SessionRow, Store};

use super::passes::{self, Use};
use super::who::{self, By, What};
use crate::common::check_email;
use crate::read::{member_key, owner_id};
use crate::{bootstrap, secrets, tokens};

/// Who runs the server, at the command line. May do everything; the record says who it was.
pub struct Operator {
    ctx: Ctx,
    /// Whether keys were given.
    is_configured: bool,
}

struct Everything(Acting);

impl Authority for Everything {
    fn decide(&self, _: &str, _: &Spec) -> Decision {
        Decision::Allow
    }

    fn acting(&self) -> Option<&Acting> {
        Some(&self.0)
    }
}

/// A member who can sign in again.
pub struct LetIn {
    /// Sign-in name.
    pub email: String,
    /// The generated password. Not kept anywhere.
    pub password: String,
}

impl Operator {
    /// At work on a store that a server has set up.
    ///
    /// # Errors
    /// A store that is empty or cannot be reached.
    pub async fn of(store: &Store, clock: &Clock, ids: &Ids) -> Result<Self> {
        Self::with(store, clock, ids, None).await
    }

    /// The same, with the keys that are configured, for those who seal and open secrets. Keys kept in the database
    /// open, too, and seal where none are configured.
    ///
    /// # Errors
    /// A store that is empty or cannot be reached.
    pub async fn with(store: &Store, clock: &Clock, ids: &Ids, configured: Option<Keyring>) -> Result<Self> {
        let found = bootstrap::found(store).await?;
        let found = found.ok_or_else(|| {
            Error::NotFound("The database is empty: start wigwag serve once, which makes the owner".to_owned())
        })?;
        let is_configured = configured.is_some();
        // A store without any key has nothing that was sealed.
        let keyring = found.keyring(configured)?.unwrap_or_else(|| Keyring::of(ids.key()));
        let ctx = bootstrap::system(store, clock, ids, &keyring, &found.account.id);
        let agent = Agent { name: "The operator at the command line".to_owned(), href: "/api/v2/account".to_owned() };
        let authority = Arc::new(Everything(Acting::new(agent, None, Vec::new())));
        let caller = Caller { member: None, token: None, authority };
        Ok(Self { ctx: Ctx { caller: Arc::new(caller), ..ctx }, is_configured })
    }

    /// Makes whoever has the address the owner, with a new password; the owner until now becomes an admin.
    ///
    /// # Errors
    /// An address that is none, a store that cannot be reached.
    pub async fn make_owner(&self, email: &str) -> Result<LetIn> {
        check_email("e-mail", email)?;
        let ctx = &self.ctx;
        let before = owner_id(ctx).await?;
        let owner = match who::by_email(ctx, email).await? {
            Some(found) => found.value,
            None => self.new_member(email).await?,
        };
        if !before.is_empty() && before != owner.id {
            let what = What { action: "updateRole", verb: "made an admin of" };
            who::change(ctx, By::Caller, &before, what, |member| {
                member.role = Role::Admin;
                Ok(())
            })
            .await?;
        }
        let what = What { action: "updateRole", verb: "made the owner" };
        who::change(ctx, By::Caller, &owner.id, what, |member| {
            member.role = Role::Owner;
            member.custom_roles.clear();
            Ok(())
        })
        .await?;
        self.let_in(&owner.id, true).await
    }

    async fn new_member(&self, email: &str) -> Result<Member> {
        let ctx = &self.ctx;
        let member = Member {
            id: ctx.app.ids.object_id(),
            email: email.to_owned(),
            first_name: String::new(),
            last_name: String::new(),
            role: Role::Reader,
            password_hash: None,
            custom_roles: Vec::new(),
            role_attributes: Default::default(),
            pending_invite: false,
            sign_in: Default::default(),
            created_at: ctx.app.clock.now(),
        };
        let proofs = Proofs::of(ctx.authorise("createMember", &Spec::top("member", &member.id))?);
        let mut change = Change::new(proofs, "created the member", crate::members::target(&member));
        change.put(member_key(&member.id), Expect::Absent, &member, crate::members::index(&member))?;
        change.commit(ctx).await?;
        Ok(member)
    }

    /// Gives a member, or the owner, a new password; with `factor_off` also takes the second factor away. Their
    /// sessions end.
    ///
    /// # Errors
    /// No such member, a store that cannot be reached.
    pub async fn reset_password(&self, email: Option<&str>, factor_off: bool) -> Result<LetIn> {
        let member = self.member(email).await?;
        self.let_in(&member.id, factor_off).await
    }

    async fn let_in(&self, id: &str, factor_off: bool) -> Result<LetIn> {
        let ctx = &self.ctx;
        let (plain, salt, now) = (ctx.app.ids.password(), ctx.app.ids.salt(), ctx.app.clock.now());
        let hash = password::hash(&plain, salt.as_bytes());
        let hash = hash.map_err(|e| Error::Internal(format!("the password cannot be hashed: {e}")))?;
        let what = What { action: "updatePassword", verb: "set a new password of" };
        let member = who::change(ctx, By::Caller, id, what, |member| {
            member.password_hash = Some(hash.clone());
            member.pending_invite = false;
            member.sign_in.deactivated = false;
            member.sign_in.sessions_from = now;
            if factor_off {
                member.sign_in.totp = None;
            }
            Ok(())
        })
        .await?;
        ctx.store().end_sessions(id, "").await?;
        for good_for in [Use::Reset, Use::Half, Use::Invitation] {
            passes::drop_all(ctx, good_for, id).await?;
        }
        Ok(LetIn { email: member.email, password: plain })
    }

    /// What is sealed, and with which keys.
    ///
    /// # Errors
    /// A store that cannot be read.
    pub async fn secrets(&self) -> Result<secrets::Status> {
        secrets::status(&self.ctx).await
    }

    /// Seals everything anew that the first key did not seal; answers how many documents that were.
    ///
    /// # Errors
    /// Keys that are kept in the database only; see [`secrets::rotate`].
    pub async fn rotate_secrets(&self) -> Result<u64> {
        if !self.is_configured && self.secrets().await?.kept {
            let text = "the key is kept in the database, beside what it seals: set secret-key-file first";
            return Err(Error::Conflict(text.to_owned()));
        }
        secrets::rotate(&self.ctx, self.is_configured).await
    }

    /// Makes an access token of a member, or of the owner, that may do what they may do; answers its value.
    ///
    /// # Errors
    /// No such member, a store that cannot be reached.
    pub async fn issue_token(&self, email: Option<&str>, name: &str) -> Result<String> {
        let ctx = &self.ctx;
        let member = self.member(email).await?;
        let (value, now) = (ctx.app.ids.access_token(), ctx.app.clock.now());
        let token = Token {
            id: ctx.app.ids.object_id(),
            name: name.to_owned(),
            description: "Made at the command line".to_owned(),
            hash: secret::hash(&value),
            ending: secret::ending(&value),
            previous: None,
            member_id: member.id,
            service_token: false,
            role: None,
            custom_role_ids: Vec::new(),
            inline_role: None,
            client_id: None,
            limits: Vec::new(),
            default_api_version: ApiVersion::NEWEST.number(),
            expiry: None,
            created_at: now,
            modified_at: now,
        };
        let proof = ctx.authorise("createAccessToken", &tokens::spec(&token))?;
        let mut change = Change::new(Proofs::of(proof), "created the access token", tokens::target(&token));
        change.put(tokens::key(&token.id), Expect::Absent, &token, tokens::index(&token))?;
        change.commit(ctx).await?;
        Ok(value)
    }

    /// The sessions of a member, or of all, newest first, each with the member's address.
    ///
    /// # Errors
    /// No such member, a store that cannot be reached.
    pub async fn sessions(&self, email: Option<&str>) -> Result<Vec<(String, SessionRow)>> {
        let rows = match email {
            Some(_) => self.ctx.store().sessions_of(&self.member(email).await?.id).await?,
            None => self.ctx.store().all_sessions().await?,
        };
        let members = crate::read::members_by_id(&self.ctx, rows.iter().map(|row| row.member.as_str())).await?;
        let email = |id: &str| members.get(id).map_or_else(|| id.to_owned(), |member| member.email.clone());
        Ok(rows.into_iter().map(|row| (email(&row.member), row)).collect())
    }

    /// Ends the sessions of a member, or of all. How many there were.
    ///
    /// # Errors
    /// No such member, a store that cannot be reached.
    pub async fn end_sessions(&self, email: Option<&str>) -> Result<u64> {
        let store = self.ctx.store();
        if email.is_some() {
            return Ok(store.end_sessions(&self.member(email).await?.id, "").await?);
        }
        Ok(store.forget_sessions(i64::MAX, i64::MAX).await?)
    }

    /// The member with an address, else the owner.
    async fn member(&self, email: Option<&str>) -> Result<Member> {
        let found = match email {
            Some(email) => who::by_email(&self.ctx, email).await?,
            None => who::by_id(&self.ctx, &owner_id(&self.ctx).await?).await?,
        };
        let nobody = || Error::NotFound(format!("There is no member {}", email.unwrap_or("who owns the account")));
        Ok(found.ok_or_else(nobody)?.value)
    }
}
