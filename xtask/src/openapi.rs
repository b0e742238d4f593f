//! `web/openapi.json`: the document of the API, from which the console's types are made. It is kept so that the console is
//! built without the server, and that a change of the API is seen for what it is.

use std::path::Path;

const DOCUMENT: &str = "web/openapi.json";

/// Writes the document.
pub(crate) fn write(root: &Path) -> anyhow::Result<()> {
    crate::generated(&root.join(DOCUMENT), &wigwag_api::docs::openapi_text(), false, "openapi")
}

/// Fails when the document differs from what would be written.
pub(crate) fn check(root: &Path) -> anyhow::Result<()> {
    crate::generated(&root.join(DOCUMENT), &wigwag_api::docs::openapi_text(), true, "openapi")
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_document_is_up_to_date() {
        assert_eq!(super::check(&crate::root()).err().map(|e| e.to_string()), None);
    }
}
