//! What an SDK holds, in a few characters: the selector that it echoes as its basis (sdk-protocol.md 3.4).

use std::sync::OnceLock;

use sha2::{Digest as _, Sha256};

use crate::snapshot::EnvSnapshot;

/// Stands for all items of an environment at once: equal items have equal ones, on any server and after any
/// restart.
pub(crate) type Contents = u64;

/// A point in the history of an environment.
pub(crate) struct Mark {
    pub(crate) seq: u64,
    /// Known once somebody was told of it. What nobody was told of nobody can have as a basis.
    contents: OnceLock<Contents>,
}

impl Mark {
    pub(crate) const fn new(seq: u64) -> Self {
        Self { seq, contents: OnceLock::new() }
    }

    pub(crate) fn contents(&self) -> Option<Contents> {
        self.contents.get().copied()
    }
}

/// Stands for one client's question: the credential's kind, the context and how results are wanted. A state told
/// to one client says nothing to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Whom(pub(crate) u64);

/// What the selector `text` says about the environment `env`: `(p:ENV:SEQ:CONTENTS)`. The sequence is for people.
pub(crate) fn contents_of(text: &str, env: &str) -> Option<Contents> {
    let mut parts = text.strip_prefix("(p:")?.strip_suffix(')')?.split(':');
    let contents = contents_in(&mut parts, env)?;
    parts.next().is_none().then_some(contents)
}

/// The same of a client's selector: `(c:ENV:SEQ:CONTENTS:WHOM)`.
pub(crate) fn client_contents_of(text: &str, env: &str, whom: Whom) -> Option<Contents> {
    let mut parts = text.strip_prefix("(c:")?.strip_suffix(')')?.split(':');
    let contents = contents_in(&mut parts, env)?;
    let theirs = parts.next()? == format!("{:016x}", whom.0);
    (theirs && parts.next().is_none()).then_some(contents)
}

/// `ENV:SEQ:CONTENTS`
fn contents_in<'a>(parts: &mut impl Iterator<Item = &'a str>, env: &str) -> Option<Contents> {
    let (of, seq, contents) = (parts.next()?, parts.next()?, parts.next()?);
    let ours = of == env && seq.parse::<u64>().is_ok() && contents.len() == 16;
    Contents::from_str_radix(contents, 16).ok().filter(|_| ours)
}

impl EnvSnapshot {
    /// The selector of this snapshot: letters, digits and `(:)`, so that SDKs that forget to encode it do no harm.
    #[must_use]
    pub fn state(&self) -> String {
        format!("(p:{}:{}:{:016x})", self.settings().id, self.seq(), self.contents())
    }

    /// The selector of this snapshot for one client.
    pub(crate) fn client_state(&self, whom: Whom) -> String {
        format!("(c:{}:{}:{:016x}:{:016x})", self.settings().id, self.seq(), self.contents(), whom.0)
    }

    /// The last change as the payload's version. Some SDKs read 32 bits.
    pub(crate) fn payload_version(&self) -> u64 {
        self.seq().min(i32::MAX.unsigned_abs().into())
    }

    /// Made from sums that parts remember, so that a change costs what it touched.
    pub(crate) fn contents(&self) -> Contents {
        *self.tail().newest().contents.get_or_init(|| {
            let mut hash = Sha256::new();
            hash.update(self.flags().sum().to_le_bytes());
            hash.update(self.segments().sum().to_le_bytes());
            let digest = hash.finalize();
            digest.iter().take(8).fold(0, |out, byte| (out << 8) | Contents::from(*byte))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_written_here_for_this_environment_is_read() {
        assert_eq!(contents_of("(p:env1:41:00000000000000ff)", "env1"), Some(255));
        for bad in [
            "",
            "(p:env1:41)",
            "(p:env2:41:00000000000000ff)",
            "(p:env1:-1:00000000000000ff)",
            "(p:env1:41:ff)",
            "(p:env1:41:000000000000000g)",
            "(p:env1:41:00000000000000ff:1)",
            "p:env1:41:00000000000000ff",
            "(p:env1:99999999999999999999:00000000000000ff)",
            "(p:env1:41:000000000000000ff)",
        ] {
            assert_eq!(contents_of(bad, "env1"), None, "{bad}");
        }
    }

    #[test]
    fn a_clients_state_is_read_for_that_client_only() {
        let state = "(c:env1:41:00000000000000ff:0000000000000007)";
        assert_eq!(client_contents_of(state, "env1", Whom(7)), Some(255));
        assert_eq!(client_contents_of(state, "env1", Whom(8)), None);
        assert_eq!(client_contents_of(state, "env2", Whom(7)), None);
        assert_eq!(contents_of(state, "env1"), None);
        for bad in ["(p:env1:41:00000000000000ff)", "(c:env1:41:00000000000000ff)", "(c:env1:41:ff:7)", ""] {
            assert_eq!(client_contents_of(bad, "env1", Whom(7)), None, "{bad}");
        }
    }
}
