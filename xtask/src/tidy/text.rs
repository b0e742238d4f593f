//! Rules about the text of sources: SQL in the store only, files that fit in the head.

use std::path::{Path, PathBuf};

/// Files longer than this are reported, and people judge.
const LONG: usize = 600;

/// SQL in the store only. The benchmarks have their own for the bare engines they compare with; a relay has no store,
/// and one file of copies that it can always fetch again.
pub(super) fn check(root: &Path, sources: &[PathBuf]) -> anyhow::Result<Vec<String>> {
    let store = root.join("crates/wigwag-store");
    let copies = root.join("crates/wigwag-relay/src/members/shelf.rs");
    let free = [store, root.join("bench"), root.join("xtask"), copies];
    let mut wrong = Vec::new();
    for path in sources.iter().filter(|p| !free.iter().any(|f| p.starts_with(f))) {
        for (number, line) in std::fs::read_to_string(path)?.lines().enumerate() {
            if is_sql(line) {
                wrong.push(format!("{}:{}: SQL outside wigwag-store", super::shown(root, path), number + 1));
            }
        }
    }
    Ok(wrong)
}

/// Statements begin a string; in comments and prose nothing is meant to run.
fn is_sql(line: &str) -> bool {
    let opens = |statement: &str| line.contains(&format!("\"{statement} "));
    ["SELECT", "INSERT INTO", "UPDATE", "DELETE FROM", "CREATE TABLE"].into_iter().any(opens)
}

/// Files over the limit, longest first.
pub(super) fn long_files(root: &Path, sources: &[PathBuf]) -> anyhow::Result<Vec<String>> {
    let mut long = Vec::new();
    for path in sources {
        let lines = std::fs::read_to_string(path)?.lines().count();
        if lines > LONG {
            long.push((lines, super::shown(root, path)));
        }
    }
    long.sort_unstable_by(|a, b| b.cmp(a));
    Ok(long.into_iter().map(|(lines, path)| format!("{path} has {lines} lines")).collect())
}

#[cfg(test)]
mod tests {
    #[test]
    fn statements_are_told_from_prose() {
        assert!(super::is_sql(r#"    let sql = "SELECT body FROM docs";"#));
        assert!(!super::is_sql("// UPDATE is not what we do here"));
        assert!(!super::is_sql(r#"error("the SELECT button")"#));
    }
}
