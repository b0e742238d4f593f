//! PostgreSQL for tests: a server of our own on a unix socket, or one that is there.
#![expect(clippy::disallowed_methods, reason = "tests ask their environment, and wait for a program to answer")]

use crate::{Result, StoreError};
use std::fmt::Display;
use std::io::Write as _;
use std::os::unix::fs::{PermissionsExt as _, chown};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};
use tokio_postgres::NoTls;

/// The address of a server to use instead of starting one: a connection string to a database in which
/// new ones may be created.
const URL: &str = "WIGWAG_TEST_POSTGRES_URL";

const INSTALL: &str = "no PostgreSQL found: install its server programs (Debian and Ubuntu: `apt-get install \
     postgresql`; Fedora: `dnf install postgresql-server`; macOS: `brew install postgresql`) so that `initdb` is on \
     PATH or in /usr/lib/postgresql/*/bin, or name a server in WIGWAG_TEST_POSTGRES_URL";

/// A private server. It ends with this value, and in any case with this process.
pub struct Server {
    programs: PathBuf,
    home: tempfile::TempDir,
    user: Option<(u32, u32)>,
    options: String,
    running: Option<Child>,
}

impl Server {
    /// Makes a cluster and starts it. `durable`: commits wait for the disk, as in production.
    ///
    /// # Errors
    /// When there is no PostgreSQL, or it does not start: the message says what it said.
    pub fn start(durable: bool) -> Result<Self> {
        Self::start_with(if durable { "" } else { UNSAFE })
    }

    /// The same, with these options, and not durable.
    ///
    /// # Errors
    /// As [`Server::start`].
    pub fn start_unsafe_with(options: &str) -> Result<Self> {
        Self::start_with(&format!("{UNSAFE} {options}"))
    }

    fn start_with(options: &str) -> Result<Self> {
        let mut server = Self::made(options)?;
        server.resume()?;
        Ok(server)
    }

    /// A cluster that is not started yet.
    fn made(options: &str) -> Result<Self> {
        let server = Self::to_be(options)?;
        let mut initdb = server.command("initdb");
        initdb.args(["--auth=trust", "--username=postgres", "--encoding=UTF8", "--no-locale", "--no-sync", "-D"]);
        succeed(initdb.arg(server.data()))?;
        Ok(server)
    }

    /// The same, which also listens on these addresses of this machine and lets in whoever comes by them.
    ///
    /// # Errors
    /// As [`Server::start`].
    pub fn start_unsafe_at(addresses: &[std::net::Ipv4Addr], options: &str) -> Result<Self> {
        let listen: Vec<String> = addresses.iter().map(ToString::to_string).collect();
        let rules = "local all all trust\nhost all all samenet trust\n";
        Self::start_open(&format!("-c listen_addresses={} {options}", listen.join(",")), &[], rules)
    }

