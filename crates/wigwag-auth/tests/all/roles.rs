//! Custom roles: held directly and through teams, with role attributes; and what tokens make of them.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::collections::BTreeMap;

use serde_json::{Value, json};
use wigwag_auth::{Directory, Permissions};
use wigwag_kit::{Authority, Decision, Spec};
use wigwag_model::doc::{BasePermissions, CustomRole, Kind, Limit, Member, PermissionGrant, Role, Team, Token};
use wigwag_store::{Commit, DocKey, Expect, IndexFacts, NewChange, Store, Write, WriteOp};

use crate::decisions::{member, token};
use crate::policy::flag;

pub(crate) fn role(key: &str, base: BasePermissions, policy: Vec<Value>) -> CustomRole {
    CustomRole {
        id: format!("id-{key}"),
        key: key.to_owned(),
        name: key.to_uppercase(),
        description: String::new(),
        base_permissions: base,
        policy,
        resource_category: None,
        preset_version: None,
        preset_statements: Vec::new(),
        created_at: 0,
        modified_at: 0,
    }
}

pub(crate) fn team(key: &str, roles: &[&str], attributes: &[(&str, &[&str])]) -> Team {
    Team {
        external_id: None,
        key: key.to_owned(),
        name: key.to_owned(),
        description: String::new(),
        member_ids: vec!["me".to_owned()],
        custom_role_keys: roles.iter().map(|&role| role.to_owned()).collect(),
        role_attributes: attributes
            .iter()
            .map(|(key, values)| ((*key).to_owned(), values.iter().map(|&v| v.to_owned()).collect()))
            .collect(),
        permission_grants: Vec::new(),
        created_at: 0,
        modified_at: 0,
    }
}

pub(crate) async fn put<T: serde::Serialize>(store: &Store, kind: Kind, key: &str, document: &T) {
    let body = serde_json::to_string(document).unwrap();
    let op = WriteOp::Put { body, index: IndexFacts::new() };
    let change = NewChange { id: format!("change {}", store.head().await.unwrap()), ..NewChange::default() };
    let write = Write { key: DocKey::account(kind, key), expect: Expect::Any, op };
    store.commit(Commit::new(vec![write], change)).await.unwrap();
}

/// A directory with these roles and teams.
async fn directory(roles: &[CustomRole], teams: &[Team]) -> Directory {
    let store = Store::temporary().await.unwrap();
    for role in roles {
        put(&store, Kind::CustomRole, &role.id, role).await;
    }
    for team in teams {
        put(&store, Kind::Team, &team.key, team).await;
    }
    Directory::load(&store).await.unwrap()
}

fn statement(effect: &str, actions: &[&str], resources: &[&str]) -> Value {
    json!({"effect": effect, "actions": actions, "resources": resources})
}

fn flags(effect: &str, actions: &[&str]) -> Value {
    statement(effect, actions, &["proj/*:env/*:flag/*"])
}

fn may(permissions: &Permissions, action: &str, resource: &Spec) -> bool {
    permissions.decide(action, resource) == Decision::Allow
}

const NONE: BasePermissions = BasePermissions::NoAccess;
const READER: BasePermissions = BasePermissions::Reader;

#[tokio::test]
async fn roles_of_a_member() {
    let switch = role("switch", READER, vec![flags("allow", &["updateOn"]), flags("deny", &["updateRules"])]);
    let rules = role("rules", NONE, vec![flags("allow", &["updateRules"])]);
    let directory = directory(&[switch, rules], &[team("t", &["rules"], &[])]).await;
    let direct =
        |base, ids: &[&str]| Member { custom_roles: ids.iter().map(|&id| id.to_owned()).collect(), ..member(base) };
    // Who, and whether the project may be seen, the flag switched, its rules changed, a team made.
    let project = Spec::project("shop", &[]);
    let other = |id: &str, base| Member { id: id.to_owned(), ..direct(base, &[]) };
    let cases = [
        (
            "a role of its own replaces the base role",
            Member { id: "x".into(), ..direct(Role::Admin, &["switch"]) },
            [true, true, false, false],
        ),
        ("by id too", Member { id: "x".into(), ..direct(Role::Admin, &["id-switch"]) }, [true, true, false, false]),
        ("a team's role comes on top of the base role", direct(Role::Reader, &[]), [true, false, true, false]),
        ("nothing is lost by a team", direct(Role::Admin, &[]), [true, true, true, true]),
        (
            "roles are joined, a denial counts in its own role",
            direct(Role::NoAccess, &["switch"]),
            [true, true, true, false],
        ),
        ("the role lets nobody see the project", direct(Role::NoAccess, &[]), [false, false, false, false]),
        ("a role that is gone allows nothing", Member { id: "x".into(), ..direct(Role::Owner, &["gone"]) }, [false; 4]),
        ("not in the team", other("x", Role::Reader), [true, false, false, false]),
    ];
    for (why, member, expected) in cases {
        let permissions = Permissions::of_member(&member, &directory);
        let found = [
            may(&permissions, "viewProject", &project),
            may(&permissions, "updateOn", &flag()),
            may(&permissions, "updateRules", &flag()),
            may(&permissions, "createTeam", &Spec::top("team", "x")),
        ];
        assert_eq!(found, expected, "{why}");
    }
    // A refusal names the role and its statement.
    let only = Member { id: "x".into(), ..direct(Role::NoAccess, &["switch"]) };
    let refusal = Permissions::of_member(&only, &directory).decide("updateRules", &flag());
    let mut reason = flags("deny", &["updateRules"]);
    reason["role_name"] = "SWITCH".into();
    assert_eq!(refusal, Decision::Deny(Some(reason)));
}

