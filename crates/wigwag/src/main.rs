//! `wigwag`: see `wigwag --help`.

use std::io::Write;
use std::process::ExitCode;

use clap::Parser;
use wigwag::cli::{
    AuditVerb, Cli, DatabaseArgs, DoctorArgs, EvalArgs, ExportArgs, RelayArchiveArgs, RelayArgs, Verb, VerifyArgs,
};
use wigwag::config::{Config, Flags, RelayConfig};
use wigwag::doctor::Verdict;
use wigwag::operator::Work;
use wigwag::traces::Traces;

/// Many small documents live and die here; this allocator keeps memory in step with them.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    match Cli::parse().command {
        Verb::Serve(flags) => serve(&flags),
        Verb::Relay(args) => relay(&args),
        Verb::Eval(args) => eval(&args),
        Verb::Owner(verb) => operate(&Work::Owner(verb)),
        Verb::Token(verb) => operate(&Work::Token(verb)),
        Verb::Sessions(verb) => operate(&Work::Sessions(verb)),
        Verb::Secrets(verb) => operate(&Work::Secrets(verb)),
        Verb::Audit(AuditVerb::Verify(args)) => verify(&args),
        Verb::Audit(AuditVerb::Export(args)) => export(&args),
        Verb::Doctor(args) => doctor(&args),
        Verb::Backup(args) => done("backup", wigwag::keep::backup(&args, &environment)),
        Verb::Restore(args) => done("restore", wigwag::keep::restore(&args, &environment)),
        Verb::Copy(args) => done("copy", wigwag::keep::copy(&args)),
        Verb::Export(args) => done("export", wigwag::files::export(&args, &environment)),
        Verb::Import(args) => done("import", wigwag::files::import(&args, &environment)),
        Verb::Compact(args) => done("compact", wigwag::keep::compact(&args, &environment)),
        Verb::BenchSelf(args) => done("bench-self", wigwag::bench_self::run(&args)),
        Verb::RelayArchive(args) => relay_archive(&args),
        Verb::Openapi(args) => openapi(args.output.as_deref()),
    }
}

fn serve(flags: &Flags) -> ExitCode {
    let config = match Config::load(flags, &environment) {
        Ok(config) => config,
        Err(problems) => {
            for problem in &problems {
                complain(problem);
            }
            complain(&"Nothing was started. See wigwag serve --help");
            return ExitCode::from(2);
        }
    };
    let traces = match config.otlp.as_ref().map(Traces::start).transpose() {
        Ok(traces) => traces,
        Err(error) => return ended(Err(error)),
    };
    wigwag::log::start(&config.log, traces.as_ref());
    let outcome = wigwag::serve::run(config);
    if let Some(traces) = traces {
        traces.stop();
    }
    ended(outcome)
}

fn relay(args: &RelayArgs) -> ExitCode {
    match RelayConfig::load(args, &environment) {
        Ok(config) => {
            wigwag::log::start(&config.log, None);
            ended(wigwag::serve::run_relay(config))
        }
        Err(problems) => {
            problems.iter().for_each(|problem| complain(problem));
            complain(&"Nothing was started. See wigwag relay --help");
            ExitCode::from(2)
        }
    }
}

fn ended(outcome: anyhow::Result<()>) -> ExitCode {
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(e) => {
            complain(&format_args!("wigwag: {e:#}"));
            ExitCode::FAILURE
        }
    }
}

fn operate(work: &Work) -> ExitCode {
    told("wigwag", wigwag::operator::run(work, &environment))
}

fn doctor(args: &DoctorArgs) -> ExitCode {
    match wigwag::doctor::run(args, &environment) {
        Ok(report) => {
            let printed = told("wigwag doctor", Ok(report.to_string()));
            if report.worst() == Verdict::Fail { ExitCode::FAILURE } else { printed }
        }
        Err(e) => told("wigwag doctor", Err(e)),
    }
}

fn done(verb: &str, outcome: anyhow::Result<String>) -> ExitCode {
    told(&format!("wigwag {verb}"), outcome)
}

/// Prints what was done.
fn told(who: &str, outcome: anyhow::Result<String>) -> ExitCode {
    match outcome {
        Ok(text) => match std::io::stdout().write_all(text.as_bytes()) {
            Ok(()) => ExitCode::SUCCESS,
            Err(_) => ExitCode::FAILURE,
        },
        Err(e) => {
            complain(&format_args!("{who}: {e:#}"));
            ExitCode::FAILURE
        }
    }
}

fn verify(args: &VerifyArgs) -> ExitCode {
    let config = match args.file.as_ref().map_or_else(|| configured(&args.database).map(Some), |_| Ok(None)) {
        Ok(config) => config,
        Err(code) => return code,
    };
    match wigwag::audit::verify(args, config.as_ref(), &mut std::io::stdout().lock(), &mut std::io::stderr()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(e) => {
            complain(&format_args!("wigwag audit verify: {e:#}"));
            ExitCode::from(2)
        }
    }
}

fn export(args: &ExportArgs) -> ExitCode {
    let config = match configured(&args.database) {
        Ok(config) => config,
        Err(code) => return code,
    };
    let output = std::io::BufWriter::new(std::io::stdout().lock());
    match wigwag::audit::export(args, &config, output) {
        Ok(()) => ExitCode::SUCCESS,
        Err(e) => {
            complain(&format_args!("wigwag audit export: {e:#}"));
            ExitCode::from(2)
        }
    }
}

fn relay_archive(args: &RelayArchiveArgs) -> ExitCode {
    let Some(key) = environment("WIGWAG_RELAY_AUTO_CONFIG_KEY").filter(|key| !key.is_empty()) else {
        complain(&"wigwag relay-archive: set WIGWAG_RELAY_AUTO_CONFIG_KEY to the key of a Relay Proxy configuration");
        return ExitCode::from(2);
    };
    match wigwag::relay_archive::run(args, &key) {
        Ok(count) => {
            complain(&format_args!("{count} environments are in {}", args.output.display()));
            ExitCode::SUCCESS
        }
        Err(e) => {
            complain(&format_args!("wigwag relay-archive: {e:#}"));
            ExitCode::FAILURE
        }
    }
}

fn openapi(output: Option<&std::path::Path>) -> ExitCode {
    let text = wigwag_api::docs::openapi_text();
    let written = match output {
        Some(file) => std::fs::write(file, text),
        None => std::io::stdout().write_all(text.as_bytes()),
    };
    match written {
        Ok(()) => ExitCode::SUCCESS,
        Err(e) => {
            complain(&format_args!("wigwag openapi: {e}"));
            ExitCode::FAILURE
        }
    }
}

fn configured(database: &DatabaseArgs) -> Result<Config, ExitCode> {
    Config::load(&database.flags(), &environment).map_err(|problems| {
        problems.iter().for_each(|problem| complain(problem));
        ExitCode::from(2)
    })
}

fn eval(args: &EvalArgs) -> ExitCode {
    let output = std::io::BufWriter::new(std::io::stdout().lock());
    match wigwag::eval::run(args, std::io::stdin().lock(), output) {
        Ok(()) => ExitCode::SUCCESS,
        Err(e) => {
            complain(&format_args!("wigwag eval: {e:#}"));
            ExitCode::FAILURE
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "the one place where the environment is read")]
fn environment(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

fn complain(what: &dyn std::fmt::Display) {
    // Nobody is left to tell when standard error is closed.
    let _closed = writeln!(std::io::stderr(), "{what}");
}
