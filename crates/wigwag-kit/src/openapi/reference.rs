//! The API reference page, `/docs/api`: one HTML file made from the OpenAPI document. It loads
//! nothing from anywhere.

use std::fmt::Write as _;

use serde_json::{Map, Value};

const HEAD: &str = include_str!("reference-head.html");

/// The page of an OpenAPI document.
#[must_use]
pub fn page(document: &Value) -> String {
    let mut page = HEAD.replace("{{version}}", &escape(text(&document["info"], "version")));
    for tag in array(&document["tags"]) {
        section(&mut page, document, text(tag, "name"));
    }
    page.push_str("<section id=\"schemas\"><h2>Schemas</h2>");
    for (name, schema) in members(&document["components"]["schemas"]) {
        let name = escape(name);
        let _ = write!(page, "<details class=\"op\" id=\"schema-{name}\"><summary><b>{name}</b></summary>");
        fields(&mut page, schema);
        page.push_str("</details>");
    }
    page.push_str("</section></main></body></html>\n");
    page
}

fn section(page: &mut String, document: &Value, tag: &str) {
    let _ = write!(page, "<section><h2>{}</h2>", escape(tag));
    for (path, item) in members(&document["paths"]) {
        for (method, operation) in members(item).filter(|(_, o)| array(&o["tags"]).any(|t| t == tag)) {
            one(page, method, path, operation);
        }
    }
    page.push_str("</section>");
}

fn one(page: &mut String, method: &str, path: &str, operation: &Value) {
    let (id, state) = (escape(text(operation, "operationId")), text(operation, "x-wigwag-state"));
    let _ = write!(
        page,
        "<details class=\"op\" id=\"{id}\" data-state=\"{state}\"><summary><span class=\"m {method}\">{}</span> \
         <code>{}</code> <span class=\"id\">{id}</span>{}{}</summary>",
        method.to_ascii_uppercase(),
        escape(path),
        if operation["x-beta"] == true { " <span class=\"mark\">beta</span>" } else { "" },
        if state == "built" { String::new() } else { format!(" <span class=\"mark {state}\">{state}</span>") },
    );
    paragraph(page, text(operation, "summary"));
    paragraph(page, text(operation, "description"));
    match text(operation, "x-wigwag-left-out") {
        "" => {}
        left_out => paragraph(page, &format!("Left out for now: {left_out}.")),
    }
    parameters(page, operation);
    let body = &operation["requestBody"]["content"]["application/json"]["schema"];
    if !body.is_null() {
        page.push_str("<h3>Body</h3>");
        fields(page, body);
    }
    page.push_str("<h3>Answers</h3><table>");
    for (status, answer) in members(&operation["responses"]) {
        let schema = &answer["content"]["application/json"]["schema"];
        let what = if schema.is_null() { escape(text(answer, "description")) } else { type_of(schema) };
        let what = if answer["$ref"].is_null() { what } else { "<a href=\"#schema-Error\">Error</a>".to_owned() };
        let _ = write!(page, "<tr><td><code>{status}</code></td><td>{what}</td></tr>");
    }
    page.push_str("</table></details>");
}

fn parameters(page: &mut String, operation: &Value) {
    let named: Vec<_> = array(&operation["parameters"]).filter(|p| p["$ref"].is_null()).collect();
    if named.is_empty() {
        return;
    }
    page.push_str("<h3>Parameters</h3><table>");
    for parameter in named {
        let (name, place) = (escape(text(parameter, "name")), text(parameter, "in"));
        let kind = type_of(&parameter["schema"]);
        let _ = write!(page, "<tr><td><code>{name}</code></td><td>{place}</td><td>{kind}</td></tr>");
    }
    page.push_str("</table>");
}

/// The members of an object schema as a table, or the type of anything else.
fn fields(page: &mut String, schema: &Value) {
    paragraph(page, text(schema, "description"));
    let Some(properties) = schema["properties"].as_object() else {
        let _ = write!(page, "<p>{}</p>", type_of(schema));
        return;
    };
    page.push_str("<table>");
    for (name, property) in properties {
        let required = array(&schema["required"]).any(|r| r == name);
        let _ = write!(
            page,
            "<tr><td><code>{}</code>{}</td><td>{}</td><td>{}</td></tr>",
            escape(name),
            if required { " <span class=\"mark\">required</span>" } else { "" },
            type_of(property),
            escape(text(property, "description")),
        );
    }
    page.push_str("</table>");
}

/// A schema in a few words, with links to those that have a name.
fn type_of(schema: &Value) -> String {
    if let Some(name) = schema["$ref"].as_str().and_then(|r| r.rsplit('/').next()) {
        let name = escape(name);
        return format!("<a href=\"#schema-{name}\">{name}</a>");
    }
    if let Some(values) = schema["enum"].as_array() {
        return values
            .iter()
            .map(|v| format!("<code>{}</code>", escape(&v.to_string())))
            .collect::<Vec<_>>()
            .join(" | ");
    }
    if let Some(value) = schema.get("const") {
        return format!("<code>{}</code>", escape(&value.to_string()));
    }
    for joint in ["anyOf", "oneOf", "allOf"] {
        if let Some(kinds) = schema[joint].as_array() {
            return kinds.iter().map(type_of).collect::<Vec<_>>().join(" | ");
        }
    }
    match &schema["type"] {
        Value::String(kind) if kind == "array" => format!("array of {}", type_of(&schema["items"])),
        Value::String(kind) if kind == "object" && schema["additionalProperties"].is_object() => {
            format!("map of {}", type_of(&schema["additionalProperties"]))
        }
        Value::String(kind) => escape(kind),
        Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).map(escape).collect::<Vec<_>>().join(" | "),
        _ => "any".to_owned(),
    }
}

fn paragraph(page: &mut String, text: &str) {
    if !text.is_empty() {
        let _ = write!(page, "<p>{}</p>", escape(text));
    }
}

fn text<'v>(value: &'v Value, name: &str) -> &'v str {
    value[name].as_str().unwrap_or("")
}

fn array(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn members(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flat_map(Map::iter)
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use crate::operation::Operations;

    #[test]
    fn the_page_shows_every_operation_and_loads_nothing() {
        let operations = Operations::new().complete();
        let page = super::page(&crate::openapi::document(&operations, "<0>"));
        for operation in &operations {
            assert!(page.contains(&format!("id=\"{}\"", operation.entry.id)), "{}", operation.entry.id);
        }
        assert!(page.contains("&lt;0&gt;") && !page.contains("{{"));
        assert!(!page.contains("http://") && !page.contains("https://"), "no address but our own");
    }
}
