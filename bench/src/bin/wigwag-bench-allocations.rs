//! Heap allocations per evaluation. A program of its own: its counting allocator would slow down
//! the timed engines that allocate.
// What only the timing program uses of the shared modules.
#![allow(clippy::print_stdout, dead_code)]

#[path = "../evaluation/bare.rs"]
mod bare;
#[path = "../evaluation/engines.rs"]
mod engines;
#[path = "../evaluation/shapes.rs"]
mod shapes;

use engines::Engine;

fn main() -> anyhow::Result<()> {
    println!("| shape | wigwag | official | yggdrasil | bare |\n|---|--:|--:|--:|--:|");
    for shape in shapes::all() {
        let mut row = format!("| {} |", shape.title);
        for engine in Engine::ALL {
            let prepared = engine.prepare(&shape)?;
            // Regular expressions allocate their working memory on first use.
            prepared.run();
            let info = allocation_counter::measure(|| prepared.run());
            row.push_str(&format!(" {} |", info.count_total));
        }
        println!("{row}");
    }
    Ok(())
}
