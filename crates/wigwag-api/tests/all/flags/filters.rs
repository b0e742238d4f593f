//! The filters of the list.

use serde_json::json;
use wigwag_store::Store;

use super::{FLAGS, keys, path};
use crate::support::{House, NOW, on_both_engines};

on_both_engines! {
    each_filter_narrows_the_list;
    filters_that_are_refused;
    older_versions_ask_for_targeting;
    evaluations_narrow_and_expand;
    code_narrows_and_expands;
}

async fn each_filter_narrows_the_list(store: Store) {
    let house = House::open(store).await;
    let owner = house.flag(json!({"name": "Alpha", "key": "a", "tags": ["x", "y"], "temporary": false})).await;
    house.clock.advance(100);
    let client = json!({"usingEnvironmentId": true, "usingMobileKey": true});
    house.flag(json!({"name": "Beta", "key": "b", "tags": ["x"], "clientSideAvailability": client})).await;
    let server = json!({"usingEnvironmentId": false, "usingMobileKey": false});
    house.flag(json!({"name": "Gamma", "key": "alpha-2", "clientSideAvailability": server})).await;
    house.flag(json!({"key": "m", "purpose": "migration", "migrationSettings": {"stageCount": 2}})).await;
    house.flag(json!({"name": "Hold", "key": "h", "purpose": "holdout"})).await;
    for (key, kind) in [("old", "archiveFlag"), ("dep", "deprecateFlag")] {
        house.boolean(key).await;
        house.patch(&path(key), json!({"instructions": [{"kind": kind}]})).await.ok();
    }
    let maintainer = format!("filter=maintainerId:{}", owner["maintainerId"].as_str().unwrap());
    let before = format!("filter=creationDate:%7B%22before%22:{}%7D", NOW + 1);
    let cases: [(&str, &[&str]); 24] = [
        ("", &["a", "b", "alpha-2", "m", "h", "dep"]),
        ("filter=query:ALPHA", &["a", "alpha-2"]),
        ("query=alpha", &["a", "alpha-2"]),
        ("filter=tags:x", &["a", "b"]),
        ("filter=tags:x%2By", &["a"]),
        ("filter=tags:x+y", &["a"]),
        ("filter=tags:x,query:beta", &["b"]),
        ("tag=y", &["a"]),
        ("filter=type:permanent", &["a"]),
        ("filter=type:temporary,tags:x", &["b"]),
        ("filter=state:archived", &["old"]),
        ("filter=state:deprecated", &["dep"]),
        ("filter=state:live", &["a", "b", "alpha-2", "m", "h"]),
        ("filter=archived:true", &["old"]),
        ("archived=true", &["old"]),
        ("filter=sdkAvailability:client", &["b"]),
        ("filter=sdkAvailability:mobile,tags:x", &["a", "b"]),
        ("filter=sdkAvailability:anyClient,state:live", &["a", "b", "m", "h"]),
        ("filter=sdkAvailability:server", &["alpha-2"]),
        (&before, &["a"]),
        ("filter=purpose:migration", &["m"]),
        ("filter=purpose:all%2B!(holdout)", &["a", "b", "alpha-2", "m", "dep"]),
        (&maintainer, &["a", "b", "alpha-2", "m", "h", "dep"]),
        ("filter=maintainerTeamKey:t", &[]),
    ];
    for (query, expected) in cases {
        let list = house.get(&format!("{FLAGS}?{query}")).await.ok();
        assert_eq!(keys(&list), expected, "{query}");
        assert_eq!(list["totalCount"], expected.len(), "{query}");
    }
}

