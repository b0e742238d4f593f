//! Talking to a Redis server: a connection, and commands sent together (RESP2).
//!
//! What is needed is little: a few commands with a few answers, bounded in time and size, to addresses that are
//! checked like those of other calls. So the protocol is spoken here rather than by a client that looks names up by
//! itself.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::ServerName;
use tokio::io::{AsyncBufReadExt as _, AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, BufStream};
use tokio::net::TcpStream;

use crate::resolver::allowed;
use crate::{Failure, Outbound};

/// Largest text in an answer, in bytes.
const TEXT_MAX: usize = 64 << 10;
/// Largest list in an answer.
const LIST_MAX: usize = 64 << 10;
/// Deepest list in a list: a transaction answers with a list of answers.
const DEPTH_MAX: usize = 4;

/// A Redis server and how to sign in.
#[derive(Clone)]
pub struct RedisServer {
    /// Name or address.
    pub host: String,
    /// Port.
    pub port: u16,
    /// Empty for the default user.
    pub username: String,
    /// Empty for none.
    pub password: String,
    /// Whether to speak TLS.
    pub tls: bool,
}

/// An answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RedisReply {
    /// Nothing is there, or a transaction was given up.
    Nothing,
    /// A number.
    Number(i64),
    /// A text.
    Text(String),
    /// A list.
    List(Vec<RedisReply>),
    /// The command was refused.
    Refused(String),
}

/// An open connection.
pub struct Redis {
    io: BufStream<Box<dyn Stream>>,
    within: Duration,
}

trait Stream: AsyncRead + AsyncWrite + Send + Sync + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Sync + Unpin> Stream for T {}

impl Outbound {
    /// Connects and signs in. Each step, and each group of commands later, may take `within`.
    ///
    /// # Errors
    /// [`Failure`].
    pub async fn redis(&self, server: &RedisServer, within: Duration) -> Result<Redis, Failure> {
        let stream = timed(within, self.connected(server)).await?;
        let mut redis = Redis { io: BufStream::new(stream), within };
        if !server.password.is_empty() {
            let mut auth = vec!["AUTH".to_owned()];
            auth.extend(Some(server.username.clone()).filter(|name| !name.is_empty()));
            auth.push(server.password.clone());
            redis.accepted(vec![auth]).await?;
        }
        Ok(redis)
    }

    async fn connected(&self, server: &RedisServer) -> io::Result<Box<dyn Stream>> {
        let found = tokio::net::lookup_host((server.host.as_str(), server.port)).await?;
        let addresses: Vec<SocketAddr> = allowed(found, self.allow_private)?;
        let stream = TcpStream::connect(&*addresses).await?;
        stream.set_nodelay(true)?;
        if !server.tls {
            return Ok(Box::new(stream));
        }
        let name = ServerName::try_from(server.host.clone()).map_err(io::Error::other)?;
        Ok(Box::new(tokio_rustls::TlsConnector::from(trusting()).connect(name, stream).await?))
    }
}

/// Trusts whom the system trusts.
fn trusting() -> Arc<rustls::ClientConfig> {
    let mut roots = rustls::RootCertStore::empty();
    let (_added, _unreadable) = roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    Arc::new(rustls::ClientConfig::builder().with_root_certificates(roots).with_no_client_auth())
}

impl Redis {
    /// Sends commands together and reads their answers, one each.
    ///
    /// # Errors
    /// [`Failure`]; the connection is of no use any more.
    pub async fn send(&mut self, commands: &[Vec<String>]) -> Result<Vec<RedisReply>, Failure> {
        timed(self.within, async {
            for command in commands {
                self.io.write_all(&encoded(command)).await?;
            }
            self.io.flush().await?;
            let mut replies = Vec::with_capacity(commands.len());
            for _ in commands {
                replies.push(reply(&mut self.io, DEPTH_MAX).await?);
            }
            Ok(replies)
        })
        .await
    }

    /// The same, where none may be refused.
    ///
    /// # Errors
    /// [`Failure`], also for what the server refuses.
    pub async fn accepted(&mut self, commands: Vec<Vec<String>>) -> Result<Vec<RedisReply>, Failure> {
        let replies = self.send(&commands).await?;
        match replies.iter().find_map(|reply| if let RedisReply::Refused(why) = reply { Some(why) } else { None }) {
            Some(why) => Err(Failure::Refused(format!("Redis: {why}"))),
            None => Ok(replies),
        }
    }
}

async fn timed<T>(within: Duration, work: impl Future<Output = io::Result<T>>) -> Result<T, Failure> {
    match tokio::time::timeout(within, work).await {
        Ok(done) => done.map_err(|error| match error.kind() {
            io::ErrorKind::PermissionDenied => Failure::Refused(error.to_string()),
            _ => Failure::Broken(error.to_string()),
        }),
        Err(_) => Err(Failure::Timeout(within)),
    }
}

