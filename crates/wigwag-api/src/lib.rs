//! The REST resources, one file or folder a kind. Areas do not import each other; what several
//! need is in `read` and `common`.

pub mod audit;
pub mod bootstrap;
pub mod code_references;
pub mod common;
pub mod contexts;
pub mod deliveries;
pub mod docs;
pub mod due;
pub mod environments;
pub mod flag_followers;
pub mod flag_links;
pub mod flags;
pub mod history;
pub mod integrations;
pub mod lint;
pub mod members;
pub mod other;
pub mod projects;
pub mod read;
pub mod segments;
pub mod tags;
pub mod teams;
pub mod tokens;
pub mod triggers;
pub mod users;
pub mod webhooks;
pub mod why;

use read::Views;
use wigwag_kit::Operations;

/// Every operation that is built. A new resource is a module with an `ops()`, and one line here;
/// `webhooks` is the smallest to copy.
#[must_use]
pub fn operations() -> Operations {
    let flags = flags::ops();
    let triggers = triggers::ops(flags.find("patchFeatureFlag").cloned());
    let resources = code_references::ops()
        .and(contexts::ops())
        .and(docs::ops())
        .and(environments::ops())
        .and(flag_followers::ops())
        .and(flag_links::ops())
        .and(flags)
        .and(history::ops())
        .and(integrations::ops())
        .and(members::ops())
        .and(other::ops())
        .and(projects::ops())
        .and(segments::ops())
        .and(tags::ops())
        .and(teams::ops())
        .and(tokens::ops())
        .and(triggers)
        .and(users::ops())
        .and(webhooks::ops())
        .and(why::ops());
    let views = Views::of(&resources);
    audit::ops(views).and(resources)
}

/// Every kind of subscriber, for [`deliveries::Deliverer`].
#[must_use]
pub fn subscriber_kinds() -> Vec<deliveries::SubscriberKind> {
    vec![webhooks::SUBSCRIBER, integrations::SUBSCRIBER]
}

/// How entries of the audit log show the state before and after, for [`deliveries::Deliverer`].
#[must_use]
pub fn entry_views() -> Views {
    Views::of(&operations())
}

/// Every kind of work that falls due, for [`due::Due`].
#[must_use]
pub fn due_kinds() -> Vec<due::DueKind> {
    vec![flags::due_kind(), segments::due_kind()]
}
