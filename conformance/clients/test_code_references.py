"""Code references: repositories, branches, references, extinctions, statistics."""

import time

import pytest

from api import refused

NOW = int(time.time() * 1000)


@pytest.fixture
def repository(api):
    body = {
        "name": api.unique("repo"),
        "sourceLink": "https://example.com/repo",
        "commitUrlTemplate": "https://example.com/repo/commit/${sha}",
        "hunkUrlTemplate": "https://example.com/repo/blob/${sha}/${filePath}#L${lineNumber}",
        "type": "github",
        "defaultBranch": "main",
    }
    made = api.postRepository(body=body)
    assert {k: made[k] for k in body} == body
    return made["name"]


def put_branch(api, repository, project, flag, **more):
    hunk = {"startingLineNumber": 7, "lines": f"if on('{flag}')", "projKey": project, "flagKey": flag, "aliases": ["on"]}
    references = [{"path": "/src/main.rs", "hint": "rust", "hunks": [hunk]}]
    body = {"name": "main", "head": "a94a8fe5", "syncTime": NOW, "commitTime": NOW, "references": references, **more}
    api.putBranch(repository, "main", body=body)


def test_repositories(api, repository):
    assert repository in [r["name"] for r in api.getRepositories()["items"]]
    patch = [{"op": "replace", "path": "/sourceLink", "value": "https://example.com/moved"}]
    assert api.patchRepository(repository, body=patch)["sourceLink"] == "https://example.com/moved"
    assert api.getRepository(repository)["enabled"] is True
    with refused(409):
        api.postRepository(body={"name": repository})
    api.deleteRepository(repository)
    with refused(404, "not_found"):
        api.getRepository(repository)


def test_branches_and_references(api, project, repository):
    flag = api.new_flag(project)["key"]
    put_branch(api, repository, project, flag, updateSequenceId=3)
    branch = api.getBranch(repository, "main", projKey=project, flagKey=flag)
    (reference,) = branch["references"]
    assert reference["path"] == "/src/main.rs"
    assert reference["hunks"][0]["startingLineNumber"] == 7 and reference["hunks"][0]["flagKey"] == flag
    assert [b["name"] for b in api.getBranches(repository)["items"]] == ["main"]
    with refused(409):
        put_branch(api, repository, project, flag, updateSequenceId=2)
    found = api.getRepositories(withBranches="true", projKey=project, flagKey=flag)["items"]
    assert [r["name"] for r in found] == [repository]
    statistics = api.getStatistics(project, flagKey=flag)["flags"][flag]
    assert [(s["name"], s["hunkCount"], s["fileCount"]) for s in statistics] == [(repository, 1, 1)]
    links = [link["href"] for link in api.getRootStatistic()["projects"]]
    assert f"/api/v2/code-refs/statistics/{project}" in links


def test_extinctions(api, project, repository):
    flag = api.new_flag(project)["key"]
    put_branch(api, repository, project, flag)
    body = [{"revision": "a94a8fe5", "message": "gone", "time": NOW, "flagKey": flag, "projKey": project}]
    api.postExtinction(repository, "main", body=body)
    events = api.getExtinctions(repoName=repository, projKey=project, flagKey=flag)["items"][flag]
    assert [(e["revision"], e["message"]) for e in events] == [("a94a8fe5", "gone")]


def test_branches_are_deleted(api, project, repository):
    put_branch(api, repository, project, api.new_flag(project)["key"])
    api.deleteBranches(repository, body=["main"])
    assert api.getBranches(repository)["items"] == []
