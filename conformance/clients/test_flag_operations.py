"""What else there is to do with flags: copies, expiring targets, dependants, statuses, tags."""

import time

import pytest

from api import refused

SOON = int(time.time() * 1000) + 3_600_000


@pytest.fixture
def flag(api, project):
    return api.new_flag(project)


def test_copy(api, project, flag):
    key = flag["key"]
    instructions = [
        {"kind": "turnFlagOn"},
        {"kind": "addTargets", "values": ["ann"], "variationId": flag["variations"][0]["_id"]},
    ]
    changed = api.instruct(project, key, *instructions, environmentKey="dev")
    version = changed["environments"]["dev"]["version"]
    body = {"source": {"key": "dev", "currentVersion": version}, "target": {"key": "prod"}, "includedActions": ["updateOn"]}
    copied = api.copyFeatureFlag(project, key, body=body)["environments"]["prod"]
    assert copied["on"] is True and copied["targets"] == []
    body = {"source": {"key": "dev"}, "target": {"key": "prod"}, "comment": "all of it"}
    assert api.copyFeatureFlag(project, key, body=body)["environments"]["prod"]["targets"][0]["values"] == ["ann"]
    with refused((400, 409)):
        body = {"source": {"key": "dev", "currentVersion": version + 7}, "target": {"key": "prod"}}
        api.copyFeatureFlag(project, key, body=body)


def test_expiring_targets(api, project, flag):
    key, variation = flag["key"], flag["variations"][0]["_id"]
    api.instruct(
        project, key, {"kind": "addTargets", "values": ["ann", "bob"], "variationId": variation}, environmentKey="dev"
    )
    body = {
        "instructions": [
            {
                "kind": "addExpiringTarget",
                "value": SOON,
                "variationId": variation,
                "contextKey": "ann",
                "contextKind": "user",
            }
        ]
    }
    patched = api.patchExpiringTargets(project, "dev", key, body=body)
    assert patched["successfulInstructions"] == 1 and patched["failedInstructions"] == 0
    (item,) = api.getExpiringContextTargets(project, "dev", key)["items"]
    assert (item["contextKey"], item["contextKind"], item["expirationDate"]) == ("ann", "user", SOON)
    (user,) = api.getExpiringUserTargets(project, "dev", key)["items"]
    assert user["userKey"] == "ann"
    body = {
        "instructions": [
            {"kind": "addExpireUserTargetDate", "value": SOON, "variationId": variation, "userKey": "bob"}
        ]
    }
    assert len(api.patchExpiringUserTargets(project, "dev", key, body=body)["items"]) == 2
    mine = api.getExpiringFlagsForUser(project, "bob", "dev")["items"]
    assert [item["userKey"] for item in mine] == ["bob"]


def test_dependent_flags(api, project, flag):
    key, other = flag["key"], api.new_flag(project)
    add = {"kind": "addPrerequisite", "key": key, "variationId": flag["variations"][0]["_id"]}
    api.instruct(project, other["key"], add, environmentKey="dev")
    assert [f["key"] for f in api.getDependentFlags(project, key)["items"]] == [other["key"]]
    assert [f["key"] for f in api.getDependentFlagsByEnv(project, "dev", key)["items"]] == [other["key"]]
    assert api.getDependentFlagsByEnv(project, "prod", key)["items"] == []
    with refused(409, "conflict"):
        api.deleteFeatureFlag(project, key)


def test_statuses(api, project, flag):
    key = flag["key"]
    assert api.getFeatureFlagStatus(project, "dev", key)["name"] == "new"
    statuses = api.getFeatureFlagStatuses(project, "dev")["items"]
    assert [s["name"] for s in statuses] == ["new"]
    across = api.getFeatureFlagStatusAcrossEnvironments(project, key)
    assert across["key"] == key and sorted(across["environments"]) == ["dev", "prod"]
    now = int(time.time() * 1000)
    counted = {"value": True, "variation": 0, "version": 1, "count": 3}
    feature = {"default": False, "contextKinds": ["user"], "counters": [counted]}
    api.send_events(project, {"kind": "summary", "startDate": now - 1000, "endDate": now, "features": {key: feature}})
    ask = lambda: api.getFeatureFlagStatus(project, "dev", key)  # noqa: E731
    asked = api.eventually(ask, lambda s: s.get("lastRequested"))
    assert asked["name"] == "active"


def test_migration_safety_issues(api, project):
    settings = {"stageCount": 2}
    flag = api.new_flag(project, purpose="migration", migrationSettings=settings)
    weights = {v["_id"]: 100_000 if v is flag["variations"][-1] else 0 for v in flag["variations"]}
    body = {"instructions": [{"kind": "updateFallthroughVariationOrRollout", "rolloutWeights": weights}]}
    try:
        issues = api.postMigrationSafetyIssues(project, flag["key"], "dev", body=body)
    except AssertionError as e:
        # Without findings there is no body, and another status.
        assert "answered 204" in str(e)
        return
    assert all("causingRuleId" in issue or "affectedRuleIds" in issue for issue in issues)


def test_tags(api):
    project = api.new_project(tags=["walk-p"])
    api.new_flag(project, tags=["walk-f", "walk-g"])
    found = api.getTags(pre="walk-")["items"]
    assert {"walk-p", "walk-f", "walk-g"} <= set(found)
    assert "walk-p" not in api.getTags(kind=["flag"], pre="walk-")["items"]
