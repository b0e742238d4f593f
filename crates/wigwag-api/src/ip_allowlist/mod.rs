//! The IP allowlist: from where the account can be used with a session or an access token (beta). SDKs are not held
//! to it.

mod change;
mod gate;
mod rep;

pub use gate::gatekeeper;

use std::net::IpAddr;

use ipnet::IpNet;
use wigwag_kit::operation::Access;
use wigwag_kit::{Ctx, Error, Operations, Page, Reply, Request, Result, Spec, page};
use wigwag_model::doc::{IpAllowlist, Kind};
use wigwag_store::{Doc, DocKey};

use rep::{AllowlistRep, EntryRep};

/// The operations on the allowlist.
#[must_use]
pub fn ops() -> Operations {
    Operations::new()
        .with(
            Operations::operation("getIpAllowlist", Access::Actions(&["viewIpAllowlist"]), list)
                .reply::<AllowlistRep>(),
        )
        .with(
            Operations::operation("createIpAllowlistEntry", Access::Actions(&[change::CREATE]), change::create)
                .body::<change::EntryPost>()
                .reply::<EntryRep>(),
        )
        .with(
            Operations::operation("patchIpAllowlistConfig", Access::Actions(&[change::ENABLE]), change::configure)
                .body::<change::ConfigPatch>()
                .reply::<AllowlistRep>(),
        )
        .with(
            Operations::operation("patchIpAllowlistEntry", Access::Actions(&[change::UPDATE]), change::describe)
                .body::<change::EntryPatch>()
                .reply::<EntryRep>(),
        )
        .on("deleteIpAllowlistEntry", Access::Actions(&[change::DELETE]), change::delete)
}

/// Where the list is stored.
fn key() -> DocKey {
    DocKey::account(Kind::IpAllowlist, "allowlist")
}

/// How policies name it.
fn spec() -> Spec {
    Spec::parse("ip-allowlist").unwrap_or_default()
}

/// The list and its version; none was stored while nobody changed it.
async fn load(ctx: &Ctx) -> Result<(IpAllowlist, Option<u64>)> {
    read(ctx.store().get(&key()).await?)
}

fn read(doc: Option<Doc>) -> Result<(IpAllowlist, Option<u64>)> {
    Ok(match doc {
        None => (IpAllowlist::default(), None),
        Some(doc) => (doc.decode()?, Some(doc.version)),
    })
}

/// An address or block as text.
fn block(text: &str) -> Option<IpNet> {
    let net = text.parse().ok().or_else(|| text.parse::<IpAddr>().ok().map(IpNet::from))?;
    Some(net.trunc())
}

/// Whether an address is in one of the entries.
fn covers(list: &IpAllowlist, ip: IpAddr) -> bool {
    let ip = ip.to_canonical();
    list.entries.iter().filter_map(|entry| block(&entry.ip_address)).any(|block| block.contains(&ip))
}

async fn list(ctx: Ctx, request: Request) -> Result<Reply> {
    ctx.authorise("viewIpAllowlist", &spec())?;
    let (list, _) = load(&ctx).await?;
    Reply::json(&shown(&list, &request)?)
}

/// The list as a request asks for it.
fn shown(list: &IpAllowlist, request: &Request) -> Result<AllowlistRep> {
    let page = Page::of(request, Some(20), 100)?;
    let text = request.query("search").unwrap_or_default().to_lowercase();
    let has = |part: &str| part.to_lowercase().contains(&text);
    let found: Vec<_> = list.entries.iter().filter(|e| has(&e.ip_address) || has(&e.description)).collect();
    let total = found.len() as u64;
    Ok(AllowlistRep {
        links: page::links(&page, total, request),
        session_enabled: list.session_enabled,
        token_enabled: list.token_enabled,
        total_count: total,
        entries: page.cut(found).map(EntryRep::of).collect(),
    })
}

fn unknown(id: &str) -> Error {
    Error::NotFound(format!("Unknown IP allowlist entry {id}"))
}

#[cfg(test)]
mod tests {
    use super::block;

    #[test]
    fn blocks() {
        let text = |t: &str| block(t).map(|b| b.to_string());
        assert_eq!(text("192.0.2.7").as_deref(), Some("192.0.2.7/32"));
        assert_eq!(text("192.0.2.7/24").as_deref(), Some("192.0.2.0/24"));
        assert_eq!(text("2001:db8::1/32").as_deref(), Some("2001:db8::/32"));
        for bad in ["", "x", "1.2.3", "1.2.3.4/33", "1.2.3.4/", "1.2.3.4 "] {
            assert_eq!(text(bad), None, "{bad}");
        }
    }
}
