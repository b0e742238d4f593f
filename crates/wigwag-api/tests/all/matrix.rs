//! Every served operation by every kind of credential: the expected status follows from the actions that the
//! operation declares and that its audit entry names. A new operation that declares none fails here.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use wigwag_kit::Operation;
use wigwag_kit::operation::Access;
use wigwag_model::doc::{CustomRole, Kind, Member, Token};
use wigwag_store::{ChangeQuery, Commit, DocKey, Expect, IndexFacts, NewChange, Store, Write, WriteOp};

use crate::samples::{READS, SAMPLES, Sample, filled, remember};
use crate::support::{House, NOW, OWNER};
use crate::sweeps::{built, content_type, is_sign_in, nowhere, prepared};

/// The member whom the matrix is about, and the id and key of its custom role.
const ACTOR: &str = "aaaaaaaaaaaaaaaaaaaaaaaa";
const TOKEN: &str = "bbbbbbbbbbbbbbbbbbbbbbbb";
const ROLE: &str = "cccccccccccccccccccccccc";
const SECRET: &str = "api-actor";

/// Who calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Actor {
    Reader,
    Writer,
    Admin,
    /// A base role that allows nothing.
    NoAccess,
    /// A custom role that allows what the operation needs, and nothing else.
    JustAllowed,
    /// A custom role that allows everything but what the operation needs.
    JustDenied,
    /// A custom role that allows everything in another project.
    OtherProject,
}

const ACTORS: [Actor; 7] = [
    Actor::Reader,
    Actor::Writer,
    Actor::Admin,
    Actor::NoAccess,
    Actor::JustAllowed,
    Actor::JustDenied,
    Actor::OtherProject,
];

/// An action on a resource that an operation needs.
type Need = (String, String);

impl Actor {
    const fn role(self) -> &'static str {
        match self {
            Self::Reader => "reader",
            Self::Writer => "writer",
            Self::Admin => "admin",
            _ => "no_access",
        }
    }

    const fn custom(self) -> bool {
        matches!(self, Self::JustAllowed | Self::JustDenied | Self::OtherProject)
    }

    /// Whether all of it is allowed: what access-control.md 2.1 says, written down again.
    fn may(self, needs: &[Need]) -> bool {
        let outside = [
            "application/",
            "code-reference-repository/",
            "integration/",
            "relay-proxy-config/",
            "template/",
            "webhook/",
        ];
        let own = format!("member/{ACTOR}:token/");
        needs.iter().all(|(action, resource)| match self {
            Self::Admin | Self::JustAllowed => true,
            Self::NoAccess | Self::JustDenied | Self::OtherProject => false,
            Self::Reader => action.starts_with("view") || resource.starts_with(&own),
            Self::Writer => {
                let inside = resource.starts_with("proj/") || outside.iter().any(|kind| resource.starts_with(kind));
                inside || action.starts_with("view") || resource.starts_with(&own)
            }
        })
    }

    /// Its custom role when an operation needs this.
    fn policy(self, needs: &[Need], base: &str) -> (Value, String) {
        let on = |(action, resource): &Need| json!({"effect": "allow", "actions": [action], "resources": [resource]});
        let everything = |effect: &str, project: &str| {
            let types = wigwag_auth::policy::resource_types().iter().map(|t| t.specifier);
            let types: Vec<_> = types
                .filter(|t| project == "*" || t.starts_with("proj/"))
                .map(|t| t.replacen("proj/*", &format!("proj/{project}"), 1))
                .collect();
            json!({"effect": effect, "actions": ["*"], "resources": types})
        };
        match self {
            Self::JustAllowed => (needs.iter().map(on).collect(), base.to_owned()),
            Self::JustDenied => {
                let (action, resource) = &needs[0];
                let deny = json!({"effect": "deny", "actions": [action], "resources": [resource]});
                (json!([everything("allow", "*"), deny]), "reader".to_owned())
            }
            _ => (json!([everything("allow", "other")]), "no_access".to_owned()),
        }
    }
}

