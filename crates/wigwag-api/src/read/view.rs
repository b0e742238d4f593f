//! Views, as what is linked to them or held to them needs them.

use wigwag_kit::links::path;
use wigwag_kit::{Change, Ctx, Error, Links, Proof, Result, Spec};
use wigwag_model::clock::Millis;
use wigwag_model::doc::{Environment, Flag, Kind, Project, Segment, View, ViewLink};
use wigwag_model::key::{MAX_KEY, is_key};
use wigwag_store::{Doc, DocKey, Expect, IndexFacts, ListQuery, Predicate};

use super::{IN_VIEW, Loaded, environments, flag_index, segment_index};

/// Where a view is stored.
#[must_use]
pub fn view_key(project: &str, view: &str) -> DocKey {
    DocKey::in_project(Kind::View, project, view)
}

/// How policies name a view.
#[must_use]
pub fn view_spec(project: &Spec, view: &str) -> Spec {
    project.clone().then("view", view, &[])
}

/// What lists of views can ask.
#[must_use]
pub fn view_index(view: &View) -> IndexFacts {
    IndexFacts::new().text("name", &view.name).many("tags", &view.tags)
}

/// Where the API has a view.
#[must_use]
pub fn view_links(project: &str, view: &str) -> Links {
    Links::new().own(path(&["projects", project, "views", view])).parent(path(&["projects", project, "views"]))
}

/// Keys of views as they are stored, each once.
#[must_use]
pub fn view_names(keys: &[String]) -> Vec<String> {
    crate::common::unique(keys.iter().map(|key| key.to_lowercase()).collect())
}

/// Views that a body names, as they were loaded.
#[derive(Default)]
pub struct NamedViews(Vec<Loaded<View>>);

impl NamedViews {
    /// The views of a project by their keys.
    ///
    /// # Errors
    /// 400 naming `field` and a view that there is not.
    pub async fn load(ctx: &Ctx, project: &Loaded<Project>, field: &str, keys: &[String]) -> Result<Self> {
        let names = view_names(keys);
        let unknown = |key: &str| Error::field(field, format_args!("there is no view with the key '{key}'"));
        if let Some(bad) = names.iter().find(|key| !is_key(key, MAX_KEY)) {
            return Err(unknown(bad));
        }
        let at: Vec<_> = names.iter().map(|key| view_key(&project.value.key, key)).collect();
        let docs = if at.is_empty() { Vec::new() } else { ctx.store().get_many(&at).await? };
        let found = docs.into_iter().zip(&names).map(|(doc, key)| {
            let doc = doc.ok_or_else(|| unknown(key))?;
            Loaded::from_doc(&doc, |view: &View| view_spec(&project.spec, &view.key))
        });
        found.collect::<Result<_>>().map(Self)
    }

    /// Those of the views that there are.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn known(ctx: &Ctx, project: &Loaded<Project>, keys: &[String]) -> Result<Self> {
        let names = view_names(keys);
        let at: Vec<_> = names.iter().map(|key| view_key(&project.value.key, key)).collect();
        let docs = if at.is_empty() { Vec::new() } else { ctx.store().get_many(&at).await? };
        let one = |doc: Doc| Loaded::from_doc(&doc, |view: &View| view_spec(&project.spec, &view.key));
        docs.into_iter().flatten().map(one).collect::<Result<_>>().map(Self)
    }

    /// Their keys.
    #[must_use]
    pub fn keys(&self) -> Vec<String> {
        self.0.iter().map(|view| view.value.key.clone()).collect()
    }

    /// Their keys and names.
    #[must_use]
    pub fn names(self) -> Vec<(String, String)> {
        self.0.into_iter().map(|view| (view.value.key, view.value.name)).collect()
    }

    /// Links to them, made at `now`.
    #[must_use]
    pub fn links(&self, now: Millis) -> Vec<ViewLink> {
        self.0.iter().map(|view| ViewLink { key: view.value.key.clone(), linked_at: now }).collect()
    }

    /// Proofs that the caller may do something to each of them.
    ///
    /// # Errors
    /// The first that is denied.
    pub fn authorise(&self, ctx: &Ctx, action: &'static str) -> Result<Vec<Proof>> {
        self.0.iter().map(|view| ctx.authorise(action, &view.spec)).collect()
    }

    /// Notes in a change that something was linked to them. A view that is deleted meanwhile makes it lose.
    ///
    /// # Errors
    /// A document that cannot be written.
    pub fn touched(self, change: &mut Change, now: Millis) -> Result<()> {
        self.0.into_iter().try_for_each(|Loaded { mut value, version, key, .. }| {
            value.updated_at = now;
            let facts = view_index(&value);
            change.put(key, Expect::Version(version), &value, facts)
        })
    }
}

