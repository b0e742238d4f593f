"""What can be done to a flag besides patching it: copies, expiring targets, dependent flags, tags."""

import time

import pytest

from api import refused
from client import PythonClient
from test_flags import clause

BETA = {"LD-API-Version": "beta"}


def ids(flag):
    return [v["_id"] for v in flag["variations"]]


def target(flag, kind, key, value=None, **more):
    """An instruction about the individual target of the first variation."""
    sent = {"kind": kind, "variationId": ids(flag)[0], "contextKey": key, "contextKind": "user", **more}
    return sent if value is None else {**sent, "value": value}


def later(seconds=3600):
    return int((time.time() + seconds) * 1000)


def test_copy(api, project):
    flag = api.new_flag(project)
    api.instruct(
        project,
        flag["key"],
        {"kind": "turnFlagOn"},
        {"kind": "addRule", "variationId": ids(flag)[1], "clauses": [clause("country", "in", ["NZ"])]},
        {"kind": "addTargets", "variationId": ids(flag)[1], "values": ["ada"]},
        environmentKey="dev",
    )
    body = {"source": {"key": "dev", "currentVersion": 2}, "target": {"key": "prod"}, "includedActions": ["updateOn"]}
    copied = api.copyFeatureFlag(project, flag["key"], body=body)["environments"]["prod"]
    assert (copied["on"], copied["rules"]) == (True, [])
    body = {"source": {"key": "dev"}, "target": {"key": "prod", "currentVersion": 2}, "comment": "all of it"}
    copied = api.copyFeatureFlag(project, flag["key"], body=body)["environments"]["prod"]
    assert [t["values"] for t in copied["targets"]] == [["ada"]] and len(copied["rules"]) == 1
    with refused(409, "optimistic_locking_error"):
        api.copyFeatureFlag(project, flag["key"], body=body)


def test_expiring_targets(api, project):
    flag = api.new_flag(project)
    key = flag["key"]
    targets = {"kind": "addTargets", "variationId": ids(flag)[0], "values": ["ada", "grace"]}
    api.instruct(project, key, targets, environmentKey="dev")
    at = later()
    body = {"comment": "soon", "instructions": [target(flag, "addExpiringTarget", "ada", at)]}
    [added] = api.patchExpiringTargets(project, "dev", key, body=body)["items"]
    assert (added["contextKey"], added["expirationDate"], added["_version"]) == ("ada", at, 1)
    assert added["_resourceId"]["kind"] == "flag" and added["variationId"] == ids(flag)[0]
    [listed] = api.getExpiringContextTargets(project, "dev", key)["items"]
    assert listed == added
    moved = {"instructions": [target(flag, "updateExpiringTarget", "ada", at + 1000, version=1)]}
    answer = api.patchExpiringTargets(project, "dev", key, body=moved)
    assert (answer["items"][0]["_version"], answer["totalInstructions"]) == (2, 1)
    with refused(400, "invalid_request"):
        api.patchExpiringTargets(project, "dev", key, body=moved)
    removed = {"instructions": [target(flag, "removeExpiringTarget", "ada")]}
    assert api.patchExpiringTargets(project, "dev", key, body=removed)["items"] == []


def test_expiring_user_targets(api, project):
    flag = api.new_flag(project)
    key = flag["key"]
    targets = {"kind": "addUserTargets", "variationId": ids(flag)[0], "values": ["ada"]}
    api.instruct(project, key, targets, environmentKey="dev")
    sent = {"kind": "addExpireUserTargetDate", "variationId": ids(flag)[0], "userKey": "ada", "value": later()}
    [added] = api.patchExpiringUserTargets(project, "dev", key, body={"instructions": [sent]})["items"]
    assert (added["userKey"], added["expirationDate"]) == ("ada", sent["value"])
    assert api.getExpiringUserTargets(project, "dev", key)["items"] == [added]


