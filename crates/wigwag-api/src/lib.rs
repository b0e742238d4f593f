//! The REST resources, one file or folder a kind. Areas do not import each other; what several
//! need is in `read` and `common`.

pub mod announcements;
pub mod applications;
pub mod audit;
pub mod bootstrap;
pub mod code_references;
pub mod common;
pub mod console;
pub mod contexts;
pub mod deliveries;
pub mod docs;
pub mod due;
pub mod environments;
pub mod explain_access;
pub mod flag_followers;
pub mod flag_links;
pub mod flags;
pub mod history;
pub mod insight;
pub mod integrations;
pub mod ip_allowlist;
pub mod kept;
pub mod lint;
pub mod members;
pub mod oauth;
pub mod other;
pub mod persistent_stores;
pub mod projects;
pub mod read;
pub mod relay_configs;
pub mod roles;
pub mod sdk_keys;
pub mod secrets;
pub mod segments;
pub mod sign_in;
pub mod tags;
pub mod teams;
pub mod tokens;
pub mod triggers;
pub mod usage;
pub mod users;
pub mod views;
pub mod webhooks;
pub mod why;

use read::Views;
use wigwag_kit::Operations;

/// Every operation that is built. A new resource is a module with an `ops()`, and one line here;
/// `webhooks` is the smallest to copy.
#[must_use]
pub fn operations() -> Operations {
    let flags = flags::ops();
    let segments = segments::ops();
    let views = views::ops(flags.find("getFeatureFlags").cloned(), segments.find("getSegments").cloned());
    let members = members::ops();
    let sign_in = sign_in::ops(members.find("deleteMember").cloned());
    let triggers = triggers::ops(flags.find("patchFeatureFlag").cloned());
    let segments = segments::ops();
    let kept = kept::ops(flags.find("patchFeatureFlag").cloned(), segments.find("patchSegment").cloned());
    let resources = announcements::ops()
        .and(applications::ops())
        .and(code_references::ops())
        .and(console::ops())
        .and(contexts::ops())
        .and(docs::ops())
        .and(environments::ops())
        .and(explain_access::ops())
        .and(flag_followers::ops())
        .and(flag_links::ops())
        .and(flags)
        .and(history::ops())
        .and(insight::ops())
        .and(integrations::ops())
        .and(ip_allowlist::ops())
        .and(kept)
        .and(members)
        .and(oauth::ops())
        .and(other::ops())
        .and(persistent_stores::ops())
        .and(projects::ops())
        .and(relay_configs::ops())
        .and(roles::ops())
        .and(sdk_keys::ops())
        .and(segments)
        .and(sign_in)
        .and(tags::ops())
        .and(teams::ops())
        .and(tokens::ops())
        .and(triggers)
        .and(usage::ops())
        .and(users::ops())
        .and(views)
        .and(webhooks::ops())
        .and(why::ops());
    audit::ops(Views::of(&resources)).and(resources)
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

/// Every kind of document that holds sealed secrets.
#[must_use]
pub fn sealed_kinds() -> [secrets::SealedKind; 4] {
    [environments::sealed_kind(), webhooks::sealed_kind(), integrations::sealed_kind(), sign_in::sealed_kind()]
}

/// Every kind of work that falls due, for [`due::Due`].
#[must_use]
pub fn due_kinds() -> Vec<due::DueKind> {
    let mut all = vec![flags::due_kind(), segments::due_kind()];
    all.extend(oauth::due_kinds());
    all
}
