//! The filters of the list.

use serde_json::json;
use wigwag_store::Store;

use super::{FLAGS, keys, path};
use crate::support::{House, NOW, on_both_engines};

on_both_engines! {
    each_filter_narrows_the_list;
    filters_that_are_refused;
    older_versions_ask_for_targeting;
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
        ("evaluated:yes,filterEnv:test", "evaluated"),
        ("codeReferences.min:1", "codeReferences.min is not supported yet"),
        ("codeReferences.max:0", "codeReferences.max is not supported yet"),
        ("guardedRollout:any", "guardedRollout is not supported yet"),
        ("releasePipeline:p", "releasePipeline is not supported yet"),
        ("view:v", "view is not supported yet"),
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
    for field in ["followerId", "hasDataExport"] {
        let answer = house.raw(&format!("GET {FLAGS}?filter={field}:x"), &headers, "").await;
        let message = answer.refused(400, "invalid_request");
        assert!(message.contains(&format!("{field} is not supported yet")), "{message}");
    }
}
