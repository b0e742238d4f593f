"""Code references: repositories, branches, extinctions and statistics."""

import pytest

from api import refused


def hunk(project, flag, line=1):
    return {"startingLineNumber": line, "lines": f"if {flag}", "projKey": project, "flagKey": flag, "aliases": ["alias"]}


def upload(*hunks, name="main", **more):
    references = [{"path": "src/a.py", "hint": "python", "hunks": list(hunks)}] if hunks else []
    return {"name": name, "head": "5f1e", "syncTime": 1700000000000, "references": references, **more}


@pytest.fixture
def repository(api):
    name = api.unique("Repository")
    api.postRepository(body={"name": name, "type": "github", "sourceLink": "https://example.com/r", "defaultBranch": "main"})
    return name


def test_a_repository_from_creation_to_deletion(api):
    name = api.unique("Repository")
    made = api.postRepository(body={"name": name})
    assert (made["name"], made["type"], made["defaultBranch"], made["enabled"]) == (name, "custom", "main", True)
    assert made["version"] == 1
    with refused(409, "conflict"):
        api.postRepository(body={"name": name.upper()})
    assert api.getRepository(name) == made
    assert name in [r["name"] for r in api.getRepositories()["items"]]
    operations = [{"op": "replace", "path": "/hunkUrlTemplate", "value": "https://example.com/${sha}"}]
    changed = api.patchRepository(name, body=operations)
    assert (changed["hunkUrlTemplate"], changed["version"]) == ("https://example.com/${sha}", 2)
    api.deleteRepository(name)
    with refused(404, "not_found"):
        api.getRepository(name)


def test_branches(api, project, repository):
    flag = api.new_flag(project)["key"]
    api.putBranch(repository, "feature/a", body=upload(hunk(project, flag), name="feature/a", updateSequenceId=7))
    api.putBranch(repository, "main", body=upload(hunk(project, flag, 3), hunk(project, "other", 9)))
    branch = api.getBranch(repository, "feature/a")
    assert (branch["name"], branch["head"], branch["updateSequenceId"]) == ("feature/a", "5f1e", 7)
    assert branch["references"][0]["hunks"] == [hunk(project, flag)]
    with refused(409, "updateSequenceId_conflict"):
        api.putBranch(repository, "feature/a", body=upload(name="feature/a", updateSequenceId=6))
    narrowed = api.getBranch(repository, "main", projKey=project, flagKey=flag)
    assert [h["startingLineNumber"] for h in narrowed["references"][0]["hunks"]] == [3]
    assert [b["name"] for b in api.getBranches(repository)["items"]] == ["feature/a", "main"]
    listed = api.getRepositories(withReferencesForDefaultBranch="1", projKey=project, flagKey=flag)["items"]
    shown = next(r for r in listed if r["name"] == repository)["branches"]
    assert [b["name"] for b in shown if b.get("references")] == ["main"]
    api.deleteBranches(repository, body=["feature/a", "none"])
    assert [b["name"] for b in api.getBranches(repository)["items"]] == ["main"]
    with refused(404, "not_found"):
        api.getBranch(repository, "feature/a")


def test_extinctions(api, project, repository):
    api.putBranch(repository, "main", body=upload())
    event = {"revision": "5f1e", "message": "Remove it", "time": 1700000000000, "flagKey": "gone", "projKey": project}
    api.postExtinction(repository, "main", body=[event])
    assert api.getExtinctions(repoName=repository)["items"] == {"gone": [event]}
    assert api.getExtinctions(projKey=project, flagKey="gone", branchName="main")["items"] == {"gone": [event]}
    assert api.getExtinctions(projKey=project, **{"from": 1, "to": 2})["items"] == {}
    with refused(400, "invalid_request"):
        api.getExtinctions(**{"from": 1})


def test_statistics(api, project, repository):
    flag = api.new_flag(project)["key"]
    api.putBranch(repository, "main", body=upload(hunk(project, flag), hunk(project, flag, 5), commitTime=1690000000000))
    projects = [link["href"] for link in api.getRootStatistic()["projects"]]
    assert f"/api/v2/code-refs/statistics/{project}" in projects
    [one] = api.getStatistics(project)["flags"][flag]
    assert (one["name"], one["type"], one["defaultBranch"]) == (repository, "github", "main")
    assert (one["hunkCount"], one["fileCount"], one["latestCommitTime"]) == (2, 1, 1690000000000)
    assert api.getStatistics(project, flagKey="none")["flags"] == {}
