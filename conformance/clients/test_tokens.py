import pytest

from api import refused


def new_token(api, **more):
    body = {"name": api.unique("token"), "role": "reader", **more}
    return api.postToken(body=body)


def listed_ids(api, **query):
    return [t["_id"] for t in api.getTokens(**query)["items"]]


def test_create_then_get(api):
    me = api.getMember("me")["_id"]
    made = new_token(api, description="for reading", defaultApiVersion=20220603)
    assert made["role"] == "reader" and made["serviceToken"] is False
    assert made["defaultApiVersion"] == 20220603 and made["description"] == "for reading"
    assert made["memberId"] == made["ownerId"] == me
    assert made["creationDate"] > 0 and len(made["token"]) > 20
    got = api.getToken(made["_id"])
    # The secret is told once; later only its end.
    assert made["token"].endswith(got["token"][-4:]) and got["token"] != made["token"]
    for member in ["_id", "name", "role", "creationDate", "defaultApiVersion", "memberId"]:
        assert got[member] == made[member]
    assert got["_links"]["self"]["href"] == f"/api/v2/tokens/{made['_id']}"


def test_the_token_works(api):
    made = new_token(api, defaultApiVersion=20191212)
    # Asked without a client: some say a version of their own.
    versions = api.server.rest(made["token"]).get("/api/v2/versions")
    assert versions["currentVersion"] == 20191212
    assert api.getCallerIdentity(token=made["token"])["tokenId"] == made["_id"]


def test_a_reader_may_not_write(api, project):
    reader = new_token(api)["token"]
    assert api.getFeatureFlags(project, token=reader)["items"] == []
    with refused(403, "forbidden"):
        api.postFeatureFlag(project, body={"key": "k", "name": "n"}, token=reader)
    with refused(403, "forbidden"):
        api.deleteProject(project, token=reader)
    assert api.getProject(project)["key"] == project


def test_an_inline_role_allows_what_it_says(api, project):
    statements = [
        {"effect": "allow", "resources": [f"proj/{project}"], "actions": ["viewProject"]},
        {"effect": "allow", "resources": [f"proj/{project}:env/*:flag/*"], "actions": ["createFlag"]},
    ]
    body = {"name": api.unique("inline"), "inlineRole": statements}
    made = api.postToken(body=body)
    assert [s["effect"] for s in made["inlineRole"]] == ["allow", "allow"]
    flag = api.postFeatureFlag(project, body={"key": "made", "name": "Made"}, token=made["token"])
    assert flag["key"] == "made"
    with refused(403, "forbidden"):
        api.deleteFeatureFlag(project, "made", token=made["token"])


def test_service_token(api):
    made = new_token(api, serviceToken=True)
    assert made["serviceToken"] is True
    # It is nobody in particular.
    assert api.getCallerIdentity(token=made["token"])["serviceToken"] is True


def test_list(api):
    made = [new_token(api)["_id"] for _ in range(3)]
    assert set(made) <= set(listed_ids(api, showAll=True))
    everything = api.getTokens()
    assert not any(len(t["token"]) > 8 for t in everything["items"])


def test_list_pages(api):
    for _ in range(3):
        new_token(api)
    first = api.getTokens(limit=2)
    assert len(first["items"]) == 2 and first["totalCount"] >= 4 and "next" in first["_links"]
    rest = listed_ids(api, limit=100, offset=2)
    assert len(rest) == first["totalCount"] - 2
    assert not {t["_id"] for t in first["items"]} & set(rest)


def test_patch(api):
    made = new_token(api)
    patch = [
        {"op": "replace", "path": "/name", "value": "Renamed"},
        {"op": "replace", "path": "/role", "value": "writer"},
    ]
    patched = api.patchToken(made["_id"], body=patch)
    assert patched["name"] == "Renamed" and patched["role"] == "writer"
    got = api.getToken(made["_id"])
    assert got["name"] == "Renamed" and got["role"] == "writer"
    # The secret stays.
    assert api.getVersions(token=made["token"])["currentVersion"]


def test_reset(api):
    made = new_token(api)
    again = api.resetToken(made["_id"])
    assert again["_id"] == made["_id"] and again["token"] != made["token"] and len(again["token"]) > 20
    assert api.getCallerIdentity(token=again["token"])["tokenId"] == made["_id"]
    with refused(401, "unauthorized"):
        api.getCallerIdentity(token=made["token"])


def test_delete(api):
    made = new_token(api)
    assert api.deleteToken(made["_id"]) is None
    with refused(401, "unauthorized"):
        api.getCallerIdentity(token=made["token"])
    with refused(404, "not_found"):
        api.getToken(made["_id"])
    with refused(404, "not_found"):
        api.deleteToken(made["_id"])
    assert made["_id"] not in listed_ids(api, showAll=True)


@pytest.mark.parametrize("bad", [{"defaultApiVersion": 20200101}, {"customRoleIds": ["no-such-role"]}], ids=str)
def test_bad_values(api, bad):
    with refused(400, "invalid_request"):
        api.postToken(body={"name": "bad", **({} if "customRoleIds" in bad else {"role": "reader"}), **bad})


def test_unknown(api):
    with refused(404, "not_found"):
        api.getToken("000000000000000000000000")
    with refused(404, "not_found"):
        api.resetToken("000000000000000000000000")