    /// One that also listens on an address of this machine, with these files in its home and these rules for who
    /// is let in; `options` say what the files are.
    pub(super) fn start_open(options: &str, files: &[(&str, &str)], rules: &str) -> Result<Self> {
        let mut server = Self::made(&format!("{UNSAFE} {options}"))?;
        for (name, text) in files {
            let path = server.home.path().join(name);
            std::fs::write(&path, text).map_err(failed)?;
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).map_err(failed)?;
            if let Some((uid, gid)) = server.user {
                chown(&path, Some(uid), Some(gid)).map_err(failed)?;
            }
        }
        std::fs::write(server.data().join("pg_hba.conf"), rules).map_err(failed)?;
        server.resume()?;
        Ok(server)
    }

    /// A file in its home.
    pub(super) fn file(&self, name: &str) -> PathBuf {
        self.home.path().join(name)
    }

    /// A streaming replica of this server, which goes on for itself once it is promoted.
    ///
    /// # Errors
    /// When it cannot be copied, or does not start.
    pub fn replica(&self) -> Result<Self> {
        let mut replica = Self::to_be(&self.options)?;
        let mut copy = replica.command("pg_basebackup");
        copy.args(["--username=postgres", "--write-recovery-conf", "--checkpoint=fast", "--no-sync", "-h"]);
        succeed(copy.arg(self.home.path()).arg("-D").arg(replica.data()))?;
        replica.resume()?;
        Ok(replica)
    }

    /// Makes a replica a primary, and waits until it is one.
    ///
    /// # Errors
    /// When it cannot be promoted.
    pub fn promote(&self) -> Result<()> {
        succeed(self.command("pg_ctl").args(["promote", "--wait", "-D"]).arg(self.data()))
    }

    /// A place for one.
    fn to_be(options: &str) -> Result<Self> {
        let programs = programs().ok_or_else(|| StoreError::Unavailable(INSTALL.into()))?;
        let home = tempfile::Builder::new().prefix("wigwag-pg").tempdir_in("/tmp").map_err(failed)?;
        let user = unprivileged(home.path())?;
        if let Some((uid, gid)) = user {
            chown(home.path(), Some(uid), Some(gid)).map_err(failed)?;
        }
        Ok(Self { programs, home, user, options: options.to_owned(), running: None })
    }

    /// Starts the server after [`Server::crash`], and waits until it answers.
    ///
    /// # Errors
    /// When it does not come up within a minute.
    pub fn resume(&mut self) -> Result<()> {
        // The shell waits on our end of a pipe: when this process ends, however it does, so does the server.
        let script = r#""$@" & read -r word; kill -QUIT $! 2>/dev/null; wait $!; [ "$word" = keep ] || rm -rf "$PWD""#;
        let log = std::fs::File::create(self.home.path().join("log")).map_err(failed)?;
        let mut shell = self.command("sh");
        shell.args(["-c", script, "sh"]).arg(self.programs.join("postgres")).arg("-D").arg(self.data());
        shell.args(["-k"]).arg(self.home.path()).args(["-c", "listen_addresses=", "-c", "max_connections=400"]);
        shell.args(self.options.split_whitespace()).process_group(0);
        shell.stdin(Stdio::piped()).stdout(log.try_clone().map_err(failed)?).stderr(log);
        self.running = Some(shell.spawn().map_err(failed)?);
        let deadline = Instant::now() + Duration::from_secs(60);
        while !self.answers()? {
            if Instant::now() > deadline {
                let log = std::fs::read_to_string(self.home.path().join("log")).unwrap_or_default();
                return Err(failed(format!("PostgreSQL does not start: {log}")));
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(())
    }

    fn answers(&self) -> Result<bool> {
        let mut ready = self.command("pg_isready");
        let ready = ready.arg("-q").arg("-h").arg(self.home.path()).status().map_err(failed)?;
        Ok(ready.success())
    }

    /// Ends the server at once, without a checkpoint: what a crash of it looks like.
    ///
    /// # Errors
    /// When it cannot be stopped.
    pub fn crash(&mut self) -> Result<()> {
        succeed(self.command("pg_ctl").args(["stop", "-m", "immediate", "-D"]).arg(self.data()))?;
        // The shell has nothing left to end, and is to leave the cluster where it is.
        if let Some(mut shell) = self.running.take() {
            shell.stdin.take().map_or(Ok(()), |mut stdin| stdin.write_all(b"keep\n")).map_err(failed)?;
            shell.wait().map_err(failed)?;
        }
        Ok(())
    }

    /// Connection string to a database on this server.
    #[must_use]
    pub fn url(&self, database: &str) -> String {
        format!("host={} user=postgres dbname={database}", self.home.path().display())
    }

    /// What a statement answers, rows as lines and columns between bars.
    ///
    /// # Errors
    /// When it fails.
    pub fn psql(&self, database: &str, statement: &str) -> Result<String> {
        let mut psql = self.command("psql");
        let output = psql.args(["-XAtqc", statement, &self.url(database)]).output().map_err(failed)?;
        let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
        if output.status.success() { Ok(text(&output.stdout)) } else { Err(failed(text(&output.stderr))) }
    }

    /// The socket it listens on.
    #[must_use]
    pub fn socket(&self) -> PathBuf {
        self.home.path().join(".s.PGSQL.5432")
    }

    fn data(&self) -> PathBuf {
        self.home.path().join("data")
    }

    /// A program of PostgreSQL, run as the user that the server runs as.
    fn command(&self, program: &str) -> Command {
        let own = self.programs.join(program);
        let mut command = Command::new(if own.exists() { own } else { program.into() });
        command.current_dir(self.home.path()).stdin(Stdio::null());
        if let Some((uid, gid)) = self.user {
            command.uid(uid).gid(gid);
        }
        command
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(mut shell) = self.running.take() {
            drop(shell.stdin.take());
            let _ = shell.wait();
        }
    }
}

/// What makes it quick and would not survive a power cut.
const UNSAFE: &str = "-c fsync=off -c full_page_writes=off";

/// Runs a program to its end.
fn succeed(command: &mut Command) -> Result<()> {
    let output = command.output().map_err(failed)?;
    if output.status.success() { Ok(()) } else { Err(failed(String::from_utf8_lossy(&output.stderr))) }
}

/// The folder of `initdb`: where PATH leads, or the newest of Debian's.
fn programs() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let on_path = std::env::split_paths(&path).map(|folder| folder.join("initdb")).find_map(|p| p.canonicalize().ok());
    let debian = || {
        let mut found: Vec<(u32, PathBuf)> = std::fs::read_dir("/usr/lib/postgresql")
            .ok()?
            .flatten()
            .map(|entry| (entry.file_name().to_string_lossy().parse().unwrap_or(0), entry.path().join("bin/initdb")))
            .filter(|(_, initdb)| initdb.exists())
            .collect();
        found.sort();
        found.pop().map(|(_, initdb)| initdb)
    };
    on_path.or_else(debian)?.parent().map(Path::to_path_buf)
}