async fn put<T: serde::Serialize>(house: &House, key: DocKey, document: &T, index: IndexFacts) {
    let op = WriteOp::Put { body: serde_json::to_string(document).unwrap(), index };
    let change = NewChange { id: house.app.ids.object_id(), at: NOW, kind: "unlisted".into(), ..NewChange::default() };
    house.store.commit(Commit::new(vec![Write { key, expect: Expect::Any, op }], change)).await.unwrap();
}

/// A house with the member and its token.
async fn house_with(actor: Actor) -> House {
    let house = House::open(Store::temporary().await.unwrap()).await;
    let roles: &[&str] = if actor.custom() { &[ROLE] } else { &[] };
    let member: Member = serde_json::from_value(json!({"id": ACTOR, "email": "actor@example.com",
        "role": actor.role(), "customRoles": roles, "createdAt": NOW}))
    .unwrap();
    put(&house, DocKey::account(Kind::Member, ACTOR), &member, wigwag_api::members::index(&member)).await;
    let hash = wigwag_auth::secret::hash(SECRET);
    let token: Token = serde_json::from_value(json!({"id": TOKEN, "hash": hash, "ending": "ctor", "memberId": ACTOR,
        "defaultApiVersion": 20_240_415, "createdAt": NOW, "modifiedAt": NOW}))
    .unwrap();
    put(&house, DocKey::account(Kind::Token, TOKEN), &token, wigwag_api::tokens::index(&token)).await;
    house
}

async fn give(house: &House, actor: Actor, needs: &[Need], base: &str) {
    if !actor.custom() {
        return;
    }
    let (policy, base) = actor.policy(needs, base);
    let role: CustomRole =
        serde_json::from_value(json!({"id": ROLE, "key": "actor", "name": "Actor", "policy": policy,
        "basePermissions": base, "createdAt": NOW, "modifiedAt": NOW}))
        .unwrap();
    put(house, DocKey::account(Kind::CustomRole, ROLE), &role, IndexFacts::new().unique("roleKey", "actor")).await;
}

async fn send(house: &House, by: &str, line: &str, body: &str) -> crate::support::Answer {
    house.raw(line, &[("authorization", by), ("ld-api-version", "beta"), content_type(body)], body).await
}

/// What each sample needs, from the audit entry that the owner leaves; ids are written as their names.
async fn needs_of_samples() -> Vec<Vec<Need>> {
    let house = House::open(Store::temporary().await.unwrap()).await;
    let mut ids = prepared(&house).await;
    let mut all = Vec::new();
    for sample in SAMPLES {
        let Some(operation) = built(&house).find(|o| o.entry.id == sample.id) else {
            all.push(Vec::new());
            continue;
        };
        let answer = send(&house, OWNER, &filled(sample.line, &ids), &filled(sample.body, &ids)).await;
        remember(&mut ids, sample.id, &answer.ok());
        let newest = house.store.changes(&ChangeQuery { limit: 1, ..ChangeQuery::default() }).await.unwrap();
        let record: Value = serde_json::from_str(&newest[0].change.body).unwrap();
        let named = |resource: &str| {
            ids.iter().fold(resource.to_owned(), |text, (name, id)| text.replace(id.as_str(), &format!("${name}")))
        };
        let needs: Vec<Need> = record["accesses"]
            .as_array()
            .unwrap()
            .iter()
            .map(|access| (access["action"].as_str().unwrap().to_owned(), named(access["resource"].as_str().unwrap())))
            .collect();
        declared(operation, &needs);
        // The sample has the owner follow, which others may not arrange.
        let needs = match sample.id {
            "putFlagFollower" | "deleteFlagFollower" => {
                vec![("manageFlagFollowers".to_owned(), "proj/sample:env/production:flag/f".to_owned())]
            }
            _ => needs,
        };
        all.push(needs);
    }
    all
}

