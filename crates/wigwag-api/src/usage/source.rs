//! What is counted.

use std::collections::BTreeMap;

use wigwag_kit::series::{Amount, Counted};
use wigwag_kit::{Ctx, Error, Request, Result};
use wigwag_store::volume::{Measure, Sender, SenderKind, Span};

use super::places::{Place, Places};

/// The kind of context that "users" are: the primary one.
const PRIMARY: &str = "user";
/// Events by which AI SDKs tell of a run that ended, well or not (sdk-protocol.md 6.10).
const AI_RUNS: [&str; 2] = ["$ld:ai:generation:success", "$ld:ai:generation:error"];

/// What a series counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Source {
    /// What Wigwag does not have.
    Nothing,
    /// Events received; the type of the path says whether those or published ones.
    Events,
    /// Events of metrics.
    MetricEvents,
    /// Runs of AI configurations.
    AiRuns,
    /// Contexts of all kinds, of some senders.
    Contexts(Senders),
    /// Contexts of the primary kind.
    Users(Senders),
    /// The same, unless the request names kinds.
    UsersUnlessNamed,
    /// The most streams that were open, of the SDKs that the path names.
    Streams,
    /// The same, of server or of client SDKs.
    StreamsOf(Senders),
    /// Minutes of open streams.
    ConnectionMinutes,
}

/// Whose events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Senders {
    All,
    Server,
    Client,
}

impl Senders {
    pub(super) fn has(self, sender: &Sender) -> bool {
        match self {
            Self::All => true,
            Self::Server => sender.kind == SenderKind::Server,
            Self::Client => sender.kind != SenderKind::Server,
        }
    }

    /// As `sdktype` and paths name them.
    pub(super) fn named(name: &str) -> Option<Self> {
        match name {
            "server" => Some(Self::Server),
            "client" => Some(Self::Client),
            _ => None,
        }
    }

    /// Those that the path of a request names.
    pub(super) fn of_path(request: &Request) -> Result<Self> {
        let source = request.param("source");
        Self::named(source).ok_or_else(|| Error::NotFound(format!("Unknown source {source}: client or server")))
    }
}

impl Source {
    /// What the path of a request makes of it.
    pub(super) fn of(self, request: &Request) -> Result<Self> {
        match self {
            Self::Events => match request.param("type") {
                "received" => Ok(self),
                // Events are handed on to nobody.
                "published" => Ok(Self::Nothing),
                other => Err(Error::NotFound(format!("Unknown type {other}: received or published"))),
            },
            Self::UsersUnlessNamed if names_kinds(request) => Ok(Self::Contexts(Senders::All)),
            Self::UsersUnlessNamed => Ok(Self::Users(Senders::All)),
            Self::Streams => Ok(Self::StreamsOf(Senders::of_path(request)?)),
            _ => Ok(self),
        }
    }

    /// What was counted where the caller may look.
    pub(super) async fn read(self, ctx: &Ctx, places: &Places, span: Span) -> Result<Vec<Counted>> {
        match self {
            Self::Nothing | Self::UsersUnlessNamed => Ok(Vec::new()),
            Self::Contexts(senders) => contexts(ctx, places, span, senders, None).await,
            Self::Users(senders) => contexts(ctx, places, span, senders, Some(PRIMARY)).await,
            Self::Events => counts(ctx, places, span, (Measure::Events, "eventKind"), |_, _| true).await,
            Self::MetricEvents => {
                let mut all = Vec::new();
                for (measure, kind) in
                    [(Measure::MetricEvents, "custom"), (Measure::Clicks, "click"), (Measure::PageViews, "pageview")]
                {
                    let of_kind = counts(ctx, places, span, (measure, "eventKey"), |_, _| true).await?;
                    all.extend(of_kind.into_iter().map(|mut each| {
                        each.labels.insert("eventKind", kind.to_owned());
                        each
                    }));
                }
                Ok(all)
            }
            Self::AiRuns => {
                counts(ctx, places, span, (Measure::MetricEvents, "eventKey"), |name, _| AI_RUNS.contains(&name)).await
            }
            Self::Streams => self.streams(ctx, places, span, Senders::All).await,
            Self::StreamsOf(senders) => self.streams(ctx, places, span, senders).await,
            Self::ConnectionMinutes => {
                counts(ctx, places, span, (Measure::ConnectionMinutes, "name"), |_, _| true).await
            }
        }
    }

    async fn streams(self, ctx: &Ctx, places: &Places, span: Span, senders: Senders) -> Result<Vec<Counted>> {
        counts(ctx, places, span, (Measure::Connections, "name"), |_, sender| senders.has(sender)).await
    }
}

/// Whether a request is about other kinds than the primary one.
fn names_kinds(request: &Request) -> bool {
    request.query("contextKind").is_some() || request.query_list("groupby").any(|group| group == "contextKind")
}

async fn counts(
    ctx: &Ctx,
    places: &Places,
    span: Span,
    (measure, name): (Measure, &'static str),
    wanted: impl Fn(&str, &Sender) -> bool,
) -> Result<Vec<Counted>> {
    let points = ctx.store().volume().counts(measure, span).await?;
    let points = points.into_iter().filter(|point| wanted(&point.name, &point.sender));
    let counted = points.filter_map(|point| {
        let mut labels = labels(places.get(&point.env)?, &point.sender);
        labels.insert(name, point.name);
        Some(Counted { at: point.at, labels, amount: Amount::Times(point.count) })
    });
    Ok(counted.collect())
}

async fn contexts(
    ctx: &Ctx,
    places: &Places,
    span: Span,
    senders: Senders,
    kind: Option<&str>,
) -> Result<Vec<Counted>> {
    let days = ctx.store().volume().uniques(span.from, span.to).await?;
    let days = days.into_iter().filter(|day| senders.has(&day.sender) && kind.is_none_or(|kind| day.kind == kind));
    let counted = days.filter_map(|day| {
        let mut labels = labels(places.get(&day.env)?, &day.sender);
        labels.insert("contextKind", day.kind);
        labels.insert("anonymous", day.anonymous.to_string());
        labels.insert("anonymousV2", day.anonymous.to_string());
        Some(Counted { at: day.at, labels, amount: Amount::Different(Box::new(day.sketch)) })
    });
    Ok(counted.collect())
}

fn labels(place: &Place, sender: &Sender) -> BTreeMap<&'static str, String> {
    let mut labels = place.labels();
    let side = if sender.kind == SenderKind::Server { "server" } else { "client" };
    let category = if sender.kind == SenderKind::Server { "backend" } else { sender.kind.as_str() };
    for (name, value) in [
        ("sdkName", shown(&sender.sdk)),
        ("sdk", shown(&sender.sdk)),
        ("sdkVersion", shown(&sender.sdk_version)),
        ("version", shown(&sender.sdk_version)),
        ("sdkAppId", &*sender.application),
        ("sdkType", sender.kind.as_str()),
        ("sdktype", side),
        ("category", category),
        ("connectionType", "direct"),
        ("relayVersion", ""),
    ] {
        labels.insert(name, value.to_owned());
    }
    labels
}

/// A name or version; one that was not told is unknown.
pub(super) fn shown(text: &str) -> &str {
    if text.is_empty() { "Unknown" } else { text }
}
