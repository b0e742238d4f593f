//! The first start: on an empty store, one commit makes an account that can be used.

use std::sync::Arc;

use wigwag_auth::{Unrestricted, password, secret};
use wigwag_kit::{ApiVersion, App, Caller, Change, Ctx, Error, Keyring, Proofs, Result, Spec, Target};
use wigwag_model::clock::Clock;
use wigwag_model::doc::{Account, EnvKey, Environment, Kind, Member, Project, RequireMfa, Role, Token};
use wigwag_model::id::Ids;
use wigwag_store::{DocKey, Expect, IndexFacts, Store};

use crate::common::check_email;
use crate::projects::{self, ProjectPost};
use crate::read::{environment_spec, member_key, project_spec};
use crate::roles::presets;
use crate::{members, tokens};

/// The shortest password that whoever runs the server may give the owner.
const SHORTEST_PASSWORD: usize = 8;

/// What whoever starts the server may fix instead of having it generated.
#[derive(Clone, Default)]
pub struct Init {
    /// The owner's sign-in name.
    pub owner_email: Option<String>,
    /// The owner's password.
    pub owner_password: Option<String>,
    /// The value of the owner's access token.
    pub access_token: Option<String>,
}

/// A store that is ready for use.
#[derive(Clone, Debug)]
pub struct Bootstrap {
    /// The account's id, for [`App::account_id`].
    pub account_id: String,
    /// Opens and seals secrets: the keys given, else those kept in the store.
    pub keyring: Arc<Keyring>,
    /// What was made, on the first start only.
    pub first: Option<FirstStart>,
}

/// What the first start made. Nobody gets to know its secrets again.
#[derive(Clone)]
pub struct FirstStart {
    /// The owner's sign-in name.
    pub owner_email: String,
    /// The owner's password.
    pub owner_password: String,
    /// The owner's access token.
    pub access_token: String,
    /// The environments of the first project, with their keys.
    pub environments: Vec<NewEnvironment>,
}

/// What SDKs need to connect to an environment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewEnvironment {
    /// Its key.
    pub key: String,
    /// For server-side SDKs.
    pub sdk_key: String,
    /// For mobile SDKs.
    pub mobile_key: String,
    /// For SDKs in browsers.
    pub client_side_id: String,
}

/// Secrets do not belong in logs.
impl std::fmt::Debug for FirstStart {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FirstStart").field("owner_email", &self.owner_email).finish_non_exhaustive()
    }
}

/// Makes the account with its owner, their access token and the project `default`, if the store is
/// empty; otherwise changes nothing and ignores `options`. Of several processes that start at once
/// on one database, one makes it and the others find it made.
///
/// # Errors
/// An option that cannot be used; a store that cannot be reached.
pub async fn run(
    store: &Store,
    clock: &Clock,
    ids: &Ids,
    keyring: Option<Keyring>,
    options: Init,
) -> Result<Bootstrap> {
    if let Some(found) = found(store).await? {
        return found.ready(store, clock, ids, keyring).await;
    }
    let draft = Draft::new(clock, ids, keyring, options).await?;
    match draft.commit(store, clock, ids).await {
        Ok(()) => Ok(draft.ready()),
        // Somebody else was faster.
        Err(error @ Error::OptimisticLocking(_)) => {
            found(store).await?.ok_or(error)?.ready(store, clock, ids, draft.given).await
        }
        Err(error) => Err(error),
    }
}

/// The account of a store that is in use.
pub(crate) struct FoundAccount {
    pub(crate) account: Account,
    pub(crate) version: u64,
}

impl FoundAccount {
    async fn ready(self, store: &Store, clock: &Clock, ids: &Ids, given: Option<Keyring>) -> Result<Bootstrap> {
        let account_id = self.account.id.clone();
        let keyring = match self.keyring(given)? {
            Some(keyring) => keyring,
            None => self.keep_keys(store, clock, ids).await?,
        };
        presets::refresh(&system(store, clock, ids, &keyring, &account_id)).await?;
        Ok(Bootstrap { account_id, keyring: Arc::new(keyring), first: None })
    }

    /// The keys given, and those kept in the store behind them: what was sealed before keys were configured.
    pub(crate) fn keyring(&self, given: Option<Keyring>) -> Result<Option<Keyring>> {
        let kept = self.account.keyring.as_deref().map(read_keys).transpose()?;
        Ok(match (given, kept) {
            (Some(given), Some(kept)) => Some(given.with(kept)),
            (given, kept) => given.or(kept),
        })
    }

