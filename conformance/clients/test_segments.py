"""Segments: rule-based, list-based and big ones."""

import time

import pytest

from api import keys, refused
from client import PythonClient
from harness.rest import SEMANTIC_PATCH

SOON = int(time.time() * 1000) + 3_600_000


def instruct(api, project, key, *instructions):
    body = {"instructions": list(instructions), "comment": "why"}
    return api.patchSegment(project, "dev", key, body=body, headers={"Content-Type": SEMANTIC_PATCH})


@pytest.fixture
def segment(api, project):
    body = {"key": "testers", "name": "Testers", "description": "first", "tags": ["b", "a"]}
    return api.postSegment(project, "dev", body=body)


@pytest.fixture
def big(api, project):
    body = {"key": "big", "name": "Big", "unbounded": True, "unboundedContextKind": "user"}
    return api.postSegment(project, "dev", body=body)["key"]


def test_create_get_list_delete(api, project, segment):
    assert (segment["name"], segment["description"], segment["tags"]) == ("Testers", "first", ["b", "a"])
    assert segment["version"] == 1 and segment["deleted"] is False and segment["unbounded"] is False
    got = api.getSegment(project, "dev", "testers")
    assert got["key"] == "testers" and got["creationDate"] == segment["creationDate"]
    assert keys(api.getSegments(project, "dev")) == ["testers"]
    assert api.getSegments(project, "prod")["items"] == []
    with refused(409):
        api.postSegment(project, "dev", body={"key": "testers", "name": "Again"})
    api.deleteSegment(project, "dev", "testers")
    with refused(404, "not_found"):
        api.getSegment(project, "dev", "testers")


def test_json_patch(api, project, segment):
    clause = {"attribute": "country", "op": "in", "values": ["uk"], "contextKind": "company", "negate": False}
    rule = {"clauses": [clause], "weight": 25000, "bucketBy": "region", "rolloutContextKind": "company"}
    patch = [
        {"op": "replace", "path": "/name", "value": "People"},
        {"op": "replace", "path": "/tags", "value": ["c"]},
        {"op": "replace", "path": "/included", "value": ["ann", "bob"]},
        {"op": "replace", "path": "/excluded", "value": ["carl"]},
        {"op": "replace", "path": "/includedContexts", "value": [{"contextKind": "company", "values": ["acme"]}]},
        {"op": "replace", "path": "/rules", "value": [rule]},
    ]
    changed = api.patchSegment(project, "dev", "testers", body={"patch": patch, "comment": "why"})
    assert (changed["name"], changed["tags"]) == ("People", ["c"])
    assert (changed["included"], changed["excluded"]) == (["ann", "bob"], ["carl"])
    assert changed["includedContexts"] == [{"contextKind": "company", "values": ["acme"]}]
    (got,) = changed["rules"]
    assert (got["weight"], got["bucketBy"], got["rolloutContextKind"]) == (25000, "region", "company")
    assert got["clauses"][0]["values"] == ["uk"] and changed["version"] > 1


def test_instructions(api, project, segment):
    changed = instruct(
        api,
        project,
        "testers",
        {"kind": "addIncludedTargets", "contextKind": "user", "values": ["ann", "bob"]},
        {"kind": "addExcludedTargets", "contextKind": "company", "values": ["acme"]},
        {"kind": "updateName", "value": "Renamed"},
    )
    assert changed["included"] == ["ann", "bob"] and changed["name"] == "Renamed"
    assert changed["excludedContexts"] == [{"contextKind": "company", "values": ["acme"]}]
    with refused(400):
        instruct(api, project, "testers", {"kind": "explode"})


def test_a_segment_in_use(api, project, segment):
    flag = api.new_flag(project)
    clause = {"contextKind": "", "attribute": "", "op": "segmentMatch", "values": ["testers"], "negate": False}
    add = {"kind": "addRule", "clauses": [clause], "variationId": flag["variations"][0]["_id"]}
    api.instruct(project, flag["key"], add, environmentKey="dev")
    assert [f["key"] for f in api.getSegment(project, "dev", "testers")["_flags"]] == [flag["key"]]
    with refused((400, 409)) as caught:
        api.deleteSegment(project, "dev", "testers")
    assert flag["key"] in caught.value.body["message"]


def test_membership(api, project, segment):
    instruct(api, project, "testers", {"kind": "addIncludedTargets", "contextKind": "user", "values": ["ann"]})
    answer = api.getContextInstanceSegmentsMembershipByEnv(project, "dev", body={"kind": "user", "key": "ann"})
    assert [(s["key"], s["isMember"]) for s in answer["items"]] == [("testers", True)]


def test_expiring_targets(api, project, segment):
    instruct(api, project, "testers", {"kind": "addIncludedTargets", "contextKind": "user", "values": ["ann", "bob"]})
    add = {
        "kind": "addExpiringTarget",
        "targetType": "included",
        "contextKey": "ann",
        "contextKind": "user",
        "value": SOON,
    }
    assert api.patchExpiringTargetsForSegment(project, "dev", "testers", body={"instructions": [add]})
    (item,) = api.getExpiringTargetsForSegment(project, "dev", "testers")["items"]
    assert (item["contextKey"], item["targetType"], item["expirationDate"]) == ("ann", "included", SOON)
    add = {"kind": "addExpireUserTargetDate", "targetType": "included", "userKey": "bob", "value": SOON}
    assert api.patchExpiringUserTargetsForSegment(project, "dev", "testers", body={"instructions": [add]})
    users = api.getExpiringUserTargetsForSegment(project, "dev", "testers")["items"]
    assert sorted(item["userKey"] for item in users) == ["ann", "bob"]


def test_big_segments_take_members(api, project, big):
    state = {"included": {"add": ["ann", "bob"]}, "excluded": {"add": ["carl"]}}
    api.updateBigSegmentContextTargets(project, "dev", big, body=state)
    found = api.getSegmentMembershipForContext(project, "dev", big, "ann")
    assert (found["userKey"], found["included"], found["excluded"]) == ("ann", True, False)
    api.updateBigSegmentTargets(project, "dev", big, body={"included": {"remove": ["ann"]}})
    found = api.getSegmentMembershipForUser(project, "dev", big, "ann")
    assert (found["included"], found["excluded"]) == (False, False)


def test_big_segments_are_exported(api, project, big):
    api.updateBigSegmentContextTargets(project, "dev", big, body={"included": {"add": ["ann"]}})
    path = f"/api/v2/segments/{project}/dev/{big}/exports"
    api.createBigSegmentExport(project, "dev", big)
    # The client does not show header fields, so it is asked for once more.
    status, headers, _ = api.server.rest().exchange("POST", path)
    assert status == 200
    id = headers["Location"].rsplit("/", 1)[-1]
    ask = lambda: api.getBigSegmentExport(project, "dev", big, id)  # noqa: E731
    done = api.eventually(ask, lambda e: e["status"] in ("complete", "completed", "finished", "failed"))
    assert done["segmentKey"] == big and done["id"] == id and done["status"] != "failed"


def test_big_segments_are_imported(api, project, big):
    if not isinstance(api.client, PythonClient):
        pytest.skip("its upload is a browser's")
    file = ("members.csv", b"ann\nbob\n")
    api.createBigSegmentImport(project, "dev", big, file=file, mode="replace")
    ask = lambda: api.getSegmentMembershipForContext(project, "dev", big, "bob")  # noqa: E731
    assert api.eventually(ask, lambda found: found["included"])["userKey"] == "bob"
