//! Servers, one database, and what can be done to them.

use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, UnixStream};
use tokio_postgres::NoTls;
use wigwag_store::testing::Server;
use wigwag_testkit::Client;

use crate::process::Process;

pub(super) const TOKEN: &str = "api-cluster-test-token";
pub(super) const NODES: usize = 3;
/// A clock that is not off.
const RIGHT: &str = "+0";

/// Servers on one database.
pub(super) struct Cluster {
    pub(super) database: Mutex<Server>,
    address: String,
    nodes: Vec<Mutex<Node>>,
    links: Vec<Arc<Link>>,
}

struct Node {
    process: Option<Process>,
    url: String,
    journal: TempDir,
    database: String,
    replica: Option<String>,
    clock: &'static str,
}

impl Cluster {
    /// All of them start at once, on an empty database.
    pub(super) async fn start(database: Server) -> Arc<Self> {
        let address = database.url("postgres");
        Self::made(database, address, None, [RIGHT; NODES], |link| link.address.clone()).await
    }

    /// The same, with clocks that are off: by `+5m`, for instance.
    pub(super) async fn with_clocks(database: Server, clocks: [&'static str; NODES]) -> Arc<Self> {
        let address = database.url("postgres");
        Self::made(database, address, None, clocks, |link| link.address.clone()).await
    }

    /// The same; each is told where the database is by what is said of its link, and where a replica is. In the end
    /// the database is at `address`.
    pub(super) async fn over(
        database: Server,
        address: String,
        replica: Option<String>,
        place: impl Fn(&Link) -> String,
    ) -> Arc<Self> {
        Self::made(database, address, replica, [RIGHT; NODES], place).await
    }

    async fn made(
        database: Server,
        address: String,
        replica: Option<String>,
        clocks: [&'static str; NODES],
        place: impl Fn(&Link) -> String,
    ) -> Arc<Self> {
        let mut links = Vec::new();
        for _ in 0..NODES {
            links.push(Link::open(&database).await);
        }
        let named = links.iter().enumerate().map(|(n, link)| format!("{} application_name=node-{n}", place(link)));
        let start = |(url, clock)| {
            let replica = replica.clone();
            tokio::task::spawn_blocking(move || Node::start(url, replica, clock))
        };
        let starting: Vec<_> = named.zip(clocks).map(start).collect();
        let mut nodes = Vec::new();
        for node in starting {
            nodes.push(Mutex::new(node.await.unwrap()));
        }
        Arc::new(Self { database: Mutex::new(database), address, nodes, links })
    }

    pub(super) fn client(&self, node: usize) -> Client {
        Client::new(&self.nodes[node].lock().unwrap().url, TOKEN)
    }

    /// What is between a server and the database.
    pub(super) fn link(&self, node: usize) -> &Link {
        &self.links[node]
    }

    pub(super) fn kill(&self, node: usize) {
        let process = self.nodes[node].lock().unwrap().process.take();
        process.expect("it runs").kill();
    }

    pub(super) fn restart(&self, node: usize) {
        // Clients that ask for its address meanwhile do not wait.
        let starting = self.nodes[node].lock().unwrap().command();
        let process = tokio::task::block_in_place(|| starting.run());
        self.nodes[node].lock().unwrap().runs(process);
    }

    pub(super) fn signal(&self, node: usize, signal: rustix::process::Signal) {
        self.nodes[node].lock().unwrap().process.as_ref().expect("it runs").signal(signal);
    }

    /// Runs statements on the database itself.
    pub(super) async fn sql(&self, text: &str) -> Vec<tokio_postgres::Row> {
        sql(&self.address, text).await
    }
}

/// Runs a statement.
pub(super) async fn sql(address: &str, text: &str) -> Vec<tokio_postgres::Row> {
    let (client, connection) = tokio_postgres::connect(address, NoTls).await.unwrap();
    let driver = tokio::spawn(connection);
    let rows = client.query(text, &[]).await.unwrap();
    drop(client);
    let _ended = driver.await;
    rows
}

impl Node {
    fn start(database: String, replica: Option<String>, clock: &'static str) -> Self {
        let journal = tempfile::tempdir().unwrap();
        let mut node = Self { process: None, url: String::new(), journal, database, replica, clock };
        let process = node.command().run();
        node.runs(process);
        node
    }

    fn command(&self) -> Starting {
        let mut arguments = vec!["--journal-dir", self.journal.path().to_str().unwrap(), "--heartbeat-seconds", "1"];
        arguments.extend(["--database-statement-seconds", "3", "--database-connect-seconds", "2"]);
        arguments.extend(["--database-url", &self.database]);
        if let Some(replica) = &self.replica {
            arguments.extend(["--replica-url", replica]);
        }
        Starting(arguments.into_iter().map(str::to_owned).collect(), self.clock)
    }

    fn runs(&mut self, process: Process) {
        self.url = process.url();
        self.process = Some(process);
    }
}

/// How a server is started.
struct Starting(Vec<String>, &'static str);

impl Starting {
    fn run(&self) -> Process {
        let arguments: Vec<&str> = self.0.iter().map(String::as_str).collect();
        let mut environment = vec![("WIGWAG_INIT_ACCESS_TOKEN", TOKEN), ("WIGWAG_ALLOW_PRIVATE_WEBHOOKS", "true")];
        let library = if self.1 == RIGHT { String::new() } else { faketime() };
        if self.1 != RIGHT {
            // Time of day only: what is measured stays what it is.
            environment.extend([("FAKETIME_DONT_FAKE_MONOTONIC", "1"), ("NO_FAKE_STAT", "1")]);
            environment.extend([("LD_PRELOAD", &*library), ("FAKETIME", self.1)]);
        }
        Process::start(&arguments, &environment)
    }
}

/// The library that sets clocks of processes.
fn faketime() -> String {
    let here = std::path::Path::new("/usr/lib");
    let places = [here.join(format!("{}-linux-gnu", std::env::consts::ARCH)), here.to_owned(), "/usr/lib64".into()];
    let found = places.iter().map(|place| place.join("faketime/libfaketimeMT.so.1")).find(|path| path.exists());
    found.expect("libfaketime; on Debian: apt-get install libfaketime").to_str().unwrap().to_owned()
}

/// A connection to the database that goes through the test.
pub(super) struct Link {
    /// Where a server finds it.
    pub(super) address: String,
    state: AtomicU8,
}

const OPEN: u8 = 0;
const CUT: u8 = 1;
const SLOW: u8 = 2;

impl Link {
    async fn open(database: &Server) -> Arc<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let address = format!("host=127.0.0.1 port={port} user=postgres dbname=postgres");
        let (link, socket) = (Arc::new(Self { address, state: AtomicU8::new(OPEN) }), database.socket());
        let accepting = Arc::clone(&link);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let Ok(server) = UnixStream::connect(&socket).await else { continue };
                let (from_client, to_client) = client.into_split();
                let (from_server, to_server) = server.into_split();
                let (up, down) = (Arc::clone(&accepting), Arc::clone(&accepting));
                tokio::spawn(async move {
                    tokio::select! {
                        () = up.carry(from_client, to_server) => {}
                        () = down.carry(from_server, to_client) => {}
                    }
                });
            }
        });
        link
    }

    /// From here on nothing comes through, in either direction, and nobody is told.
    pub(super) fn cut(&self) {
        self.state.store(CUT, Ordering::SeqCst);
    }

    /// From here on everything takes long.
    pub(super) fn slow(&self) {
        self.state.store(SLOW, Ordering::SeqCst);
    }

    pub(super) fn mend(&self) {
        self.state.store(OPEN, Ordering::SeqCst);
    }

    async fn carry(&self, mut from: impl tokio::io::AsyncRead + Unpin, mut to: impl tokio::io::AsyncWrite + Unpin) {
        let mut bytes = vec![0; 1 << 16];
        while let Ok(n @ 1..) = from.read(&mut bytes).await {
            if self.state.load(Ordering::SeqCst) == SLOW {
                tokio::time::sleep(Duration::from_millis(40)).await;
            }
            while self.state.load(Ordering::SeqCst) == CUT {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
            if to.write_all(&bytes[..n]).await.is_err() {
                break;
            }
        }
    }
}
