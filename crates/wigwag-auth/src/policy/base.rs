//! The base roles (access-control.md 2.1), written as policies.

use std::sync::{Arc, LazyLock};

use wigwag_model::doc::Role;

use super::Policy;
use super::attributes::Attributes;
use super::specifier::Specifier;
use super::statement::{Resources, Statement};

/// What only the owner does: billing, handing over or closing the account.
pub(crate) const OWNERS: [&str; 7] = [
    "deleteAccount",
    "deleteSubscription",
    "getPaymentCard",
    "updateAccountOwner",
    "updateBillingContact",
    "updatePaymentCard",
    "updateSubscription",
];

/// What writers change outside projects.
const WRITERS: [&str; 6] = [
    "application/*",
    "code-reference-repository/*",
    "integration/*",
    "relay-proxy-config/*",
    "template/*",
    "webhook/*",
];

const TOKENS: [&str; 4] = ["createAccessToken", "deleteAccessToken", "resetAccessToken", "updateAccessToken*"];

/// What those who maintain a team do: see it, name it, choose who is in it. Roles and grants stay with those who
/// manage access.
const MAINTAINERS: [&str; 4] = ["viewTeam", "updateTeamName", "updateTeamDescription", "updateTeamMembers"];

struct Base {
    none: Arc<Policy>,
    reader: Arc<Policy>,
    writer: Arc<Policy>,
    admin: Arc<Policy>,
    owner: Arc<Policy>,
}

static BASE: LazyLock<Base> = LazyLock::new(|| {
    let all = || Statement::built_in(true, &["*"], Resources::All);
    let view = || Statement::built_in(true, &["view*"], Resources::All);
    let role = |statements: Vec<Statement>| Arc::new(Policy { statements: statements.into(), views_all: false });
    Base {
        none: role(Vec::new()),
        reader: role(vec![view()]),
        writer: role(vec![
            Statement::built_in(true, &["*"], Resources::Projects),
            Statement::built_in(true, &["*"], listed(&WRITERS)),
            view(),
        ]),
        admin: role(vec![Statement::built_in(false, &OWNERS, Resources::All), all()]),
        owner: role(vec![all()]),
    }
});

/// The policy of a base role. It is shared: cloning it costs a counter.
#[must_use]
pub fn base_role(role: Role) -> Arc<Policy> {
    Arc::clone(match role {
        Role::NoAccess => &BASE.none,
        Role::Reader => &BASE.reader,
        Role::Writer => &BASE.writer,
        Role::Admin => &BASE.admin,
        Role::Owner => &BASE.owner,
    })
}

/// What readers and writers may do besides: look after their own access tokens.
#[must_use]
pub fn own_tokens(member: &str) -> Arc<Policy> {
    let own = Statement::built_in(true, &TOKENS, listed(&[&format!("member/{member}:token/*")]));
    Arc::new(Policy { statements: Box::new([own]), views_all: false })
}

/// What a permission grant on a team lets its members do there: the set of actions of maintainers, or those listed.
#[must_use]
pub fn granted(team: &str, set: Option<&str>, actions: &[String]) -> Policy {
    let mut actions: Vec<&str> = actions.iter().map(String::as_str).collect();
    if set == Some("maintainTeam") {
        actions.extend(MAINTAINERS);
    }
    let on = Resources::Listed(Box::new([Specifier::exact("team", team)]));
    Policy { statements: Box::new([Statement::built_in(true, &actions, on)]), views_all: false }
}

fn listed(specifiers: &[&str]) -> Resources {
    // Ours all parse; one that did not would match nothing.
    Resources::Listed(specifiers.iter().filter_map(|s| Specifier::parse(s, &Attributes::default()).ok()).collect())
}
