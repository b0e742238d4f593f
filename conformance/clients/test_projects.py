from api import ENVIRONMENTS, keys, next_offset, refused


def test_create_then_get(api):
    key = api.unique("made")
    availability = {"usingMobileKey": False, "usingEnvironmentId": True}
    body = {
        "key": key,
        "name": "A new project",
        "tags": ["red", "blue"],
        "environments": ENVIRONMENTS,
        "defaultClientSideAvailability": availability,
    }
    made = api.postProject(body=body)
    assert (made["key"], made["name"]) == (key, "A new project")
    assert sorted(made["tags"]) == ["blue", "red"]
    assert made["defaultClientSideAvailability"] == availability
    # By default, the deprecated switch follows the newer one.
    assert made["includeInSnippetByDefault"] is True
    assert made["_links"]["self"]["href"] == f"/api/v2/projects/{key}"
    assert [e["key"] for e in made["environments"]] == ["dev", "prod"]
    assert made["environments"][0]["color"].lower() == "00ff00"
    got = api.getProject(key)
    for member in ["_id", "key", "name", "tags", "defaultClientSideAvailability"]:
        assert got[member] == made[member]


def test_without_environments_has_the_usual_two(api):
    key = api.unique("plain")
    made = api.postProject(body={"key": key, "name": "Plain"})
    assert sorted(e["key"] for e in made["environments"]) == ["production", "test"]
    assert made["defaultClientSideAvailability"] == {"usingMobileKey": True, "usingEnvironmentId": False}
    assert made["includeInSnippetByDefault"] is False
    assert made["tags"] == []


def test_environments_are_given_when_asked(api, project):
    if api.version < 20220603:
        assert [e["key"] for e in api.getProject(project)["environments"]] == ["dev", "prod"]
        return
    assert "environments" not in api.getProject(project)
    expanded = api.getProject(project, expand="environments")["environments"]
    assert sorted(keys(expanded)) == ["dev", "prod"]
    assert expanded["totalCount"] == 2


def test_list_is_paged_since_20220603(api):
    made = [api.new_project() for _ in range(21)]
    listed = api.getProjects()
    if api.version < 20220603:
        environments = {item["key"]: item["environments"] for item in listed["items"]}
        assert all([e["key"] for e in environments[key]] == ["dev", "prod"] for key in made)
    else:
        assert len(listed["items"]) == 20 < listed["totalCount"]
        assert not any("environments" in item for item in listed["items"])


def test_list_filters(api):
    tag = api.unique("tag")
    one = api.new_project(tags=[tag, "both"], name=f"Zebra {tag}")
    two = api.new_project(tags=[tag], name=f"Aardvark {tag}")
    assert sorted(keys(api.getProjects(filter=f"tags:{tag}"))) == sorted([one, two])
    assert keys(api.getProjects(filter=f"tags:{tag}+both")) == [one]
    assert keys(api.getProjects(filter=f"query:zebra {tag}")) == [one]
    assert sorted(keys(api.getProjects(filter=f"keys:{one}|{two}"))) == sorted([one, two])
    assert keys(api.getProjects(filter=f"tags:{tag},query:aard")) == [two]
    listed = api.getProjects(filter=f"tags:{tag}", expand="environments")
    assert all(len(item["environments"]["items"]) == 2 for item in listed["items"])


def test_list_sorts_and_pages(api):
    tag = api.unique("tag")
    made = [api.new_project(tags=[tag], name=f"{letter} {tag}") for letter in "bca"]
    by_name = [made[2], made[0], made[1]]
    assert keys(api.getProjects(filter=f"tags:{tag}", sort="name")) == by_name
    assert keys(api.getProjects(filter=f"tags:{tag}", sort="-name")) == by_name[::-1]
    assert keys(api.getProjects(filter=f"tags:{tag}", sort="createdOn")) == made
    first = api.getProjects(filter=f"tags:{tag}", sort="name", limit=2)
    assert keys(first) == by_name[:2] and first["totalCount"] == 3
    assert "prev" not in first["_links"] and next_offset(first) == 2
    last = api.getProjects(filter=f"tags:{tag}", sort="name", limit=2, offset=2)
    assert keys(last) == by_name[2:] and last["totalCount"] == 3
    assert "next" not in last["_links"] and "prev" in last["_links"]


