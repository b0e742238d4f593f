//! Servers, one database, and what can be done to them.

use std::net::Ipv4Addr;
use std::path::Path;
use std::sync::{Arc, Mutex};

use tempfile::TempDir;
use wigwag_store::testing::Server;
use wigwag_store::testing::behind::{Lease, Seat};
use wigwag_testkit::Client;

use super::link::Link;
use super::wires::{self, Namespace};
use crate::process::Process;

pub(super) const TOKEN: &str = "api-cluster-test-token";
pub(super) const NODES: usize = 3;
/// A clock that is not off.
const RIGHT: &str = "+0";

/// Servers on one database.
pub(super) struct Cluster {
    pub(super) database: Mutex<Server>,
    /// Where the database is in the end.
    pub(super) address: String,
    nodes: Vec<Mutex<Node>>,
    /// What is between each server and the database, unless it is nothing.
    ways: Vec<Way>,
}

/// What is between a server and the database.
enum Way {
    /// A wire, and another to clients.
    Wired(Box<Namespace>),
    /// A program in between.
    Through(Arc<Link>),
}

struct Node {
    process: Option<Process>,
    url: String,
    journal: TempDir,
    starting: Starting,
}

/// How a server is started.
#[derive(Clone)]
struct Starting {
    /// The namespace to start it in.
    enter: Vec<String>,
    listen: String,
    database: String,
    replica: Option<String>,
    clock: &'static str,
}

impl Cluster {
    /// All of them start at once, on an empty database.
    pub(super) async fn start() -> Arc<Self> {
        Self::made("", [RIGHT; NODES]).await
    }

    /// The same, with options of the database's server.
    pub(super) async fn with_options(options: &str) -> Arc<Self> {
        Self::made(options, [RIGHT; NODES]).await
    }