/// An operation that writes declares every action that it asks for, and all it declares are actions.
fn declared(operation: &Operation, needs: &[Need]) {
    let id = operation.entry.id;
    let Access::Actions(actions) = operation.access else { panic!("{id} writes and declares no action") };
    for (action, _) in needs {
        assert!(actions.contains(&action.as_str()), "{id} asks for {action} and declares {actions:?}");
        assert!(wigwag_auth::policy::is_action(action), "{id}: contract/actions.tsv does not know {action}");
    }
}

/// What is needed, in this house. What is yet to be made has no id: a star stands for it.
fn needed(needs: &[Need], ids: &[(String, String)]) -> Vec<Need> {
    let fill = |resource: &str| {
        let text = filled(resource, ids);
        match text.find('$') {
            Some(at) => format!("{}*", &text[..at]),
            None => text,
        }
    };
    needs.iter().map(|(action, resource)| (action.clone(), fill(resource))).collect()
}

/// Operations that ask for one action or else, under an older name, for another.
const EITHER: &[&str] = &["deleteUser", "deleteContextInstances"];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn writes() {
    let needs = needs_of_samples().await;
    for actor in ACTORS {
        let house = house_with(actor).await;
        let mut ids = prepared(&house).await;
        for (sample, needs) in SAMPLES.iter().zip(&needs).filter(|(_, needs)| !needs.is_empty()) {
            let needs = needed(needs, &ids);
            write(&house, actor, sample, &needs, &mut ids).await;
        }
    }
}

async fn write(house: &House, actor: Actor, sample: &Sample, needs: &[Need], ids: &mut Vec<(String, String)>) {
    let (line, body) = (filled(sample.line, ids), filled(sample.body, ids));
    give(house, actor, needs, "reader").await;
    let head = house.head().await;
    let answer = send(house, SECRET, &line, &body).await;
    // Who may reset tokens may still not take over another's, and who may change roles not make a writer.
    let reaches = !matches!(sample.id, "resetToken" | "patchMember") || actor != Actor::JustAllowed;
    // Another action, which the custom role still has, is enough as well.
    let another = EITHER.contains(&sample.id) && actor == Actor::JustDenied;
    if another || (actor.may(needs) && reaches) {
        assert!((200..300).contains(&answer.status()), "{actor:?} {line} with {needs:?}: {}", answer.text());
        remember(ids, sample.id, &answer.ok());
        return;
    }
    if matches!(sample.id, "patchTeams" | "patchMembers") {
        // It answers by team or member.
        assert!(!answer.ok()["errors"].as_array().unwrap().is_empty(), "{actor:?} {line}: {}", answer.text());
        assert_eq!(house.head().await, head, "{actor:?} {line}");
        send(house, OWNER, &line, &body).await.ok();
        return;
    }
    // What a caller cannot even see is not there.
    assert!(matches!(answer.status(), 403 | 404), "{actor:?} {line}: {} {}", answer.status(), answer.text());
    assert_eq!(house.head().await, head, "{actor:?} {line}");
    if actor == Actor::JustDenied {
        let denied = answer.json();
        assert_eq!(denied["access"]["action"], needs[0].0, "{line}: {denied}");
        assert_eq!(denied["reason"]["role_name"], "Actor", "{line}: {denied}");
        assert_eq!(denied["reason"]["resources"], json!([needs[0].1]), "{line}: {denied}");
    }
    remember(ids, sample.id, &send(house, OWNER, &line, &body).await.ok());
}

/// Lists that leave out what may not be seen, whatever action that needs.
const FILTERED: &[&str] = &["getTeams", "getProjects"];
/// Those that ask for what a reader has, and declare it by asking.
const VIEWERS: &[&str] = &["getMembers", "getMember"];

