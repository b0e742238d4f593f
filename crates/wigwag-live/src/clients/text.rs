//! What client-side SDKs are sent of a flag whatever the context, encoded once.

use smallvec::SmallVec;
use wigwag_eval::CompiledFlag;

/// The parts of a flag's results that are the same for every context.
pub(crate) struct FlagText {
    bytes: Box<[u8]>,
    /// The result without a value, then that of each variation; few are kept in place.
    results: SmallVec<[Span; 3]>,
    /// Whether full events are sent for every evaluation.
    pub(crate) track_events: bool,
    /// Whether they are sent when a certain rule, or no rule, decided.
    pub(crate) track_some: bool,
    /// Whether other flags are evaluated first.
    pub(crate) has_prerequisites: bool,
}

/// Where the result of a variation stands: `,"key":{"value":…,"variation":…,"flagVersion":…,…,"version":`.
#[derive(Clone, Copy)]
struct Span {
    start: u32,
    object: u32,
    value_end: u32,
    end: u32,
}

const VALUE: &[u8] = b"{\"value\":";
const VERSION: &str = ",\"version\":";
const NOWHERE: Span = Span { start: 0, object: 0, value_end: 0, end: 0 };

impl FlagText {
    pub(crate) fn new(flag: &CompiledFlag) -> Self {
        let source = flag.source();
        let mut member = vec![b','];
        crate::json::string(&mut member, flag.key());
        member.push(b':');
        let mut rest = format!(",\"flagVersion\":{}", flag.version());
        if source.track_events {
            rest.push_str(",\"trackEvents\":true");
        }
        if let Some(date) = source.debug_events_until_date.filter(|date| *date != 0) {
            rest.push_str(&format!(",\"debugEventsUntilDate\":{date}"));
        }
        rest.push_str(VERSION);
        let mut bytes = Vec::with_capacity(256);
        let written = |value| serde_json::to_vec(value).unwrap_or_else(|_| b"null".to_vec());
        let values = std::iter::once(b"null".to_vec()).chain(source.variations.iter().map(written));
        let results = values.enumerate().map(|(n, value)| {
            let start = place(&bytes);
            bytes.extend_from_slice(&member);
            let object = place(&bytes);
            bytes.extend_from_slice(VALUE);
            bytes.extend_from_slice(&value);
            let value_end = place(&bytes);
            if let Some(variation) = n.checked_sub(1) {
                bytes.extend_from_slice(format!(",\"variation\":{variation}").as_bytes());
            }
            bytes.extend_from_slice(rest.as_bytes());
            Span { start, object, value_end, end: place(&bytes) }
        });
        let results: SmallVec<[Span; 3]> = results.collect();
        Self {
            bytes: bytes.into_boxed_slice(),
            results,
            track_events: source.track_events,
            track_some: source.track_events_fallthrough || source.rules.iter().any(|rule| rule.track_events),
            has_prerequisites: !source.prerequisites.is_empty(),
        }
    }

    /// The key as a JSON string.
    pub(crate) fn key(&self) -> &[u8] {
        let span = self.span(None);
        self.slice(span.start + 1, span.object.saturating_sub(1))
    }

    /// `,"key":` and the result of a variation up to and including `"version":`.
    #[inline]
    pub(crate) fn member(&self, variation: Option<u32>) -> &[u8] {
        let span = self.span(variation);
        self.slice(span.start, span.end)
    }

    /// The same without a value, and then of each variation.
    pub(crate) fn members(&self) -> impl Iterator<Item = &[u8]> {
        self.results.iter().map(|span| self.slice(span.start, span.end))
    }

    /// The result of a variation up to and including `"version":`.
    #[inline]
    pub(crate) fn result(&self, variation: Option<u32>) -> &[u8] {
        let span = self.span(variation);
        self.slice(span.object, span.end)
    }

    /// What is told of a variation besides its value, up to and including `"version":`, without an opening brace.
    #[inline]
    pub(crate) fn beside_value(&self, variation: Option<u32>) -> &[u8] {
        let span = self.span(variation);
        self.slice(span.value_end + 1, span.end)
    }

    /// The result of a variation without a version, up to its last member.
    #[inline]
    pub(crate) fn unversioned(&self, variation: Option<u32>) -> &[u8] {
        let span = self.span(variation);
        self.slice(span.object, span.end.saturating_sub(VERSION.len() as u32))
    }

    /// The JSON of the value of a variation.
    #[inline]
    pub(crate) fn value(&self, variation: Option<u32>) -> &[u8] {
        let span = self.span(variation);
        self.slice(span.object + VALUE.len() as u32, span.value_end)
    }

    #[inline]
    fn span(&self, variation: Option<u32>) -> Span {
        let at = variation.map_or(0, |variation| variation as usize + 1);
        self.results.get(at).or_else(|| self.results.first()).copied().unwrap_or(NOWHERE)
    }

    #[inline]
    fn slice(&self, start: u32, end: u32) -> &[u8] {
        self.bytes.get(start as usize..end as usize).unwrap_or_default()
    }
}

/// Flags are far below four gigabytes; one that is not is cut short rather than wrapped around.
fn place(bytes: &[u8]) -> u32 {
    u32::try_from(bytes.len()).unwrap_or(u32::MAX)
}
