//! The machine: directories, permissions, room, keys, certificates, the port.

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::time::Duration;

use rustix::process::{Resource, getrlimit};

use super::Report;
use crate::config::{Config, Database, SecretKey};
use crate::machine::free_bytes;

/// Free bytes below which a server has little time left, and below which it is out of it.
const ROOM: (u64, u64) = (1 << 30, 100 << 20);
/// Open files from which on many streams fit.
const FILES: u64 = 65_536;
/// How long a server on the port may take to answer.
const WITHIN: Duration = Duration::from_secs(2);
/// Network file systems, by the number the kernel has for them: NFS, SMB, CIFS, 9P, Ceph, FUSE.
const REMOTE: [u64; 6] = [0x6969, 0x517b, 0xff53_4d42, 0x0102_1997, 0x00c3_6400, 0x6573_5546];

pub(super) fn examine(config: &Config, in_use: bool, report: &mut Report) {
    if let Database::Sqlite(dir) = &config.database {
        directory("data-dir", dir, report);
        local(dir, report);
        room("disk", dir, report);
    }
    directory("journal-dir", &config.journal.dir, report);
    if let Database::Postgres { .. } = config.database {
        room("disk", &config.journal.dir, report);
    }
    keys(config, report);
    if let Some(acme) = config.acme.as_ref().filter(|acme| !acme.files().cert.exists()) {
        report.ok("tls", format!("a certificate will be ordered from {}", acme.directory));
    } else if let Some(files) = &config.tls {
        private("tls-key", &files.key, report);
        match crate::tls::read(files) {
            Ok(_) => report.ok("tls", format!("{} can be used", files.cert.display())),
            Err(error) => report.fail("tls", format!("{error:#}")),
        }
    }
    port(config.listen, in_use, report);
    open_files(report);
}

/// It can be written, and others cannot read it.
fn directory(about: &'static str, dir: &Path, report: &mut Report) {
    let Some(there) = dir.ancestors().find(|dir| dir.exists()) else { return };
    if rustix::fs::access(there, rustix::fs::Access::WRITE_OK | rustix::fs::Access::EXEC_OK).is_err() {
        let told = format!("{} cannot be written by this user: chown it, or name another one", there.display());
        return report.fail(about, told);
    }
    if there != dir {
        return report.ok(about, format!("{} will be made", dir.display()));
    }
    match std::fs::metadata(dir).map(|data| data.permissions().mode() & 0o007) {
        Ok(0) => report.ok(about, format!("{} can be written", dir.display())),
        Ok(_) if is_closed_above(dir) => report.ok(about, format!("{} can be written", dir.display())),
        Ok(_) => report.warn(about, format!("{} is open to all users: chmod 0700 {0}", dir.display())),
        Err(error) => report.fail(about, format!("{}: {error}", dir.display())),
    }
}

/// Whether the directory it is in keeps others out.
fn is_closed_above(dir: &Path) -> bool {
    let above = dir.parent().and_then(|above| std::fs::metadata(above).ok());
    above.is_some_and(|data| data.permissions().mode() & 0o007 == 0)
}

/// Locks and shared memory of the embedded database do not work over a network.
fn local(dir: &Path, report: &mut Report) {
    let there = dir.ancestors().find(|dir| dir.exists());
    let kind = there.and_then(|dir| rustix::fs::statfs(dir).ok()).map(|stat| stat.f_type as u64);
    if kind.is_some_and(|kind| REMOTE.contains(&kind)) {
        let told = format!("{} is on a network file system: SQLite needs a disk of this machine", dir.display());
        report.warn("data-dir", told);
    }
}

fn room(about: &'static str, dir: &Path, report: &mut Report) {
    let Some(free) = free_bytes(dir) else { return };
    let told = format!("{} MB are free for {}", free >> 20, dir.display());
    match free {
        _ if free < ROOM.1 => report.fail(about, format!("{told}: writes will soon be refused; make room")),
        _ if free < ROOM.0 => report.warn(about, format!("{told}: make room")),
        _ => report.ok(about, told),
    }
}

fn keys(config: &Config, report: &mut Report) {
    let path = match (&config.secret_key, &config.database) {
        (SecretKey::File(path), _) => Some(path.clone()),
        (SecretKey::Default, Database::Sqlite(dir)) => Some(dir.join("secret.key")),
        (SecretKey::Default, Database::Postgres { .. }) => {
            let told = "kept in the database, which protects nothing from who can read it: set secret-key-file";
            return report.warn("keys", told);
        }
        (SecretKey::Given(_), _) => None,
    };
    if matches!(config.secret_key, SecretKey::Default) && path.as_ref().is_some_and(|path| !path.exists()) {
        return report.ok("keys", "the first start makes secret.key; after a restore, put the old one there first");
    }
    match crate::keys::existing(config) {
        Ok(_) => report.ok("keys", "they can be read"),
        Err(error) => report.fail("keys", format!("{error:#}")),
    }
    if let Some(path) = path {
        private("keys", &path, report);
    }
}

/// Whether others can read a file that holds a secret.
fn private(about: &'static str, path: &Path, report: &mut Report) {
    let mode = std::fs::metadata(path).map(|data| data.permissions().mode() & 0o077);
    if mode.is_ok_and(|mode| mode != 0) {
        report.warn(about, format!("{} can be read by others: chmod 0600 {0}", path.display()));
    }
}

/// It is free, or a server of ours answers there.
fn port(listen: SocketAddr, in_use: bool, report: &mut Report) {
    match TcpListener::bind(listen) {
        Ok(_) => report.ok("port", format!("{listen} is free")),
        Err(error) if error.kind() == ErrorKind::AddrInUse => {
            let told = format!("{listen} is taken");
            match answers(listen) {
                true => report.ok("port", format!("{told} by a server that answers at /health/live")),
                false if in_use => report.ok("port", format!("{told}, and a server uses the database")),
                false => report.fail("port", format!("{told} by something else: stop that, or set listen")),
            }
        }
        Err(error) => report.fail("port", format!("{listen}: {error}: set listen")),
    }
}

fn answers(listen: SocketAddr) -> bool {
    let ask = || -> std::io::Result<bool> {
        let mut stream = TcpStream::connect_timeout(&listen, WITHIN)?;
        stream.set_read_timeout(Some(WITHIN))?;
        stream.write_all(b"GET /health/live HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")?;
        let mut answer = String::new();
        stream.take(4_096).read_to_string(&mut answer)?;
        Ok(answer.contains("{\"status\":\"live\"}"))
    };
    ask().unwrap_or(false)
}

fn open_files(report: &mut Report) {
    match getrlimit(Resource::Nofile).maximum {
        Some(most) if most < FILES => {
            let told = format!("{most} at most, and every stream is one: raise LimitNOFILE (ulimit -Hn) to {FILES}");
            report.warn("open files", told);
        }
        Some(most) => report.ok("open files", format!("up to {most}")),
        None => report.ok("open files", "without limit"),
    }
}