#[tokio::test]
async fn role_attributes() {
    let policy = vec![
        statement("allow", &["viewProject"], &["proj/${roleAttribute/projects}"]),
        statement("allow", &["updateOn"], &["proj/${roleAttribute/projects}:env/*:flag/${roleAttribute/prefix}_*"]),
        statement("allow", &["updateTags"], &["proj/*:env/*;${roleAttribute/tags}:flag/*"]),
        statement("allow", &["updateRules"], &["proj/*:env/*:flag/*;view:${roleAttribute/views}"]),
        statement("allow", &["updateName"], &["proj/${roleAttribute/both}:env/*:flag/${roleAttribute/both}"]),
        json!({"effect": "allow", "actions": ["deleteFlag"], "notResources": ["proj/${roleAttribute/kept}:env/*:flag/*"]}),
    ];
    let directory = directory(
        &[role("r", NONE, policy)],
        &[team("t", &["r"], &[("projects", &["depot"]), ("tags", &["eu", "us"]), ("both", &["shop", "ops_kill"])])],
    )
    .await;
    let mut me = member(Role::NoAccess);
    me.role_attributes.insert("projects".to_owned(), vec!["shop".to_owned()]);
    let ask = |me: &Member| {
        let permissions = Permissions::of_member(me, &directory);
        let viewed = flag().in_views(&["v1".to_owned()]);
        ["updateOn", "updateTags", "updateRules", "updateName", "deleteFlag"]
            .map(|action| may(&permissions, action, &viewed))
    };
    assert_eq!(ask(&me), [false, true, false, false, false], "attributes without a value match nothing");
    me.role_attributes.insert("prefix".to_owned(), vec!["dev".to_owned(), "ops".to_owned()]);
    me.role_attributes.insert("views".to_owned(), vec!["v*".to_owned()]);
    assert_eq!(ask(&me), [true, true, true, false, false], "one attribute twice has the same value twice");
    me.role_attributes.insert("kept".to_owned(), vec!["archive".to_owned()]);
    assert!(ask(&me)[4], "what is excepted is known now");
    // Values of the member and of the team are joined.
    let permissions = Permissions::of_member(&me, &directory);
    let seen = ["shop", "depot", "mill"].map(|key| may(&permissions, "viewProject", &Spec::project(key, &[])));
    assert_eq!(seen, [true, true, false]);
    // A value is a name, whatever is in it.
    me.role_attributes.insert("projects".to_owned(), vec!["shop:env/*:flag/*".to_owned(), "a,shop".to_owned()]);
    assert!(!may(&Permissions::of_member(&me, &directory), "viewProject", &Spec::project("shop", &[])));
}

#[tokio::test]
async fn grants_of_a_team() {
    let mut ops = team("ops", &[], &[]);
    let grant = |set: Option<&str>, actions: &[&str], member: &str| PermissionGrant {
        action_set: set.map(str::to_owned),
        actions: actions.iter().map(|&a| a.to_owned()).collect(),
        member_ids: vec![member.to_owned()],
    };
    ops.member_ids.clear();
    ops.permission_grants = vec![grant(Some("maintainTeam"), &[], "me"), grant(None, &["deleteTeam"], "you")];
    let directory = directory(&[], &[ops]).await;
    let (ops, dev) = (Spec::top("team", "ops"), Spec::top("team", "dev"));
    let me = Permissions::of_member(&member(Role::NoAccess), &directory);
    let asked = ["viewTeam", "updateTeamMembers", "updateTeamCustomRoles", "deleteTeam"];
    assert_eq!(asked.map(|action| may(&me, action, &ops)), [true, true, false, false]);
    assert_eq!(asked.map(|action| may(&me, action, &dev)), [false; 4]);
    let you = Permissions::of_member(&Member { id: "you".into(), ..member(Role::NoAccess) }, &directory);
    assert_eq!(asked.map(|action| may(&you, action, &ops)), [false, false, false, true]);
}

