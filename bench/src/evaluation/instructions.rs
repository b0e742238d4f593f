//! Instruction counts under valgrind's callgrind: they repeat, whatever the machine is busy with.

use super::engines::Engine;
use super::shapes;
use anyhow::{Context, Result, ensure};
use std::process::Command;

/// Counts instructions of every shape for every engine and prints a table. Set-up cancels out as
/// the difference of a long and a short run.
pub(crate) fn table() -> Result<()> {
    println!("| shape | wigwag | official | yggdrasil | bare |\n|---|--:|--:|--:|--:|");
    for shape in shapes::all() {
        let (short, long) = if shape.top.len() > 1 { (2, 12) } else { (200, 1200) };
        let mut row = format!("| {} |", shape.title);
        for engine in Engine::ALL {
            let (few, many) = (count(shape.name, engine, short)?, count(shape.name, engine, long)?);
            let each = many.saturating_sub(few) / (long - short);
            row.push_str(&format!(" {each} |"));
        }
        println!("{row}");
    }
    Ok(())
}

fn count(shape: &str, engine: Engine, repeat: u64) -> Result<u64> {
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(std::env::current_exe()?)
        .args(["evaluation", "--shape", shape, "--engine", engine.name(), "--repeat", &repeat.to_string()])
        .output()
        .context("valgrind is needed")?;
    let log = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "valgrind failed: {log}");
    let collected = log.lines().find_map(|line| line.split_once("Collected : ")).context("no count in the log")?;
    Ok(collected.1.trim().parse()?)
}
