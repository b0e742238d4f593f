//! The differential test: as many cases as every test run has, and without end.

use crate::differential::known::KNOWN;
use crate::differential::{Report, run_cases};
use std::time::{SystemTime, UNIX_EPOCH};
use wigwag_model::clause::Operator;

const CASES: u64 = 200_000;
const BATCH: u64 = 1_000_000;

#[test]
fn both_engines_agree_but_for_known_differences() {
    let mut report = Report::default();
    run_cases(1, CASES, &mut report);
    assert!(report.unexplained.is_empty(), "{}", report.unexplained.join("\n\n"));
    assert!(report.compared >= CASES);
    assert!(report.planned * 10 > report.compared, "{report:?}");

    // Most cases must agree outright, and every sort of reason must come up.
    let differing: u64 = report.differences.values().sum();
    assert!(differing * 10 < report.compared, "{report:?}");
    for reason in ["OFF", "TARGET_MATCH", "RULE_MATCH", "FALLTHROUGH", "PREREQUISITE_FAILED", "ERROR"] {
        assert!(report.reasons.get(reason).is_some_and(|count| count * 100 > report.compared), "{report:?}");
    }
    for op in Operator::ALL {
        let (matched, missed) = report.clauses.get(op.as_str()).copied().unwrap_or_default();
        assert!(matched > 500 && missed > 500, "{op:?}: {report:?}");
    }
    for known in KNOWN {
        assert!(report.differences.contains_key(known.name), "{} never came up: {report:?}", known.name);
    }
    println!("{report:#?}");
}

/// From another place each time; what is found tells the seed of its environment.
#[test]
#[ignore = "goes on until something is found: scripts/fuzz"]
#[expect(clippy::disallowed_methods, reason = "what was drawn before need not be drawn again")]
fn without_end() {
    let mut seed = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs() << 24;
    let mut report = Report::default();
    while report.unexplained.is_empty() {
        run_cases(seed, BATCH, &mut report);
        println!("{} compared, differences: {:?}", report.compared, report.differences);
        // Seeds count environments, of which a batch draws fewer than it has cases.
        seed += BATCH;
    }
    panic!("{}", report.unexplained.join("\n\n"));
}