async fn filters_that_are_refused(store: Store) {
    let house = House::open(store).await;
    for (filter, named) in [
        ("nonsense:1", "nonsense"),
        ("query", "field:value"),
        ("state:nope", "state"),
        ("type:nope", "type"),
        ("sdkAvailability:nope", "sdkAvailability"),
        ("archived:maybe", "archived"),
        ("creationDate:5", "creationDate"),
        ("creationDate:%7B%22after%22:5%7D", "creationDate"),
        ("followerId:x", "unknown field followerId"),
        ("segmentTargeted:x", "unknown field segmentTargeted"),
        ("hasExperiment:true", "hasExperiment is not supported yet"),
        ("evaluated:%7B%22after%22:5%7D", "evaluated needs filterEnv"),
        ("evaluated:5,filterEnv:test", "evaluated must be"),
        ("codeReferences.min:some", "codeReferences.min must be"),
        ("codeReferences.max:-1", "codeReferences.max must not be negative"),
        ("guardedRollout:any", "guardedRollout is not supported yet"),
        ("releasePipeline:p", "releasePipeline is not supported yet"),
        ("filterEnv:test%2Bproduction%2Btest%2Btest", "at most 3"),
    ] {
        let headers = [("authorization", crate::support::OWNER), ("ld-api-version", "20240415")];
        let answer = house.raw(&format!("GET {FLAGS}?filter={filter}"), &headers, "").await;
        let message = answer.refused(400, "invalid_request");
        assert!(message.contains(named), "{filter}: {message}");
    }
    let unknown = house.get(&format!("{FLAGS}?filter=filterEnv:nope")).await.refused(404, "not_found");
    assert_eq!(unknown, "Unknown environment key nope");
}

async fn older_versions_ask_for_targeting(store: Store) {
    let house = House::open(store).await;
    for key in ["plain", "target", "rule", "segment"] {
        house.texts(key).await;
    }
    let instruct = async |key: &str, env: &str, instruction: serde_json::Value| {
        let id = house.get(&path(key)).await.ok()["variations"][0]["_id"].clone();
        let mut instruction = instruction;
        instruction["variationId"] = id;
        house.patch(&path(key), json!({"environmentKey": env, "instructions": [instruction]})).await.ok();
    };
    let rule = |clause| json!({"kind": "addRule", "clauses": [clause]});
    instruct("target", "test", json!({"kind": "addTargets", "contextKind": "device", "values": ["d"]})).await;
    let device = json!({"contextKind": "device", "attribute": "os", "op": "in", "values": ["x"]});
    instruct("rule", "production", rule(device)).await;
    let segment = json!({"attribute": "segmentMatch", "op": "segmentMatch", "values": ["beta"]});
    instruct("segment", "test", rule(segment)).await;
    for (filter, expected) in [
        ("contextKindTargeted:device", &["target", "rule"][..]),
        ("contextKindTargeted:device,filterEnv:test", &["target"]),
        ("contextKindTargeted:device,query:rule", &["rule"]),
        ("contextKindTargeted:user", &[]),
        ("segmentTargeted:beta", &["segment"]),
        ("segmentTargeted:beta,filterEnv:production", &[]),
        ("segmentTargeted:beta,contextKindTargeted:device", &[]),
    ] {
        let list = house.in_version("20220603", &format!("{FLAGS}?filter={filter}")).await;
        assert_eq!(keys(&list), expected, "{filter}");
        assert_eq!(list["totalCount"], expected.len(), "{filter}");
    }
    let headers = [("authorization", crate::support::OWNER), ("ld-api-version", "20220603")];
    let answer = house.raw(&format!("GET {FLAGS}?filter=hasDataExport:true"), &headers, "").await;
    assert!(answer.refused(400, "invalid_request").contains("hasDataExport is not supported yet"));

    // Who follows: in any environment, or in those that are named.
    let me = house.get("/api/v2/members/me").await.ok()["_id"].as_str().unwrap().to_owned();
    for (flag, env) in [("plain", "test"), ("rule", "production")] {
        let path = format!("/api/v2/projects/default/flags/{flag}/environments/{env}/followers/{me}");
        house.send(&format!("PUT {path}"), None).await.ok();
    }
    for (filter, expected) in [
        (format!("followerId:{me}"), &["plain", "rule"][..]),
        (format!("followerId:{me},filterEnv:production"), &["rule"]),
        ("followerId:nobody".to_owned(), &[]),
    ] {
        let list = house.in_version("20220603", &format!("{FLAGS}?filter={filter}")).await;
        assert_eq!((keys(&list), &list["totalCount"]), (expected.to_vec(), &json!(expected.len())), "{filter}");
    }
}

