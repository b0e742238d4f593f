//! A receiver of webhooks on a real socket, which does as it is told.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::AbortHandle;

/// What to do with a call. Without a word, all are answered with 200.
#[derive(Clone, Debug)]
pub enum Then {
    Status(u16),
    Redirect(String),
    /// Says nothing until the receiver goes.
    Hang,
    /// Hangs up without a word.
    HangUp,
}

/// A call as it came in.
#[derive(Clone, Debug)]
pub struct Received {
    pub headers: BTreeMap<String, String>,
    pub body: String,
}

impl Received {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }
}

struct State {
    script: Mutex<VecDeque<Then>>,
    calls: Mutex<Vec<Received>>,
    count: watch::Sender<usize>,
}

pub struct Receiver {
    pub url: String,
    state: Arc<State>,
    accepting: AbortHandle,
}

impl Receiver {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hook", listener.local_addr().unwrap());
        let state = Arc::new(State { script: Mutex::default(), calls: Mutex::default(), count: watch::Sender::new(0) });
        let shared = Arc::clone(&state);
        let accepting = tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                tokio::spawn(serve(Arc::clone(&shared), socket));
            }
        });
        Self { url, state, accepting: accepting.abort_handle() }
    }

    /// What to do with the next calls, in order.
    pub fn then(&self, what: impl IntoIterator<Item = Then>) {
        self.state.script.lock().extend(what);
    }

    pub fn calls(&self) -> Vec<Received> {
        self.state.calls.lock().clone()
    }

    /// Waits until so many calls have come in.
    pub async fn wait_for(&self, count: usize) -> Vec<Received> {
        let mut seen = self.state.count.subscribe();
        let enough = seen.wait_for(|n| *n >= count);
        tokio::time::timeout(Duration::from_secs(30), enough).await.expect("the call comes in").unwrap();
        self.calls()
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn serve(state: Arc<State>, mut socket: TcpStream) {
    let Some(received) = read(&mut socket).await else { return };
    let then = state.script.lock().pop_front().unwrap_or(Then::Status(200));
    state.calls.lock().push(received);
    state.count.send_modify(|count| *count += 1);
    let answer = match then {
        Then::Status(status) => format!("HTTP/1.1 {status} X\r\ncontent-length: 4\r\nconnection: close\r\n\r\nseen"),
        Then::Redirect(to) => {
            format!("HTTP/1.1 307 X\r\nlocation: {to}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
        }
        Then::Hang => std::future::pending().await,
        Then::HangUp => return,
    };
    socket.write_all(answer.as_bytes()).await.unwrap();
}

async fn read(socket: &mut TcpStream) -> Option<Received> {
    let mut bytes = Vec::new();
    let head = loop {
        if let Some(at) = bytes.windows(4).position(|w| w == b"\r\n\r\n") {
            break at;
        }
        if socket.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    };
    let text = String::from_utf8(bytes[..head].to_vec()).unwrap();
    let headers: BTreeMap<String, String> = text
        .lines()
        .skip(1)
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_lowercase(), value.to_owned()))
        .collect();
    let length: usize = headers.get("content-length").map_or(0, |n| n.parse().unwrap());
    while bytes.len() < head + 4 + length {
        if socket.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    }
    Some(Received { headers, body: String::from_utf8(bytes[head + 4..].to_vec()).unwrap() })
}
