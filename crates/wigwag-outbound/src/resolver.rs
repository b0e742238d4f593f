//! Looks names up and leaves out the addresses that may not be called. Connections are made to exactly what is
//! answered here.

use std::io;
use std::net::SocketAddr;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use crate::is_public;

/// Said of every address that is not the public's.
pub(crate) const PRIVATE: &str =
    "the address is not a public one; calls into private networks are allowed by the setting allow-private-webhooks";

pub(crate) struct Resolver {
    pub(crate) allow_private: bool,
}

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let allow_private = self.allow_private;
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let allowed = allowed(found, allow_private)?;
            Ok(Box::new(allowed.into_iter()) as Addrs)
        })
    }
}

/// Those that may be called. A name that also answers with others is not trusted with any.
pub(crate) fn allowed(found: impl Iterator<Item = SocketAddr>, private: bool) -> io::Result<Vec<SocketAddr>> {
    let found: Vec<_> = found.collect();
    if !private && found.iter().any(|address| !is_public(address.ip())) {
        return Err(io::Error::new(io::ErrorKind::PermissionDenied, PRIVATE));
    }
    Ok(found)
}
