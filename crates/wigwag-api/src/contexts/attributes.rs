//! Names and values of context attributes.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;
use wigwag_kit::filter::query::{self, Allowed, Expr, Op};
use wigwag_kit::{Ctx, Error, Links, Reply, Request, Result};

use crate::common::page_of;
use crate::read::project_and_environment;

/// Names by kind.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ContextAttributeNamesCollection")]
pub(super) struct Names {
    items: Vec<NamesOfKind>,
    #[serde(rename = "_links")]
    links: Links,
}

#[derive(Serialize, JsonSchema)]
struct NamesOfKind {
    kind: String,
    names: Vec<Name>,
}

#[derive(Serialize, JsonSchema)]
struct Name {
    /// A reference, as in `/address/street`.
    name: String,
    /// How many contexts have it.
    weight: u64,
    /// Whether some SDK left its values out.
    redacted: bool,
}

/// Values by kind.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ContextAttributeValuesCollection")]
pub(super) struct Values {
    items: Vec<ValuesOfKind>,
    #[serde(rename = "_links")]
    links: Links,
}

#[derive(Serialize, JsonSchema)]
struct ValuesOfKind {
    kind: String,
    values: Vec<ValueRep>,
}

#[derive(Serialize, JsonSchema)]
struct ValueRep {
    /// The value.
    name: Value,
    /// How many contexts have it.
    weight: u64,
}

/// What both lists ask for.
struct Asked {
    environment_id: String,
    kind: Option<String>,
    prefix: Option<String>,
    limit: usize,
}

async fn asked(ctx: &Ctx, request: &Request, begins: &'static str, limits: (usize, usize)) -> Result<Asked> {
    let allowed: &[Allowed<'_>] = &[("kind", &[Op::Equals]), (begins, &[Op::StartsWith])];
    let limit = page_of(request.query_number("limit")?, limits, ("", None), false)?.limit;
    let (mut kind, mut prefix) = (None, None);
    let list = match query::parse(request.query("filter").unwrap_or(""), allowed)? {
        Expr::And(list) => list,
        Expr::Or(_) => return Err(Error::field("filter", "takes filters joined by commas only")),
        one => vec![one],
    };
    for each in list {
        let Expr::Is(is) = each else { return Err(Error::field("filter", "takes filters joined by commas only")) };
        let Some(text) = is.texts().into_iter().next() else { continue };
        *(if is.field == "kind" { &mut kind } else { &mut prefix }) = Some(text);
    }
    let (_, environment) =
        project_and_environment(ctx, request.param("projectKey"), request.param("environmentKey")).await?;
    Ok(Asked { environment_id: environment.value.id, kind, prefix, limit })
}

pub(super) async fn names(ctx: Ctx, request: Request) -> Result<Reply> {
    let asked = asked(&ctx, &request, "name", (100, 100)).await?;
    let volume = ctx.store().volume();
    let (kind, prefix) = (asked.kind.as_deref(), asked.prefix.as_deref());
    let mut items: Vec<NamesOfKind> = Vec::new();
    for found in volume.attributes(&asked.environment_id, kind, prefix, asked.limit).await? {
        let name = Name { name: found.name, weight: found.contexts, redacted: found.redacted };
        match items.last_mut().filter(|last| last.kind == found.kind) {
            Some(last) => last.names.push(name),
            None => items.push(NamesOfKind { kind: found.kind, names: vec![name] }),
        }
    }
    Reply::json(&Names { items, links: own(&request) })
}

pub(super) async fn values(ctx: Ctx, request: Request) -> Result<Reply> {
    let asked = asked(&ctx, &request, "value", (50, 100)).await?;
    let volume = ctx.store().volume();
    let (kind, prefix) = (asked.kind.as_deref(), asked.prefix.as_deref());
    let name = request.param("attributeName");
    let mut items: Vec<ValuesOfKind> = Vec::new();
    for found in volume.values(&asked.environment_id, name, kind, prefix, asked.limit).await? {
        let value = ValueRep { name: typed(found.value), weight: found.contexts };
        match items.last_mut().filter(|last| last.kind == found.kind) {
            Some(last) => last.values.push(value),
            None => items.push(ValuesOfKind { kind: found.kind, values: vec![value] }),
        }
    }
    Reply::json(&Values { items, links: own(&request) })
}

/// Values are kept as texts: numbers and booleans are told by how they are written.
fn typed(text: String) -> Value {
    let plain = serde_json::from_str::<Value>(&text).ok().filter(|value| value.is_number() || value.is_boolean());
    // `007` and `1e3` were texts.
    plain.filter(|value| format!("{value}") == text).unwrap_or(Value::String(text))
}

fn own(request: &Request) -> Links {
    let query = wigwag_kit::query::render(request.query.iter().map(|(name, value)| (name.as_str(), value.as_str())));
    Links::new().own(format!("{}{query}", request.path))
}
