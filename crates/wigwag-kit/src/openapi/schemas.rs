//! Types of bodies and of answers. A type may be described differently in the two: a member that may be left out of a
//! body is always in an answer, or the other way round. So both are generated apart, and joined where they agree.

use std::collections::BTreeSet;

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, SchemaGenerator};
use serde_json::{Map, Value};

use crate::operation::SchemaOf;

/// Where the document keeps types that have a name.
const SCHEMAS: &str = "/components/schemas";
/// Where types of bodies are until they are joined with the others.
const BODIES: &str = "/components/bodies";

/// Collects the types of a document.
pub(super) struct Schemas {
    answers: SchemaGenerator,
    bodies: SchemaGenerator,
}

impl Schemas {
    pub(super) fn new() -> Self {
        let at = |path: &str| SchemaSettings::draft2020_12().with(|s| s.definitions_path = path.to_owned().into());
        Self {
            answers: at(SCHEMAS).for_serialize().into_generator(),
            bodies: at(BODIES).for_deserialize().into_generator(),
        }
    }

    /// A type as it is answered.
    pub(super) fn answer(&mut self, of: SchemaOf) -> Value {
        answered(of(&mut self.answers).to_value())
    }

    /// The same of a type that is known here.
    pub(super) fn answer_of<T: JsonSchema>(&mut self) -> Value {
        self.answers.subschema_for::<T>().to_value()
    }

    /// A type as it is sent. Its references hold once [`Joined::rewrite`] has seen them.
    pub(super) fn body(&mut self, of: SchemaOf) -> Value {
        of(&mut self.bodies).to_value()
    }

    /// All types by name.
    pub(super) fn join(mut self) -> Joined {
        let mut all: Map<_, _> =
            self.answers.take_definitions(true).into_iter().map(|(name, schema)| (name, answered(schema))).collect();
        let bodies = self.bodies.take_definitions(true);
        let apart = differing(&all, &bodies);
        let joined = Joined { apart, all: Map::new() };
        for (name, mut schema) in bodies {
            joined.rewrite(&mut schema);
            drop_null_defaults(&mut schema);
            all.entry(joined.name(&name)).or_insert(schema);
        }
        Joined { all, ..joined }
    }
}

/// The types of a document, and what those of bodies are called.
pub(super) struct Joined {
    /// By name.
    pub(super) all: Map<String, Value>,
    /// Bodies whose answers differ.
    apart: BTreeSet<String>,
}

impl Joined {
    fn name(&self, name: &str) -> String {
        if self.apart.contains(name) { format!("{name}Input") } else { name.to_owned() }
    }

    /// Makes references to bodies ones to types of the document.
    pub(super) fn rewrite(&self, schema: &mut Value) {
        each_reference(schema, &mut |reference| {
            if let Some(name) = reference.strip_prefix(&format!("#{BODIES}/")) {
                *reference = format!("#{SCHEMAS}/{}", self.name(name));
            }
        });
    }
}

/// The names of bodies that answers have too, with other contents or with references to such.
fn differing(answers: &Map<String, Value>, bodies: &Map<String, Value>) -> BTreeSet<String> {
    let mut apart = BTreeSet::new();
    let mut uses: Vec<(&String, Vec<String>)> = Vec::new();
    for (name, schema) in bodies {
        let (mut same, mut used) = (schema.clone(), Vec::new());
        each_reference(&mut same, &mut |reference| {
            if let Some(name) = reference.strip_prefix(&format!("#{BODIES}/")).map(str::to_owned) {
                *reference = format!("#{SCHEMAS}/{name}");
                used.push(name);
            }
        });
        uses.push((name, used));
        if answers.get(name).is_some_and(|answer| *answer != same) {
            apart.insert(name.clone());
        }
    }
    loop {
        let more: Vec<_> = uses
            .iter()
            .filter(|(name, used)| {
                answers.contains_key(*name) && !apart.contains(*name) && used.iter().any(|other| apart.contains(other))
            })
            .map(|(name, _)| (*name).clone())
            .collect();
        if more.is_empty() {
            return apart;
        }
        apart.extend(more);
    }
}

fn each_reference(schema: &mut Value, told: &mut impl FnMut(&mut String)) {
    match schema {
        Value::Array(items) => items.iter_mut().for_each(|item| each_reference(item, told)),
        Value::Object(members) => {
            for (name, value) in members {
                match value {
                    Value::String(reference) if name == "$ref" => told(reference),
                    other => each_reference(other, told),
                }
            }
        }
        _ => {}
    }
}

