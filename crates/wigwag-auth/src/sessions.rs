//! Members who are signed in: a cookie, and a row behind it.

use std::sync::Arc;

use http::HeaderMap;
use wigwag_kit::{Caller, Error, Result};
use wigwag_model::clock::{Clock, Millis};
use wigwag_model::doc::{Account, Kind, Member};
use wigwag_model::id::Ids;
use wigwag_store::{DocKey, SessionRow, Store};

use crate::activity::{Activity, member_subject};
use crate::cache::Cache;
use crate::{Cookie, Permissions, secret};

/// The cookie of a session.
pub const COOKIE: Cookie = Cookie::named("wigwag_session", "__Host-wigwag_session");
/// How members sign in at a provider, which asks for second factors as it sees fit.
pub const SINGLE_SIGN_ON: &str = "oidc";
/// How exactly it is noted when a session was last used.
const SEEN_EVERY: Millis = 60_000;
/// Callers kept resolved.
const KNOWN: usize = 10_000;
/// Most characters kept of what a browser calls itself.
const AGENT: usize = 300;

/// How long sessions last.
#[derive(Clone, Copy, Debug)]
pub struct SessionSettings {
    /// Unused for so long, a session ends. Milliseconds.
    pub idle: Millis,
    /// So long after signing in, it ends anyway. Milliseconds.
    pub absolute: Millis,
    /// Whether the cookie is for HTTPS only.
    pub secure: bool,
}

impl Default for SessionSettings {
    fn default() -> Self {
        Self { idle: 12 * 3_600_000, absolute: 14 * 24 * 3_600_000, secure: true }
    }
}

/// Who sits in front of the browser's end of a session.
#[derive(Clone, Debug, Default)]
pub struct Visitor {
    /// What the browser calls itself.
    pub agent: String,
    /// Network address.
    pub address: String,
}

/// Sessions of members. Every request reads the row, so that one that is ended here or by another process
/// ends at once; what its member may do stays resolved for as long as it holds ([`Cache`]).
pub struct Sessions {
    store: Store,
    clock: Clock,
    ids: Ids,
    settings: SessionSettings,
    members: Cache<String, Known>,
    activity: Activity,
}

/// A member as resolved.
struct Known {
    caller: Caller,
    sessions_from: Millis,
    /// What their activity is noted under.
    subject: Arc<str>,
    /// A second factor is demanded of them, and they have none.
    lacks_factor: bool,
}

/// A session that holds, and whose it is.
#[derive(Clone)]
pub struct Session {
    /// The row behind the cookie.
    pub row: SessionRow,
    /// The member.
    pub caller: Caller,
}

/// A session that began: what the answer sets.
#[derive(Clone, Debug)]
pub struct Begun {
    /// The value of a `Set-Cookie` field.
    pub set_cookie: String,
    /// The row behind it.
    pub row: SessionRow,
}

impl Sessions {
    /// Over the sessions in `store`.
    #[must_use]
    pub fn new(store: Store, clock: Clock, ids: Ids, settings: SessionSettings) -> Self {
        let (members, activity) = (Cache::new(store.clone(), KNOWN), Activity::new(store.clone()));
        Self { store, clock, ids, settings, members, activity }
    }

    /// Notes activity where others look it up.
    #[must_use]
    pub fn noting(self, activity: Activity) -> Self {
        Self { activity, ..self }
    }

    /// Whether cookies are for HTTPS only.
    #[must_use]
    pub const fn secure(&self) -> bool {
        self.settings.secure
    }

    /// The caller whose session the cookie names.
    ///
    /// # Errors
    /// [`Error::Unauthorized`] whatever is wrong with it; or the store's errors.
    pub async fn caller(&self, headers: &HeaderMap) -> Result<Caller> {
        self.find(headers).await?.map(|session| session.caller).ok_or(Error::Unauthorized)
    }

