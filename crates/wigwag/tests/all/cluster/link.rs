//! A connection to the database that goes through the test, for where the system lets nobody lay wires.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, UnixStream};
use wigwag_store::testing::Server;

/// What is between a server and the database.
pub(super) struct Link {
    /// Where a server finds it.
    pub(super) address: String,
    state: AtomicU8,
}

const OPEN: u8 = 0;
const CUT: u8 = 1;
const SLOW: u8 = 2;

impl Link {
    pub(super) async fn open(database: &Server) -> Arc<Self> {
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
