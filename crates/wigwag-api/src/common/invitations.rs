//! The one place where an invitation leaves for its address. Who sends mail sits behind [`Invitations`]; without
//! anybody there, people are invited all the same and nothing is sent.

use std::sync::Arc;

use wigwag_kit::{BoxFuture, Ctx};
use wigwag_model::doc::Member;

/// Sends invitations. It is called once the members are stored, and has to cope with failure itself: the request
/// that invited them has succeeded.
pub trait Invitations: Send + Sync {
    /// Sends one to each of them.
    fn send<'a>(&'a self, ctx: &'a Ctx, members: &'a [Member]) -> BoxFuture<'a, ()>;
}

/// The extension of [`wigwag_kit::App`] that holds whoever sends invitations.
#[derive(Clone)]
pub struct Inviter(pub Arc<dyn Invitations>);

/// Has invitations sent to members who were just stored.
pub async fn invited(ctx: &Ctx, members: &[Member]) {
    if let Some(Inviter(invitations)) = ctx.app.extension::<Inviter>() {
        invitations.send(ctx, members).await;
    }
}
