//! Announcements: a message that the console shows to everybody, one at a time.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use wigwag_kit::links::path;
use wigwag_kit::operation::Access;
use wigwag_kit::resource::{About, Account, Search, Stored, description, load, retried, save};
use wigwag_kit::{
    Collection, Ctx, Dialects, Error, Links, Operations, Page, Patch, Proofs, Reply, Request, Resource, Result, Spec,
    Standard, patch,
};
use wigwag_model::clock::Millis;
use wigwag_model::doc::{Announcement, Kind, Severity};
use wigwag_store::{IndexFacts, Predicate};

use crate::common::{check_name, found, shown};
use crate::read::require_viewer;

/// Longest text, in characters.
const MAX_MESSAGE: usize = 10_000;
const UPDATE: &str = "updateAnnouncement";

/// The operations on announcements.
#[must_use]
pub fn ops() -> Operations {
    Standard::<Announcements>::new()
        .create("createAnnouncementPublic")
        .delete("deleteAnnouncementPublic")
        .table()
        .with(
            Operations::operation("getAnnouncementsPublic", Access::Actions(&["viewAccount"]), list)
                .reply::<Collection<AnnouncementRep>>(),
        )
        .with(
            Operations::operation("updateAnnouncementPublic", Access::Actions(&[UPDATE]), update)
                .body::<patch::Body>()
                .reply::<AnnouncementRep>(),
        )
}

/// An announcement.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "AnnouncementResponse")]
pub struct AnnouncementRep {
    #[serde(rename = "_links")]
    links: Links,
    /// 24 hex digits.
    #[serde(rename = "_id")]
    id: String,
    /// Whether those who read it may put it away.
    is_dismissible: bool,
    /// Heading.
    title: String,
    /// Text, markdown.
    message: String,
    /// How much it matters.
    severity: Severity,
    /// From when on it is shown.
    start_time: Millis,
    /// Until when it is shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    end_time: Option<Millis>,
    /// `scheduled`, `active` or `inactive`.
    #[serde(rename = "_status")]
    status: &'static str,
}

/// A new announcement, and what a patch may touch of an old one.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "CreateAnnouncementBody")]
pub struct AnnouncementPost {
    is_dismissible: bool,
    title: String,
    message: String,
    severity: Severity,
    start_time: Millis,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    end_time: Option<Millis>,
}

/// The kind.
pub enum Announcements {}

impl Resource for Announcements {
    type Doc = Announcement;
    type Parent = Account;
    type Create = AnnouncementPost;
    type Edit = AnnouncementPost;
    type Facts = ();
    type Rep = AnnouncementRep;

    const ABOUT: About = About {
        kind: Kind::Announcement,
        noun: "announcement",
        create: "createAnnouncement",
        delete: "deleteAnnouncement",
        view: None,
        dialects: Dialects::JSON,
        edits: &[],
        instructions: &[],
        secrets: &[],
    };

    async fn create(ctx: &Ctx, _: &Account, input: AnnouncementPost) -> Result<Announcement> {
        let mut new = Announcement {
            id: ctx.app.ids.object_id(),
            is_dismissible: false,
            title: String::new(),
            message: String::new(),
            severity: input.severity,
            start_time: 0,
            end_time: None,
            created_at: ctx.app.clock.now(),
        };
        Self::set(&mut new, input);
        // Whether there is another is only told to those who may make one.
        ctx.authorise(Self::ABOUT.create, &Spec::account())?;
        Self::check(&new)?;
        alone(ctx, &new).await?;
        Ok(new)
    }

    fn key(one: &Announcement) -> &str {
        &one.id
    }

    fn name(one: &Announcement) -> &str {
        &one.title
    }

    fn spec(_: &Announcement, _: &Account) -> Spec {
        Spec::account()
    }

    fn href(one: &Announcement, _: &Account) -> String {
        path(&["announcements", &one.id])
    }

    fn edit(one: &Announcement) -> AnnouncementPost {
        AnnouncementPost {
            is_dismissible: one.is_dismissible,
            title: one.title.clone(),
            message: one.message.clone(),
            severity: one.severity,
            start_time: one.start_time,
            end_time: one.end_time,
        }
    }

    fn set(one: &mut Announcement, edit: AnnouncementPost) {
        one.is_dismissible = edit.is_dismissible;
        one.title = edit.title;
        one.message = edit.message;
        one.severity = edit.severity;
        one.start_time = edit.start_time;
        one.end_time = edit.end_time;
    }

