//! OAuth 2.0 clients. Their secret is shown once.

use http::Uri;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use wigwag_auth::{Directory, Reach, secret};
use wigwag_kit::links::path;
use wigwag_kit::operation::Access;
use wigwag_kit::resource::{About, Account, Stored, load, retried, save, unknown};
use wigwag_kit::{
    Change, Collection, Ctx, Dialects, Error, Links, Operations, Proofs, Reply, Request, Resource, Result, Spec,
    Standard, Target,
};
use wigwag_model::clock::Millis;
use wigwag_model::doc::{Kind, OAuthClient};
use wigwag_store::{Expect, IndexFacts, ListQuery, Predicate};

use crate::common::{check_name, get_for_viewers, list_for_viewers};

/// Longest description, in characters.
const MAX_DESCRIPTION: usize = 4_096;
/// Longest address, in bytes.
const MAX_URI: usize = 2_048;
const DELETE: &str = "deleteOAuthClient";

pub(super) fn ops() -> Operations {
    Standard::<OAuthClients>::new()
        .patch("patchOAuthClient")
        .table()
        .with(
            Operations::operation(
                "getOAuthClients",
                Access::Actions(&["viewAccount"]),
                list_for_viewers::<OAuthClients>,
            )
            .reply::<Collection<ClientRep>>(),
        )
        .with(
            Operations::operation(
                "getOAuthClientById",
                Access::Actions(&["viewAccount"]),
                get_for_viewers::<OAuthClients>,
            )
            .reply::<ClientRep>(),
        )
        .with(
            Operations::operation("createOAuth2Client", Access::Actions(&["createOAuthClient"]), create)
                .body::<ClientPost>()
                .reply::<ClientRep>(),
        )
        .on("deleteOAuthClient", Access::Actions(&[DELETE]), delete)
}

/// An OAuth 2.0 client.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Client")]
pub struct ClientRep {
    #[serde(rename = "_links")]
    links: Links,
    /// Human name.
    name: String,
    /// What it is for.
    #[serde(skip_serializing_if = "String::is_empty")]
    description: String,
    /// The account.
    #[serde(rename = "_accountId")]
    account_id: String,
    /// The client's `client_id`.
    #[serde(rename = "_clientId")]
    client_id: String,
    /// The client's secret, when it was just made.
    #[serde(rename = "_clientSecret", skip_serializing_if = "Option::is_none")]
    client_secret: Option<String>,
    /// Where codes are sent.
    #[serde(rename = "redirectUri")]
    redirect_uri: String,
    /// When it was created.
    #[serde(rename = "_creationDate")]
    created_at: Millis,
}

/// A new client.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "oauthClientPost")]
pub struct ClientPost {
    /// Human name.
    name: String,
    /// Where codes are sent.
    redirect_uri: String,
    /// What it is for.
    #[serde(default)]
    description: Option<String>,
}

/// The part that a patch may touch.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ClientEdit {
    name: String,
    #[serde(default)]
    description: Option<String>,
    redirect_uri: String,
}

/// The kind.
pub enum OAuthClients {}

impl Resource for OAuthClients {
    type Doc = OAuthClient;
    type Parent = Account;
    type Create = ClientPost;
    type Edit = ClientEdit;
    type Facts = ();
    type Rep = ClientRep;

    const ABOUT: About = About {
        kind: Kind::OAuthClient,
        noun: "oauth-client",
        create: "createOAuthClient",
        delete: DELETE,
        view: None,
        dialects: Dialects::JSON,
        edits: &[
            ("name", "updateOAuthClient"),
            ("description", "updateOAuthClient"),
            ("redirectUri", "updateOAuthClient"),
        ],
        instructions: &[],
        secrets: &[],
    };

    async fn create(ctx: &Ctx, _: &Account, input: ClientPost) -> Result<OAuthClient> {
        let directory = Directory::load(ctx.store()).await?;
        let through = ctx.caller.member.as_ref().map(|member| member.id.clone());
        Ok(OAuthClient {
            id: ctx.app.ids.uuid(),
            name: input.name,
            description: input.description.unwrap_or_default(),
            redirect_uri: input.redirect_uri,
            // Drawn by whoever gets to see it.
            secret_hash: String::new(),
            member_id: through.unwrap_or_default(),
            limits: Reach::of(&ctx.caller, &directory).limits(None, true),
            created_at: ctx.app.clock.now(),
        })
    }

    fn key(client: &OAuthClient) -> &str {
        &client.id
    }

    fn name(client: &OAuthClient) -> &str {
        &client.name
    }

    fn spec(_: &OAuthClient, _: &Account) -> Spec {
        Spec::account()
    }

    fn href(client: &OAuthClient, _: &Account) -> String {
        path(&["oauth", "clients", &client.id])
    }

    fn site(_: &OAuthClient, _: &Account) -> String {
        "/settings/oauth".to_owned()
    }

