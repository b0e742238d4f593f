//! Events as they are parsed: what is not looked at is passed over, and what may be long is left as it stands.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

/// What an event says, as far as it is read (sdk-protocol.md 6.4 to 6.10).
#[derive(Default)]
pub struct Event<'b> {
    /// `feature`, `summary` and so on.
    pub kind: Scalar<'b>,
    /// The flag, or the metric.
    pub key: Scalar<'b>,
    /// When it happened, in milliseconds since 1970.
    pub creation_date: Scalar<'b>,
    /// When the time ended that a summary is about.
    pub end_date: Scalar<'b>,
    /// The user, where only its key is told.
    pub user_key: Scalar<'b>,
    /// `anonymousUser` where that one is anonymous.
    pub context_kind: Scalar<'b>,
    /// The number of a metric.
    pub metric_value: Scalar<'b>,
    /// The version of the flag.
    pub version: Scalar<'b>,
    /// The variation that was served.
    pub variation: Scalar<'b>,
    /// An evaluation that does not count.
    pub exclude_from_summaries: Scalar<'b>,
    /// The context, whole.
    pub context: Option<&'b RawValue>,
    /// The keys of the context, by kind.
    pub context_keys: Option<&'b RawValue>,
    /// A user of an older SDK, whole.
    pub user: Option<&'b RawValue>,
    /// What a summary tells, by flag.
    pub features: Option<&'b RawValue>,
    /// The fallback of the code.
    pub default: Option<&'b RawValue>,
}

impl Event<'_> {
    /// When it says that it happened.
    #[must_use]
    pub fn date(&self) -> Option<f64> {
        self.creation_date.number().or_else(|| self.end_date.number())
    }
}

/// A value without members; what has some counts as nothing.
#[derive(Debug, Default, PartialEq)]
pub enum Scalar<'b> {
    /// Absent, `null`, an object or an array.
    #[default]
    Nothing,
    /// `true` or `false`.
    Is(bool),
    /// A number from 0 on without a fraction.
    Whole(u64),
    /// Another number.
    Number(f64),
    /// A text, where it stands unless it has escapes.
    Text(Cow<'b, str>),
}

impl<'b> Scalar<'b> {
    /// If it is a text.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        if let Self::Text(text) = self { Some(text) } else { None }
    }

    /// If it is a text.
    #[must_use]
    pub fn into_text(self) -> Option<Cow<'b, str>> {
        if let Self::Text(text) = self { Some(text) } else { None }
    }

    /// If it is a whole number.
    #[must_use]
    pub const fn whole(&self) -> Option<u64> {
        if let Self::Whole(number) = self { Some(*number) } else { None }
    }

    /// If it is a number.
    #[must_use]
    pub const fn number(&self) -> Option<f64> {
        match self {
            Self::Whole(number) => Some(*number as f64),
            Self::Number(number) => Some(*number),
            _ => None,
        }
    }
}

/// Reads the events of a batch, an array or one event: some SDKs send diagnostics bare (sdk-protocol.md 6.1). `each` gets
/// them in order, nothing for an element that is no object. None is kept, so that a body of very many takes no memory.
///
/// # Errors
/// The body is not JSON in UTF-8, or neither an array nor an object. What came before has been told.
pub fn read_events<'b>(body: &'b [u8], each: impl FnMut(Option<Event<'b>>)) -> serde_json::Result<()> {
    let mut from = serde_json::Deserializer::from_slice(body);
    from.deserialize_any(Batch(each))?;
    from.end()
}

impl<'de: 'b, 'b> Deserialize<'de> for Scalar<'b> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(OneScalar)
    }
}

/// One element of a batch.
struct Element<'b>(Option<Event<'b>>);

impl<'b> Deserialize<'b> for Element<'b> {
    fn deserialize<D: Deserializer<'b>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(OneEvent).map(Self)
    }
}

/// The name of a property.
#[derive(Clone, Copy)]
enum Name {
    Kind,
    Key,
    CreationDate,
    EndDate,
    UserKey,
    ContextKind,
    MetricValue,
    Version,
    Variation,
    ExcludeFromSummaries,
    Context,
    ContextKeys,
    User,
    Features,
    Default,
    /// One that is not read.
    Other,
}

impl<'b> Deserialize<'b> for Name {
    fn deserialize<D: Deserializer<'b>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_identifier(OneName)
    }
}

struct Batch<F>(F);
struct OneEvent;
struct OneName;
struct OneScalar;

impl Visitor<'_> for OneName {
    type Value = Name;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name")
    }

    fn visit_str<E>(self, name: &str) -> Result<Name, E> {
        Ok(match name {
            "kind" => Name::Kind,
            "key" => Name::Key,
            "creationDate" => Name::CreationDate,
            "endDate" => Name::EndDate,
            "userKey" => Name::UserKey,
            "contextKind" => Name::ContextKind,
            "metricValue" => Name::MetricValue,
            "version" => Name::Version,
            "variation" => Name::Variation,
            "excludeFromSummaries" => Name::ExcludeFromSummaries,
            "context" => Name::Context,
            "contextKeys" => Name::ContextKeys,
            "user" => Name::User,
            "features" => Name::Features,
            "default" => Name::Default,
            _ => Name::Other,
        })
    }
}

macro_rules! nothing {
    ($($name:ident: $type:ty),*) => {
        $(fn $name<E>(self, _: $type) -> Result<Self::Value, E> { Ok(Self::Value::default()) })*

        fn visit_unit<E>(self) -> Result<Self::Value, E> {
            Ok(Self::Value::default())
        }
    };
}

