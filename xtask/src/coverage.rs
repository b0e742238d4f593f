//! `docs/coverage.md`: every operation of the contract and how far it is built.

use std::path::Path;

const PAGE: &str = "docs/coverage.md";

/// Writes the page.
pub(crate) fn write(root: &Path) -> anyhow::Result<()> {
    crate::generated(&root.join(PAGE), &page(), false, "coverage")
}

/// Fails when the page differs from what would be written.
pub(crate) fn check(root: &Path) -> anyhow::Result<()> {
    crate::generated(&root.join(PAGE), &page(), true, "coverage")
}

fn page() -> String {
    wigwag_kit::openapi::coverage(&wigwag_api::operations().complete())
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_page_is_up_to_date() {
        assert_eq!(super::check(&crate::root()).err().map(|e| e.to_string()), None);
    }
}
