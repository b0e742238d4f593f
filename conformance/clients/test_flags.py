"""Feature flags: create, get, list, delete. Patching has a file of its own."""

import re

import pytest

from api import keys, next_offset, refused

UUID = "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
BOOLEAN = [True, False]


def values(flag):
    return [v["value"] for v in flag["variations"]]


def test_create_with_as_little_as_possible(api, project):
    me, key = api.getMember("me"), api.unique("flag")
    made = api.postFeatureFlag(project, body={"key": key, "name": "Plain"})
    assert (made["key"], made["name"], made["kind"]) == (key, "Plain", "boolean")
    assert values(made) == BOOLEAN
    assert all(re.fullmatch(UUID, v["_id"]) for v in made["variations"])
    assert made["defaults"] == {"onVariation": 0, "offVariation": 1}
    assert made["temporary"] is True and made["archived"] is False and made.get("deprecated", False) is False
    assert made["tags"] == [] and made["customProperties"] == {} and made["_version"] == 1
    assert made["clientSideAvailability"] == {"usingMobileKey": True, "usingEnvironmentId": False}
    assert made["includeInSnippet"] is False
    assert made["maintainerId"] == made["_maintainer"]["_id"] == me["_id"]
    assert made["_links"]["self"]["href"] == f"/api/v2/flags/{project}/{key}"
    assert made["_links"]["parent"]["href"] == f"/api/v2/flags/{project}"
    assert sorted(made["environments"]) == ["dev", "prod"]
    dev = made["environments"]["dev"]
    assert dev["on"] is False and dev["version"] == 1 and dev["archived"] is False
    assert dev["rules"] == dev["targets"] == dev["prerequisites"] == []
    assert dev["fallthrough"] == {"variation": 0} and dev["offVariation"] == 1
    assert dev["_environmentName"] == "Development"
    assert re.fullmatch("[0-9a-f]{32}", dev["salt"]) and re.fullmatch("[0-9a-f]{32}", dev["sel"])
    assert api.getFeatureFlag(project, key)["environments"]["dev"] == dev


def test_create_with_everything(api, project):
    key = api.unique("flag")
    body = {
        "key": key,
        "name": "Full",
        "description": "A flag with ünïcode ✓",
        "variations": [
            {"value": {"a": [1, 2.5, None]}, "name": "object", "description": "first"},
            {"value": {}, "name": "empty"},
            {"value": {"b": "日本"}},
        ],
        "defaults": {"onVariation": 2, "offVariation": 1},
        "temporary": False,
        "tags": ["two", "tags"],
        "customProperties": {"jira": {"name": "Jira", "value": ["A-1", "A-2"]}},
        "clientSideAvailability": {"usingMobileKey": False, "usingEnvironmentId": True},
    }
    made = api.postFeatureFlag(project, body=body)
    assert made["kind"] == "multivariate"
    assert values(made) == [{"a": [1, 2.5, None]}, {}, {"b": "日本"}]
    assert made["variations"][0]["name"] == "object" and made["variations"][0]["description"] == "first"
    for member in ["name", "description", "defaults", "temporary", "customProperties", "clientSideAvailability"]:
        assert made[member] == body[member]
    assert sorted(made["tags"]) == ["tags", "two"] and made["includeInSnippet"] is True
    assert made["environments"]["prod"]["fallthrough"] == {"variation": 2}
    assert made["environments"]["prod"]["offVariation"] == 1
    got = api.getFeatureFlag(project, key)
    for member in ["name", "description", "defaults", "tags", "variations", "customProperties"]:
        assert got[member] == made[member]


@pytest.mark.parametrize(
    "given",
    [["a", "b", ""], [1, 2, 3.25, 0], [False, True], ["1", "2"], [[1], []], [1_700_000_000_000, -1]],
    ids=["strings", "numbers", "false-first", "digits", "arrays", "big"],
)
def test_variations_come_back_as_given(api, project, given):
    flag = api.new_flag(project, variations=[{"value": v} for v in given])
    assert values(flag) == given
    assert [type(v) for v in values(flag)] == [type(v) for v in given]
    assert values(api.getFeatureFlag(project, flag["key"])) == given


