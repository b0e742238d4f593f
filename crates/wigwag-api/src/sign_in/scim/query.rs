//! Lists: filters by equality, pages that count from one.

use serde_json::{Value, json};
use wigwag_kit::{Ctx, Error, Reply, Request, Result};
use wigwag_model::doc::Kind;
use wigwag_store::{CREATED, Doc, ListQuery, Predicate};

/// Most resources of a page.
const MOST: i64 = 200;

/// One type of resources, as it is listed and searched.
pub(super) struct Listing {
    /// What they are in the store.
    pub(super) kind: Kind,
    /// What a filter on an attribute asks; nothing for attributes that they cannot be searched by.
    pub(super) searched: fn(&str, &str) -> Option<Predicate>,
    /// How one is shown.
    pub(super) shown: fn(&Ctx, &Doc) -> Result<Value>,
}

impl Listing {
    /// Answers a list of them.
    pub(super) async fn list(&self, ctx: &Ctx, request: &Request) -> Result<Reply> {
        let (skip, count) = page(request)?;
        let predicate = match filter(request)? {
            None => Predicate::All,
            Some((name, value)) => (self.searched)(&name, &value).ok_or_else(|| unsearchable(&name))?,
        };
        let (items, total) = self.found(ctx, request, predicate, count, skip).await?;
        listed(items, total, skip)
    }

    /// A page of them, and how many there are.
    pub(super) async fn found(
        &self,
        ctx: &Ctx,
        request: &Request,
        predicate: Predicate,
        count: u32,
        skip: u32,
    ) -> Result<(Vec<Value>, u64)> {
        let query = ListQuery::account(self.kind).filter(predicate).sort(CREATED, false).page(count, skip);
        let found = ctx.store().list(&query).await?;
        let one = |doc| Ok(projected(request, (self.shown)(ctx, doc)?));
        Ok((found.docs.iter().map(one).collect::<Result<_>>()?, found.total))
    }
}

/// The refusal of a filter on an attribute that nothing can be searched by.
pub(super) fn unsearchable(name: &str) -> Error {
    Error::field("filter", format_args!("{name} cannot be searched for"))
}

/// `attribute eq "value"`, the attribute in lower case; nothing without a filter.
pub(super) fn filter(request: &Request) -> Result<Option<(String, String)>> {
    let Some(text) = request.query("filter") else { return Ok(None) };
    equality(text).map(Some).ok_or_else(|| Error::field("filter", "must compare one attribute: attribute eq \"value\""))
}

/// Reads `attribute eq "value"`.
pub(super) fn equality(text: &str) -> Option<(String, String)> {
    let mut words = text.trim().splitn(3, ' ');
    let (attribute, operator, value) = (words.next()?, words.next()?, words.next()?.trim());
    let value: String = serde_json::from_str(value).ok()?;
    operator.eq_ignore_ascii_case("eq").then(|| (attribute.to_ascii_lowercase(), value))
}

/// A page as asked for: how many to leave out, and how many to answer.
pub(super) fn page(request: &Request) -> Result<(u32, u32)> {
    let start = request.query_number("startIndex")?.unwrap_or(1).max(1);
    let count = request.query_number("count")?.unwrap_or(100).clamp(0, MOST);
    let skip = u32::try_from(start - 1).map_err(|_| Error::field("startIndex", "is too large"))?;
    Ok((skip, count as u32))
}

/// A resource with the attributes that `attributes` or `excludedAttributes` ask for; what it is and which stays.
pub(super) fn projected(request: &Request, mut resource: Value) -> Value {
    let names = |parameter: &str| -> Option<Vec<String>> {
        let text = request.query(parameter).filter(|text| !text.is_empty())?;
        Some(text.split(',').map(attribute_of).collect())
    };
    let (wanted, unwanted) = (names("attributes"), names("excludedAttributes").unwrap_or_default());
    if let Value::Object(members) = &mut resource {
        members.retain(|name, _| {
            let name = name.to_ascii_lowercase();
            let asked = wanted.as_ref().map_or(!unwanted.contains(&name), |wanted| wanted.contains(&name));
            asked || ["schemas", "id"].contains(&name.as_str())
        });
    }
    resource
}

/// The attribute that a path such as `urn:…:User:name.givenName` begins with, in lower case.
fn attribute_of(path: &str) -> String {
    let path = path.trim();
    let path = path.rsplit_once(':').map_or(path, |(_, last)| last);
    path.split(['.', '[']).next().unwrap_or_default().to_ascii_lowercase()
}

/// All resources of a type, or none of another.
pub(super) fn of_type(asked: &str, own: &str) -> Predicate {
    if asked.eq_ignore_ascii_case(own) { Predicate::All } else { Predicate::KeyIn(Vec::new()) }
}

/// A list of resources.
pub(super) fn listed(resources: Vec<Value>, total: u64, skip: u32) -> Result<Reply> {
    super::reply(&json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"],
        "totalResults": total,
        "startIndex": u64::from(skip) + 1,
        "itemsPerPage": resources.len(),
        "Resources": resources,
    }))
}

#[cfg(test)]
mod tests {
    #[test]
    fn equalities() {
        let read = |text| super::equality(text);
        let user = |value: &str| Some(("username".to_owned(), value.to_owned()));
        assert_eq!(read("userName eq \"ann@example.com\""), user("ann@example.com"));
        assert_eq!(read("userName EQ \"a \\\"b\\\" c\""), user("a \"b\" c"));
        for bad in ["", "userName", "userName eq", "userName eq x", "userName co \"x\"", "a eq \"x\" and b eq \"y\""] {
            assert_eq!(read(bad), None, "{bad}");
        }
    }
}