/// The request of an operation that reads, in a house where the samples are.
fn reading(operation: &Operation, ids: &[(String, String)]) -> (String, &'static str) {
    let entry = operation.entry;
    let id = match entry.id {
        "getToken" => "$postToken",
        "getTriggerWorkflowById" => "$createTriggerWorkflow",
        "getWebhook" => "$postWebhook",
        "getContextInstances" => "$instance",
        _ => "$me",
    };
    let step = |step: &str| match step {
        "{projectKey}" => "sample".to_owned(),
        "{environmentKey}" => "test".to_owned(),
        "{featureFlagKey}" | "{flagKey}" => "f".to_owned(),
        "{segmentKey}" => "big".to_owned(),
        "{repo}" | "{teamKey}" | "{customRoleKey}" => "sample".to_owned(),
        "{branch}" => "a%2Fb".to_owned(),
        "{id}" => filled(id, ids),
        "{kind}" => "user".to_owned(),
        "{viewKey}" => "web".to_owned(),
        "{resourceType}" => "flags".to_owned(),
        "{resourceKey}" => "f".to_owned(),
        "{exportID}" => filled("$createBigSegmentExport", ids),
        "{importID}" => filled("$createBigSegmentImport", ids),
        other if other.starts_with('{') => "ann".to_owned(),
        other => other.to_owned(),
    };
    let path: Vec<_> = entry.path.split('/').map(step).collect();
    let query = match entry.id {
        "getAccessExplanation" => "?action=updateOn&resource=acct",
        "postAuditLogEntryCounts" => "?after=1",
        "getEnvironmentDiff" => "?from=1700000000000&to=1700000000000",
        "getFlagWhy" => "?context=%7B%22kind%22%3A%22user%22%2C%22key%22%3A%22ann%22%7D",
        _ => "",
    };
    let body = match (entry.method, entry.id) {
        ("GET", _) => "",
        (_, "postAuditLogEntries" | "postAuditLogEntryCounts") => "[]",
        (_, "evaluateContextInstance" | "getContextInstanceSegmentsMembershipByEnv") => {
            r#"{"kind": "user", "key": "ann"}"#
        }
        (_, "postAccessQuestions") => r#"{"questions": [{"action": "updateOn", "resource": "acct"}]}"#,
        (_, "postFlagWhy") => r#"{"context": {"kind": "user", "key": "ann"}}"#,
        ("REPORT", _) => r#"{"key": "ann"}"#,
        (_, "postFlagWhatIf") => r#"{"patch": {"environmentKey": "test", "instructions": [{"kind": "turnFlagOn"}]}}"#,
        _ => "{}",
    };
    (format!("{} {}{query}", entry.method, path.join("/")), body)
}

