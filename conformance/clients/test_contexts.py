"""Context kinds, contexts that SDKs reported, and what can be asked about them; users as they were before."""

import time

import pytest

from api import refused


def identify(context):
    return {"kind": "identify", "creationDate": int(time.time() * 1000), "context": context}


ANN = {"kind": "user", "key": "ann", "name": "Ann", "country": "uk", "age": 30}
BOTH = {
    "kind": "multi",
    "user": {"key": "bob", "name": "Bob", "country": "us"},
    "company": {"key": "acme", "name": "Acme", "_meta": {"privateAttributes": ["secret"]}, "secret": "x"},
}


@pytest.fixture
def seen(api, project):
    """A project whose `dev` environment has seen three contexts."""
    api.send_events(project, identify(ANN), identify(BOTH))
    ask = lambda: api.searchContexts(project, "dev", body={})  # noqa: E731
    api.eventually(ask, lambda answer: len(answer["items"]) == 3)
    return project


def found(answer):
    return sorted((item["context"]["kind"], item["context"]["key"]) for item in answer["items"])


def test_kinds(api, project):
    assert "user" in [k["key"] for k in api.getContextKindsByProjectKey(project)["items"]]
    api.putContextKind(project, "company", body={"name": "Company", "description": "who pays", "version": 1})
    kinds = {k["key"]: k for k in api.getContextKindsByProjectKey(project)["items"]}
    company = kinds["company"]
    assert (company["name"], company["description"]) == ("Company", "who pays")
    api.putContextKind(project, "company", body={"name": "Firm", "archived": True})
    kinds = {k["key"]: k for k in api.getContextKindsByProjectKey(project)["items"]}
    assert kinds["company"]["name"] == "Firm" and kinds["company"]["version"] > company["version"]
    with refused(400):
        api.putContextKind(project, "multi", body={"name": "No"})


def test_search(api, seen):
    assert found(api.searchContexts(seen, "dev", body={})) == [("company", "acme"), ("user", "ann"), ("user", "bob")]
    for filter, expected in [
        ('kindKeys contains ["user:ann"]', [("user", "ann")]),
        ('kindKey anyOf ["user:ann","company:acme"]', [("company", "acme"), ("user", "ann")]),
        ('kind equals "company"', [("company", "acme")]),
        ('user.country equals "us"', [("user", "bob")]),
        ('*.name startsWith "A"', [("company", "acme"), ("user", "ann")]),
    ]:
        body = {"filter": filter, "sort": "ts", "limit": 10}
        assert found(api.searchContexts(seen, "dev", body=body)) == expected, filter
    page = api.searchContexts(seen, "dev", body={"limit": 1})
    rest = api.searchContexts(seen, "dev", body={"limit": 5, "continuationToken": page["continuationToken"]})
    assert len(page["items"]) == 1 and len(rest["items"]) == 2
    with refused(400):
        api.searchContexts(seen, "dev", body={"filter": "nonsense((("})


def test_one_context(api, seen):
    (item,) = api.getContexts(seen, "dev", "user", "ann")["items"]
    assert item["context"]["name"] == "Ann"


def test_attributes(api, seen):
    names = {kind["kind"]: [n["name"] for n in kind["names"]] for kind in api.getContextAttributeNames(seen, "dev")["items"]}
    assert "/country" in names["user"] and "/name" in names["company"]
    values = {
        kind["kind"]: [v["name"] for v in kind["values"]]
        for kind in api.getContextAttributeValues(seen, "dev", "country")["items"]
    }
    assert sorted(values["user"]) == ["uk", "us"]


def test_instances(api, seen):
    instances = api.searchContextInstances(seen, "dev", body={})["items"]
    assert len(instances) == 2
    multi = next(i for i in instances if i["context"]["kind"] == "multi")
    got = api.getContextInstances(seen, "dev", multi["id"])["items"]
    assert got[0]["context"]["company"]["key"] == "acme"
    api.deleteContextInstances(seen, "dev", multi["id"])
    assert len(api.searchContextInstances(seen, "dev", body={})["items"]) == 1


def test_evaluate(api, project):
    flag = api.new_flag(project)
    target = {"kind": "addTargets", "values": ["ann"], "variationId": flag["variations"][0]["_id"]}
    off = {"kind": "updateFallthroughVariationOrRollout", "variationId": flag["variations"][1]["_id"]}
    api.instruct(project, flag["key"], {"kind": "turnFlagOn"}, target, off, environmentKey="dev")
    (item,) = api.evaluateContextInstance(project, "dev", body=ANN)["items"]
    assert (item["key"], item["_value"]) == (flag["key"], True) and item["reason"]["kind"] == "TARGET_MATCH"
    (item,) = api.evaluateContextInstance(project, "dev", body={"kind": "user", "key": "zed"})["items"]
    assert item["_value"] is False


def test_explicit_setting(api, project):
    key = api.new_flag(project)["key"]
    api.putContextFlagSetting(project, "dev", "user", "ann", key, body={"setting": True, "comment": "for her"})
    targets = api.getFeatureFlag(project, key)["environments"]["dev"]["targets"]
    assert [(t["values"], t["variation"]) for t in targets] == [(["ann"], 0)]
    api.putContextFlagSetting(project, "dev", "user", "ann", key, body={"setting": None})
    assert api.getFeatureFlag(project, key)["environments"]["dev"]["targets"] == []


def test_users(api, seen):
    users = api.getUsers(seen, "dev")
    assert sorted(u["user"]["key"] for u in users["items"]) == ["ann", "bob"]
    assert api.getUser(seen, "dev", "ann")["user"]["name"] == "Ann"
    hits = api.getSearchUsers(seen, "dev", q="Bob")
    assert [u["user"]["key"] for u in hits["items"]] == ["bob"]
    with refused(404):
        api.getUser(seen, "dev", "nobody")


def test_user_attribute_names(api, seen):
    names = api.getUserAttributeNames(seen, "dev")
    assert "country" in names["standard"] and "age" in names["custom"]


def test_user_is_deleted(api, seen):
    api.deleteUser(seen, "dev", "ann")
    with refused(404):
        api.getUser(seen, "dev", "ann")


def test_user_settings(api, project):
    key = api.new_flag(project)["key"]
    api.putFlagSetting(project, "dev", "ann", key, body={"setting": True})
    one = api.getUserFlagSetting(project, "dev", "ann", key)
    assert one["setting"] is True and one["_value"] is not None
    everything = api.getUserFlagSettings(project, "dev", "ann")["items"]
    assert everything[key]["setting"] is True


def test_expiring_flags_for_a_user(api, project):
    flag = api.new_flag(project)
    variation = flag["variations"][0]["_id"]
    target = {"kind": "addTargets", "values": ["ann"], "variationId": variation}
    api.instruct(project, flag["key"], target, environmentKey="dev")
    soon = int(time.time() * 1000) + 3_600_000
    add = {"kind": "addExpireUserTargetDate", "flagKey": flag["key"], "variationId": variation, "value": soon}
    assert api.patchExpiringFlagsForUser(project, "ann", "dev", body={"instructions": [add]})
    assert len(api.getExpiringFlagsForUser(project, "ann", "dev")["items"]) == 1
