//! Members, as those who sign in: found, and changed by themselves or by the system.

use std::sync::Arc;

use wigwag_auth::Unrestricted;
use wigwag_kit::resource::retried;
use wigwag_kit::{Caller, Change, Ctx, Error, Proofs, Result};
use wigwag_model::doc::{Kind, Member};
use wigwag_store::Expect;

use crate::members::target;
use crate::read::{Loaded, member_key, member_of};

/// Longest e-mail address.
const EMAIL: usize = 254;

/// The member with this address, whatever its case.
pub(crate) async fn by_email(ctx: &Ctx, email: &str) -> Result<Option<Loaded<Member>>> {
    let email = email.trim().to_lowercase();
    if email.is_empty() || email.len() > EMAIL {
        return Ok(None);
    }
    let doc = ctx.store().find_unique(Kind::Member, "email", &email).await?;
    doc.as_ref().map(member_of).transpose()
}

/// The member with this id.
pub(crate) async fn by_id(ctx: &Ctx, id: &str) -> Result<Option<Loaded<Member>>> {
    let doc = ctx.store().get(&member_key(id)).await?;
    doc.as_ref().map(member_of).transpose()
}

/// Who makes a change to a member.
#[derive(Clone, Copy)]
pub(crate) enum By {
    /// The member in person: needs no role.
    Themselves,
    /// The caller, if allowed.
    Caller,
    /// The system.
    System,
}

/// What a change to a member is called.
#[derive(Clone, Copy)]
pub(crate) struct What {
    /// The action that must be allowed.
    pub action: &'static str,
    /// As in "changed the password".
    pub verb: &'static str,
}

/// Changes a member. `edit` may be called again after a lost race, and may refuse.
pub(crate) async fn change(
    ctx: &Ctx,
    by: By,
    id: &str,
    what: What,
    edit: impl Fn(&mut Member) -> Result<()> + Send + Sync,
) -> Result<Member> {
    let edit = &edit;
    retried(false, || async move {
        let found = by_id(ctx, id).await?.ok_or(Error::Unauthorized)?;
        let ctx = acting(ctx, by, &found.value);
        let mut member = found.value;
        edit(&mut member)?;
        let proofs = Proofs::of(ctx.authorise(what.action, &found.spec)?);
        let mut change = Change::new(proofs, what.verb, target(&member));
        change.put(found.key, Expect::Version(found.version), &member, crate::members::index(&member))?;
        change.commit(&ctx).await?;
        Ok(member)
    })
    .await
}

/// The view of whoever makes the change.
pub(crate) fn acting(ctx: &Ctx, by: By, member: &Member) -> Ctx {
    let member = match by {
        By::Caller => return ctx.clone(),
        By::Themselves => Some(Arc::new(member.clone())),
        By::System => None,
    };
    let caller = Caller { member, token: None, authority: Arc::new(Unrestricted) };
    Ctx { caller: Arc::new(caller), ..ctx.clone() }
}