async fn evaluations_narrow_and_expand(store: Store) {
    const DAY: i64 = 24 * 60 * 60 * 1000;
    let house = House::open(store).await;
    for key in ["now", "once", "never"] {
        house.boolean(key).await;
    }
    house.evaluated("now", NOW, Some(0)).await;
    house.evaluated("once", NOW - 40 * DAY, Some(0)).await;
    let after = |at: i64| format!("evaluated:%7B%22after%22:{at}%7D");
    for (filter, expected) in [
        (format!("{},filterEnv:test", after(NOW - DAY)), &["now"][..]),
        (format!("{},filterEnv:test", after(NOW - 50 * DAY)), &["now", "once"]),
        (format!("{},filterEnv:production", after(0)), &[]),
        (format!("{},filterEnv:production%2Btest,query:once", after(0)), &["once"]),
        ("contextKindsEvaluated:user".to_owned(), &["now"]),
        ("contextKindsEvaluated:user%2Bdevice".to_owned(), &[]),
        ("contextKindsEvaluated:user,filterEnv:production".to_owned(), &[]),
        ("applicationEvaluated:GoSDK/1.2".to_owned(), &["now", "once"]),
        ("applicationEvaluated:other".to_owned(), &[]),
    ] {
        let list = house.get(&format!("{FLAGS}?filter={filter}")).await.ok();
        assert_eq!(keys(&list), expected, "{filter}");
        assert_eq!(list["totalCount"], expected.len(), "{filter}");
    }
    let past = house.get(&format!("{FLAGS}?filter=contextKindsEvaluated:user&asOf={NOW}")).await;
    assert!(past.refused(400, "invalid_request").contains("not as of another time"));
    let list = house.get(&format!("{FLAGS}?env=test&expand=evaluation")).await.ok();
    let kinds = |i: usize| &list["items"][i]["environments"]["test"]["evaluation"]["contextKinds"];
    assert_eq!([kinds(0), kinds(1), kinds(2)], [&json!(["user"]), &json!([]), &json!([])]);
    let one = house.get(&format!("{}?expand=evaluation", path("now"))).await.ok();
    assert_eq!(one["environments"]["test"]["evaluation"], json!({"contextKinds": ["user"]}));
    assert_eq!(one["environments"]["production"]["evaluation"], json!({"contextKinds": []}));
    let plain = house.get(&path("now")).await.ok();
    assert!(plain["environments"]["test"].get("evaluation").is_none());
}

async fn code_narrows_and_expands(store: Store) {
    let house = House::open(store).await;
    for key in ["often", "once", "never"] {
        house.boolean(key).await;
    }
    house.post("/api/v2/code-refs/repositories", json!({"name": "app", "defaultBranch": "main"})).await.ok();
    let hunk = |flag: &str, line: u32| json!({"startingLineNumber": line, "projKey": "default", "flagKey": flag});
    let references = json!([{"path": "a.rs", "hunks": [hunk("often", 1), hunk("often", 9), hunk("once", 5)]}]);
    let branch = json!({"name": "main", "head": "abc", "syncTime": NOW, "references": references});
    house.send("PUT /api/v2/code-refs/repositories/app/branches/main", Some(&branch)).await.ok();
    for (filter, expected) in [
        ("codeReferences.min:1", &["often", "once"][..]),
        ("codeReferences.min:2", &["often"]),
        ("codeReferences.max:0", &["never"]),
        ("codeReferences.max:1", &["once", "never"]),
        ("codeReferences.min:1,codeReferences.max:1", &["once"]),
    ] {
        let list = house.get(&format!("{FLAGS}?filter={filter}")).await.ok();
        assert_eq!(keys(&list), expected, "{filter}");
    }
    let list = house.get(&format!("{FLAGS}?expand=codeReferences")).await.ok();
    let counts: Vec<_> = (0..3).map(|i| list["items"][i]["codeReferences"]["items"][0]["hunkCount"].as_u64()).collect();
    assert_eq!(counts, [Some(2), Some(1), None]);
    assert_eq!(list["items"][2]["codeReferences"], json!({"items": []}));
}
