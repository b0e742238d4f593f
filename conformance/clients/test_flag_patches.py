"""The four ways to patch a flag: a bare JSON patch, one with a comment, merge patch, semantic patch."""

import pytest

from api import refused
from test_flags import clause


@pytest.fixture
def flag(api, project):
    """A flag with three string variations."""
    return api.new_flag(project, variations=[{"value": v} for v in ["a", "b", "c"]])


def ids(flag):
    return [v["_id"] for v in flag["variations"]]


def replace(path, value):
    return {"op": "replace", "path": path, "value": value}


def latest_comment(api):
    return api.getAuditLogEntries(limit=1)["items"][0].get("comment", "")


@pytest.mark.parametrize("with_comment", [False, True], ids=["bare", "with-comment"])
def test_json_patch(api, project, flag, with_comment):
    patch = [
        replace("/name", "Renamed"),
        replace("/description", "Described"),
        {"op": "add", "path": "/tags/-", "value": "t1"},
        replace("/temporary", False),
        replace("/environments/dev/on", True),
        replace("/environments/dev/offVariation", 2),
        replace("/environments/dev/fallthrough/variation", 1),
    ]
    body = {"patch": patch, "comment": "for a reason"} if with_comment else patch
    patched = api.patchFeatureFlag(project, flag["key"], body=body)
    assert (patched["name"], patched["description"], patched["temporary"]) == ("Renamed", "Described", False)
    assert patched["tags"] == ["t1"]
    dev, prod = patched["environments"]["dev"], patched["environments"]["prod"]
    assert (dev["on"], dev["offVariation"], dev["fallthrough"]) == (True, 2, {"variation": 1})
    assert (prod["on"], prod["offVariation"], prod["fallthrough"]) == (False, 2, {"variation": 0})
    assert dev["version"] > prod["version"] and dev["lastModified"] >= prod["lastModified"]
    assert api.getFeatureFlag(project, flag["key"])["environments"]["dev"]["on"] is True
    assert latest_comment(api) == ("for a reason" if with_comment else "")


def test_json_patch_of_targeting(api, project, flag):
    rule = {"clauses": [clause("country", "in", ["NZ"])], "variation": 1, "trackEvents": True, "description": "Kiwis"}
    rollout = {"variations": [{"variation": 0, "weight": 60_000}, {"variation": 2, "weight": 40_000}]}
    patch = [
        {"op": "add", "path": "/environments/dev/rules/-", "value": rule},
        {"op": "add", "path": "/environments/dev/targets/-", "value": {"variation": 2, "values": ["ada"]}},
        replace("/environments/dev/fallthrough", {"rollout": rollout}),
    ]
    dev = api.patchFeatureFlag(project, flag["key"], body={"patch": patch})["environments"]["dev"]
    [made] = dev["rules"]
    assert made["_id"] and made["clauses"][0]["_id"]
    assert (made["variation"], made["trackEvents"], made["description"]) == (1, True, "Kiwis")
    assert made["clauses"][0]["values"] == ["NZ"] and made["clauses"][0]["negate"] is False
    assert [(t["variation"], t["values"]) for t in dev["targets"] if t["values"]] == [(2, ["ada"])]
    weights = [(w["variation"], w["weight"]) for w in dev["fallthrough"]["rollout"]["variations"]]
    assert [w for w in weights if w[1]] == [(0, 60_000), (2, 40_000)]
    patch = [
        {"op": "add", "path": "/environments/dev/rules/0/clauses/0/values/-", "value": "AU"},
        {"op": "add", "path": "/environments/dev/targets/0/values/-", "value": "grace"},
    ]
    dev = api.patchFeatureFlag(project, flag["key"], body={"patch": patch})["environments"]["dev"]
    assert dev["rules"][0]["_id"] == made["_id"]
    assert dev["rules"][0]["clauses"][0]["values"] == ["NZ", "AU"]
    assert ["ada", "grace"] in [t["values"] for t in dev["targets"]]
    patch = [{"op": "remove", "path": "/environments/dev/rules/0"}]
    assert api.patchFeatureFlag(project, flag["key"], body={"patch": patch})["environments"]["dev"]["rules"] == []


def test_json_patch_of_variations(api, project, flag):
    patch = [{"op": "add", "path": "/variations/-", "value": {"value": "d", "name": "fourth"}}]
    patched = api.patchFeatureFlag(project, flag["key"], body={"patch": patch})
    assert [v["value"] for v in patched["variations"]] == ["a", "b", "c", "d"]
    assert ids(patched)[:3] == ids(flag) and ids(patched)[3]
    patch = [replace("/variations/0/name", "first"), replace("/variations/0/value", "A")]
    patched = api.patchFeatureFlag(project, flag["key"], body={"patch": patch})
    assert patched["variations"][0]["value"] == "A" and patched["variations"][0]["name"] == "first"