    /// Of a store that was made before there were keys.
    async fn keep_keys(self, store: &Store, clock: &Clock, ids: &Ids) -> Result<Keyring> {
        let text = hex::encode(ids.key());
        let keyring = read_keys(&text)?;
        let account = Account { keyring: Some(text), ..self.account };
        let ctx = system(store, clock, ids, &keyring, &account.id);
        let proofs = Proofs::of(ctx.authorise("updateOrganization", &Spec::account())?);
        let mut change = Change::new(proofs, "made the key that seals secrets", account_target(&account));
        change.put(account_key(), Expect::Version(self.version), &account, IndexFacts::new())?;
        match change.commit(&ctx).await {
            Ok(_) => Ok(keyring),
            // Another process made one at the same moment.
            Err(error @ Error::OptimisticLocking(_)) => {
                let found = found(store).await?.and_then(|found| found.account.keyring);
                read_keys(&found.ok_or(error)?)
            }
            Err(error) => Err(error),
        }
    }
}

fn read_keys(text: &str) -> Result<Keyring> {
    Keyring::parse(text).map_err(|e| Error::Internal(format!("the keys kept with the account: {e}")))
}

/// The system itself at work.
pub(crate) fn system(store: &Store, clock: &Clock, ids: &Ids, keyring: &Keyring, account_id: &str) -> Ctx {
    let app = App {
        store: store.clone(),
        clock: clock.clone(),
        ids: ids.clone(),
        site: String::new(),
        account_id: account_id.to_owned(),
        keyring: Arc::new(keyring.clone()),
        extensions: http::Extensions::new(),
    };
    let caller = Caller { member: None, token: None, authority: Arc::new(Unrestricted) };
    Ctx { app: Arc::new(app), caller: Arc::new(caller), version: ApiVersion::NEWEST, as_of: None, based_on: None }
}

impl NewEnvironment {
    fn of(environment: &Environment) -> Self {
        // It was made just now: in memory its keys are in the clear.
        let clear = |keys: &[EnvKey]| keys.first().and_then(|key| key.value.clear()).unwrap_or_default().to_owned();
        Self {
            key: environment.key.clone(),
            sdk_key: clear(&environment.sdk_keys),
            mobile_key: clear(&environment.mobile_keys),
            client_side_id: environment.id.clone(),
        }
    }
}

pub(crate) fn account_key() -> DocKey {
    DocKey::account(Kind::Account, "account")
}

pub(crate) async fn found(store: &Store) -> Result<Option<FoundAccount>> {
    let Some(doc) = store.get(&account_key()).await? else { return Ok(None) };
    Ok(Some(FoundAccount { account: doc.decode()?, version: doc.version }))
}

/// Everything the first start makes.
struct Draft {
    account: Account,
    owner: Member,
    token: Token,
    project: Project,
    environments: Vec<Environment>,
    keyring: Keyring,
    /// The keys that were configured, if any.
    given: Option<Keyring>,
    plain_password: String,
    plain_token: String,
}

impl Draft {
    async fn new(clock: &Clock, ids: &Ids, given: Option<Keyring>, options: Init) -> Result<Self> {
        let now = clock.now();
        let email = options.owner_email.unwrap_or_else(|| "owner@example.com".to_owned());
        check_email("owner e-mail", &email)?;
        let plain_password = options.owner_password.unwrap_or_else(|| ids.password());
        check_first_password(&plain_password, &email)?;
        let plain_token = options.access_token.unwrap_or_else(|| ids.access_token());
        check_token(&plain_token)?;
        let (plain, salt) = (plain_password.clone(), ids.salt());
        let hashed = tokio::task::spawn_blocking(move || password::hash(&plain, salt.as_bytes())).await;
        let hashed = hashed.map_err(|e| Error::Internal(e.to_string()))?;
        let password_hash = hashed.map_err(|e| Error::Internal(format!("the password cannot be hashed: {e}")))?;
        let owner = Member {
            id: ids.object_id(),
            email,
            first_name: String::new(),
            last_name: String::new(),
            role: Role::Owner,
            password_hash: Some(password_hash),
            custom_roles: Vec::new(),
            role_attributes: Default::default(),
            pending_invite: false,
            sign_in: Default::default(),
            created_at: now,
        };
        let token = Token {
            id: ids.object_id(),
            name: "First access token".to_owned(),
            description: String::new(),
            hash: secret::hash(&plain_token),
            ending: secret::ending(&plain_token),
            previous: None,
            member_id: owner.id.clone(),
            service_token: false,
            role: Some(Role::Owner),
            custom_role_ids: Vec::new(),
            inline_role: None,
            limits: Vec::new(),
            default_api_version: ApiVersion::NEWEST.number(),
            expiry: None,
            client_id: None,
            created_at: now,
            modified_at: now,
        };
        let (keyring, kept) = match &given {
            Some(given) => (given.clone(), None),
            None => {
                let text = hex::encode(ids.key());
                (read_keys(&text)?, Some(text))
            }
        };
        let organization = "Wigwag".to_owned();
        let require_mfa = RequireMfa::default();
        let account = Account { id: ids.object_id(), organization, keyring: kept, require_mfa, created_at: now };
        let post = ProjectPost::named("Default", "default");
        let (project, environments) = projects::draft(post, ids, now)?;
        Ok(Self { account, owner, token, project, environments, keyring, given, plain_password, plain_token })
    }

