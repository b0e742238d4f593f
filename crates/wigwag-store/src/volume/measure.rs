//! What is counted, by whom and in what steps of time.

use wigwag_model::clock::Millis;

/// Who sends events. What is not told is empty.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Sender {
    /// The kind of its credential.
    pub kind: SenderKind,
    /// The SDK as it calls itself.
    pub sdk: Box<str>,
    /// Its version.
    pub sdk_version: Box<str>,
    /// The application's id.
    pub application: Box<str>,
    /// Its version.
    pub application_version: Box<str>,
}

/// The kinds of credential that SDKs have.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum SenderKind {
    /// An SDK key.
    #[default]
    Server,
    /// A mobile key.
    Mobile,
    /// A client-side id.
    Browser,
}

impl SenderKind {
    /// `server`, `mobile` or `browser`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Server => "server",
            Self::Mobile => "mobile",
            Self::Browser => "browser",
        }
    }

    pub(crate) fn parse(text: &str) -> Self {
        match text {
            "mobile" => Self::Mobile,
            "browser" => Self::Browser,
            _ => Self::Server,
        }
    }
}

/// What is counted besides evaluations.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Measure {
    /// Events received, by their kind.
    Events,
    /// Custom events that metrics are made of, by their key.
    MetricEvents,
    /// Clicks that metrics are made of, by their key.
    Clicks,
    /// Page views that metrics are made of, by their key.
    PageViews,
    /// The most streams that were open at a time; a peak, not a sum.
    Connections,
    /// Minutes for which streams were open.
    ConnectionMinutes,
}

impl Measure {
    pub(crate) const ALL: [Self; 6] =
        [Self::Events, Self::MetricEvents, Self::Clicks, Self::PageViews, Self::Connections, Self::ConnectionMinutes];

    pub(crate) const fn number(self) -> i64 {
        match self {
            Self::Events => 1,
            Self::MetricEvents => 2,
            Self::Connections => 3,
            Self::ConnectionMinutes => 4,
            Self::Clicks => 5,
            Self::PageViews => 6,
        }
    }

    pub(crate) const fn is_peak(self) -> bool {
        matches!(self, Self::Connections)
    }
}

/// Steps of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Grain {
    /// Of a minute.
    Minute,
    /// Of an hour.
    Hour,
    /// Of a day, UTC.
    Day,
}

impl Grain {
    /// All of them, the finest first.
    pub const ALL: [Self; 3] = [Self::Minute, Self::Hour, Self::Day];

    /// Its length in milliseconds.
    #[must_use]
    pub const fn length(self) -> Millis {
        match self {
            Self::Minute => 60_000,
            Self::Hour => 3_600_000,
            Self::Day => 86_400_000,
        }
    }

    /// Which step since 1970 holds a time.
    #[must_use]
    pub const fn bucket(self, at: Millis) -> i64 {
        at.div_euclid(self.length())
    }

    pub(crate) const fn number(self) -> i64 {
        match self {
            Self::Minute => 0,
            Self::Hour => 1,
            Self::Day => 2,
        }
    }
}