/// That what is not sent counts as null is no default: some generators would make the member a required one.
fn drop_null_defaults(schema: &mut Value) {
    match schema {
        Value::Array(items) => items.iter_mut().for_each(drop_null_defaults),
        Value::Object(members) => {
            if members.get("default") == Some(&Value::Null) && members.contains_key("description") {
                members.remove("default");
            }
            members.values_mut().for_each(drop_null_defaults);
        }
        _ => {}
    }
}

/// What answers leave out where there is nothing is never null.
fn answered(mut schema: Value) -> Value {
    let Some(members) = schema.as_object_mut() else {
        if let Value::Array(items) = &mut schema {
            items.iter_mut().for_each(|item| *item = answered(item.take()));
        }
        return schema;
    };
    let required: Vec<String> =
        members.get("required").and_then(|r| serde_json::from_value(r.clone()).ok()).unwrap_or_default();
    if let Some(Value::Object(properties)) = members.get_mut("properties") {
        for (_, property) in properties.iter_mut().filter(|(name, _)| !required.contains(name)) {
            not_null(property);
        }
    }
    for value in members.values_mut() {
        *value = answered(value.take());
    }
    schema
}

fn not_null(property: &mut Value) {
    let Some(members) = property.as_object_mut() else { return };
    if let Some(Value::Array(kinds)) = members.get_mut("type") {
        kinds.retain(|kind| kind != "null");
        if let [one] = &mut kinds[..] {
            let one = one.take();
            members.insert("type".to_owned(), one);
        }
    }
    let Some(Value::Array(kinds)) = members.get_mut("anyOf") else { return };
    kinds.retain(|kind| kind["type"] != "null");
    if let [one] = &mut kinds[..]
        && let Value::Object(one) = one.take()
    {
        members.remove("anyOf");
        members.extend(one);
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use serde::{Deserialize, Serialize};
    use serde_json::json;

    use super::*;

    #[derive(Serialize, Deserialize, JsonSchema)]
    struct Inner {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        note: Option<String>,
    }

    #[derive(Serialize, Deserialize, JsonSchema)]
    struct Same {
        key: String,
    }

    /// Required in answers, where it is an empty list, and not in bodies.
    #[derive(Serialize, Deserialize, JsonSchema)]
    struct Thing {
        #[serde(default)]
        tags: Vec<Same>,
        /// Says nothing of itself.
        #[serde(default)]
        color: Option<String>,
        inner: Option<Inner>,
        #[serde(skip_serializing_if = "Option::is_none")]
        end: Option<i64>,
    }

    #[derive(Serialize, Deserialize, JsonSchema)]
    struct Outer {
        thing: Thing,
    }

    fn both() -> (Value, Value, Joined) {
        let mut schemas = Schemas::new();
        let of: SchemaOf = |g| g.subschema_for::<Outer>();
        let (answer, mut body) = (schemas.answer(of), schemas.body(of));
        let joined = schemas.join();
        joined.rewrite(&mut body);
        (answer, body, joined)
    }

    #[test]
    fn bodies_and_answers_part_where_they_differ() {
        let (answer, body, joined) = both();
        assert_eq!(answer["$ref"], "#/components/schemas/Outer");
        assert_eq!(body["$ref"], "#/components/schemas/OuterInput");
        let names: BTreeSet<_> = joined.all.keys().map(String::as_str).collect();
        let expected = ["Inner", "InnerInput", "Outer", "OuterInput", "Same", "Thing", "ThingInput"];
        assert_eq!(names, BTreeSet::from(expected));
        assert_eq!(joined.all["OuterInput"]["properties"]["thing"]["$ref"], "#/components/schemas/ThingInput");
        assert_eq!(
            joined.all["ThingInput"]["properties"]["tags"]["items"]["$ref"], "#/components/schemas/Same",
            "what agrees is there once"
        );
    }

    #[test]
    fn what_is_left_out_is_not_null() {
        let (_, _, joined) = both();
        let thing = &joined.all["Thing"];
        assert_eq!(thing["required"], json!(["tags", "color", "inner"]));
        assert_eq!(thing["properties"]["end"]["type"], "integer");
        assert_eq!(thing["properties"]["inner"]["anyOf"][1]["type"], "null", "always there, so it may be null");
        assert!(joined.all["ThingInput"]["required"].is_null());
        assert!(joined.all["ThingInput"]["properties"]["color"].get("default").is_none());
        assert_eq!(joined.all["ThingInput"]["properties"]["end"]["type"], json!(["integer", "null"]));
    }
}
