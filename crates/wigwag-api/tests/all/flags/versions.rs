//! Which versions rise: SDKs order updates by that of the configuration.

use serde_json::{Value, json};
use wigwag_store::Store;

use super::{path, variation};
use crate::support::{House, NOW, on_both_engines};

on_both_engines! {
    only_what_changed_is_written;
}

async fn only_what_changed_is_written(store: Store) {
    let house = House::open(store).await;
    let flag = house.texts("f").await;
    let versions = |flag: &Value| {
        let config = |env: &str| flag["environments"][env]["version"].as_u64().unwrap();
        (flag["_version"].as_u64().unwrap(), config("test"), config("production"))
    };
    assert_eq!(versions(&flag), (1, 1, 1));
    let mut expected = (1, 1, 1);
    // What the flag is, what happens in test, what SDKs see everywhere.
    let cases = [
        (json!({"kind": "turnFlagOn"}), (0, 1, 0)),
        (json!({"kind": "addTargets", "variationId": variation(&flag, 0), "values": ["u"]}), (0, 1, 0)),
        (json!({"kind": "updateName", "value": "N"}), (1, 0, 0)),
        (json!({"kind": "addTags", "values": ["t"]}), (1, 0, 0)),
        (json!({"kind": "makeFlagPermanent"}), (1, 0, 0)),
        (json!({"kind": "deprecateFlag"}), (1, 0, 0)),
        (json!({"kind": "updateDefaultVariation", "onVariationValue": "b"}), (1, 0, 0)),
        (json!({"kind": "updateVariation", "variationId": variation(&flag, 0), "name": "A"}), (1, 0, 0)),
        (json!({"kind": "updateVariation", "variationId": variation(&flag, 0), "value": "aa"}), (1, 1, 1)),
        (json!({"kind": "addVariation", "value": "d"}), (1, 1, 1)),
        (json!({"kind": "turnOnClientSideAvailability", "value": "usingEnvironmentId"}), (1, 1, 1)),
        (json!({"kind": "archiveFlag"}), (1, 1, 1)),
        (json!({"kind": "restoreFlag"}), (1, 1, 1)),
    ];
    for (instruction, rise) in cases {
        house.clock.advance(10);
        let after = house.instruct("f", json!([instruction])).await;
        expected = (expected.0 + rise.0, expected.1 + rise.1, expected.2 + rise.2);
        assert_eq!(versions(&after), expected, "{instruction}");
        assert_eq!(after, house.get(&path("f")).await.ok());
    }
    let after = house.get(&path("f")).await.ok();
    assert_eq!(after["environments"]["test"]["lastModified"], NOW + 130);
}