    /// The session that the cookie names, if it holds.
    ///
    /// # Errors
    /// The store's.
    pub async fn find(&self, headers: &HeaderMap) -> Result<Option<Session>> {
        let Some(value) = COOKIE.value(headers, self.settings.secure) else { return Ok(None) };
        let Some(row) = self.store.session(&secret::hash(value)).await? else { return Ok(None) };
        let now = self.clock.now();
        if now >= row.expires || now - row.seen >= self.settings.idle {
            return Ok(None);
        }
        let Some(known) = self.member(&row.member).await? else { return Ok(None) };
        if row.created < known.sessions_from || (known.lacks_factor && !row.how.starts_with(SINGLE_SIGN_ON)) {
            return Ok(None);
        }
        if now - row.seen >= SEEN_EVERY
            && let Err(error) = self.store.session_seen(&row.hash, now).await
        {
            tracing::warn!(%error, "the use of a session could not be noted");
        }
        self.activity.note(std::slice::from_ref(&known.subject), now);
        Ok(Some(Session { row, caller: known.caller.clone() }))
    }

    /// What a member may do, if they may sign in.
    async fn member(&self, id: &str) -> Result<Option<Arc<Known>>> {
        let view = self.members.current().await?;
        let key = id.to_owned();
        if let Some(known) = view.known(&key) {
            return Ok(Some(known));
        }
        let Some(doc) = self.store.get(&DocKey::account(Kind::Member, id)).await? else { return Ok(None) };
        let member: Member = doc.decode()?;
        if !member.is_active() {
            return Ok(None);
        }
        let account_key = DocKey::account(Kind::Account, "account");
        let account: Option<Account> = self.store.get(&account_key).await?.map(|doc| doc.decode()).transpose()?;
        let lacks_factor = account.is_some_and(|account| account.require_mfa.is_lacked_by(&member));
        let authority = Arc::new(Permissions::of_member(&member, view.directory()));
        let (sessions_from, subject) = (member.sign_in.sessions_from, member_subject(id).into());
        let caller = Caller { member: Some(Arc::new(member)), token: None, authority };
        let known = Known { caller, sessions_from, subject, lacks_factor };
        Ok(Some(view.keep(key, vec![doc.key, account_key], known)))
    }

    /// The sessions of a member that hold, newest first.
    ///
    /// # Errors
    /// The store's.
    pub async fn of(&self, member: &str) -> Result<Vec<SessionRow>> {
        let now = self.clock.now();
        let mut rows = self.store.sessions_of(member).await?;
        rows.retain(|row| now < row.expires && now - row.seen < self.settings.idle);
        Ok(rows)
    }

    /// Begins a session of a member. `how` they signed in goes into lists of sessions.
    ///
    /// # Errors
    /// The store's.
    pub async fn begin(&self, member: &str, how: &str, visitor: &Visitor) -> Result<Begun> {
        let now = self.clock.now();
        self.store.forget_sessions(now, now - self.settings.idle).await?;
        let row = SessionRow {
            hash: String::new(),
            id: self.ids.object_id(),
            member: member.to_owned(),
            created: now,
            seen: now,
            expires: now + self.settings.absolute,
            agent: visitor.agent.chars().filter(|c| !c.is_control()).take(AGENT).collect(),
            address: visitor.address.clone(),
            how: how.to_owned(),
        };
        self.put(row).await
    }

    /// Gives a session another id and forgets the old one, as is done when what it may do changes.
    ///
    /// # Errors
    /// The store's.
    pub async fn rotate(&self, old: &SessionRow, how: &str) -> Result<Begun> {
        let now = self.clock.now();
        let row = SessionRow { created: now, seen: now, how: how.to_owned(), ..old.clone() };
        let begun = self.put(row).await?;
        self.store.end_session(&old.hash).await?;
        Ok(begun)
    }

    async fn put(&self, row: SessionRow) -> Result<Begun> {
        let value = hex::encode(self.ids.key());
        let row = SessionRow { hash: secret::hash(&value), ..row };
        self.store.put_session(&row).await?;
        let left = (row.expires - self.clock.now()) / 1_000;
        Ok(Begun { set_cookie: COOKIE.set(&value, left, self.settings.secure), row })
    }

    /// The `Set-Cookie` field that takes the cookie away.
    #[must_use]
    pub fn farewell(&self) -> String {
        COOKIE.set("", 0, self.settings.secure)
    }
}
