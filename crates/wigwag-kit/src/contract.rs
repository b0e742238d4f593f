//! The 410 operations of the contract, as data: `contract/operations.tsv`.

use std::sync::LazyLock;

/// One operation of the contract.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The tag it is documented under.
    pub tag: &'static str,
    /// HTTP method.
    pub method: &'static str,
    /// Path template, such as `/api/v2/flags/{projectKey}`.
    pub path: &'static str,
    /// Operation id: how people search.
    pub id: &'static str,
    /// Needs `LD-API-Version: beta`.
    pub beta: bool,
    /// Status of success.
    pub status: u16,
    /// Query parameters: name and type.
    pub query: Vec<(&'static str, &'static str)>,
}

static ENTRIES: LazyLock<Vec<Entry>> =
    LazyLock::new(|| include_str!("../../../contract/operations.tsv").lines().skip(1).filter_map(parse).collect());

/// Every operation of the contract, in its order.
#[must_use]
pub fn entries() -> &'static [Entry] {
    &ENTRIES
}

/// The operation with this id.
#[must_use]
pub fn find(id: &str) -> Option<&'static Entry> {
    ENTRIES.iter().find(|e| e.id == id)
}

fn parse(line: &'static str) -> Option<Entry> {
    let mut columns = line.split('\t');
    let mut next = || columns.next();
    let (tag, method, path, id) = (next()?, next()?, next()?, next()?);
    let (beta, status) = (next()? == "beta", next()?.parse().ok()?);
    let query = next().unwrap_or("").split(", ").filter_map(|p| p.split_once(':')).collect();
    Some(Entry { tag, method, path, id, beta, status, query })
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_line_is_read() {
        assert_eq!(super::entries().len(), 410);
    }
}
