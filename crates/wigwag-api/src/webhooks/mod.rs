//! Webhooks: an HTTP callback for each change. behaviour.md 14.
//!
//! A plain kind, and the one to copy for the next: documents, wire types, [`Resource`], table.

mod call;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use wigwag_auth::policy::Policy;
use wigwag_kit::links::path;
use wigwag_kit::patch::MASK;
use wigwag_kit::resource::{About, Account, Stored};
use wigwag_kit::{Change, Ctx, Dialects, Error, Links, Operations, Request, Resource, Result, Spec, Standard};
use wigwag_model::doc::{Kind, Webhook};
use wigwag_store::{Doc, Expect, IndexFacts};

pub use call::SUBSCRIBER;

use crate::common::{check_name, check_tags, check_web_address};
use crate::deliveries;
use crate::secrets::{Held, SealedKind};

/// The operations on webhooks.
#[must_use]
pub fn ops() -> Operations {
    Standard::<Webhooks>::new()
        .list("getAllWebhooks")
        .create("postWebhook")
        .get("getWebhook")
        .patch("patchWebhook")
        .delete("deleteWebhook")
        .table()
        .and(deliveries::ops(&call::SUBSCRIBER))
}

/// A webhook.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Webhook")]
pub struct WebhookRep {
    /// Itself.
    #[serde(rename = "_links")]
    links: Links,
    /// 24 hex digits.
    #[serde(rename = "_id")]
    id: String,
    /// Human name.
    #[serde(skip_serializing_if = "String::is_empty")]
    name: String,
    /// Where audit entries are posted.
    url: String,
    /// Key of the signature.
    #[serde(skip_serializing_if = "Option::is_none")]
    secret: Option<String>,
    /// Policy statements that select entries.
    #[serde(skip_serializing_if = "Option::is_none")]
    statements: Option<Vec<Value>>,
    /// Whether it is called.
    on: bool,
    /// Tags.
    tags: Vec<String>,
}

/// A new webhook.
#[derive(Deserialize, JsonSchema)]
pub struct WebhookPost {
    /// Human name.
    #[serde(default)]
    name: Option<String>,
    /// Where audit entries are posted.
    url: String,
    /// Key of the signature; made up when it is missing and `sign` is true.
    #[serde(default)]
    secret: Option<String>,
    /// Policy statements that select entries; flag changes in production when missing.
    #[serde(default)]
    statements: Option<Vec<Value>>,
    /// Whether calls are signed.
    sign: bool,
    /// Whether it is called.
    on: bool,
    /// Tags.
    #[serde(default)]
    tags: Option<Vec<String>>,
}

/// The part of a webhook that a patch may touch.
#[derive(Serialize, Deserialize)]
pub struct WebhookEdit {
    #[serde(default)]
    name: Option<String>,
    url: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    secret: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    statements: Option<Vec<Value>>,
    on: bool,
    #[serde(default)]
    tags: Option<Vec<String>>,
}

/// The kind.
pub enum Webhooks {}

impl Resource for Webhooks {
    type Doc = Webhook;
    type Parent = Account;
    type Create = WebhookPost;
    type Edit = WebhookEdit;
    type Facts = ();
    type Rep = WebhookRep;

    const ABOUT: About = About {
        kind: Kind::Webhook,
        noun: "webhook",
        create: "createWebhook",
        delete: "deleteWebhook",
        view: None,
        dialects: Dialects::JSON,
        edits: &[
            ("name", "updateName"),
            ("url", "updateUrl"),
            ("secret", "updateSecret"),
            ("statements", "updateStatements"),
            ("on", "updateOn"),
            ("tags", "updateTags"),
        ],
        instructions: &[],
        secrets: &["secret"],
    };

    async fn create(ctx: &Ctx, _: &Account, input: WebhookPost) -> Result<Webhook> {
        let given = input.secret.filter(|s| !s.is_empty());
        Ok(Webhook {
            id: ctx.app.ids.object_id(),
            name: input.name.unwrap_or_default(),
            url: input.url,
            secret: input.sign.then(|| given.unwrap_or_else(|| ctx.app.ids.salt())),
            sealed_secret: None,
            statements: input.statements,
            on: input.on,
            tags: input.tags.unwrap_or_default(),
            created_at: ctx.app.clock.now(),
        })
    }

    fn key(hook: &Webhook) -> &str {
        &hook.id
    }

    /// Webhooks without a name go by their address.
    fn name(hook: &Webhook) -> &str {
        if hook.name.is_empty() { &hook.url } else { &hook.name }
    }

    fn spec(hook: &Webhook, _: &Account) -> Spec {
        Spec::default().then("webhook", &hook.id, &hook.tags)
    }