#[tokio::test]
async fn roles_of_a_token() {
    let policy = vec![
        statement("allow", &["viewProject"], &["proj/*"]),
        statement("allow", &["updateOn"], &["proj/${roleAttribute/projects}:env/*:flag/*"]),
    ];
    let directory = directory(&[role("r", NONE, policy)], &[]).await;
    let mut me = member(Role::Writer);
    let own = Token { custom_role_ids: vec!["id-r".to_owned()], ..token(None) };
    let ask = |token: &Token, me: Option<&Member>| {
        let permissions = Permissions::of_token(token, me, &directory);
        let seen = may(&permissions, "viewProject", &Spec::project("shop", &[]));
        [seen, may(&permissions, "updateOn", &flag()), may(&permissions, "updateRules", &flag())]
    };
    assert_eq!(ask(&own, Some(&me)), [true, false, false]);
    me.role_attributes.insert("projects".to_owned(), vec!["shop".to_owned()]);
    assert_eq!(ask(&own, Some(&me)), [true, true, false], "a personal token has its member's attributes");
    me.role = Role::Reader;
    assert_eq!(ask(&own, Some(&me)), [true, false, false], "never more than the member");
    // A service token has those that its maker had.
    let kept = BTreeMap::from([("projects".to_owned(), vec!["shop".to_owned()])]);
    let mut service = Token { service_token: true, ..own };
    assert_eq!(ask(&service, None), [true, false, false]);
    service.limits = vec![Limit::Roles { base: None, ids: vec!["id-r".to_owned()], attributes: kept.clone() }];
    assert_eq!(ask(&service, None), [true, true, false]);
    // A limit holds whatever the token's own role is.
    let admin = |limit| Token { service_token: true, limits: vec![limit], ..token(Some(Role::Admin)) };
    let roles = |base, attributes| Limit::Roles { base, ids: vec!["id-r".to_owned()], attributes };
    assert_eq!(ask(&admin(roles(None, kept)), None), [true, true, false]);
    assert_eq!(ask(&admin(roles(Some(Role::Reader), BTreeMap::new())), None), [true, false, false]);
    let inline = vec![flags("allow", &["*"]), statement("deny", &["*"], &["proj/${roleAttribute/no}:env/*:flag/*"])];
    let attributes = BTreeMap::from([("no".to_owned(), vec!["shop".to_owned()])]);
    assert_eq!(ask(&admin(Limit::Inline { statements: inline, attributes }), None), [true, false, false]);
}

#[tokio::test]
async fn explanations() {
    let r = role("r", READER, vec![flags("deny", &["updateRules"]), flags("allow", &["updateOn"])]);
    let s = role("s", NONE, vec![flags("allow", &["updateRules"])]);
    let directory = directory(&[r, s], &[team("t", &["s"], &[])]).await;
    let me = Member { custom_roles: vec!["id-r".to_owned()], ..member(Role::Admin) };
    let permissions = Permissions::of_member(&me, &directory);
    for action in ["updateOn", "updateRules", "deleteFlag", "viewProject"] {
        let explained = permissions.explain(action, &flag());
        assert_eq!(explained.allowed, may(&permissions, action, &flag()), "{action}");
    }
    let explained = permissions.explain("updateRules", &flag());
    assert_eq!(explained.checks.len(), 2, "the project must be seen first");
    assert_eq!(explained.checks[0].deciding().unwrap().statement, None, "by the base permissions");
    let rulings: Vec<_> =
        explained.checks[1].rulings.iter().map(|r| (r.origin.name().unwrap(), r.allows, r.statement)).collect();
    assert_eq!(rulings, [("R", false, Some(0)), ("S", true, Some(0))]);
    assert_eq!(explained.checks[1].deciding().unwrap().text, flags("allow", &["updateRules"]));
    let refused = permissions.explain("deleteFlag", &flag());
    assert!(refused.deciding().unwrap().deciding().is_none(), "nothing allows it");
}
