//! A socket that does not block, with TLS or without.

use std::io::{self, IoSlice, Read, Write};

use mio::net::TcpStream;
use tokio_rustls::rustls::{ServerConnection, StreamOwned};

use crate::wire::Wire;

/// What a stream is written to.
pub(super) enum Socket {
    Plain(TcpStream),
    Tls(Box<StreamOwned<ServerConnection, TcpStream>>),
}

impl Socket {
    /// Takes a connection out of the runtime it was served by.
    pub(super) fn of(wire: Wire) -> io::Result<Self> {
        let blunt = |stream: tokio::net::TcpStream| stream.into_std().map(TcpStream::from_std);
        Ok(match wire {
            Wire::Plain(stream) => Self::Plain(blunt(stream)?),
            Wire::Tls(stream) => {
                let (stream, connection) = stream.into_inner();
                Self::Tls(Box::new(StreamOwned::new(connection, blunt(stream)?)))
            }
        })
    }

    /// What the system is asked about.
    pub(super) fn source(&mut self) -> &mut TcpStream {
        match self {
            Self::Plain(stream) => stream,
            Self::Tls(stream) => &mut stream.sock,
        }
    }

    /// Says that nothing follows, if that can be said at once.
    pub(super) fn end(&mut self) {
        if let Self::Tls(stream) = self {
            stream.conn.send_close_notify();
            let _closing = stream.flush();
        }
    }
}

impl Read for Socket {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Plain(stream) => stream.read(buffer),
            Self::Tls(stream) => stream.read(buffer),
        }
    }
}

impl Write for Socket {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Plain(stream) => stream.write(bytes),
            Self::Tls(stream) => stream.write(bytes),
        }
    }

    fn write_vectored(&mut self, bytes: &[IoSlice<'_>]) -> io::Result<usize> {
        match self {
            Self::Plain(stream) => stream.write_vectored(bytes),
            Self::Tls(stream) => stream.write_vectored(bytes),
        }
    }

    /// TLS keeps records of what was written that the system has not taken yet.
    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Plain(_) => Ok(()),
            Self::Tls(stream) => stream.flush(),
        }
    }
}