def test_migration_flag(api, project):
    key = api.unique("migration")
    body = {"key": key, "name": "Move", "purpose": "migration", "migrationSettings": {"stageCount": 4}}
    four = api.postFeatureFlag(project, body=body)
    assert len(values(four)) == 4 and four["_purpose"] == "migration"
    assert values(four)[0] == "off" and values(four)[-1] == "complete"
    body = {**body, "key": f"{key}-6", "migrationSettings": {"stageCount": 6, "contextKind": "user"}}
    six = api.postFeatureFlag(project, body=body)
    assert values(six) == ["off", "dualwrite", "shadow", "live", "rampdown", "complete"]
    expanded = api.getFeatureFlag(project, key, expand="migrationSettings")
    assert expanded["migrationSettings"]["stageCount"] == 4


def test_get_with_chosen_environments(api, project):
    key = api.new_flag(project)["key"]
    assert list(api.getFeatureFlag(project, key, env="dev")["environments"]) == ["dev"]
    assert sorted(api.getFeatureFlag(project, key)["environments"]) == ["dev", "prod"]


def test_clone(api, project):
    original = api.new_flag(project, variations=[{"value": v} for v in "abc"])
    ids = [v["_id"] for v in original["variations"]]
    targets = {"kind": "addTargets", "values": ["ada"], "variationId": ids[2]}
    api.instruct(project, original["key"], {"kind": "turnFlagOn"}, targets, environmentKey="dev")
    key = api.unique("clone")
    clone = api.postFeatureFlag(project, body={"key": key, "name": "Clone"}, clone=original["key"])
    assert clone["key"] == key and clone["name"] == "Clone" and values(clone) == list("abc")
    dev = api.getFeatureFlag(project, key)["environments"]["dev"]
    assert dev["on"] is True
    assert [(t["variation"], t["values"]) for t in dev["targets"] if t["values"]] == [(2, ["ada"])]


@pytest.fixture
def three(api, project):
    """Three flags, in the order of their creation: beta, alpha and gamma."""
    api.new_flag(project, key="beta", name="Flag B", tags=["x", "y"], temporary=False)
    api.new_flag(project, key="alpha", name="Flag A", tags=["x"])
    api.new_flag(project, key="gamma", name="Flag C special", tags=[])
    return project


def test_list_filters(api, three):
    def found(filter):
        return sorted(keys(api.getFeatureFlags(three, filter=filter)))

    assert found("query:special") == ["gamma"]
    assert found("query:BET") == ["beta"]
    assert found("tags:x") == ["alpha", "beta"]
    assert found("tags:x+y") == ["beta"]
    assert found("type:permanent") == ["beta"]
    assert found("type:temporary") == ["alpha", "gamma"]
    assert found("state:live") == ["alpha", "beta", "gamma"]
    me = api.getMember("me")["_id"]
    assert found(f"maintainerId:{me}") == ["alpha", "beta", "gamma"]
    assert found("maintainerId:000000000000000000000000") == []
    assert found("tags:x,type:temporary") == ["alpha"]
    assert sorted(keys(api.getFeatureFlags(three, tag="x"))) == ["alpha", "beta"]
    with refused(400, "invalid_request"):
        found("nonsense:yes")


def test_list_of_archived_and_deprecated(api, three):
    api.instruct(three, "beta", {"kind": "archiveFlag"})
    assert sorted(keys(api.getFeatureFlags(three))) == ["alpha", "gamma"]
    archived = api.getFeatureFlags(three, filter="state:archived")
    assert keys(archived) == ["beta"] and archived["totalCount"] == 1
    assert archived["items"][0]["archived"] is True and archived["items"][0]["archivedDate"] > 0
    assert keys(api.getFeatureFlags(three, archived=True)) == ["beta"]
    api.instruct(three, "alpha", {"kind": "deprecateFlag"})
    assert keys(api.getFeatureFlags(three, filter="state:deprecated")) == ["alpha"]
    assert keys(api.getFeatureFlags(three, filter="state:live")) == ["gamma"]
    api.instruct(three, "beta", {"kind": "restoreFlag"})
    assert sorted(keys(api.getFeatureFlags(three, filter="state:live"))) == ["beta", "gamma"]


