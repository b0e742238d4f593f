//! Evaluations for those who look at flags: of one flag in detail, and of a page of flags at a glance. Wigwag's own:
//! the contract's series knows variations only, and costs a request for each flag.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use wigwag_kit::operation::{Access, Own};
use wigwag_kit::series::{Amount, Counted, Series, SeriesList, Since, Steps, Sum, Unit};
use wigwag_kit::{Ctx, Error, Links, Operations, Reply, Request, Result};
use wigwag_model::clock::Millis;
use wigwag_store::volume::{Grain, Served, Span};

use super::evaluations::{FALLBACK, describe};
use super::links;
use super::source::shown;
use crate::read::{flag, project_and_environment};

const TAG: &str = "Wigwag: evaluations";
const VIEW: Access = Access::Actions(&["viewProject"]);
const DAY: Millis = Grain::Day.length();
/// Flags of one request.
const FLAGS: usize = 100;
/// Days unless asked for, and at most.
const DAYS: (u32, u32) = (7, 30);

const BY_FLAG: Own = Own {
    tag: TAG,
    method: "GET",
    path: "/api/v2/projects/{projectKey}/environments/{environmentKey}/flags/{featureFlagKey}/evaluations",
    id: "getFlagEvaluations",
    query: &[
        ("from", "string"),
        ("to", "string"),
        ("tz", "string"),
        ("groupBy", "string"),
        ("sdkName", "string"),
        ("sdkVersion", "string"),
        ("sdkType", "string"),
        ("sdkAppId", "string"),
    ],
};
const AT_A_GLANCE: Own = Own {
    tag: TAG,
    method: "POST",
    path: "/api/v2/projects/{projectKey}/environments/{environmentKey}/evaluations/sparklines",
    id: "postEvaluationSparklines",
    query: &[],
};

/// How the series of one flag may be asked.
const SERIES: Series = Series {
    filters: &[("sdkName", "sdkName"), ("sdkVersion", "sdkVersion"), ("sdkType", "sdkType"), ("sdkAppId", "sdkAppId")],
    groups: ("groupBy", &["sdkName", "sdkVersion", "sdkType", "sdkAppId", "appVersion", "flagVersion"]),
    always: &["variation"],
    sums: &[("", Sum::Alone)],
    steps: Steps::ByAge,
    since: Since::Ago(7 * DAY),
    unit: Unit::Millis,
};

pub(super) fn ops() -> Operations {
    Operations::new()
        .with(Operations::own(BY_FLAG, VIEW, by_flag).reply::<SeriesList>().about(
            "How often a flag was evaluated over time, by variation and by whatever `groupBy` names. Steps are \
             minutes within the last two hours, hours within the last two days, otherwise days.",
        ))
        .with(
            Operations::own(AT_A_GLANCE, VIEW, at_a_glance)
                .body::<Asked>()
                .reply::<Sparklines>()
                .about("How often each of up to 100 flags was evaluated on each of the last days, in one request."),
        )
}

async fn by_flag(ctx: Ctx, request: Request) -> Result<Reply> {
    let (project, environment) =
        project_and_environment(&ctx, request.param("projectKey"), request.param("environmentKey")).await?;
    let (flag, _) = flag(&ctx, &project.value.key, request.param("featureFlagKey")).await?;
    let asked = SERIES.asked(&request, ctx.app.clock.now())?;
    let found = ctx.store().volume().evaluations(&environment.value.id, &flag.key, asked.span()).await?;
    let counted = found.into_iter().map(|point| {
        let sender = &point.sender;
        let labels = [
            ("variation", point.variation.map_or_else(|| FALLBACK.to_owned(), |index| format!("{index:06}"))),
            ("sdkName", shown(&sender.sdk).to_owned()),
            ("sdkVersion", shown(&sender.sdk_version).to_owned()),
            ("sdkType", sender.kind.as_str().to_owned()),
            ("sdkAppId", sender.application.to_string()),
            ("appVersion", sender.application_version.to_string()),
            ("flagVersion", point.version.to_string()),
        ];
        Counted { at: point.at, labels: BTreeMap::from(labels), amount: Amount::Times(point.count) }
    });
    Reply::json(&asked.answer(counted, links(&request), |about| {
        let index = about.get("variation").and_then(Value::as_str).and_then(|text| text.parse::<usize>().ok());
        describe(about, &flag, index);
    }))
}

