//! Base roles, members and tokens.

#![allow(clippy::unwrap_used, clippy::expect_used)]
#![expect(clippy::print_stdout, reason = "measurements are told, not asserted")]

use std::time::Instant;

use serde_json::{Value, json};
use wigwag_auth::{Directory, Permissions};
use wigwag_kit::{Authority, Decision, Spec};
use wigwag_model::doc::{Limit, Member, Role, Token};

use crate::policy::flag;

const ROLES: [Role; 5] = [Role::NoAccess, Role::Reader, Role::Writer, Role::Admin, Role::Owner];

pub(crate) fn member(role: Role) -> Member {
    Member {
        id: "me".into(),
        email: "me@example.com".into(),
        first_name: String::new(),
        last_name: String::new(),
        role,
        password_hash: None,
        custom_roles: Vec::new(),
        role_attributes: Default::default(),
        pending_invite: false,
        sign_in: Default::default(),
        created_at: 0,
    }
}

pub(crate) fn token(role: Option<Role>) -> Token {
    Token {
        id: "token".into(),
        name: String::new(),
        description: String::new(),
        hash: String::new(),
        ending: String::new(),
        previous: None,
        member_id: "me".into(),
        service_token: false,
        role,
        custom_role_ids: Vec::new(),
        inline_role: None,
        limits: Vec::new(),
        default_api_version: 20_240_415,
        expiry: None,
        created_at: 0,
        client_id: None,
        modified_at: 0,
    }
}

fn may(permissions: &Permissions, action: &str, resource: &Spec) -> bool {
    permissions.decide(action, resource) == Decision::Allow
}

#[test]
fn base_roles() {
    let project = Spec::project("p", &[]);
    let own = Spec::top("member", "me").then("token", "t", &[]);
    let other = Spec::top("member", "you").then("token", "t", &[]);
    // From no access up to the owner.
    let cases = [
        ("viewProject", &project, [false, true, true, true, true]),
        ("createProject", &project, [false, false, true, true, true]),
        ("deleteProject", &project, [false, false, true, true, true]),
        ("viewSdkKey", &project.clone().env("e", &[], false), [false, true, true, true, true]),
        ("updateApiKey", &project.clone().env("e", &[], false), [false, false, true, true, true]),
        ("updateOn", &flag(), [false, false, true, true, true]),
        ("updateTags", &Spec::top("webhook", "w"), [false, false, true, true, true]),
        ("createTeam", &Spec::top("team", "t"), [false, false, false, true, true]),
        ("viewTeam", &Spec::top("team", "t"), [false, true, true, true, true]),
        ("updateRole", &Spec::top("member", "you"), [false, false, false, true, true]),
        ("createAccessToken", &own, [false, true, true, true, true]),
        ("deleteAccessToken", &other, [false, false, false, true, true]),
        ("createAccessToken", &Spec::top("service-token", "t"), [false, false, false, true, true]),
        ("updateOrganization", &Spec::account(), [false, false, false, true, true]),
        ("viewAccount", &Spec::account(), [false, true, true, true, true]),
        ("updateAccountOwner", &Spec::account(), [false, false, false, false, true]),
        ("getPaymentCard", &Spec::account(), [false, false, false, false, true]),
    ];
    for (action, resource, expected) in cases {
        let found =
            ROLES.map(|role| may(&Permissions::of_member(&member(role), &Directory::default()), action, resource));
        assert_eq!(found, expected, "{action} on {resource}");
    }
}

#[test]
fn a_custom_role_replaces_the_base_role() {
    let mut me = member(Role::Owner);
    me.custom_roles.push("5f0cd446a77cba0b4c5644a7".into());
    assert!(!may(&Permissions::of_member(&me, &Directory::default()), "viewProject", &Spec::project("p", &[])));
}

