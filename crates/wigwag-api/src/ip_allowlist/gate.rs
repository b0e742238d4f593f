//! The allowlist at work: compiled once, asked for every request.

use std::net::IpAddr;
use std::sync::Arc;

use arc_swap::ArcSwap;
use ipnet::IpNet;
use tokio::sync::watch;
use wigwag_kit::gate::Credential;
use wigwag_kit::{BoxFuture, Gate, Gatekeeper, Result};
use wigwag_store::Store;

/// The gate of an account, for the extensions of its [`wigwag_kit::App`].
#[must_use]
pub fn gatekeeper(store: &Store) -> Gatekeeper {
    Gatekeeper(Arc::new(Allowlist { head: store.watch(), store: store.clone(), compiled: ArcSwap::default() }))
}

struct Allowlist {
    store: Store,
    head: watch::Receiver<u64>,
    compiled: ArcSwap<Compiled>,
}

/// The list as of a sequence. A newer sequence asks for one more look at one document.
#[derive(Clone, Default)]
struct Compiled {
    seen: Option<u64>,
    session: bool,
    token: bool,
    blocks: Vec<IpNet>,
}

impl Gate for Allowlist {
    fn is_current(&self) -> bool {
        let compiled = self.compiled.load();
        compiled.seen.is_some_and(|seen| seen >= *self.head.borrow())
    }

    fn refresh(&self) -> BoxFuture<'_, Result<()>> {
        Box::pin(async {
            // Before the list is read, so that what is committed meanwhile is looked for again.
            let seen = Some(*self.head.borrow());
            let (list, _) = super::read(self.store.get(&super::key()).await?)?;
            let blocks = list.entries.iter().filter_map(|entry| super::block(&entry.ip_address)).collect();
            let compiled = Compiled { seen, session: list.session_enabled, token: list.token_enabled, blocks };
            // Of several that look at once, the one that saw most stays.
            self.compiled.rcu(|old| match old.seen >= seen {
                true => Arc::clone(old),
                false => Arc::new(compiled.clone()),
            });
            Ok(())
        })
    }

    fn admits(&self, credential: Credential, peer: Option<IpAddr>) -> bool {
        let compiled = self.compiled.load();
        let on = match credential {
            Credential::Token => compiled.token,
            Credential::Session => compiled.session,
        };
        !on || peer.is_some_and(|ip| compiled.blocks.iter().any(|block| block.contains(&ip.to_canonical())))
    }
}