    /// One commit, so that a start that is interrupted leaves an empty store behind.
    async fn commit(&self, store: &Store, clock: &Clock, ids: &Ids) -> Result<()> {
        let ctx = system(store, clock, ids, &self.keyring, &self.account.id);
        let mut change = Change::new(self.proofs(&ctx)?, "set up the account", account_target(&self.account))
            .description(format!("* Created the owner `{}` and the project `default`\n", self.owner.email));
        change.put(account_key(), Expect::Absent, &self.account, IndexFacts::new())?;
        change.put(member_key(&self.owner.id), Expect::Absent, &self.owner, members::index(&self.owner))?;
        change.put(tokens::key(&self.token.id), Expect::Absent, &self.token, tokens::index(&self.token))?;
        projects::write(&mut change, &ctx, &self.project, &self.environments)?;
        presets::found(&mut change, &ctx)?;
        change.commit(&ctx).await.map(drop)
    }

    fn proofs(&self, ctx: &Ctx) -> Result<Proofs> {
        let project = project_spec(&self.project);
        let mut proofs = Proofs::of(ctx.authorise("updateOrganization", &Spec::account())?);
        proofs.add(ctx.authorise("createMember", &Spec::top("member", &self.owner.id))?);
        proofs.add(ctx.authorise("createAccessToken", &tokens::spec(&self.token))?);
        proofs.add(ctx.authorise("createProject", &project)?);
        for environment in &self.environments {
            proofs.add(ctx.authorise("createEnvironment", &environment_spec(&project, environment))?);
        }
        presets::prove(ctx, &mut proofs)?;
        Ok(proofs)
    }

    fn ready(self) -> Bootstrap {
        let environments = self.environments.iter().map(NewEnvironment::of).collect();
        let first = FirstStart {
            owner_email: self.owner.email,
            owner_password: self.plain_password,
            access_token: self.plain_token,
            environments,
        };
        Bootstrap { account_id: self.account.id, keyring: Arc::new(self.keyring), first: Some(first) }
    }
}

pub(crate) fn account_target(account: &Account) -> Target {
    Target {
        kind: "account".to_owned(),
        name: account.organization.clone(),
        resources: vec![Spec::account().to_string()],
        href: "/api/v2/account".to_owned(),
        site: "/settings/general".to_owned(),
        project: String::new(),
        environment: None,
        document: Some([Kind::Account.as_str().to_owned(), String::new(), String::new(), "account".to_owned()]),
    }
}

/// A weak password is no reason not to start, unless anybody would try it: whoever configured it is told.
fn check_first_password(plain: &str, email: &str) -> Result<()> {
    if plain.chars().count() < SHORTEST_PASSWORD {
        return Err(Error::field("owner password", format_args!("must be {SHORTEST_PASSWORD} characters or longer")));
    }
    if let Some(problem) = password::problem(plain, email) {
        tracing::warn!("the first password of the owner {problem}: sign in and change it at /account");
    }
    Ok(())
}

/// What can stand in a header field, and is no key of an SDK.
fn check_token(value: &str) -> Result<()> {
    let plain = (8..=256).contains(&value.len()) && value.bytes().all(|b| b.is_ascii_graphic());
    if plain && !["sdk-", "mob-"].iter().any(|prefix| value.starts_with(prefix)) {
        return Ok(());
    }
    Err(Error::field("access token", "must be 8 to 256 visible ASCII characters, and not begin like an SDK key"))
}