    fn check(one: &Announcement) -> Result<()> {
        check_name("title", &one.title)?;
        if one.message.trim().is_empty() || one.message.chars().count() > MAX_MESSAGE {
            return Err(Error::field("message", format_args!("must be 1 to {MAX_MESSAGE} characters long")));
        }
        if one.start_time < 0 {
            return Err(Error::field("startTime", "must be a time in epoch milliseconds"));
        }
        if one.end_time.is_some_and(|end| end <= one.start_time) {
            return Err(Error::field("endTime", "must be after startTime"));
        }
        Ok(())
    }

    fn index(one: &Announcement) -> IndexFacts {
        IndexFacts::new().number("start", one.start_time).number("end", one.end_time.unwrap_or(Millis::MAX))
    }

    fn rep(one: &Announcement, _: u64, parent: &Account) -> AnnouncementRep {
        AnnouncementRep {
            links: Links::new().own(Self::href(one, parent)).parent(path(&["announcements"])),
            id: one.id.clone(),
            is_dismissible: one.is_dismissible,
            title: one.title.clone(),
            message: one.message.clone(),
            severity: one.severity,
            start_time: one.start_time,
            end_time: one.end_time,
            status: "",
        }
    }

    async fn reps(
        ctx: &Ctx,
        _: &Request,
        parent: &Account,
        stored: Vec<Stored<Announcement>>,
    ) -> Result<Vec<AnnouncementRep>> {
        let now = ctx.app.clock.now();
        let rep = |s: &Stored<Announcement>| AnnouncementRep {
            status: status(&s.value, now),
            ..Self::rep(&s.value, s.version, parent)
        };
        Ok(stored.iter().map(rep).collect())
    }
}

fn status(one: &Announcement, now: Millis) -> &'static str {
    match one.end_time {
        Some(end) if end <= now => "inactive",
        _ if one.start_time > now => "scheduled",
        _ => "active",
    }
}

async fn list(ctx: Ctx, request: Request) -> Result<Reply> {
    require_viewer(&ctx)?;
    let now = ctx.app.clock.now();
    let range = |field: &str, min, max| Predicate::NumberRange { field: field.to_owned(), min, max };
    let filter = match request.query("status") {
        None => Predicate::All,
        Some("active") => {
            Predicate::And(vec![range("start", None, Some(now)), range("end", Some(now.saturating_add(1)), None)])
        }
        Some("scheduled") => range("start", Some(now.saturating_add(1)), None),
        Some("inactive") => range("end", None, Some(now)),
        Some(_) => return Err(Error::field("status", "must be active, inactive or scheduled")),
    };
    let page = Page::of(&request, Some(20), 100)?;
    found::<Announcements>(&ctx, &request, Search { filter, sort: Vec::new(), page }).await
}

/// Refuses an announcement that would be shown while another is.
async fn alone(ctx: &Ctx, new: &Announcement) -> Result<()> {
    for doc in ctx.store().scan(Kind::Announcement, Some(""), Some("")).await? {
        let other: Announcement = doc.decode()?;
        let end = |one: &Announcement| one.end_time.unwrap_or(Millis::MAX);
        if other.id != new.id && other.start_time < end(new) && new.start_time < end(&other) {
            let text = format!("Only one announcement can be active at a time: there is {}", other.title);
            return Err(Error::Conflict(text));
        }
    }
    Ok(())
}

async fn update(ctx: Ctx, request: Request) -> Result<Reply> {
    let patch = Patch::read(&request, Dialects::JSON)?;
    let stored = retried(patch.pins(), || updated(&ctx, &request, &patch)).await?;
    shown::<Announcements>(&ctx, &request, stored).await
}

async fn updated(ctx: &Ctx, request: &Request, patch: &Patch) -> Result<Stored<Announcement>> {
    let before = load::<Announcements>(ctx, &Account, request.param("announcementId")).await?;
    let proof = ctx.authorise(UPDATE, &Spec::account())?;
    let mut after = before.value.clone();
    let rep = Announcements::rep(&before.value, before.version, &Account);
    Announcements::set(&mut after, patch.edited(&rep, &Announcements::edit(&before.value))?);
    if after == before.value {
        return Ok(before);
    }
    Announcements::check(&after)?;
    alone(ctx, &after).await?;
    let json = |one| serde_json::to_value(Announcements::edit(one)).map_err(|e| Error::Internal(e.to_string()));
    let text = description(&json(&before.value)?, &json(&after)?, &[]);
    let describe = |change: wigwag_kit::Change| change.comment(patch.comment()).description(text).delta(patch.delta());
    let version = Some(before.version);
    save::<Announcements>(ctx, &Account, after, version, describe, Proofs::of(proof), "updated the announcement").await
}