def test_a_target_goes_when_it_expires(api, project):
    flag = api.new_flag(project)
    key = flag["key"]
    targets = {"kind": "addTargets", "variationId": ids(flag)[0], "values": ["ada", "grace"]}
    api.instruct(project, key, targets, environmentKey="dev")
    body = {"instructions": [target(flag, "addExpiringTarget", "ada", later(1))]}
    api.patchExpiringTargets(project, "dev", key, body=body)
    sdk_key = api.getEnvironment(project, "dev")["apiKey"]
    api.poll_until(sdk_key, lambda _, body: body["flags"][key]["targets"][0]["values"] == ["grace"])
    assert api.getExpiringContextTargets(project, "dev", key)["items"] == []


def test_dependent_flags(api, project):
    base, top = api.new_flag(project), api.new_flag(project)
    needs = {"kind": "addPrerequisite", "key": base["key"], "variationId": ids(base)[0]}
    api.instruct(project, top["key"], needs, environmentKey="dev")
    [found] = api.getDependentFlags(project, base["key"], headers=BETA)["items"]
    assert (found["key"], [env["key"] for env in found["environments"]]) == (top["key"], ["dev"])
    [found] = api.getDependentFlagsByEnv(project, "dev", base["key"], headers=BETA)["items"]
    assert found["key"] == top["key"] and found["_site"]["href"]
    assert api.getDependentFlagsByEnv(project, "prod", base["key"], headers=BETA)["items"] == []


def test_migration_safety(api, project):
    flag = api.new_flag(project, purpose="migration", migrationSettings={"stageCount": 4})
    stages = ids(flag)
    api.instruct(project, flag["key"], {"kind": "turnFlagOn"}, environmentKey="dev")
    rule = {"kind": "addRule", "clauses": [clause("country", "in", ["NZ"])], "rolloutWeights": {stages[3]: 100_000}}
    issues = api.postMigrationSafetyIssues(project, flag["key"], "dev", body={"instructions": [rule]})
    assert {"fallthrough"} <= {issue["causingRuleId"] for issue in issues}
    assert all(isinstance(issue["oldSystemAffected"], bool) and issue["issue"] for issue in issues)


def test_tags(api, project):
    word = api.unique("word")
    api.new_flag(project, tags=[f"{word}-b", f"{word}-a"])
    answer = api.getTags(pre=word, kind=["flag"])
    assert answer["items"] == [f"{word}-a", f"{word}-b"]
    assert answer["totalCount"] == 2 and answer["_links"]["self"]["href"]
    assert api.getTags(pre=word, kind=["project"])["items"] == []


def test_dependants_keep_a_flag(api, project):
    base, top = api.new_flag(project), api.new_flag(project)
    needs = {"kind": "addPrerequisite", "key": base["key"], "variationId": ids(base)[0]}
    api.instruct(project, top["key"], needs, environmentKey="dev")
    with refused(409, "conflict"):
        api.deleteFeatureFlag(project, base["key"])


def test_statuses(api, project):
    if not isinstance(api.client, PythonClient):
        pytest.skip("its types do not know that lastRequested can be null")
    key = api.new_flag(project)["key"]
    assert api.getFeatureFlagStatus(project, "dev", key)["name"] == "new"
    statuses = api.getFeatureFlagStatuses(project, "dev")["items"]
    assert [s["name"] for s in statuses] == ["new"]
    across = api.getFeatureFlagStatusAcrossEnvironments(project, key)
    assert across["key"] == key and sorted(across["environments"]) == ["dev", "prod"]
    now = int(time.time() * 1000)
    counted = {"value": True, "variation": 0, "version": 1, "count": 3}
    feature = {"default": False, "contextKinds": ["user"], "counters": [counted]}
    api.send_events(project, {"kind": "summary", "startDate": now - 1000, "endDate": now, "features": {key: feature}})
    asked = api.eventually(
        lambda: api.getFeatureFlagStatus(project, "dev", key), lambda status: status.get("lastRequested")
    )
    assert asked["name"] == "active"