def test_a_bad_json_patch_changes_nothing(api, project, flag):
    before = api.getFeatureFlag(project, flag["key"])
    good = replace("/name", "Never")
    for bad, status in [
        ({"op": "remove", "path": "/no/such/path"}, 400),
        (replace("/environments/dev/fallthrough", {"variation": 9}), 400),
        (replace("/temporary", "perhaps"), 400),
        ({"op": "test", "path": "/name", "value": "something else"}, 409),
    ]:
        with refused(status):
            api.patchFeatureFlag(project, flag["key"], body={"patch": [good, bad]})
    with refused(400, "invalid_patch"):
        api.patchFeatureFlag(project, flag["key"], body={"patch": [good, {"op": "remove", "path": "/no/such/path"}]})
    assert api.getFeatureFlag(project, flag["key"]) == before


def test_a_test_that_holds_lets_the_patch_through(api, project, flag):
    patch = [{"op": "test", "path": "/name", "value": flag["name"]}, replace("/name", "Tested")]
    assert api.patchFeatureFlag(project, flag["key"], body={"patch": patch})["name"] == "Tested"


def test_merge_patch(api, project, flag):
    merge = {"name": "Merged", "tags": ["m"], "environments": {"dev": {"on": True}}}
    patched = api.patchFeatureFlag(project, flag["key"], body=merge)
    assert patched["name"] == "Merged" and patched["tags"] == ["m"]
    assert patched["environments"]["dev"]["on"] is True
    assert patched["environments"]["prod"]["on"] is False
    assert [v["value"] for v in patched["variations"]] == ["a", "b", "c"]
    merge = {"merge": {"description": "by merge"}, "comment": "merged with a word"}
    assert api.patchFeatureFlag(project, flag["key"], body=merge)["description"] == "by merge"
    assert latest_comment(api) == "merged with a word"


def test_semantic_patch_of_settings(api, project, flag):
    patched = api.instruct(
        project,
        flag["key"],
        {"kind": "updateName", "value": "Named"},
        {"kind": "updateDescription", "value": "Told"},
        {"kind": "addTags", "values": ["one", "two"]},
        {"kind": "removeTags", "values": ["one"]},
        {"kind": "makeFlagPermanent"},
        {"kind": "turnOnClientSideAvailability", "value": "usingEnvironmentId"},
        {"kind": "addCustomProperties", "key": "jira", "name": "Jira", "values": ["A-1"]},
        {"kind": "removeMaintainer"},
        comment="all at once",
    )
    assert (patched["name"], patched["description"], patched["tags"]) == ("Named", "Told", ["two"])
    assert patched["temporary"] is False and "maintainerId" not in patched
    assert patched["clientSideAvailability"]["usingEnvironmentId"] is True and patched["includeInSnippet"] is True
    assert patched["customProperties"] == {"jira": {"name": "Jira", "value": ["A-1"]}}
    assert patched["_version"] > flag["_version"]
    assert latest_comment(api) == "all at once"


def test_semantic_patch_of_targeting(api, project, flag):
    a, b, c = ids(flag)
    patched = api.instruct(
        project,
        flag["key"],
        {"kind": "turnFlagOn"},
        {"kind": "addTargets", "values": ["ada"], "variationId": c},
        {"kind": "addTargets", "values": ["acme"], "variationId": b, "contextKind": "org"},
        {"kind": "addRule", "variationId": a, "clauses": [clause("country", "in", ["NZ"])], "description": "Kiwis"},
        {"kind": "updateFallthroughVariationOrRollout", "rolloutWeights": {a: 10_000, b: 90_000, c: 0}},
        {"kind": "updateOffVariation", "variationId": b},
        {"kind": "updateTrackEvents", "trackEvents": True},
        environmentKey="dev",
    )
    dev = patched["environments"]["dev"]
    assert dev["on"] is True and dev["offVariation"] == 1 and dev["trackEvents"] is True
    assert [(t["variation"], t["values"]) for t in dev["targets"] if t["values"]] == [(2, ["ada"])]
    if api.version >= 20220603:
        others = [t for t in dev["contextTargets"] if t["contextKind"] == "org"]
        assert [(t["variation"], t["values"]) for t in others] == [(1, ["acme"])]
    assert dev["rules"][0]["description"] == "Kiwis" and dev["rules"][0]["variation"] == 0
    weights = {w["variation"]: w["weight"] for w in dev["fallthrough"]["rollout"]["variations"]}
    assert weights[0] == 10_000 and weights[1] == 90_000 and weights.get(2, 0) == 0
    assert patched["environments"]["prod"]["on"] is False
    _rule_is_edited(api, project, flag, dev["rules"][0])


def _rule_is_edited(api, project, flag, rule):
    where = {"ruleId": rule["_id"]}
    patched = api.instruct(
        project,
        flag["key"],
        {"kind": "addClauses", **where, "clauses": [clause("age", "greaterThan", [18])]},
        {"kind": "addValuesToClause", **where, "clauseId": rule["clauses"][0]["_id"], "values": ["AU"]},
        {"kind": "updateRuleVariationOrRollout", **where, "variationId": ids(flag)[2]},
        {"kind": "addRule", "variationId": ids(flag)[0], "clauses": [clause("x", "in", [1])], "beforeRuleId": rule["_id"]},
        environmentKey="dev",
    )
    first, second = patched["environments"]["dev"]["rules"]
    assert first["clauses"][0]["attribute"] == "x" and second["_id"] == rule["_id"]
    assert second["clauses"][0]["values"] == ["NZ", "AU"]
    assert second["clauses"][1]["op"] == "greaterThan" and second["variation"] == 2
    patched = api.instruct(
        project, flag["key"], {"kind": "reorderRules", "ruleIds": [second["_id"], first["_id"]]}, environmentKey="dev"
    )
    assert [r["_id"] for r in patched["environments"]["dev"]["rules"]] == [second["_id"], first["_id"]]
    patched = api.instruct(project, flag["key"], {"kind": "removeRule", **where}, environmentKey="dev")
    assert [r["_id"] for r in patched["environments"]["dev"]["rules"]] == [first["_id"]]