#[test]
fn a_personal_token_does_no_more_than_its_member() {
    for own in [None, Some(Role::Reader), Some(Role::Admin)] {
        for of_member in ROLES {
            let permissions = Permissions::of_token(&token(own), Some(&member(of_member)), &Directory::default());
            let reads = of_member != Role::NoAccess;
            assert_eq!(may(&permissions, "viewProject", &flag()), reads, "{own:?} of {of_member:?}");
            let writes = own != Some(Role::Reader) && matches!(of_member, Role::Writer | Role::Admin | Role::Owner);
            assert_eq!(may(&permissions, "updateOn", &flag()), writes, "{own:?} of {of_member:?}");
        }
    }
    let gone = Permissions::of_token(&token(Some(Role::Admin)), None, &Directory::default());
    assert!(!may(&gone, "viewProject", &Spec::project("p", &[])));
}

#[test]
fn a_service_token_stands_for_itself() {
    let service = |role| Token { service_token: true, ..token(role) };
    let writer = Permissions::of_token(&service(Some(Role::Writer)), None, &Directory::default());
    assert!(may(&writer, "updateOn", &flag()));
    assert!(!may(&writer, "createTeam", &Spec::top("team", "t")));
    assert!(!may(&writer, "deleteAccessToken", &Spec::top("member", "me").then("token", "t", &[])));
    assert!(!may(
        &Permissions::of_token(&service(None), Some(&member(Role::Owner)), &Directory::default()),
        "viewProject",
        &flag()
    ));
}

/// A statement of an inline role, as refusals show it.
fn named(mut statement: Value) -> Value {
    statement["role_name"] = "inline role".into();
    statement
}

#[test]
fn inline_statements_and_limits() {
    let statements = |effect: &str| -> Vec<Value> {
        vec![json!({"effect": effect, "actions": ["*"], "resources": ["proj/*:env/production:flag/*"]})]
    };
    let mut inline = Token { inline_role: Some(statements("allow")), service_token: true, ..token(None) };
    let permissions = Permissions::of_token(&inline, None, &Directory::default());
    assert!(may(&permissions, "updateOn", &flag()));
    assert!(may(&permissions, "viewProject", &Spec::project("any", &[])));
    assert!(!may(&permissions, "deleteProject", &Spec::project("any", &[])));

    inline.limits = vec![Limit::Role(Role::Reader)];
    assert!(!may(&Permissions::of_token(&inline, None, &Directory::default()), "updateOn", &flag()));
    inline.limits = vec![Limit::Role(Role::Writer), Limit::Statements(statements("deny"))];
    let refusal = Permissions::of_token(&inline, None, &Directory::default()).decide("updateOn", &flag());
    assert_eq!(refusal, Decision::Deny(Some(named(statements("deny").remove(0)))));
}

#[test]
fn nothing_happens_in_a_project_that_cannot_be_seen() {
    let secret = json!({"effect": "deny", "actions": ["viewProject"], "resources": ["proj/shop"]});
    let all = json!({"effect": "allow", "actions": ["*"], "resources": ["proj/*", "proj/*:env/*:flag/*"]});
    let inline = Token { inline_role: Some(vec![all, secret.clone()]), service_token: true, ..token(None) };
    let permissions = Permissions::of_token(&inline, None, &Directory::default());
    assert_eq!(permissions.decide("updateOn", &flag()), Decision::Deny(Some(named(secret))));
    assert!(may(&permissions, "createProject", &Spec::project("shop", &[])));
}

#[test]
fn a_decision_costs_little() {
    let writer = Permissions::of_token(&token(Some(Role::Writer)), Some(&member(Role::Owner)), &Directory::default());
    let statements: Vec<Value> = (0..20)
        .map(|n| json!({"effect": "allow", "actions": ["update*"], "resources": [format!("proj/p{n}:env/*;eu:flag/ops_*")]}))
        .collect();
    let inline = Permissions::of_token(
        &Token { inline_role: Some(statements), ..token(None) },
        Some(&member(Role::Owner)),
        &Directory::default(),
    );
    for (name, permissions) in [("a writer", writer), ("20 statements", inline)] {
        let resource = flag();
        let (rounds, begun) = (100_000_u32, Instant::now());
        let allowed = (0..rounds).filter(|_| may(&permissions, "updateOn", &resource)).count();
        println!("{name}: {:?} a decision ({allowed} of {rounds} allowed)", begun.elapsed() / rounds);
    }
}
