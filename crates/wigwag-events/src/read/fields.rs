//! Events as they are parsed: what is not looked at is passed over, and what may be long is left as it stands.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::keys::Form;

/// What an event says, as far as it is read (sdk-protocol.md 6.4 to 6.10).
#[derive(Default)]
pub(super) struct Event<'b> {
    pub(super) kind: Scalar<'b>,
    pub(super) key: Scalar<'b>,
    pub(super) creation_date: Scalar<'b>,
    pub(super) end_date: Scalar<'b>,
    pub(super) user_key: Scalar<'b>,
    pub(super) context_kind: Scalar<'b>,
    pub(super) metric_value: Scalar<'b>,
    pub(super) version: Scalar<'b>,
    pub(super) variation: Scalar<'b>,
    pub(super) exclude_from_summaries: Scalar<'b>,
    pub(super) context: Option<&'b RawValue>,
    pub(super) context_keys: Option<&'b RawValue>,
    pub(super) user: Option<&'b RawValue>,
    pub(super) features: Option<&'b RawValue>,
    pub(super) default: Option<&'b RawValue>,
}

impl<'b> Event<'b> {
    /// What it tells of its context in this form.
    pub(super) const fn told(&self, form: Form) -> Option<&'b RawValue> {
        match form {
            Form::Context => self.context,
            Form::Keys => self.context_keys,
            Form::User => self.user,
        }
    }

    /// When it says that it happened.
    pub(super) fn date(&self) -> Option<f64> {
        self.creation_date.number().or_else(|| self.end_date.number())
    }
}

/// A value without members; what has some counts as nothing.
#[derive(Debug, Default, PartialEq)]
pub(super) enum Scalar<'b> {
    #[default]
    Nothing,
    Is(bool),
    Whole(u64),
    Number(f64),
    Text(Cow<'b, str>),
}

impl<'b> Scalar<'b> {
    pub(super) fn text(&self) -> Option<&str> {
        if let Self::Text(text) = self { Some(text) } else { None }
    }

    pub(super) fn into_text(self) -> Option<Cow<'b, str>> {
        if let Self::Text(text) = self { Some(text) } else { None }
    }

    pub(super) const fn whole(&self) -> Option<u64> {
        if let Self::Whole(number) = self { Some(*number) } else { None }
    }

    pub(super) const fn number(&self) -> Option<f64> {
        match self {
            Self::Whole(number) => Some(*number as f64),
            Self::Number(number) => Some(*number),
            _ => None,
        }
    }
}

/// A value that is left out if it is not what it should be; the others of its kind stay.
pub(super) struct Maybe<T>(pub(super) Option<T>);

impl<T> Default for Maybe<T> {
    fn default() -> Self {
        Self(None)
    }
}

impl<'b, T: Deserialize<'b>> Deserialize<'b> for Maybe<T> {
    fn deserialize<D: Deserializer<'b>>(from: D) -> Result<Self, D::Error> {
        let text = <&RawValue>::deserialize(from)?;
        Ok(Self(serde_json::from_str(text.get()).ok()))
    }
}

/// The events of a batch, an array or one event. What is not an object is left out.
pub(super) struct Events<'b>(pub(super) Vec<Event<'b>>);

impl<'b> Deserialize<'b> for Events<'b> {
    fn deserialize<D: Deserializer<'b>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(Batch)
    }
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

struct Batch;
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

impl<'b> Visitor<'b> for Batch {
    type Value = Events<'b>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array of events or one event")
    }

    fn visit_seq<A: SeqAccess<'b>>(self, mut all: A) -> Result<Events<'b>, A::Error> {
        let mut events = Vec::new();
        while let Some(Element(event)) = all.next_element()? {
            events.extend(event);
        }
        Ok(Events(events))
    }

    fn visit_map<A: MapAccess<'b>>(self, event: A) -> Result<Events<'b>, A::Error> {
        Ok(Events(OneEvent.visit_map(event)?.into_iter().collect()))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn read(text: &str) -> Option<Vec<Event<'_>>> {
        serde_json::from_str::<Events<'_>>(text).ok().map(|events| events.0)
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