def test_list_sorts_and_pages(api, three):
    def ordered(**query):
        return keys(api.getFeatureFlags(three, **query))

    assert ordered(sort="key") == ["alpha", "beta", "gamma"]
    assert ordered(sort="-key") == ["gamma", "beta", "alpha"]
    assert ordered(sort="name") == ["alpha", "beta", "gamma"]
    assert ordered(sort="creationDate") == ["beta", "alpha", "gamma"]
    assert ordered(sort="-creationDate") == ["gamma", "alpha", "beta"]
    page = api.getFeatureFlags(three, sort="key", limit=2)
    assert keys(page) == ["alpha", "beta"] and page["totalCount"] == 3 and next_offset(page) == 2
    assert "prev" not in page["_links"] and "self" in page["_links"]
    assert ordered(sort="key", limit=2, offset=2) == ["gamma"]
    assert ordered(sort="key", limit=2, offset=10) == []


def test_list_is_summed_up(api, project):
    flag = api.new_flag(project)
    ids = [v["_id"] for v in flag["variations"]]
    rule = {"kind": "addRule", "variationId": ids[0], "clauses": [clause("country", "in", ["NZ"])]}
    targets = {"kind": "addTargets", "values": ["a", "b"], "variationId": ids[1]}
    api.instruct(project, flag["key"], rule, targets, environmentKey="dev")
    dev = api.getFeatureFlags(project, env="dev")["items"][0]["environments"]
    assert list(dev) == ["dev"]
    assert "rules" not in dev["dev"] and "targets" not in dev["dev"]
    counts = dev["dev"]["_summary"]["variations"]
    assert counts["0"]["rules"] == 1 and counts["1"]["targets"] == 2
    assert dev["dev"]["_summary"]["prerequisites"] == 0
    if api.version >= 20240415:
        assert "environments" not in api.getFeatureFlags(project)["items"][0]
    full = api.getFeatureFlags(project, env="dev", summary=False)["items"][0]["environments"]["dev"]
    assert full["rules"][0]["clauses"][0]["values"] == ["NZ"]
    assert full["targets"][0]["values"] == ["a", "b"]


def clause(attribute, op, found, kind="user", negate=False):
    return {"contextKind": kind, "attribute": attribute, "op": op, "values": found, "negate": negate}


def test_delete(api, project):
    key = api.new_flag(project)["key"]
    assert api.deleteFeatureFlag(project, key) is None
    with refused(404, "not_found"):
        api.getFeatureFlag(project, key)
    with refused(404, "not_found"):
        api.deleteFeatureFlag(project, key)
    assert api.getFeatureFlags(project)["items"] == []
    # The key is free again.
    assert api.new_flag(project, key=key)["key"] == key


def test_a_prerequisite_is_not_deleted(api, project):
    gate, gated = api.new_flag(project), api.new_flag(project)
    required = {"kind": "addPrerequisite", "key": gate["key"], "variationId": gate["variations"][0]["_id"]}
    api.instruct(project, gated["key"], required, environmentKey="dev")
    with refused(409):
        api.deleteFeatureFlag(project, gate["key"])
    api.deleteFeatureFlag(project, gated["key"])
    api.deleteFeatureFlag(project, gate["key"])


def test_duplicate_key(api, project):
    key = api.new_flag(project)["key"]
    with refused(409, "conflict"):
        api.new_flag(project, key=key)
    # The same key in another project is another flag.
    assert api.new_flag(api.new_project(), key=key)["key"] == key


def test_bad_values(api, project):
    for bad in [
        {"key": "with space"},
        {"key": ".starts"},
        {"key": "x" * 257},
        {"tags": ["no spaces"]},
        {"variations": [{"value": 1}, {"value": 2}], "defaults": {"onVariation": 0, "offVariation": 2}},
        {"maintainerId": "nobody"},
    ]:
        with refused(400, "invalid_request"):
            api.new_flag(project, **bad)
    assert api.getFeatureFlags(project)["items"] == []


def test_unknown(api, project):
    with refused(404, "not_found"):
        api.getFeatureFlag(project, "no-such-flag")
    with refused(404, "not_found"):
        api.getFeatureFlags("no-such-project")
    with refused(404, "not_found"):
        api.new_flag("no-such-project")


def test_without_a_good_token(api, project):
    with refused(401, "unauthorized"):
        api.getFeatureFlags(project, token="nonsense")
    with refused(401, "unauthorized"):
        api.postFeatureFlag(project, body={"key": "k", "name": "n"}, token="nonsense")