    fn href(hook: &Webhook, _: &Account) -> String {
        path(&["webhooks", &hook.id])
    }

    fn site(_: &Webhook, _: &Account) -> String {
        "/integrations".to_owned()
    }

    fn edit(hook: &Webhook) -> WebhookEdit {
        WebhookEdit {
            name: Some(hook.name.clone()),
            url: hook.url.clone(),
            // Obscured: the `test` of a patch must not tell it to those who may not see it.
            secret: hook.secret.as_ref().map(|_| MASK.to_owned()),
            statements: hook.statements.clone(),
            on: hook.on,
            tags: Some(hook.tags.clone()),
        }
    }

    fn set(hook: &mut Webhook, edit: WebhookEdit) {
        hook.name = edit.name.unwrap_or_default();
        hook.url = edit.url;
        // An empty secret unsets it: Terraform sends that.
        if edit.secret.as_deref() != Some(MASK) {
            hook.secret = edit.secret.filter(|s| !s.is_empty());
        }
        hook.statements = edit.statements;
        hook.on = edit.on;
        hook.tags = edit.tags.unwrap_or_default();
    }

    fn check(hook: &Webhook) -> Result<()> {
        if !hook.name.is_empty() {
            check_name("name", &hook.name)?;
        }
        check_web_address("url", &hook.url)?;
        if let Some(statements) = &hook.statements {
            Policy::parse(statements).map_err(|problem| Error::Invalid(format!("statements{problem}")))?;
        }
        check_tags("tags", hook.tags.clone()).map(drop)
    }

    fn opened(mut hook: Webhook, ctx: &Ctx) -> Result<Webhook> {
        if let Some(sealed) = hook.sealed_secret.take() {
            // The past is not sealed anew: where the key is gone, it shows that there was a secret.
            let gone = ctx.as_of.is_some() && !ctx.app.keyring.knows(&sealed);
            hook.secret = Some(if gone { MASK.to_owned() } else { ctx.app.keyring.open(&about(&hook), &sealed)? });
        }
        Ok(hook)
    }

    fn sealed(hook: &Webhook, ctx: &Ctx) -> Result<Webhook> {
        let mut hook = hook.clone();
        if let Some(clear) = hook.secret.take() {
            hook.sealed_secret = Some(ctx.app.keyring.seal(&ctx.app.ids, &about(&hook), &clear)?);
        }
        Ok(hook)
    }

    fn index(hook: &Webhook) -> IndexFacts {
        IndexFacts::new().text("name", &hook.name).many("tags", &hook.tags)
    }

    fn rep(hook: &Webhook, _: u64, parent: &Account) -> WebhookRep {
        WebhookRep {
            links: Links::new().own(Self::href(hook, parent)),
            id: hook.id.clone(),
            name: hook.name.clone(),
            url: hook.url.clone(),
            secret: hook.secret.clone(),
            statements: hook.statements.clone(),
            on: hook.on,
            tags: hook.tags.clone(),
        }
    }

    /// The key of the signature is for those who may change it: whoever has it can pass for this server.
    async fn reps(ctx: &Ctx, _: &Request, parent: &Account, stored: Vec<Stored<Webhook>>) -> Result<Vec<WebhookRep>> {
        let rep = |s: &Stored<Webhook>| {
            let mut rep = Self::rep(&s.value, s.version, parent);
            rep.secret = rep.secret.filter(|_| ctx.may("updateSecret", &Self::spec(&s.value, parent)));
            rep
        };
        Ok(stored.iter().map(rep).collect())
    }

    fn verb(before: &Webhook, after: &Webhook) -> Option<&'static str> {
        let switched = Webhook { on: after.on, ..before.clone() } == *after;
        switched.then_some(if after.on { "enabled the webhook" } else { "disabled the webhook" })
    }
}

/// For sealing secrets anew.
#[must_use]
pub fn sealed_kind() -> SealedKind {
    SealedKind { kind: Kind::Webhook, held, renew }
}

fn held(doc: &Doc) -> Result<Vec<Held>> {
    let hook: Webhook = doc.decode()?;
    Ok(hook.secret.map(|_| Held::Clear).into_iter().chain(hook.sealed_secret.map(Held::Sealed)).collect())
}

fn renew(ctx: &Ctx, doc: &Doc, change: &mut Change) -> Result<()> {
    let stored = Webhooks::sealed(&Webhooks::opened(doc.decode()?, ctx)?, ctx)?;
    change.put(doc.key.clone(), Expect::Version(doc.version), &stored, Webhooks::index(&stored))
}

/// What the sealed secret belongs to.
fn about(hook: &Webhook) -> String {
    format!("webhook/{}", hook.id)
}
