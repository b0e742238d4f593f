//! `wigwag serve` as a process of its own, for what only a process can show.

use std::io::Read;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Output, Stdio};
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Resource, Rlimit, Signal, kill_process, prlimit};
use tempfile::TempDir;
use wigwag_testkit::{Client, PATIENCE};

/// A running server, or relay. Killed when dropped.
pub(crate) struct Process {
    child: Child,
    url: String,
    output: ChildStdout,
    /// The journal of events of one that has no directory otherwise.
    _journal: Option<TempDir>,
    /// What it had printed when it was ready.
    pub(crate) welcome: String,
}

/// The command, without the settings of whoever runs the tests.
pub(crate) fn wigwag(arguments: &[&str], environment: &[(&str, &str)]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_wigwag"));
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("WIGWAG_")) {
        command.env_remove(name);
    }
    command.args(arguments).envs(environment.iter().copied()).stdin(Stdio::null());
    command
}

/// An address that nobody else has, so that whoever is killed there can come back there.
pub(crate) fn place() -> SocketAddr {
    static NEXT: AtomicU8 = AtomicU8::new(32);
    let [.., high, low] = std::process::id().to_be_bytes();
    (Ipv4Addr::new(127, NEXT.fetch_add(1, Ordering::Relaxed), high, low), 8031).into()
}

/// A command that has a file system of so many MiB mounted on `dir` for itself alone. None where the system does not let
/// anybody mount.
fn in_room(dir: &Path, size: u32, command: &Command) -> Option<Command> {
    let apart = ["--user", "--map-root-user", "--mount"];
    let allowed = Command::new("unshare").args(apart).args(["mount", "-t", "tmpfs", "none"]).arg(dir).output();
    if !allowed.is_ok_and(|output| output.status.success()) {
        return None;
    }
    let script = format!("mount -t tmpfs -o size={size}m none \"$0\" && exec \"$@\"");
    let mut outer = Command::new("unshare");
    outer.args(apart).args(["sh", "-c", &script]).arg(dir).arg(command.get_program()).args(command.get_args());
    like(&mut outer, command);
    Some(outer)
}