def test_semantic_patch_of_variations_and_prerequisites(api, project, flag):
    gate = api.new_flag(project)
    patched = api.instruct(
        project,
        flag["key"],
        {"kind": "addVariation", "value": "d", "name": "fourth"},
        {"kind": "updateVariation", "variationId": ids(flag)[0], "value": "A", "name": "first"},
        {"kind": "updateDefaultVariation", "onVariationValue": "b", "offVariationValue": "c"},
    )
    assert [v["value"] for v in patched["variations"]] == ["A", "b", "c", "d"]
    assert patched["defaults"] == {"onVariation": 1, "offVariation": 2}
    required = {"kind": "addPrerequisite", "key": gate["key"], "variationId": ids(gate)[1]}
    patched = api.instruct(project, flag["key"], required, environmentKey="prod")
    assert patched["environments"]["prod"]["prerequisites"] == [{"key": gate["key"], "variation": 1}]
    assert patched["environments"]["dev"]["prerequisites"] == []
    # A cycle is refused.
    back = {"kind": "addPrerequisite", "key": flag["key"], "variationId": ids(flag)[0]}
    with refused(400, "invalid_request"):
        api.instruct(project, gate["key"], back, environmentKey="prod")


def test_a_bad_semantic_patch_changes_nothing(api, project, flag):
    before = api.getFeatureFlag(project, flag["key"])
    good = {"kind": "turnFlagOn"}
    stranger = "00000000-0000-4000-8000-000000000000"
    for bad in [
        {"kind": "paintItBlack"},
        {"kind": "updateOffVariation", "variationId": stranger},
        {"kind": "updateRuleDescription", "ruleId": stranger, "description": "x"},
        {"kind": "updateFallthroughVariationOrRollout", "rolloutWeights": {ids(flag)[0]: 50_000}},
        {"kind": "addRule", "variationId": ids(flag)[0], "clauses": [clause("a", "resembles", ["b"])]},
        {"kind": "addTargets", "values": "not a list", "variationId": ids(flag)[0]},
    ]:
        with refused(400, "invalid_request"):
            api.instruct(project, flag["key"], good, bad, environmentKey="dev")
    with refused(400, "invalid_request"):
        api.instruct(project, flag["key"], good)
    with refused(400, "invalid_request"):
        api.instruct(project, flag["key"], environmentKey="dev")
    with refused(404, "not_found"):
        api.instruct(project, flag["key"], good, environmentKey="no-such-environment")
    assert api.getFeatureFlag(project, flag["key"]) == before


def test_dry_run_saves_nothing(api, project, flag):
    patch = {"patch": [replace("/name", "Only tried")]}
    assert api.patchFeatureFlag(project, flag["key"], body=patch, dryRun=True)["name"] == "Only tried"
    assert api.getFeatureFlag(project, flag["key"])["name"] == flag["name"]


def test_required_comment(api, project, flag):
    api.patchEnvironment(project, "dev", body=[replace("/requireComments", True)])
    on = {"kind": "turnFlagOn"}
    with refused(400, "invalid_request"):
        api.instruct(project, flag["key"], on, environmentKey="dev")
    assert api.getFeatureFlag(project, flag["key"])["environments"]["dev"]["on"] is False
    patched = api.instruct(project, flag["key"], on, environmentKey="dev", comment="because")
    assert patched["environments"]["dev"]["on"] is True


def test_unknown_flag(api, project):
    with refused(404, "not_found"):
        api.patchFeatureFlag(project, "no-such-flag", body={"patch": [replace("/name", "x")]})
    with refused(404, "not_found"):
        api.instruct(project, "no-such-flag", {"kind": "turnFlagOn"}, environmentKey="dev")


def test_changes_reach_the_sdk_data(api, project, flag):
    """What the clients change is what SDKs are told."""
    sdk_key = api.getEnvironment(project, "dev")["apiKey"]
    key = flag["key"]
    before = api.poll_until(sdk_key, lambda _, data: key in data["flags"])[1]["flags"][key]
    assert before["on"] is False and before["variations"] == ["a", "b", "c"]
    api.instruct(project, key, {"kind": "turnFlagOn"}, environmentKey="dev")
    after = api.poll_until(sdk_key, lambda _, data: data["flags"][key]["on"])[1]["flags"][key]
    assert after["version"] > before["version"]
    api.deleteFeatureFlag(project, key)
    api.poll_until(sdk_key, lambda _, data: key not in data["flags"])
