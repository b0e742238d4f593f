//! Times: engines take turns in short samples, so that whatever else the machine does hits all
//! alike; the median counts.

use super::engines::{Engine, Prepared};
use super::shapes::{self, Shape};
use anyhow::Result;
use std::hint::black_box;
use std::time::{Duration, Instant};

const SAMPLES: usize = 1001;
const SAMPLE_TIME: Duration = Duration::from_micros(100);

/// Measures every shape and prints a table.
pub(crate) fn table() -> Result<()> {
    println!("| shape | wigwag ns | official ns | yggdrasil ns | bare ns | faster peer / wigwag | wigwag / bare |");
    println!("|---|--:|--:|--:|--:|--:|--:|");
    for shape in shapes::all() {
        let [wigwag, official, yggdrasil, bare] = measure(&shape)?;
        let peer = official.min(yggdrasil);
        println!(
            "| {} | {wigwag:.1} | {official:.0} | {yggdrasil:.0} | {bare:.1} | {:.1} | {:.2} |",
            shape.title,
            peer / wigwag,
            wigwag / bare
        );
    }
    Ok(())
}

/// Median ns per evaluation of the shape, in the engines' order.
fn measure(shape: &Shape) -> Result<[f64; 4]> {
    let [first, second, third, fourth] = Engine::ALL.map(|engine| engine.prepare(shape));
    let engines = [first?, second?, third?, fourth?];
    let counts = [0, 1, 2, 3].map(|at: usize| calibrate(&engines[at]));
    let mut samples = [const { Vec::new() }; 4];
    for _ in 0..SAMPLES {
        for at in 0..engines.len() {
            samples[at].push(sample(&engines[at], counts[at]));
        }
    }
    Ok(samples.map(median))
}

/// How many evaluations fill a sample; warms up on the way.
fn calibrate(engine: &Prepared) -> u32 {
    let mut count = 1;
    loop {
        let start = Instant::now();
        run(engine, count);
        if start.elapsed() >= SAMPLE_TIME {
            return count;
        }
        count *= 2;
    }
}

fn sample(engine: &Prepared, count: u32) -> f64 {
    let start = Instant::now();
    run(engine, count);
    start.elapsed().as_nanos() as f64 / f64::from(count)
}

fn run(engine: &Prepared, count: u32) {
    (0..count).for_each(|_| black_box(engine).run());
}

fn median(mut samples: Vec<f64>) -> f64 {
    samples.sort_unstable_by(f64::total_cmp);
    samples[samples.len() / 2]
}
