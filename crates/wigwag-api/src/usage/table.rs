//! The series.

use wigwag_kit::series::{Series, Since, Steps, Sum, Unit};

use super::source::{Senders, Source};

const DAY: i64 = 86_400_000;

type Names = &'static [(&'static str, &'static str)];

const MONTH_OR_STEP: &[(&str, Sum)] = &[("month_to_date", Sum::MonthToDate), ("incremental", Sum::Incremental)];
const WITH_ROLLING: &[(&str, Sum)] =
    &[("month_to_date", Sum::MonthToDate), ("incremental", Sum::Incremental), ("rolling_30d", Sum::Rolling)];
const ALONE: &[(&str, Sum)] = &[("", Sum::Alone)];

const PLACE: [(&str, &str); 2] = [("projectKey", "projectKey"), ("environmentKey", "environmentKey")];
const SDK: (&str, &str) = ("sdkName", "sdkName");
const KIND: (&str, &str) = ("contextKind", "contextKind");
const ANONYMOUS: (&str, &str) = ("anonymous", "anonymous");
const TYPE: (&str, &str) = ("sdkType", "sdkType");

/// By hour, day or month, since the beginning of the month.
const HOURLY: Series = Series {
    filters: &PLACE,
    groups: ("groupBy", &["projectId", "environmentId"]),
    always: &[],
    sums: MONTH_OR_STEP,
    steps: Steps::Asked { hourly: true },
    since: Since::Month,
    unit: Unit::Millis,
};

/// By day or month, since the beginning of the month.
const DAILY: Series = Series { steps: Steps::Asked { hourly: false }, sums: WITH_ROLLING, ..HOURLY };

/// What observability products count.
const OBSERVED: Series =
    Series { filters: &[("projectKey", "projectKey")], groups: ("", &[]), unit: Unit::Seconds, ..DAILY };

/// Steps that depend on how far back it goes.
const BY_AGE: Series = Series {
    filters: &[],
    groups: ("", &[]),
    always: &[],
    sums: ALONE,
    steps: Steps::ByAge,
    since: Since::Ago(30 * DAY),
    unit: Unit::Millis,
};

const USERS: &[&str] = &["projectId", "environmentId", "sdkName", "sdkAppId", "anonymousV2"];
const ALL_USERS: &[&str] = &["projectId", "environmentId", "sdkName", "sdkType", "sdkAppId", "anonymousV2"];
const ALL_FILTERS: Names = &[PLACE[0], PLACE[1], SDK, TYPE, ANONYMOUS];

/// The days of the evaluations of a flag, by variation. Grouping is Wigwag's own.
pub(super) const EVALUATIONS: Series =
    Series { always: &["variation"], groups: ("groupBy", &["sdkName", "sdkVersion", "sdkAppId"]), ..BY_AGE };

/// Rows exported to warehouses.
pub(super) const WAREHOUSE: Series = Series {
    filters: &[PLACE[0], PLACE[1], ("destinationKind", "destinationKind"), ("destination", "destination")],
    groups: ("groupBy", &["projectId", "environmentId", "destination", "destinationKind", "destinationId"]),
    ..HOURLY
};

