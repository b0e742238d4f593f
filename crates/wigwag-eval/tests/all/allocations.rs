//! Evaluating allocates nothing.

use crate::vectors;
use wigwag_eval::{Lookup, evaluate_flag};
use wigwag_model::context::Context;

#[test]
fn no_vector_allocates() {
    for case in vectors::load() {
        let environment = vectors::environment(&case);
        let context = Context::from_value(case["context"].clone()).unwrap();
        let flag = environment.flag(case["flag"]["key"].as_str().unwrap()).unwrap();
        // Regular expressions allocate their working memory on first use.
        let first = evaluate_flag(&environment, flag, &context);
        let count = allocation_counter::measure(|| {
            assert_eq!(evaluate_flag(&environment, flag, &context), first);
        });
        assert_eq!(count.count_total, 0, "{}", case["name"]);
    }
}
