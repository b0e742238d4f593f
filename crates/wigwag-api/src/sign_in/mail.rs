//! Letters to members: by a carrier where one is configured, otherwise into the log and a short memory.

use std::collections::VecDeque;
use std::sync::Arc;

use parking_lot::Mutex;
use schemars::JsonSchema;
use serde::Serialize;
use wigwag_kit::{BoxFuture, Collection, Ctx, Page, Reply, Request, Result, Spec};
use wigwag_model::clock::Millis;
use wigwag_model::doc::{Member, Role};

use super::desk::SignIn;

/// Letters remembered where nobody carries them.
const KEPT: usize = 50;

/// A letter, as text.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Letter {
    /// Address.
    pub to: String,
    /// Subject.
    pub subject: String,
    /// Text, with the link.
    pub text: String,
    /// When it was written.
    pub at: Millis,
    /// Id of the member it is to.
    pub member_id: String,
    /// It is to the owner: nobody else may read it.
    #[serde(skip)]
    pub(crate) to_owner: bool,
}

/// Takes letters out of the house.
pub trait Carrier: Send + Sync {
    /// Hands a letter over; an error says why that failed, without the letter's text.
    fn carry<'a>(&'a self, letter: &'a Letter) -> BoxFuture<'a, Result<(), String>>;
}

/// Sends letters. Cheap to clone.
#[derive(Clone, Default)]
pub struct Mail(Arc<Inner>);

#[derive(Default)]
struct Inner {
    carrier: Option<Box<dyn Carrier>>,
    kept: Mutex<VecDeque<Letter>>,
}

impl Mail {
    /// By a carrier.
    #[must_use]
    pub fn by(carrier: impl Carrier + 'static) -> Self {
        Self(Arc::new(Inner { carrier: Some(Box::new(carrier)), kept: Mutex::default() }))
    }

    /// Sends a letter, without waiting for it to arrive. Without a carrier it is shown in the log, link
    /// included: who runs the server hands it on.
    pub(crate) fn send(&self, ctx: &Ctx, member: &Member, subject: &str, text: String) {
        let letter = Letter {
            to: member.email.clone(),
            subject: subject.to_owned(),
            text,
            at: ctx.app.clock.now(),
            member_id: member.id.clone(),
            to_owner: member.role == Role::Owner,
        };
        if self.0.carrier.is_none() {
            tracing::info!(to = letter.to, subject, text = letter.text, "no mail server is configured: hand this on");
            let mut kept = self.0.kept.lock();
            kept.truncate(KEPT - 1);
            kept.push_front(letter);
            return;
        }
        let mail = self.clone();
        tokio::spawn(async move {
            let Some(carrier) = &mail.0.carrier else { return };
            for pause in [0, 5, 30, 120] {
                tokio::time::sleep(std::time::Duration::from_secs(pause)).await;
                match carrier.carry(&letter).await {
                    Ok(()) => return,
                    Err(error) => tracing::warn!(to = letter.to, error, "a letter could not be sent"),
                }
            }
            tracing::error!(to = letter.to, subject = letter.subject, "a letter was given up");
        });
    }

    /// Tells a member that how they sign in is another now, in case it was not they who did that. Only where letters are
    /// carried: there is nothing to hand on.
    pub(crate) fn tell(&self, ctx: &Ctx, member: &Member, what: &str) {
        if self.0.carrier.is_none() {
            return;
        }
        let text = format!(
            "{what} at {site}.\n\nIf it was not you, choose a new password here, and tell whoever runs that server:\n\
             {site}/reset-password\n\nOtherwise there is nothing to do.\n",
            site = ctx.app.site
        );
        self.send(ctx, member, &format!("{what} at Wigwag"), text);
    }

    /// The letters that nobody carried, newest first.
    #[must_use]
    pub fn kept(&self) -> Vec<Letter> {
        self.0.kept.lock().iter().cloned().collect()
    }
}

/// The letters that nobody carried, for those who may invite members. They hold links that let their reader
/// sign in as somebody else; those to the owner are for the owner alone.
pub(super) async fn list(ctx: Ctx, request: Request) -> Result<Reply> {
    ctx.authorise("createMember", &Spec::top("member", "*"))?;
    ctx.authorise("updateRole", &Spec::top("member", "*"))?;
    let token = ctx.caller.token.as_deref();
    let in_person = token.is_none_or(|t| !t.service_token && t.inline_role.is_none() && t.custom_role_ids.is_empty());
    let owner = in_person
        && ctx.caller.acting_member().is_some_and(|m| m.role == Role::Owner)
        && token.and_then(|t| t.role).is_none_or(|role| role == Role::Owner);
    let letters: Vec<Letter> = SignIn::of(&ctx)?.mail().kept().into_iter().filter(|l| owner || !l.to_owner).collect();
    let (total, page) = (letters.len() as u64, Page { limit: None, offset: 0 });
    Reply::json(&Collection::new(letters, total, &page, &request))
}