    fn edit(client: &OAuthClient) -> ClientEdit {
        ClientEdit {
            name: client.name.clone(),
            description: Some(client.description.clone()),
            redirect_uri: client.redirect_uri.clone(),
        }
    }

    fn set(client: &mut OAuthClient, edit: ClientEdit) {
        client.name = edit.name;
        client.description = edit.description.unwrap_or_default();
        client.redirect_uri = edit.redirect_uri;
    }

    fn check(client: &OAuthClient) -> Result<()> {
        check_name("name", &client.name)?;
        if client.description.chars().count() > MAX_DESCRIPTION {
            return Err(Error::field("description", format_args!("must be at most {MAX_DESCRIPTION} characters long")));
        }
        check_redirect(&client.redirect_uri)
    }

    fn index(client: &OAuthClient) -> IndexFacts {
        IndexFacts::new().text("name", &client.name)
    }

    fn rep(client: &OAuthClient, _: u64, parent: &Account) -> ClientRep {
        ClientRep {
            links: Links::new().own(Self::href(client, parent)).parent(path(&["oauth", "clients"])),
            name: client.name.clone(),
            description: client.description.clone(),
            account_id: String::new(),
            client_id: client.id.clone(),
            client_secret: None,
            redirect_uri: client.redirect_uri.clone(),
            created_at: client.created_at,
        }
    }

    async fn reps(
        ctx: &Ctx,
        _: &Request,
        parent: &Account,
        stored: Vec<Stored<OAuthClient>>,
    ) -> Result<Vec<ClientRep>> {
        let rep = |s: &Stored<OAuthClient>| ClientRep {
            account_id: ctx.app.account_id.clone(),
            ..Self::rep(&s.value, s.version, parent)
        };
        Ok(stored.iter().map(rep).collect())
    }
}

/// Codes go by https only, but for a program on the same machine.
fn check_redirect(text: &str) -> Result<()> {
    let fits = text.len() <= MAX_URI
        && !text.contains('#')
        && text.parse::<Uri>().is_ok_and(|uri| match (uri.scheme_str(), uri.host()) {
            (Some("https"), Some(_)) => true,
            (Some("http"), Some(host)) => matches!(host, "localhost" | "127.0.0.1" | "[::1]"),
            _ => false,
        });
    if fits { Ok(()) } else { Err(Error::field("redirectUri", "must be an absolute https address without a fragment")) }
}

/// A client as audit entries show it.
pub(super) fn target(client: &OAuthClient) -> Target {
    let key = [Kind::OAuthClient.as_str(), "", "", &client.id].map(str::to_owned);
    Target {
        kind: OAuthClients::ABOUT.noun.to_owned(),
        name: client.name.clone(),
        resources: vec![Spec::account().to_string()],
        href: OAuthClients::href(client, &Account),
        site: OAuthClients::site(client, &Account),
        project: String::new(),
        environment: None,
        document: Some(key),
    }
}

async fn create(ctx: Ctx, request: Request) -> Result<Reply> {
    let mut client = OAuthClients::create(&ctx, &Account, request.json()?).await?;
    let proof = ctx.authorise(OAuthClients::ABOUT.create, &Spec::account())?;
    OAuthClients::check(&client)?;
    let value = ctx.app.ids.secret();
    client.secret_hash = secret::hash(&value);
    let verb = "created the oauth-client";
    let stored = save::<OAuthClients>(&ctx, &Account, client, None, |change| change, Proofs::of(proof), verb).await?;
    let mut reps = OAuthClients::reps(&ctx, &request, &Account, vec![stored]).await?;
    if let Some(rep) = reps.first_mut() {
        rep.client_secret = Some(value);
    }
    Reply::json(&reps.pop().ok_or_else(|| Error::Internal("a resource was not shown".to_owned()))?)
}

/// What was granted to it, and the tokens it got, go with it.
async fn delete(ctx: Ctx, request: Request) -> Result<Reply> {
    retried(false, || deleted(&ctx, request.param("clientId"))).await?;
    Ok(Reply::empty())
}

async fn deleted(ctx: &Ctx, id: &str) -> Result<()> {
    let Stored { value: client, version } = match load::<OAuthClients>(ctx, &Account, id).await {
        Err(Error::Invalid(_)) => return Err(unknown(OAuthClients::ABOUT.noun, id)),
        found => found?,
    };
    let proof = ctx.authorise(DELETE, &Spec::account())?;
    let mut change = Change::new(Proofs::of(proof), "deleted the oauth-client", target(&client));
    change.delete(wigwag_store::DocKey::account(Kind::OAuthClient, client.id.as_str()), Expect::Version(version));
    for kind in [Kind::OAuthGrant, Kind::Token] {
        let issued = ListQuery::account(kind).filter(Predicate::eq("clientId", client.id.as_str()));
        for doc in ctx.store().list(&issued).await?.docs {
            change.delete(doc.key, Expect::Any);
        }
    }
    change.commit(ctx).await.map(drop)
}
