//! `wigwag audit`: the record of changes, verified and exported past any server.

use std::fs::File;
use std::io::{BufReader, Write};

use anyhow::{Context as _, bail};
use wigwag_store::{Archive, Chain, verify_lines};

use crate::cli::{ExportArgs, VerifyArgs};
use crate::config::Config;
use crate::server::store_config;

/// Changes between two words of progress.
const STRIDE: u64 = 100_000;
/// Changes read at a time.
const PAGE: u32 = 500;

/// Verifies a database, or a file where `args` name one. Whether it is intact: what was found goes to `output`, how
/// far it is to `progress`.
///
/// # Errors
/// The database or the file cannot be read.
pub fn verify(
    args: &VerifyArgs,
    config: Option<&Config>,
    output: &mut impl Write,
    progress: &mut impl Write,
) -> anyhow::Result<bool> {
    let mut noted = args.noted.as_deref().map(Noted::read).transpose()?;
    let mut passed = |seq: u64, hash: &str| {
        if let Some(noted) = &mut noted {
            noted.pass(seq, hash);
        }
        if seq.is_multiple_of(STRIDE) {
            // That nobody watches is no reason not to go on.
            let _closed = writeln!(progress, "{seq} changes are right so far");
        }
    };
    let chain = match (&args.file, config) {
        (Some(path), _) if path.as_os_str() == "-" => verify_lines(std::io::stdin().lock(), &mut passed)?,
        (Some(path), _) => {
            let file = File::open(path).with_context(|| format!("cannot open {}", path.display()))?;
            verify_lines(BufReader::new(file), &mut passed)?
        }
        (None, Some(config)) => {
            let database = runtime()?.block_on(database(config, &mut passed, output))?;
            match database {
                Some(chain) => chain,
                None => return Ok(false),
            }
        }
        (None, None) => bail!("there is neither a file nor a database to verify"),
    };
    match (chain, noted) {
        (Chain::Broken { seq, what }, _) => {
            writeln!(output, "broken at change {seq}: {what}")?;
            Ok(false)
        }
        (Chain::Intact { .. }, Some(Noted { seq, met: false, .. })) => {
            writeln!(output, "broken at change {seq}: it is not the one that was noted")?;
            Ok(false)
        }
        (Chain::Intact { seq, hash }, _) => {
            writeln!(output, "intact: {seq}:{hash}")?;
            Ok(true)
        }
    }
}

/// The chain of a database; none where documents are not as their last versions say.
async fn database(
    config: &Config,
    passed: &mut impl FnMut(u64, &str),
    output: &mut impl Write,
) -> anyhow::Result<Option<Chain>> {
    let archive = open(config).await?;
    let chain = archive.verify_chain(passed).await?;
    if matches!(chain, Chain::Broken { .. }) {
        return Ok(Some(chain));
    }
    let problems = archive.verify_latest().await?;
    for problem in &problems {
        writeln!(output, "broken: {problem}")?;
    }
    Ok(problems.is_empty().then_some(chain))
}

/// Writes the changes of a database as lines of JSON.
///
/// # Errors
/// The database cannot be read, or the output not written.
pub fn export(args: &ExportArgs, config: &Config, mut output: impl Write) -> anyhow::Result<()> {
    let write = async {
        let archive = open(config).await?;
        let mut after = args.after;
        loop {
            let (lines, last) = archive.export(after, PAGE).await?;
            for line in lines {
                writeln!(output, "{line}")?;
            }
            match last {
                Some(last) => after = last,
                None => return Ok(output.flush()?),
            }
        }
    };
    runtime()?.block_on(write)
}

async fn open(config: &Config) -> anyhow::Result<Archive> {
    let opened = Archive::open(&store_config(&config.database)).await;
    opened.with_context(|| format!("cannot open {}", config.database.shown()))
}

fn runtime() -> anyhow::Result<tokio::runtime::Runtime> {
    Ok(tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?)
}

/// A change that was noted before.
struct Noted {
    seq: u64,
    hash: String,
    met: bool,
}

impl Noted {
    fn read(text: &str) -> anyhow::Result<Self> {
        let parts = text.split_once(':').and_then(|(seq, hash)| Some((seq.parse().ok()?, hash)));
        let (seq, hash) = parts.with_context(|| format!("--noted {text}: write a sequence, a colon and a hash"))?;
        Ok(Self { seq, hash: hash.to_owned(), met: false })
    }

    fn pass(&mut self, seq: u64, hash: &str) {
        self.met |= seq == self.seq && hash == self.hash;
    }
}