/// Id, how it may be asked, what it counts.
pub(super) const TABLE: &[(&str, Series, Source)] = &[
    (
        "getAIRunsUsage",
        Series {
            filters: &[PLACE[0], PLACE[1], SDK, ("sdkVersion", "sdkVersion"), TYPE],
            groups: ("groupBy", &["projectId", "environmentId", "sdkName", "sdkVersion", "sdkType"]),
            ..HOURLY
        },
        Source::AiRuns,
    ),
    (
        "getContextsClientsideUsage",
        Series {
            filters: &[PLACE[0], PLACE[1], KIND, SDK, ANONYMOUS],
            groups: ("groupBy", USERS),
            always: &["contextKind"],
            ..DAILY
        },
        Source::Contexts(Senders::Client),
    ),
    (
        "getContextsServersideUsage",
        Series {
            filters: &[PLACE[0], PLACE[1], KIND, SDK, ANONYMOUS],
            groups: ("groupBy", USERS),
            always: &["contextKind"],
            unit: Unit::Seconds,
            ..DAILY
        },
        Source::Contexts(Senders::Server),
    ),
    (
        "getContextsTotalUsage",
        Series {
            filters: &[PLACE[0], PLACE[1], KIND, SDK, TYPE, ANONYMOUS],
            groups: ("groupBy", ALL_USERS),
            always: &["contextKind"],
            ..DAILY
        },
        Source::Contexts(Senders::All),
    ),
    (
        "getMAUClientsideUsage",
        Series { filters: &[PLACE[0], PLACE[1], SDK, ANONYMOUS], groups: ("groupBy", USERS), ..DAILY },
        Source::Users(Senders::Client),
    ),
    (
        "getMAUTotalUsage",
        Series { filters: ALL_FILTERS, groups: ("groupBy", ALL_USERS), ..DAILY },
        Source::Users(Senders::All),
    ),
    (
        "getMauUsage",
        Series {
            filters: &[
                ("project", "projectKey"),
                ("environment", "environmentKey"),
                ("sdktype", "sdktype"),
                ("sdk", "sdk"),
                ANONYMOUS,
                KIND,
            ],
            groups: ("groupby", &["project", "environment", "sdktype", "sdk", "anonymous", "contextKind", "sdkAppId"]),
            sums: &[
                ("rolling_30d", Sum::Rolling),
                ("month_to_date", Sum::MonthToDate),
                ("daily_incremental", Sum::Incremental),
            ],
            steps: Steps::Days,
            ..BY_AGE
        },
        Source::UsersUnlessNamed,
    ),
    (
        "getMauUsageByCategory",
        Series { always: &["category"], sums: &[("", Sum::Rolling)], steps: Steps::Days, ..BY_AGE },
        Source::Users(Senders::All),
    ),
    ("getEventsUsage", Series { since: Since::Ago(DAY), ..BY_AGE }, Source::Events),
    (
        "getExperimentationEventsUsage",
        Series {
            filters: &[PLACE[0], PLACE[1], ("eventKey", "eventKey"), ("eventKind", "eventKind")],
            groups: ("groupBy", &["environmentId", "eventKey", "eventKind"]),
            ..HOURLY
        },
        Source::MetricEvents,
    ),
    (
        "getExperimentationKeysUsage",
        Series {
            filters: &[PLACE[0], PLACE[1], ("experimentId", "experimentId")],
            groups: ("groupBy", &["projectId", "environmentId", "experimentId"]),
            ..HOURLY
        },
        Source::Nothing,
    ),
    (
        "getServiceConnectionsUsage",
        Series {
            filters: &[
                PLACE[0],
                PLACE[1],
                ("connectionType", "connectionType"),
                ("relayVersion", "relayVersion"),
                SDK,
                ("sdkVersion", "sdkVersion"),
                TYPE,
                ("sdkAppId", "sdkAppId"),
            ],
            groups: (
                "groupBy",
                &[
                    "projectId",
                    "environmentId",
                    "connectionType",
                    "relayVersion",
                    "sdkName",
                    "sdkVersion",
                    "sdkType",
                    "sdkAppId",
                ],
            ),
            ..HOURLY
        },
        Source::ConnectionMinutes,
    ),
    ("getStreamUsage", BY_AGE, Source::Streams),
    (
        "getStreamUsageBySdkVersion",
        Series {
            filters: &[("sdk", "sdk"), ("version", "version")],
            always: &["sdk", "version"],
            since: Since::Ago(DAY),
            ..BY_AGE
        },
        Source::Streams,
    ),
    (
        "getDataExportEventsUsage",
        Series {
            filters: &[PLACE[0], PLACE[1], ("eventKind", "eventKind"), ("destinationKind", "destinationKind")],
            groups: ("groupBy", &["environmentId", "eventKind"]),
            ..HOURLY
        },
        Source::Nothing,
    ),
    ("getObservabilityErrorsUsage", OBSERVED, Source::Nothing),
    ("getObservabilityLogsUsage", OBSERVED, Source::Nothing),
    (
        "getObservabilityMetricsUsage",
        Series {
            sums: &[("month_to_date", Sum::MonthToDate), ("average", Sum::Alone)],
            steps: Steps::Asked { hourly: true },
            ..OBSERVED
        },
        Source::Nothing,
    ),
    ("getObservabilitySessionsUsage", OBSERVED, Source::Nothing),
    ("getObservabilityTracesUsage", OBSERVED, Source::Nothing),
    ("getVegaAIUsage", OBSERVED, Source::Nothing),
];