fn encoded(command: &[String]) -> Vec<u8> {
    let mut out = format!("*{}\r\n", command.len()).into_bytes();
    for part in command {
        out.extend_from_slice(format!("${}\r\n", part.len()).as_bytes());
        out.extend_from_slice(part.as_bytes());
        out.extend_from_slice(b"\r\n");
    }
    out
}

type Replying<'a> = std::pin::Pin<Box<dyn Future<Output = io::Result<RedisReply>> + Send + 'a>>;

fn reply<R: AsyncRead + AsyncWrite + Send + Unpin>(io: &mut BufStream<R>, depth: usize) -> Replying<'_> {
    Box::pin(async move {
        let line = line(io).await?;
        let (kind, rest) = line.split_at_checked(1).ok_or_else(|| odd("an empty line"))?;
        match kind {
            "+" => Ok(RedisReply::Text(rest.to_owned())),
            "-" => Ok(RedisReply::Refused(rest.to_owned())),
            ":" => rest.parse().map(RedisReply::Number).map_err(|_| odd("a number that is none")),
            "$" => {
                let Some(len) = length(rest, TEXT_MAX)? else { return Ok(RedisReply::Nothing) };
                let mut text = vec![0; len + 2];
                io.read_exact(&mut text).await?;
                text.truncate(len);
                Ok(RedisReply::Text(String::from_utf8_lossy(&text).into_owned()))
            }
            "*" => {
                let Some(len) = length(rest, LIST_MAX)? else { return Ok(RedisReply::Nothing) };
                let depth = depth.checked_sub(1).ok_or_else(|| odd("lists in lists"))?;
                let mut list = Vec::with_capacity(len.min(64));
                for _ in 0..len {
                    list.push(reply(io, depth).await?);
                }
                Ok(RedisReply::List(list))
            }
            _ => Err(odd("something that is not Redis")),
        }
    })
}

/// A line without its end.
async fn line<R: AsyncRead + AsyncWrite + Unpin>(io: &mut BufStream<R>) -> io::Result<String> {
    let mut line = Vec::new();
    // A line is never longer than the longest refusal.
    let mut bounded = io.take(TEXT_MAX as u64);
    bounded.read_until(b'\n', &mut line).await?;
    if line.is_empty() {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    let text = line.strip_suffix(b"\r\n").ok_or_else(|| odd("a line without an end"))?;
    Ok(String::from_utf8_lossy(text).into_owned())
}

/// A length; none for nothing.
fn length(text: &str, most: usize) -> io::Result<Option<usize>> {
    match text.parse::<i64>() {
        Ok(-1) => Ok(None),
        Ok(len) => usize::try_from(len).ok().filter(|len| *len <= most).map(Some).ok_or_else(|| odd("a wrong length")),
        Err(_) => Err(odd("a length that is none")),
    }
}

fn odd(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, format!("the server answered with {what}"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    async fn read(answer: &'static [u8]) -> io::Result<RedisReply> {
        let (ours, mut theirs) = tokio::io::duplex(1 << 16);
        theirs.write_all(answer).await.unwrap();
        drop(theirs);
        reply(&mut BufStream::new(ours), DEPTH_MAX).await
    }

    #[tokio::test]
    async fn answers_are_read() {
        let text = |text: &str| RedisReply::Text(text.to_owned());
        assert_eq!(read(b"+OK\r\n").await.unwrap(), text("OK"));
        assert_eq!(read(b"$2\r\na\r\r\n").await.unwrap(), text("a\r"));
        assert_eq!(read(b"$-1\r\n").await.unwrap(), RedisReply::Nothing);
        assert_eq!(read(b":-7\r\n").await.unwrap(), RedisReply::Number(-7));
        assert_eq!(read(b"-ERR no\r\n").await.unwrap(), RedisReply::Refused("ERR no".to_owned()));
        assert_eq!(
            read(b"*2\r\n:1\r\n*0\r\n").await.unwrap(),
            RedisReply::List(vec![RedisReply::Number(1), RedisReply::List(vec![])])
        );
        let odd: [&[u8]; 8] = [
            b"",
            b"\r\n",
            b"HTTP/1.1 400\r\n",
            b"$99999999\r\n",
            b"$5\r\nab",
            b"*-2\r\n",
            b":x\r\n",
            b"*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n",
        ];
        for answer in odd {
            read(answer).await.unwrap_err();
        }
    }

    #[test]
    fn commands_are_lists_of_texts() {
        assert_eq!(encoded(&["SET".to_owned(), "ü".to_owned()]), "*2\r\n$3\r\nSET\r\n$2\r\nü\r\n".as_bytes());
    }
}
