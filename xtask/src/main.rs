//! Chores of this repository: `cargo xtask help`.

mod coverage;
mod fill;
mod openapi;
mod settings;
mod tidy;
mod total;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

const HELP: &str = "\
Chores of this repository.

  cargo xtask tidy              check crate arrows, areas, axum and SQL in their rooms, generated pages, secrets;
                                report long files
  cargo xtask coverage          write docs/coverage.md from the table of operations
  cargo xtask openapi           write web/openapi.json, which the console is built from
  cargo xtask settings          write docs/operate/configure.md from the list of settings
  cargo xtask fill DIR PROJECT COUNT
                                copy the flags of a project until there are very many; its server must not be running
  cargo xtask total FILE...     add up the results of test runs kept in files; the last line is the count
  cargo xtask help              this page

Everyday work: make run, make test, make bench, make fuzz.";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (verb, rest) = arguments.split_first().map_or(("help", &[][..]), |(verb, rest)| (verb.as_str(), rest));
    let outcome = match verb {
        "tidy" => tidy::run(&root()),
        "coverage" => coverage::write(&root()),
        "openapi" => openapi::write(&root()),
        "settings" => settings::write(&root()),
        "fill" => fill::run(rest),
        "total" => total::run(rest),
        "help" | "--help" | "-h" => {
            say(HELP);
            Ok(())
        }
        other => Err(anyhow::anyhow!("there is no chore \"{other}\"\n\n{HELP}")),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(e) => {
            complain(&format!("{e:#}"));
            ExitCode::FAILURE
        }
    }
}

/// The folder of the workspace.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().map(Path::to_path_buf).unwrap_or_default()
}

#[expect(clippy::print_stdout, reason = "a command line tool speaks on standard output")]
fn say(text: &str) {
    println!("{text}");
}

fn complain(text: &str) {
    use std::io::Write;
    let _closed = writeln!(std::io::stderr(), "{text}");
}

/// Writes a generated page, or with `check` only compares.
fn generated(path: &Path, text: &str, check: bool, chore: &str) -> anyhow::Result<()> {
    let found = std::fs::read_to_string(path).unwrap_or_default();
    if found == text {
        return Ok(());
    }
    if check {
        anyhow::bail!("{} is not up to date: run cargo xtask {chore}", path.display());
    }
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    std::fs::write(path, text)?;
    say(&format!("wrote {}", path.display()));
    Ok(())
}