/// Which flags.
#[derive(Deserialize, JsonSchema)]
struct Asked {
    /// Keys of flags, at most 100.
    flags: Vec<String>,
    /// How many days, the last one being today; 7 unless said, at most 30.
    #[serde(default)]
    days: Option<u32>,
}

/// Evaluations of some flags.
#[derive(Serialize, JsonSchema)]
struct Sparklines {
    #[serde(rename = "_links")]
    links: Links,
    /// When the first day begins, in milliseconds since 1970.
    from: Millis,
    /// The length of a step, in milliseconds.
    step: Millis,
    /// In the order in which they were asked for.
    items: Vec<Sparkline>,
}

/// Evaluations of a flag.
#[derive(Serialize, JsonSchema)]
struct Sparkline {
    /// The flag's key.
    key: String,
    /// On all days together.
    total: u64,
    /// On each day, the oldest first.
    counts: Vec<u64>,
    /// The same for each variation that was served.
    variations: Vec<OfVariation>,
}

#[derive(Serialize, JsonSchema)]
struct OfVariation {
    /// Its index; null for the code's own fallback.
    variation: Option<u32>,
    /// On each day, the oldest first.
    counts: Vec<u64>,
}

async fn at_a_glance(ctx: Ctx, request: Request) -> Result<Reply> {
    let (_, environment) =
        project_and_environment(&ctx, request.param("projectKey"), request.param("environmentKey")).await?;
    let asked: Asked = request.json()?;
    if asked.flags.len() > FLAGS {
        return Err(Error::field("flags", format_args!("must be at most {FLAGS}")));
    }
    let days = asked.days.unwrap_or(DAYS.0);
    if !(1..=DAYS.1).contains(&days) {
        return Err(Error::field("days", format_args!("must be between 1 and {}", DAYS.1)));
    }
    let to = ctx.app.clock.now();
    let from = (Grain::Day.bucket(to) - i64::from(days) + 1) * DAY;
    let keys: Vec<&str> = asked.flags.iter().map(String::as_str).collect();
    let span = Span { grain: Grain::Day, from, to };
    let found = ctx.store().volume().evaluations_of(&environment.value.id, &keys, span).await?;
    let mut by_flag: BTreeMap<&str, Vec<&Served>> = BTreeMap::new();
    for each in &found {
        by_flag.entry(&each.flag).or_default().push(each);
    }
    let day = |at: Millis| usize::try_from((at - from) / DAY).unwrap_or(usize::MAX);
    let items = keys.iter().map(|key| sparkline(key, by_flag.get(key), days as usize, day)).collect();
    Reply::json(&Sparklines { links: links(&request), from, step: DAY, items })
}

fn sparkline(key: &str, served: Option<&Vec<&Served>>, days: usize, day: impl Fn(Millis) -> usize) -> Sparkline {
    let mut counts = vec![0; days];
    let mut variations: BTreeMap<Option<u32>, Vec<u64>> = BTreeMap::new();
    for each in served.into_iter().flatten() {
        let of_variation = variations.entry(each.variation).or_insert_with(|| vec![0; days]);
        for list in [&mut counts, of_variation] {
            if let Some(count) = list.get_mut(day(each.at)) {
                *count += each.count;
            }
        }
    }
    Sparkline {
        key: key.to_owned(),
        total: counts.iter().sum(),
        counts,
        variations: variations.into_iter().map(|(variation, counts)| OfVariation { variation, counts }).collect(),
    }
}