/// Gives a command the environment of another, and nothing to read.
fn like(command: &mut Command, other: &Command) {
    command.stdin(Stdio::null());
    for (name, value) in other.get_envs() {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
}

fn relay(at: SocketAddr, dir: &Path, arguments: &[&str], environment: &[(&str, &str)]) -> Command {
    let (at, dir) = (at.to_string(), dir.to_str().unwrap());
    let line = ["relay", "--listen", &at, "--log-level", "off", "--data-dir", dir];
    wigwag(&[&line[..], arguments].concat(), environment)
}

/// Runs a command to its end.
pub(crate) fn output(arguments: &[&str], environment: &[(&str, &str)]) -> Output {
    wigwag(arguments, environment).output().unwrap()
}

impl Process {
    /// Starts on a free port and waits until it is ready.
    pub(crate) fn start(arguments: &[&str], environment: &[(&str, &str)]) -> Self {
        Self::start_within(&[], "127.0.0.1:0", arguments, environment)
    }

    /// The same behind another command, such as one that enters a namespace, and at this address.
    pub(crate) fn start_within(
        outer: &[String],
        listen: &str,
        arguments: &[&str],
        environment: &[(&str, &str)],
    ) -> Self {
        let mut all = vec!["serve", "--listen", listen, "--log-level", "warn"];
        all.extend(arguments);
        let has_place = |name: &str| arguments.contains(&name);
        let homeless = has_place("--database-url") && !has_place("--journal-dir");
        let journal = homeless.then(|| tempfile::tempdir().unwrap());
        if let Some(journal) = &journal {
            all.extend(["--journal-dir", journal.path().to_str().unwrap()]);
        }
        let command = wigwag(&all, environment);
        let command = match outer.split_first() {
            Some((program, rest)) => {
                let mut outer = Command::new(program);
                outer.args(rest).arg(command.get_program()).args(command.get_args());
                like(&mut outer, &command);
                outer
            }
            None => command,
        };
        Self::started(command, journal)
    }

    /// Starts with its data in a file system of so many MiB, mounted on `dir` for this process alone: from outside it
    /// is under [`Process::inside`]. None where the system does not let anybody mount.
    pub(crate) fn in_room(dir: &Path, size: u32, environment: &[(&str, &str)]) -> Option<Self> {
        let serve = ["serve", "--listen", "127.0.0.1:0", "--log-level", "off", "--data-dir", dir.to_str().unwrap()];
        Some(Self::started(in_room(dir, size, &wigwag(&serve, environment))?, None))
    }

    /// `wigwag relay` at this address, which is not waited for: it says nothing.
    pub(crate) fn relay(at: SocketAddr, dir: &Path, arguments: &[&str], environment: &[(&str, &str)]) -> Self {
        Self::silent(relay(at, dir, arguments, environment), at)
    }

    /// The same in a room of its own, as [`Process::in_room`].
    pub(crate) fn relay_in_room(
        at: SocketAddr,
        (dir, size): (&Path, u32),
        arguments: &[&str],
        environment: &[(&str, &str)],
    ) -> Option<Self> {
        Some(Self::silent(in_room(dir, size, &relay(at, dir, arguments, environment))?, at))
    }

    /// A path of a process of [`Process::in_room`], as others reach it.
    pub(crate) fn inside(&self, path: &Path) -> PathBuf {
        Path::new(&format!("/proc/{}/root", self.child.id())).join(path.strip_prefix("/").unwrap())
    }

    /// The same, with so many bytes that a file may have: more is refused as on a disk that is full.
    pub(crate) fn start_with_room(bytes: u64, arguments: &[&str]) -> Self {
        let limited = format!("trap '' XFSZ; ulimit -S -f {}; exec \"$0\" \"$@\"", bytes / 512);
        let serve = ["serve", "--listen", "127.0.0.1:0", "--log-level", "error"];
        let wigwag = wigwag(&[&serve[..], arguments].concat(), &[]);
        // POSIX counts in blocks of 512 bytes, which is what `sh` does.
        let mut command = Command::new("sh");
        command.arg("-c").arg(limited).arg(wigwag.get_program()).args(wigwag.get_args());
        like(&mut command, &wigwag);
        Self::started(command, None)
    }

    /// Moves a limit of the running process.
    pub(crate) fn limit(&self, resource: Resource, limit: Rlimit) {
        prlimit(Some(Pid::from_child(&self.child)), resource, limit).unwrap();
    }

    /// The same, with everything that it logs in a file.
    pub(crate) fn start_logging(log: &Path, arguments: &[&str]) -> Self {
        let serve = ["serve", "--listen", "127.0.0.1:0", "--log-level", "debug"];
        let mut command = wigwag(&[&serve[..], arguments].concat(), &[]);
        command.stderr(std::fs::File::create(log).unwrap());
        Self::started(command, None)
    }

    fn started(mut command: Command, journal: Option<TempDir>) -> Self {
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut output = child.stdout.take().unwrap();
        let mut welcome = String::new();
        let mut chunk = [0; 4096];
        // The welcome is written at once and ends in an empty line.
        while !welcome.ends_with("\n\n") {
            let read = output.read(&mut chunk).unwrap();
            assert!(read > 0, "ended before it was ready: {welcome}");
            welcome.push_str(std::str::from_utf8(&chunk[..read]).unwrap());
        }
        let url =
            welcome.lines().find_map(|line| line.split_once(" is ready at ")).map(|(_, url)| url.trim().to_owned());
        Self { child, url: url.expect("an address"), output, _journal: journal, welcome }
    }

    fn silent(mut command: Command, at: SocketAddr) -> Self {
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let output = child.stdout.take().unwrap();
        Self { child, url: format!("http://{at}"), output, _journal: None, welcome: String::new() }
    }

    /// Where it is.
    pub(crate) fn url(&self) -> String {
        self.url.clone()
    }

    /// A client with this token.
    pub(crate) fn client(&self, token: &str) -> Client {
        Client::new(&self.url(), token)
    }

    /// The first word after a label of the welcome, such as `SDK key`.
    pub(crate) fn told(&self, label: &str) -> String {
        let line = self.welcome.lines().find_map(|l| l.trim().strip_prefix(label)).expect(label);
        line.trim().to_owned()
    }

    /// How many files and connections it has open.
    pub(crate) fn files(&self) -> usize {
        std::fs::read_dir(format!("/proc/{}/fd", self.child.id())).unwrap().count()
    }

    /// Bytes of memory that it uses.
    pub(crate) fn memory(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
        line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() << 10
    }

    /// Sends a signal.
    pub(crate) fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).unwrap();
    }

    /// SIGKILL, and waits until it is gone.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Waits for the end; the exit code and what it printed since it was ready.
    pub(crate) fn end(mut self) -> (Option<i32>, String) {
        let until = Instant::now() + PATIENCE;
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                let mut rest = String::new();
                self.output.read_to_string(&mut rest).unwrap();
                return (status.code(), rest);
            }
            assert!(Instant::now() < until, "does not end");
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _over = self.child.kill();
        let _over = self.child.wait();
    }
}