def test_patch(api, project):
    patch = [
        {"op": "replace", "path": "/name", "value": "Renamed"},
        {"op": "add", "path": "/tags/-", "value": "added"},
        {"op": "replace", "path": "/defaultClientSideAvailability/usingEnvironmentId", "value": True},
    ]
    patched = api.patchProject(project, body=patch)
    assert patched["name"] == "Renamed" and patched["tags"] == ["added"]
    assert patched["defaultClientSideAvailability"]["usingEnvironmentId"] is True
    got = api.getProject(project)
    assert got["name"] == "Renamed" and got["tags"] == ["added"]


def test_a_bad_patch_changes_nothing(api, project):
    before = api.getProject(project)
    good = {"op": "replace", "path": "/name", "value": "Never"}
    with refused(400):
        api.patchProject(project, body=[good, {"op": "frobnicate", "path": "/tags", "value": []}])
    with refused(400):
        api.patchProject(project, body=[good, {"op": "replace", "path": "/name", "value": 7}])
    with refused(409):
        api.patchProject(project, body=[good, {"op": "test", "path": "/name", "value": "Other"}])
    assert api.getProject(project) == before


def test_delete(api, project):
    assert api.deleteProject(project) is None
    with refused(404, "not_found"):
        api.getProject(project)
    with refused(404, "not_found"):
        api.deleteProject(project)
    assert project not in keys(api.getProjects())


def test_duplicate_key(api, project):
    with refused(409, "conflict"):
        api.postProject(body={"key": project, "name": "Again"})


def test_bad_key(api):
    for key in ["with space", "-starts", "x" * 101, ""]:
        with refused(400, "invalid_request"):
            api.postProject(body={"key": key, "name": "Bad"})


def test_unknown(api):
    with refused(404, "not_found"):
        api.getProject("no-such-project")
    with refused(404, "not_found"):
        api.patchProject("no-such-project", body=[{"op": "replace", "path": "/name", "value": "x"}])


def flag_defaults(**more):
    return {
        "tags": ["default-tag"],
        "temporary": True,
        "booleanDefaults": {
            "trueDisplayName": "Yes",
            "falseDisplayName": "No",
            "trueDescription": "it is",
            "falseDescription": "it is not",
            "onVariation": 0,
            "offVariation": 1,
        },
        "defaultClientSideAvailability": {"usingMobileKey": True, "usingEnvironmentId": True},
        **more,
    }


def test_flag_defaults_put_get_patch(api, project):
    body = flag_defaults()
    put = api.putFlagDefaultsByProject(project, body=body)
    got = api.getFlagDefaultsByProject(project)
    for member in body:
        assert put[member] == body[member]
        assert got[member] == body[member]
    patch = [
        {"op": "replace", "path": "/temporary", "value": False},
        {"op": "replace", "path": "/booleanDefaults/trueDisplayName", "value": "Indeed"},
    ]
    patched = api.patchFlagDefaultsByProject(project, body=patch)
    assert patched["temporary"] is False
    assert patched["booleanDefaults"]["trueDisplayName"] == "Indeed"
    again = api.getFlagDefaultsByProject(project)
    assert again["temporary"] is False
    assert again["booleanDefaults"] == {**body["booleanDefaults"], "trueDisplayName": "Indeed"}


def test_flag_defaults_of_an_unknown_project(api):
    with refused(404, "not_found"):
        api.getFlagDefaultsByProject("no-such-project")
    with refused(404, "not_found"):
        api.putFlagDefaultsByProject("no-such-project", body=flag_defaults())
