//! An entry as clients see it (behaviour.md 13.1).

use schemars::JsonSchema;
use serde::Serialize;
use wigwag_kit::change::{AccessRecord, Actor, Record, TokenActor};
use wigwag_kit::links::path;
use wigwag_kit::{Ctx, Links, Result};
use wigwag_model::clock::Millis;
use wigwag_store::ChangeRow;

use super::{Detail, Sight, record};

/// An entry.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "AuditLogEntry")]
pub struct Entry {
    /// Itself, the log, the resource and its page.
    #[serde(rename = "_links")]
    links: Links,
    #[serde(rename = "_id")]
    id: String,
    #[serde(rename = "_accountId")]
    account_id: String,
    /// When, in milliseconds since the epoch.
    date: Millis,
    /// Actions and resources that were authorised.
    #[schemars(with = "Vec<std::collections::BTreeMap<String, String>>")]
    accesses: Vec<AccessRecord>,
    /// Kind of the resource.
    kind: String,
    /// Name of the resource.
    name: String,
    /// Markdown list of what changed.
    description: String,
    short_description: String,
    /// The client's comment.
    comment: String,
    /// Who acted, of whatever kind.
    subject: Subject,
    /// The member who acted.
    #[serde(skip_serializing_if = "Option::is_none")]
    member: Option<MemberData>,
    /// The token that was used.
    #[serde(skip_serializing_if = "Option::is_none")]
    token: Option<TokenData>,
    /// What was done, as in "turned on the flag".
    title_verb: String,
    /// The whole sentence, in markdown.
    title: String,
    /// The resource.
    target: TargetRep,
    /// What encloses it.
    #[serde(skip_serializing_if = "Option::is_none")]
    parent: Option<ParentRep>,
    /// Only of a single entry: `delta`, `previousVersion`, `currentVersion`.
    #[serde(flatten)]
    pub detail: Detail,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Subject {
    #[serde(rename = "_links")]
    links: Links,
    name: String,
    avatar_url: String,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct MemberData {
    #[serde(rename = "_links")]
    links: Links,
    #[serde(rename = "_id")]
    id: String,
    email: String,
    first_name: String,
    last_name: String,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct TokenData {
    #[serde(rename = "_links")]
    links: Links,
    #[serde(rename = "_id")]
    id: String,
    name: String,
    ending: String,
    service_token: bool,
}

#[derive(Serialize, JsonSchema)]
struct TargetRep {
    #[serde(rename = "_links")]
    links: Links,
    name: String,
    resources: Vec<String>,
}

#[derive(Serialize, JsonSchema)]
struct ParentRep {
    #[serde(rename = "_links")]
    links: Links,
    name: String,
    resource: String,
}

impl Entry {
    /// The form of lists; a single entry adds its detail.
    ///
    /// # Errors
    /// The store cannot be read, or the row is no entry.
    pub async fn listed(ctx: &Ctx, row: &ChangeRow, sight: &mut Sight) -> Result<Self> {
        let record = record(row)?;
        let change = &row.change;
        let log = path(&["auditlog"]);
        let links = resource_links(&record).parent(log).own(path(&["auditlog", &change.id]));
        let parent = parent(ctx, &change.project, &record, sight).await?;
        Ok(Self {
            links,
            id: change.id.clone(),
            account_id: ctx.app.account_id.clone(),
            date: change.at,
            kind: record.target.kind.clone(),
            name: record.target.name.clone(),
            short_description: String::new(),
            subject: subject(&record),
            title: title(&record),
            target: TargetRep {
                links: resource_links(&record),
                name: record.target.name.clone(),
                resources: record.target.resources.clone(),
            },
            parent,
            accesses: record.accesses,
            description: record.description,
            comment: record.comment,
            member: record.member.map(member),
            token: record.token.map(token),
            title_verb: record.title_verb,
            detail: Detail::new(),
        })
    }
}

fn resource_links(record: &Record) -> Links {
    let links = Links::new().to("canonical", &*record.target.href);
    if record.target.site.is_empty() { links } else { links.site("site", &*record.target.site) }
}

/// The project of what lies in one.
async fn parent(ctx: &Ctx, project: &str, record: &Record, sight: &mut Sight) -> Result<Option<ParentRep>> {
    if project.is_empty() || record.target.kind == "project" {
        return Ok(None);
    }
    let name = sight.name(ctx, project).await?.unwrap_or_else(|| project.to_owned());
    let links = Links::new().own(path(&["projects", project]));
    Ok(Some(ParentRep { links, name, resource: format!("proj/{project}") }))
}

fn member(actor: Actor) -> MemberData {
    MemberData {
        links: Links::new().parent(path(&["members"])).own(path(&["members", &actor.id])),
        id: actor.id,
        email: actor.email,
        first_name: actor.first_name,
        last_name: actor.last_name,
    }
}

fn token(actor: TokenActor) -> TokenData {
    TokenData {
        links: Links::new().parent(path(&["tokens"])).own(path(&["tokens", &actor.id])),
        id: actor.id,
        name: actor.name,
        ending: actor.ending,
        service_token: actor.service_token,
    }
}

fn full_name(member: &Actor) -> String {
    match format!("{} {}", member.first_name, member.last_name).trim() {
        "" => member.email.clone(),
        name => name.to_owned(),
    }
}

fn subject(record: &Record) -> Subject {
    let (links, name) = match (&record.member, &record.token) {
        (None, None) if record.agent.is_some() => {
            let agent = record.agent.as_ref();
            (Links::new().own(agent.map_or("", |a| &a.href)), agent.map_or_else(String::new, |a| a.name.clone()))
        }
        (Some(member), _) => (Links::new().own(path(&["members", &member.id])), full_name(member)),
        (None, Some(token)) => (Links::new().own(path(&["tokens", &token.id])), token.name.clone()),
        (None, None) => (Links::new(), "Wigwag".to_owned()),
    };
    Subject { links, name, avatar_url: String::new() }
}

/// `[First Last](mailto:…) turned on the flag [name](site) in ` + "`Env`".
fn title(record: &Record) -> String {
    let who = match (&record.member, &record.token) {
        (Some(member), _) => format!("[{}](mailto:{})", escape(&full_name(member)), member.email),
        (None, Some(token)) if !token.name.is_empty() => escape(&token.name),
        (None, Some(token)) => format!("Service token ending in {}", escape(&token.ending)),
        (None, None) => record.agent.as_ref().map_or_else(|| "Wigwag".to_owned(), |agent| escape(&agent.name)),
    };
    let (target, name) = (&record.target, escape(&record.target.name));
    let gone = record.title_verb.starts_with("deleted ") || target.site.is_empty();
    let what = if gone { name } else { format!("[{name}]({})", target.site) };
    let place = target.environment.as_deref().filter(|_| target.kind != "environment");
    let place = place.map_or_else(String::new, |env| format!(" in `{}`", env.replace('`', "'")));
    format!("{who} {} {what}{place}", record.title_verb)
}

/// Markdown's own characters, escaped.
fn escape(text: &str) -> String {
    let special = |c: char| "\\`*_{}[]()#+-.!<>|~".contains(c);
    text.chars().fold(String::with_capacity(text.len()), |mut out, c| {
        if special(c) {
            out.push('\\');
        }
        out.push(c);
        out
    })
}