impl<'b> Visitor<'b> for OneScalar {
    type Value = Scalar<'b>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_bool<E>(self, is: bool) -> Result<Scalar<'b>, E> {
        Ok(Scalar::Is(is))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Scalar<'b>, E> {
        Ok(Scalar::Whole(number))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Scalar<'b>, E> {
        Ok(Scalar::Number(number as f64))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Scalar<'b>, E> {
        Ok(Scalar::Number(number))
    }

    fn visit_borrowed_str<E>(self, text: &'b str) -> Result<Scalar<'b>, E> {
        Ok(Scalar::Text(text.into()))
    }

    fn visit_str<E>(self, text: &str) -> Result<Scalar<'b>, E> {
        Ok(Scalar::Text(text.to_owned().into()))
    }

    fn visit_seq<A: SeqAccess<'b>>(self, mut all: A) -> Result<Scalar<'b>, A::Error> {
        while all.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Scalar::Nothing)
    }

    fn visit_map<A: MapAccess<'b>>(self, mut all: A) -> Result<Scalar<'b>, A::Error> {
        while all.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Scalar::Nothing)
    }

    nothing!();
}

impl<'b> Visitor<'b> for OneEvent {
    type Value = Option<Event<'b>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an event")
    }

    fn visit_map<A: MapAccess<'b>>(self, mut all: A) -> Result<Self::Value, A::Error> {
        let mut event = Event::default();
        while let Some(name) = all.next_key()? {
            match name {
                Name::Kind => event.kind = all.next_value()?,
                Name::Key => event.key = all.next_value()?,
                Name::CreationDate => event.creation_date = all.next_value()?,
                Name::EndDate => event.end_date = all.next_value()?,
                Name::UserKey => event.user_key = all.next_value()?,
                Name::ContextKind => event.context_kind = all.next_value()?,
                Name::MetricValue => event.metric_value = all.next_value()?,
                Name::Version => event.version = all.next_value()?,
                Name::Variation => event.variation = all.next_value()?,
                Name::ExcludeFromSummaries => event.exclude_from_summaries = all.next_value()?,
                Name::Context => event.context = Some(all.next_value()?),
                Name::ContextKeys => event.context_keys = Some(all.next_value()?),
                Name::User => event.user = Some(all.next_value()?),
                Name::Features => event.features = Some(all.next_value()?),
                Name::Default => event.default = Some(all.next_value()?),
                Name::Other => drop(all.next_value::<IgnoredAny>()?),
            }
        }
        Ok(Some(event))
    }

    fn visit_seq<A: SeqAccess<'b>>(self, mut all: A) -> Result<Self::Value, A::Error> {
        while all.next_element::<IgnoredAny>()?.is_some() {}
        Ok(None)
    }

    nothing!(visit_bool: bool, visit_i64: i64, visit_u64: u64, visit_f64: f64, visit_str: &str);
}

impl<'b, F: FnMut(Option<Event<'b>>)> Visitor<'b> for Batch<F> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array of events or one event")
    }

    fn visit_seq<A: SeqAccess<'b>>(mut self, mut all: A) -> Result<(), A::Error> {
        while let Some(Element(event)) = all.next_element()? {
            (self.0)(event);
        }
        Ok(())
    }

    fn visit_map<A: MapAccess<'b>>(mut self, event: A) -> Result<(), A::Error> {
        (self.0)(OneEvent.visit_map(event)?);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn read(text: &str) -> Option<Vec<Event<'_>>> {
        let mut events = Vec::new();
        read_events(text.as_bytes(), |event| events.extend(event)).ok().map(|()| events)
    }

    #[test]
    fn what_is_looked_at_is_kept() {
        let text = r#"[{"kind":"custom","data":{"a":[1]},"k\u0065y":"m\n","metricValue":1.5,"reason":null,"version":7},
            3,-3,1.5,"a",null,true,[{"kind":"x"}],{},{"context":{"kind": "user","data":{"a":1}},"kind":"a","kind":"b"}]"#;
        let all = read(text).unwrap();
        assert_eq!(all.len(), 3);
        let [custom, empty, twice] = &all[..] else { unreachable!() };
        assert_eq!((custom.kind.text(), custom.key.text()), (Some("custom"), Some("m\n")));
        assert_eq!((custom.metric_value.number(), custom.version.whole()), (Some(1.5), Some(7)));
        assert!(empty.kind == Scalar::Nothing && empty.context.is_none());
        assert_eq!(twice.kind.text(), Some("b"));
        assert_eq!(twice.context.unwrap().get(), r#"{"kind": "user","data":{"a":1}}"#);
        assert_eq!(read(r#"{"kind":"diagnostic","x":1}"#).unwrap()[0].kind.text(), Some("diagnostic"));
        assert!(read("[]").unwrap().is_empty());
    }

    #[test]
    fn one_value_of_a_wrong_type_leaves_the_others() {
        let text = r#"{"kind":{"a":1},"key":[1,{}],"creationDate":"soon","version":-1,"metricValue":null,"endDate":5,
            "context":7,"excludeFromSummaries":true}"#;
        let event = read(text).unwrap().pop().unwrap();
        assert!(event.kind.text().is_none() && event.key.text().is_none() && event.version.whole().is_none());
        assert_eq!((event.date(), event.metric_value.number()), (Some(5.0), None));
        assert_eq!(event.exclude_from_summaries, Scalar::Is(true));
    }

    #[test]
    fn what_is_not_a_batch_is_refused() {
        for broken in ["", "3", "null", "\"a\"", "[{]", r#"[{"data":}]"#, "[] []"] {
            assert!(read(broken).is_none(), "{broken}");
        }
    }
}
