//! Adds up results: lines of cargo's test harness, and the last line of others, such as `12 passed in 3 s`.

use anyhow::{Context, bail};

/// Passed and failed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Count {
    passed: u64,
    failed: u64,
}

/// Prints the sum over all files; an error when anything failed or nothing ran.
pub(crate) fn run(files: &[String]) -> anyhow::Result<()> {
    let mut total = Count::default();
    for file in files {
        let text = std::fs::read(file).with_context(|| file.clone())?;
        let count = count(&String::from_utf8_lossy(&text));
        if count.passed + count.failed == 0 {
            bail!("{file} holds no results");
        }
        total.passed += count.passed;
        total.failed += count.failed;
    }
    crate::say(&format!("{} passed, {} failed", total.passed, total.failed));
    if total.failed > 0 {
        bail!("not everything passed");
    }
    Ok(())
}

/// Cargo prints a line for each binary, which are summed. A file of another suite counts by its last line.
fn count(text: &str) -> Count {
    let cargo: Vec<Count> = text.lines().filter(|l| l.starts_with("test result:")).filter_map(line).collect();
    if cargo.is_empty() {
        return text.lines().rev().find_map(line).unwrap_or_default();
    }
    cargo.iter().fold(Count::default(), |sum, c| Count { passed: sum.passed + c.passed, failed: sum.failed + c.failed })
}

/// The numbers before `passed`, `failed` and `errors` of a line that has any of them.
fn line(line: &str) -> Option<Count> {
    let words: Vec<&str> = line.split([' ', ',', ';', '.']).filter(|w| !w.is_empty()).collect();
    let before = |word: &str| -> Option<u64> {
        let at = words.iter().position(|w| *w == word)?;
        words.get(at.checked_sub(1)?)?.parse().ok()
    };
    let (passed, failed) = (before("passed"), before("failed"));
    let errors = before("errors").or_else(|| before("error"));
    if passed.is_none() && failed.is_none() && errors.is_none() {
        return None;
    }
    Some(Count { passed: passed.unwrap_or(0), failed: failed.unwrap_or(0) + errors.unwrap_or(0) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cargo_results_are_summed() {
        let text = "running 2 tests\ntest a ... ok\n\
            test result: ok. 2 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s\n\
            test result: FAILED. 3 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out; finished in 1.20s\n";
        assert_eq!(count(text), Count { passed: 5, failed: 1 });
    }

    #[test]
    fn other_suites_count_by_their_last_line() {
        assert_eq!(count("node: 4 passed, 0 failed\nall: 9 passed, 2 failed\n"), Count { passed: 9, failed: 2 });
        assert_eq!(count("....\n41 passed in 12.34s\n"), Count { passed: 41, failed: 0 });
        assert_eq!(count("= 1 failed, 40 passed, 2 errors in 3.00s =\n"), Count { passed: 40, failed: 3 });
        assert_eq!(count("nothing here"), Count::default());
    }
}
