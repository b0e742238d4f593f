//! Servers in network namespaces of their own, with one wire to the database and one to clients: what the kernel does
//! with a wire that is cut is what happens to machines, and not what a program in between makes of it.

use std::net::Ipv4Addr;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};

/// An address that no interface has: what is sent to it is heard by nobody, and nobody is told.
const NOBODY: &str = "02:00:00:00:00:01";
/// How slow a wire is made: late where the system can delay, else narrow.
const SLOW: [&str; 2] = ["netem delay 40ms", "tbf rate 512kbit burst 3kb latency 1s"];

/// A namespace with two wires, whose other ends are in the namespace of the test. It ends with this value, once no
/// program is left in it.
pub(super) struct Namespace {
    name: String,
    pub(super) to_database: Wire,
    pub(super) to_clients: Wire,
}

/// A pair of interfaces.
pub(super) struct Wire {
    ours: End,
    theirs: End,
}

/// An end of a wire.
struct End {
    /// Where it is, unless that is where the test is.
    namespace: Option<String>,
    name: String,
    address: Ipv4Addr,
}

/// Lays the wires of so many servers.
///
/// # Errors
/// Why that cannot be done here, as the system says it.
pub(super) fn lay(servers: usize) -> Result<Vec<Namespace>, String> {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    sweep();
    let (process, test) = (std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
    (0..servers as u32).map(|n| Namespace::made(process, test, n)).collect()
}

/// Ends namespaces of tests that were killed.
fn sweep() {
    for found in std::fs::read_dir("/run/netns").into_iter().flatten().flatten() {
        let name = found.file_name().to_string_lossy().into_owned();
        let process = name.strip_prefix("wigwag-").and_then(|rest| rest.split('-').next());
        if process.is_some_and(|process| !Path::new("/proc").join(process).exists()) {
            let _gone = run("ip", None, &format!("netns del {name}"));
        }
    }
}

/// Runs `ip` or `tc`, here or in a namespace.
fn run(program: &str, namespace: Option<&str>, command: &str) -> Result<(), String> {
    let place: &[&str] = namespace.as_ref().map_or(&[], |_| &["-n"]);
    let mut program_run = Command::new(program);
    program_run.args(place).args(namespace).args(command.split(' '));
    let output = program_run.output().map_err(|error| format!("{program}: {error}"))?;
    if output.status.success() {
        return Ok(());
    }
    Err(format!("{program} {command}: {}", String::from_utf8_lossy(&output.stderr).trim()))
}

impl Namespace {
    fn made(process: u32, test: u32, n: u32) -> Result<Self, String> {
        let name = format!("wigwag-{process}-{test}-{n}");
        run("ip", None, &format!("netns add {name}"))?;
        // 198.18.0.0/15 is for measuring (RFC 2544), so no network has it: a part for each test, of it one for each
        // server, of it one for each wire.
        let block = (198 << 24) + (18 << 16) + (((process * 32 + test) % 512) << 8) + n * 8;
        let wire = |kind: &str, at: u32| {
            let end = |namespace, end: &str, at| {
                let name = format!("w{:x}-{test}{n}{kind}{end}", process & 0xf_ffff);
                End { namespace, name, address: Ipv4Addr::from(block + at) }
            };
            Wire { ours: end(None, "o", at + 1), theirs: end(Some(name.clone()), "i", at + 2) }
        };
        let made = Self { to_database: wire("d", 0), to_clients: wire("c", 4), name: name.clone() };
        run("ip", Some(&name), "link set lo up")?;
        for wire in [&made.to_database, &made.to_clients] {
            wire.lay(&name)?;
        }
        run("ip", Some(&name), &format!("route add default via {}", made.to_clients.ours.address))?;
        Ok(made)
    }

    /// What comes before a command that is to be run in it.
    pub(super) fn enter(&self) -> Vec<String> {
        ["ip", "netns", "exec", &self.name].map(str::to_owned).to_vec()
    }
}

impl Drop for Namespace {
    fn drop(&mut self) {
        let _gone = run("ip", None, &format!("netns del {}", self.name));
    }
}

impl Wire {
    fn lay(&self, namespace: &str) -> Result<(), String> {
        let (ours, theirs) = (&self.ours.name, &self.theirs.name);
        run("ip", None, &format!("link add {ours} type veth peer name {theirs} netns {namespace}"))?;
        for end in [&self.ours, &self.theirs] {
            end.ip(&format!("addr add {}/30 dev {}", end.address, end.name))?;
            end.ip(&format!("link set {} up", end.name))?;
        }
        Ok(())
    }

    /// The address of our end.
    pub(super) const fn ours(&self) -> Ipv4Addr {
        self.ours.address
    }

    /// The address of the other.
    pub(super) const fn theirs(&self) -> Ipv4Addr {
        self.theirs.address
    }

    fn ends(&self) -> [(&End, &End); 2] {
        [(&self.ours, &self.theirs), (&self.theirs, &self.ours)]
    }

    /// From here on nothing arrives, in either direction, and nobody is told.
    pub(super) fn cut(&self) {
        for (end, other) in self.ends() {
            let nobody = format!("neigh replace {} lladdr {NOBODY} dev {} nud permanent", other.address, end.name);
            end.ip(&nobody).unwrap();
        }
    }

    /// From here on everything takes long.
    pub(super) fn slow(&self) {
        for (end, _) in self.ends() {
            let slow = |how| run("tc", end.namespace.as_deref(), &format!("qdisc replace dev {} root {how}", end.name));
            if let Err(late) = slow(SLOW[0]) {
                slow(SLOW[1]).unwrap_or_else(|narrow| panic!("neither {late} nor {narrow}"));
            }
        }
    }

    pub(super) fn mend(&self) {
        for (end, other) in self.ends() {
            // Either may be as it was.
            let _was_whole = end.ip(&format!("neigh del {} dev {}", other.address, end.name));
            let _was_quick = run("tc", end.namespace.as_deref(), &format!("qdisc del dev {} root", end.name));
        }
    }
}

impl End {
    fn ip(&self, command: &str) -> Result<(), String> {
        run("ip", self.namespace.as_deref(), command)
    }
}

/// Nothing comes over a wire that is cut, and nobody is told; afterwards everything does.
#[tokio::test]
async fn a_wire_is_cut_and_mended() {
    use std::time::Duration;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let namespaces = match lay(1) {
        Ok(namespaces) => namespaces,
        Err(why) => return crate::not_tested(&why),
    };
    let (wire, inside) = (&namespaces[0].to_clients, namespaces[0].enter());
    let listener = tokio::net::TcpListener::bind((wire.ours(), 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    let script = format!("exec 3<>/dev/tcp/{}/{}; cat <&3 >&3", address.ip(), address.port());
    let mut echo = Command::new(&inside[0]);
    let mut echo = echo.args(&inside[1..]).args(["bash", "-c", &script]).spawn().unwrap();
    let (mut stream, from) = listener.accept().await.unwrap();
    assert_eq!(from.ip(), wire.theirs());
    let mut said = [0; 4];
    for _ in 0..2 {
        stream.write_all(b"here").await.unwrap();
        stream.read_exact(&mut said).await.unwrap();
        wire.cut();
        stream.write_all(b"lost").await.unwrap();
        let heard = tokio::time::timeout(Duration::from_millis(300), stream.read_exact(&mut said)).await;
        assert!(heard.is_err(), "nothing comes, and no error either");
        wire.mend();
        stream.read_exact(&mut said).await.unwrap();
        assert_eq!(&said, b"lost", "it is sent again");
        wire.slow();
        stream.write_all(b"slow").await.unwrap();
        stream.read_exact(&mut said).await.unwrap();
        wire.mend();
    }
    // The end of the connection is the end of the program.
    drop(stream);
    assert!(echo.wait().unwrap().success());
}
