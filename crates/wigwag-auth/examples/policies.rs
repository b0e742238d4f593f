//! Reads random policies and asks them, as long as you like: nothing may panic or contradict itself.
//!
//! `cargo run --release -p wigwag-auth --example policies -- --forever`, or `-- --cases 1000000`
#![allow(clippy::unwrap_used, clippy::print_stdout, missing_docs)]

#[path = "../tests/all/fuzz/mod.rs"]
mod fuzz;

const BATCH: u32 = 100_000;

fn main() -> Result<(), String> {
    let mut left = Some(u64::from(BATCH));
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--forever" => left = None,
            "--cases" => left = Some(arguments.next().and_then(|n| n.parse().ok()).ok_or("--cases needs a number")?),
            other => return Err(format!("unknown option {other}; there are --forever, --cases N")),
        }
    }
    let mut done = 0_u64;
    while left.is_none_or(|left| done < left) {
        let batch = left.map_or(BATCH, |left| u32::try_from(left - done).unwrap_or(BATCH).min(BATCH));
        fuzz::run(batch)?;
        done += u64::from(batch);
        println!("{done} policies");
    }
    Ok(())
}