/// Refuses something new without a view in a project that asks for one by this setting.
///
/// # Errors
/// 400 naming `viewKeys`.
pub fn require_views(project: &Project, setting: &str, keys: &[String]) -> Result<()> {
    let required = project.settings.get(setting).and_then(serde_json::Value::as_bool).unwrap_or(false);
    if required && keys.is_empty() {
        return Err(Error::field("viewKeys", "must name a view: the project requires one"));
    }
    Ok(())
}

/// What is linked to a view.
#[derive(Default)]
pub struct LinkedToView {
    /// Flags with their documents.
    pub flags: Vec<(Doc, Flag)>,
    /// Segments of all environments with their documents.
    pub segments: Vec<(Doc, Segment)>,
}

/// Everything that is linked to a view.
///
/// # Errors
/// The store cannot be read.
pub async fn linked_to_view(ctx: &Ctx, project: &str, view: &str) -> Result<LinkedToView> {
    let linked = |kind| ListQuery::scoped(kind, Some(project), None).filter(Predicate::eq(IN_VIEW, view));
    let flags = ctx.store().list(&linked(Kind::Flag)).await?.docs;
    let segments = ctx.store().list(&linked(Kind::Segment)).await?.docs;
    Ok(LinkedToView { flags: decoded(flags)?, segments: decoded(segments)? })
}

fn decoded<T: serde::de::DeserializeOwned>(docs: Vec<Doc>) -> Result<Vec<(Doc, T)>> {
    let decode = |doc: Doc| {
        let value = doc.decode()?;
        Ok((doc, value))
    };
    docs.into_iter().map(decode).collect()
}

/// Takes a flag out of a view.
///
/// # Errors
/// A document that cannot be written.
pub fn unlink_flag(change: &mut Change, doc: Doc, flag: &mut Flag, view: &str) -> Result<()> {
    flag.views.retain(|link| link.key != view);
    change.put(doc.key, Expect::Version(doc.version), flag, flag_index(flag))
}

/// Takes a segment out of a view.
///
/// # Errors
/// A document that cannot be written.
pub fn unlink_segment(change: &mut Change, doc: Doc, segment: &mut Segment, view: &str) -> Result<()> {
    segment.views.retain(|link| link.key != view);
    change.put(doc.key, Expect::Version(doc.version), segment, segment_index(segment))
}

/// The SDK and mobile keys of a project that are held to views: each with its environment, its name and the views.
///
/// # Errors
/// The store cannot be read.
pub async fn keys_with_views(ctx: &Ctx, project: &Loaded<Project>) -> Result<Vec<(String, String, Vec<String>)>> {
    let mut all = Vec::new();
    for environment in environments(ctx, project).await? {
        let Environment { key, sdk_keys, mobile_keys, .. } = environment.value;
        let held = sdk_keys.into_iter().chain(mobile_keys).filter(|one| !one.views.is_empty());
        all.extend(held.map(|one| (key.clone(), one.about.map(|about| about.key).unwrap_or_default(), one.views)));
    }
    Ok(all)
}