/// PostgreSQL refuses to run as root: then as `postgres`, or as `nobody`.
fn unprivileged(ours: &Path) -> Result<Option<(u32, u32)>> {
    use std::os::unix::fs::MetadataExt as _;
    if std::fs::metadata(ours).map_err(failed)?.uid() != 0 {
        return Ok(None);
    }
    let accounts = std::fs::read_to_string("/etc/passwd").map_err(failed)?;
    let ids = |name: &str| {
        let mut fields = accounts.lines().map(|line| line.split(':')).find(|line| line.clone().next() == Some(name))?;
        Some((fields.nth(2)?.parse().ok()?, fields.next()?.parse().ok()?))
    };
    let found = ids("postgres").or_else(|| ids("nobody"));
    found.map(Some).ok_or_else(|| failed("PostgreSQL does not run as root, and there is no user postgres or nobody"))
}

/// A database of its own for a test; dropped with this value if the server is not ours.
pub struct Database {
    /// How to connect to it.
    pub url: String,
    /// The server's own database and the name of this one, where it has to be dropped.
    leave: Option<(String, String)>,
}

impl Drop for Database {
    fn drop(&mut self) {
        let Some((admin, name)) = self.leave.take() else { return };
        let dropped = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(failed)?;
            runtime.block_on(run(&admin, &format!("DROP DATABASE {name} WITH (FORCE)")))
        });
        if !matches!(dropped.join(), Ok(Ok(()))) {
            tracing::warn!("a test database could not be dropped");
        }
    }
}

static SHARED: OnceLock<Result<Server>> = OnceLock::new();
static NEXT: AtomicU32 = AtomicU32::new(1);

/// The private server that the tests of this process share.
///
/// # Errors
/// When it cannot be started.
pub fn shared() -> Result<&'static Server> {
    SHARED.get_or_init(|| Server::start(false)).as_ref().map_err(Clone::clone)
}

/// A new database on the server named in the environment, or on the shared one.
///
/// # Errors
/// When there is no server.
pub async fn database() -> Result<Database> {
    let name = format!("wigwag_test_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
    if let Ok(admin) = std::env::var(URL) {
        run(&admin, &format!("CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8'")).await?;
        let url = with_database(&admin, &name);
        return Ok(Database { url, leave: Some((admin, name)) });
    }
    let server = tokio::task::spawn_blocking(shared).await.map_err(failed)??;
    run(&server.url("postgres"), &format!("CREATE DATABASE {name}")).await?;
    Ok(Database { url: server.url(&name), leave: None })
}

/// The connection string `admin` with another database.
fn with_database(admin: &str, name: &str) -> String {
    let Some((scheme, rest)) = admin.split_once("://") else { return format!("{admin} dbname={name}") };
    let (place, options) = rest.split_once('?').map_or((rest, None), |(place, options)| (place, Some(options)));
    let server = place.split('/').next().unwrap_or_default();
    let options = options.map(|options| format!("?{options}")).unwrap_or_default();
    format!("{scheme}://{server}/{name}{options}")
}

pub(super) async fn run(url: &str, statement: &str) -> Result<()> {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await.map_err(failed)?;
    let driver = tokio::spawn(connection);
    let done = client.batch_execute(statement).await.map_err(|e| {
        let said = e.as_db_error().map(ToString::to_string).unwrap_or_default();
        failed(format!("{statement}: {e} {said}"))
    });
    drop(client);
    let _ = driver.await;
    done
}

pub(super) fn failed(reason: impl Display) -> StoreError {
    StoreError::Unavailable(format!("PostgreSQL for tests: {reason}"))
}