    /// The same, with clocks that are off: by `+5m`, for instance.
    pub(super) async fn with_clocks(clocks: [&'static str; NODES]) -> Arc<Self> {
        Self::made("", clocks).await
    }

    /// On databases that the test has made: each server is told that they are at `place`, and where a replica is. In
    /// the end the database is at `address`.
    pub(super) async fn over(database: Server, address: String, replica: &str, place: &str) -> Arc<Self> {
        let starting = Starting {
            enter: Vec::new(),
            listen: "127.0.0.1:0".to_owned(),
            database: place.to_owned(),
            replica: Some(replica.to_owned()),
            clock: RIGHT,
        };
        Self::started(database, address, Vec::new(), vec![starting; NODES]).await
    }

    /// In network namespaces where the system lets us make them.
    async fn made(options: &str, clocks: [&'static str; NODES]) -> Arc<Self> {
        let (database, ways) = match wires::lay(NODES) {
            Ok(namespaces) => {
                let addresses: Vec<_> = namespaces.iter().map(|one| one.to_database.ours()).collect();
                let database = Server::start_unsafe_at(&addresses, options).unwrap();
                (database, namespaces.into_iter().map(|namespace| Way::Wired(Box::new(namespace))).collect())
            }
            Err(why) => {
                crate::not_tested(&format!("network namespaces, only what a proxy can do: {why}"));
                let database = Server::start_unsafe_with(options).unwrap();
                let mut ways = Vec::new();
                for _ in 0..NODES {
                    ways.push(Way::Through(Link::open(&database).await));
                }
                (database, ways)
            }
        };
        let address = database.url("postgres");
        let starting = ways.iter().zip(clocks).map(|(way, clock)| way.starting(clock)).collect();
        Self::started(database, address, ways, starting).await
    }

    async fn started(database: Server, address: String, ways: Vec<Way>, starting: Vec<Starting>) -> Arc<Self> {
        let start = |(n, mut starting): (usize, Starting)| {
            starting.database += &format!(" application_name=node-{n}");
            tokio::task::spawn_blocking(move || Node::start(starting))
        };
        let starting: Vec<_> = starting.into_iter().enumerate().map(start).collect();
        let mut nodes = Vec::new();
        for node in starting {
            nodes.push(Mutex::new(node.await.unwrap()));
        }
        Arc::new(Self { database: Mutex::new(database), address, nodes, ways })
    }

    pub(super) fn client(&self, node: usize) -> Client {
        Client::new(&self.nodes[node].lock().unwrap().url, TOKEN)
    }

    /// An address of the test that servers reach.
    pub(super) fn here(&self) -> Ipv4Addr {
        match self.ways.first() {
            Some(Way::Wired(namespace)) => namespace.to_clients.ours(),
            _ => Ipv4Addr::LOCALHOST,
        }
    }

    /// From here on nothing comes through between a server and the database, and nobody is told.
    pub(super) fn cut_from_database(&self, node: usize) {
        match &self.ways[node] {
            Way::Wired(namespace) => namespace.to_database.cut(),
            Way::Through(link) => link.cut(),
        }
    }

    /// From here on everything between a server and the database takes long.
    pub(super) fn slow_to_database(&self, node: usize) {
        match &self.ways[node] {
            Way::Wired(namespace) => namespace.to_database.slow(),
            Way::Through(link) => link.slow(),
        }
    }

    /// From here on nothing comes through between a server and its clients, and nobody is told. False where only wires
    /// could do that, and there are none.
    pub(super) fn cut_from_clients(&self, node: usize) -> bool {
        let Way::Wired(namespace) = &self.ways[node] else { return false };
        namespace.to_clients.cut();
        true
    }

    /// Everything comes through to a server again.
    pub(super) fn mend(&self, node: usize) {
        match &self.ways[node] {
            Way::Wired(namespace) => {
                namespace.to_database.mend();
                namespace.to_clients.mend();
            }
            Way::Through(link) => link.mend(),
        }
    }

    pub(super) fn kill(&self, node: usize) {
        let process = self.nodes[node].lock().unwrap().process.take();
        process.expect("it runs").kill();
    }

    pub(super) fn restart(&self, node: usize) {
        // Clients that ask for its address meanwhile do not wait.
        let (starting, journal) = {
            let node = self.nodes[node].lock().unwrap();
            (node.starting.clone(), node.journal.path().to_owned())
        };
        let process = tokio::task::block_in_place(|| starting.run(&journal));
        self.nodes[node].lock().unwrap().runs(process);
    }

    pub(super) fn signal(&self, node: usize, signal: rustix::process::Signal) {
        self.nodes[node].lock().unwrap().process.as_ref().expect("it runs").signal(signal);
    }

    /// A connection to the database itself.
    pub(super) async fn seat(&self) -> Seat {
        Seat::take(&self.address).await.unwrap()
    }

    /// Whose turn each work is.
    pub(super) async fn leases(&self) -> Vec<Lease> {
        self.seat().await.leases().await.unwrap()
    }

    /// Who has the turn at a work.
    pub(super) async fn holder(&self, work: &str) -> Option<String> {
        self.leases().await.into_iter().find(|lease| lease.work == work).map(|lease| lease.holder)
    }

    /// Which of the servers has this name among them.
    pub(super) async fn node_named(&self, name: &str) -> usize {
        for node in 0..NODES {
            let streams = self.client(node).get("/api/v2/projects/default/environments/test/streams").await;
            let streams = streams.expect(200).json();
            assert!(streams["others"].as_array().unwrap().len() < NODES);
            if streams["node"] == *name {
                return node;
            }
        }
        panic!("none of them is {name}")
    }
}

impl Way {
    fn starting(&self, clock: &'static str) -> Starting {
        let (enter, listen, database) = match self {
            Self::Wired(namespace) => {
                let database = format!("host={} user=postgres dbname=postgres", namespace.to_database.ours());
                (namespace.enter(), format!("{}:8080", namespace.to_clients.theirs()), database)
            }
            Self::Through(link) => (Vec::new(), "127.0.0.1:0".to_owned(), link.address.clone()),
        };
        Starting { enter, listen, database, replica: None, clock }
    }
}

impl Node {
    fn start(starting: Starting) -> Self {
        let journal = tempfile::tempdir().unwrap();
        let mut node = Self { process: None, url: String::new(), journal, starting };
        let process = node.starting.run(node.journal.path());
        node.runs(process);
        node
    }

    fn runs(&mut self, process: Process) {
        self.url = process.url();
        self.process = Some(process);
    }
}

impl Starting {
    fn run(&self, journal: &Path) -> Process {
        let mut arguments = vec!["--journal-dir", journal.to_str().unwrap(), "--heartbeat-seconds", "1"];
        arguments.extend(["--database-statement-seconds", "3", "--database-connect-seconds", "2"]);
        arguments.extend(["--database-url", &self.database]);
        if let Some(replica) = &self.replica {
            arguments.extend(["--replica-url", replica]);
        }
        let mut environment = vec![("WIGWAG_INIT_ACCESS_TOKEN", TOKEN), ("WIGWAG_ALLOW_PRIVATE_WEBHOOKS", "true")];
        let library = if self.clock == RIGHT { String::new() } else { faketime() };
        if self.clock != RIGHT {
            // Time of day only: what is measured stays what it is.
            environment.extend([("FAKETIME_DONT_FAKE_MONOTONIC", "1"), ("NO_FAKE_STAT", "1")]);
            environment.extend([("LD_PRELOAD", &*library), ("FAKETIME", self.clock)]);
        }
        Process::start_within(&self.enter, &self.listen, &arguments, &environment)
    }
}

/// The library that sets clocks of processes.
fn faketime() -> String {
    let here = Path::new("/usr/lib");
    let places = [here.join(format!("{}-linux-gnu", std::env::consts::ARCH)), here.to_owned(), "/usr/lib64".into()];
    let found = places.iter().map(|place| place.join("faketime/libfaketimeMT.so.1")).find(|path| path.exists());
    found.expect("libfaketime; on Debian: apt-get install libfaketime").to_str().unwrap().to_owned()
}