/// What reading needs.
fn viewed(operation: &Operation) -> Option<Vec<Need>> {
    let entry = operation.entry;
    if FILTERED.contains(&entry.id) {
        return None;
    }
    let on_account = || Some(vec![("viewAccount".to_owned(), "acct".to_owned())]);
    match operation.access {
        Access::Public => None,
        Access::Caller if VIEWERS.contains(&entry.id) => on_account(),
        Access::Caller => None,
        Access::Actions(["viewAccount"]) => on_account(),
        Access::Actions(["updateOrganization"]) => Some(vec![("updateOrganization".to_owned(), "acct".to_owned())]),
        Access::Actions(["viewProject"]) => Some(vec![("viewProject".to_owned(), "proj/sample".to_owned())]),
        Access::Actions(["viewIpAllowlist"]) => Some(vec![("viewIpAllowlist".to_owned(), "ip-allowlist".to_owned())]),
        Access::Actions(["viewView"]) => {
            let need = |action: &str, resource: &str| (action.to_owned(), resource.to_owned());
            Some(vec![need("viewProject", "proj/sample"), need("viewView", "proj/sample:view/web")])
        }
        Access::Actions(["viewTeam"]) => Some(vec![("viewTeam".to_owned(), "team/sample".to_owned())]),
        Access::Actions(other) => panic!("{}: say here on what {other:?} are needed to read", entry.id),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn reads() {
    for actor in ACTORS {
        let house = house_with(actor).await;
        let mut ids = prepared(&house).await;
        let kept =
            |sample: &&Sample| !sample.id.starts_with("delete") && built(&house).any(|o| o.entry.id == sample.id);
        for sample in SAMPLES.iter().filter(kept) {
            let answer = send(&house, OWNER, &filled(sample.line, &ids), &filled(sample.body, &ids)).await;
            remember(&mut ids, sample.id, &answer.ok());
        }
        let reads = built(&house).filter(|o| o.entry.method == "GET" || READS.contains(&o.entry.id));
        let reads = reads.filter(|o| !is_sign_in(o));
        // Deliveries have tests of their own: what they need is to switch their subscriber.
        let reads = reads.filter(|o| !o.entry.path.contains("/deliveries"));
        for operation in reads.filter(|o| o.access != Access::Public) {
            let needs = viewed(operation);
            let (line, body) = reading(operation, &ids);
            give(
                &house,
                actor,
                needs.as_deref().unwrap_or(&[("viewProject".to_owned(), "proj/none".to_owned())]),
                "no_access",
            )
            .await;
            let answer = send(&house, SECRET, &line, body).await;
            let (status, text) = (answer.status(), answer.text());
            if needs.as_ref().is_none_or(|needs| actor.may(needs)) {
                assert!(!matches!(status, 401 | 403), "{actor:?} {line}: {status} {text}");
                continue;
            }
            assert_eq!(status, 403, "{actor:?} {line}: {text}");
            let needs = needs.unwrap_or_default();
            let denied = answer.json();
            assert_eq!(denied["access"], json!({"action": needs[0].0, "resource": needs[0].1}), "{line}: {denied}");
        }
    }
}

/// What is no access token of the REST API lets nobody in, with one answer for all.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn wrong_credentials() {
    let house = House::open(Store::temporary().await.unwrap()).await;
    let environment = house.get("/api/v2/projects/default/environments/test").await.ok();
    let expired = house.post("/api/v2/tokens", json!({"expiry": NOW + 1})).await.ok();
    house.clock.advance(2);
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let credentials = [
        String::new(),
        text(&environment["apiKey"]),
        text(&environment["mobileKey"]),
        text(&environment["_id"]),
        text(&expired["token"]),
        format!("Bearer {}", text(&environment["apiKey"])),
    ];
    let head = house.head().await;
    let mut seen = BTreeSet::new();
    for operation in house.server.operations().iter().filter(|o| o.access != Access::Public) {
        for credential in &credentials {
            let headers = [("authorization", credential.as_str()), ("ld-api-version", "beta")];
            let mut body = house.raw(&nowhere(operation), &headers, "{}").await.json();
            body.as_object_mut().unwrap().remove("id");
            assert_eq!(
                body,
                json!({"code": "unauthorized", "message": "Invalid access token"}),
                "{}",
                operation.entry.id
            );
            seen.insert(operation.entry.id);
        }
    }
    assert!(seen.len() > 400, "{}", seen.len());
    assert_eq!(house.head().await, head);
}

/// Whatever operation writes has a sample, and so a row above; whatever declares actions declares known ones.
#[test]
fn every_operation_declares() {
    for operation in wigwag_api::operations().complete().iter().filter(|o| o.handler().is_some()) {
        let id = operation.entry.id;
        match operation.access {
            // What members do about themselves takes a session, which is asked for by the operation.
            Access::Public | Access::Caller if is_sign_in(operation) => {}
            Access::Actions(actions) => {
                assert!(!actions.is_empty(), "{id}");
                for action in actions {
                    assert!(
                        wigwag_auth::policy::is_action(action),
                        "{id}: contract/actions.tsv does not know {action}"
                    );
                }
            }
            // Their path is the credential, or there is nothing to hide.
            Access::Public => assert!(
                operation.entry.method == "GET" || matches!(id, "fireTrigger" | "postOAuthToken"),
                "{id} is public"
            ),
            Access::Caller => {
                let reads = operation.entry.method == "GET" || READS.contains(&id);
                assert!(reads, "{id} writes and declares no action");
            }
        }
    }
}
