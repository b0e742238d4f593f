import time

import pytest

from api import refused


@pytest.fixture
def changed(api, project):
    """A flag that was created, turned on in `dev` with a comment, and renamed."""
    flag = api.new_flag(project)["key"]
    api.instruct(project, flag, {"kind": "turnFlagOn"}, environmentKey="dev", comment="go")
    api.instruct(project, flag, {"kind": "updateName", "value": f"Renamed {flag}"})
    return project, flag


def entries_of(api, project, flag, **query):
    return api.getAuditLogEntries(spec=f"proj/{project}:env/*:flag/{flag}", **query)["items"]


def actions(entry):
    return {access["action"] for access in entry["accesses"]}


def test_entries_tell_what_happened(api, changed):
    project, flag = changed
    renamed, turned_on, created = entries_of(api, project, flag)
    assert [e["kind"] for e in (renamed, turned_on, created)] == ["flag"] * 3
    assert created["titleVerb"] == "created the flag" and actions(created) == {"createFlag"}
    assert {a["resource"].split(";")[0] for a in created["accesses"]} == {
        f"proj/{project}:env/dev:flag/{flag}",
        f"proj/{project}:env/prod:flag/{flag}",
    }
    assert turned_on["titleVerb"] == "turned on the flag" and turned_on["comment"] == "go"
    assert actions(turned_on) == {"updateOn"}
    assert [a["resource"].split(";")[0] for a in turned_on["accesses"]] == [f"proj/{project}:env/dev:flag/{flag}"]
    assert renamed["titleVerb"] == "updated the flag" and actions(renamed) == {"updateName"}
    assert renamed["name"] == f"Renamed {flag}"
    assert renamed["date"] >= turned_on["date"] >= created["date"] > time.time() * 1000 - 3_600_000
    me = api.getMember("me")
    for entry in (renamed, turned_on, created):
        assert entry["member"]["_id"] == me["_id"] and entry["member"]["email"] == me["email"]
        assert entry["token"]["_id"] == api.getCallerIdentity()["tokenId"]
        assert entry["_links"]["self"]["href"] == f"/api/v2/auditlog/{entry['_id']}"


def is_on(version):
    """Of the flag, or of its configuration alone: no description tells the form of the versions."""
    return version.get("environments", {}).get("dev", version)["on"]


def test_one_entry_has_the_details(api, changed):
    listed = entries_of(api, *changed)[1]
    entry = api.getAuditLogEntry(listed["_id"])
    for member in ["_id", "date", "kind", "name", "titleVerb", "comment", "accesses"]:
        assert entry[member] == listed[member]
    assert "currentVersion" not in listed
    assert is_on(entry["previousVersion"]) is False and is_on(entry["currentVersion"]) is True
    with refused(404, "not_found"):
        api.getAuditLogEntry("000000000000000000000000")


def test_other_resources_are_logged(api, project):
    api.patchProject(project, body=[{"op": "replace", "path": "/name", "value": "P"}])
    api.patchEnvironment(project, "dev", body=[{"op": "replace", "path": "/name", "value": "E"}])
    api.deleteEnvironment(project, "prod")
    environments = api.getAuditLogEntries(spec=f"proj/{project}:env/*", limit=20)["items"]
    assert environments[0]["kind"] == "environment" and "deleteEnvironment" in actions(environments[0])
    assert "updateName" in actions(environments[1])
    projects = api.getAuditLogEntries(spec=f"proj/{project}", limit=20)["items"]
    assert [e["kind"] for e in projects] == ["project", "project"]
    assert actions(projects[0]) == {"updateProjectName"} and "createProject" in actions(projects[1])


def test_a_refused_change_is_not_logged(api, changed):
    before = entries_of(api, *changed)
    with refused(400):
        api.instruct(*changed, {"kind": "paintItBlack"}, environmentKey="dev")
    assert entries_of(api, *changed) == before


def test_searching(api, changed):
    project, flag = changed
    found = api.getAuditLogEntries(q=f"Renamed {flag}")["items"]
    assert found and all(e["name"] == f"Renamed {flag}" for e in found)
    assert api.getAuditLogEntries(q="no such name anywhere")["items"] == []
    everything = entries_of(api, project, flag)
    newest, oldest = everything[0]["date"], everything[-1]["date"]
    assert entries_of(api, project, flag, after=newest + 1) == []
    assert entries_of(api, project, flag, before=oldest - 1) == []
    assert [e["_id"] for e in entries_of(api, project, flag, after=oldest - 1, before=newest + 1)] == [
        e["_id"] for e in everything
    ]


def test_paging(api, changed):
    page = api.getAuditLogEntries(limit=2)
    assert len(page["items"]) == 2
    assert "next" in page["_links"] and "before=" in page["_links"]["next"]["href"]
    assert len(api.getAuditLogEntries()["items"]) <= 10
    with refused(400, "invalid_request"):
        api.getAuditLogEntries(limit=21)


def statements(project, flag, *allowed):
    resource = f"proj/{project}:env/*:flag/{flag}"
    return [{"effect": "allow", "resources": [resource], "actions": list(allowed) or ["*"]}]


def test_search_by_statements(api, changed):
    project, flag = changed
    found = api.postAuditLogEntries(body=statements(project, flag, "updateOn"))["items"]
    assert [e["titleVerb"] for e in found] == ["turned on the flag"]
    everything = api.postAuditLogEntries(body=statements(project, flag))["items"]
    assert [e["_id"] for e in everything] == [e["_id"] for e in entries_of(api, project, flag)]
    assert len(api.postAuditLogEntries(body=statements(project, flag), limit=1)["items"]) == 1


def test_counts(api, changed):
    project, flag = changed
    hour_ago = int(time.time() * 1000) - 3_600_000
    counted = api.postAuditLogEntryCounts(body=statements(project, flag), after=hour_ago, buckets=4)
    assert counted["totalCount"] == 3
    assert sum(bucket["count"] for bucket in counted["buckets"]) == 3
    assert counted["bucketIntervalMs"] > 0
