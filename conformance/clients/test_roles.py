"""Custom roles, and what they let a token do."""

import pytest

from api import refused

VIEW = {"effect": "allow", "resources": ["proj/*"], "actions": ["viewProject"]}


def new_role(api, **more):
    key = api.unique("role")
    body = {"key": key, "name": f"Role {key}", "policy": [VIEW], "basePermissions": "no_access", **more}
    return api.postCustomRole(body=body)


def test_create_get_list_delete(api):
    made = new_role(api, description="sees projects")
    assert (made["name"], made["basePermissions"]) == (f"Role {made['key']}", "no_access")
    assert [s["effect"] for s in made["policy"]] == ["allow"]
    for name in [made["key"], made["_id"]]:
        got = api.getCustomRole(name)
        assert (got["_id"], got["key"], got["description"]) == (made["_id"], made["key"], "sees projects")
    assert made["key"] in [role["key"] for role in api.getCustomRoles(limit=100)["items"]]
    assert api.deleteCustomRole(made["key"]) is None
    with refused(404, "not_found"):
        api.getCustomRole(made["key"])


def test_patch(api):
    made = new_role(api)
    policy = [VIEW, {"effect": "deny", "resources": ["proj/*:env/production:flag/*"], "actions": ["*"]}]
    patch = [
        {"op": "replace", "path": "/name", "value": "Renamed"},
        {"op": "add", "path": "/policy/-", "value": policy[1]},
    ]
    patched = api.patchCustomRole(made["key"], body={"patch": patch, "comment": "why"})
    assert patched["name"] == "Renamed"
    assert [s["effect"] for s in patched["policy"]] == ["allow", "deny"]
    assert patched["policy"][1]["resources"] == ["proj/*:env/production:flag/*"]


def test_a_token_of_a_role(api, project):
    role = new_role(
        api,
        policy=[
            {"effect": "allow", "resources": [f"proj/{project}"], "actions": ["viewProject"]},
            {"effect": "allow", "resources": [f"proj/{project}:env/*:flag/ops_*"], "actions": ["createFlag"]},
        ],
    )
    other = api.new_project()
    body = {"name": api.unique("token"), "customRoleIds": [role["key"]]}
    made = api.postToken(body=body)
    assert made["customRoleIds"] == [role["_id"]]
    token = made["token"]
    assert api.postFeatureFlag(project, body={"key": "ops_lamp", "name": "Lamp"}, token=token)["key"] == "ops_lamp"
    with refused(403, "forbidden"):
        api.postFeatureFlag(project, body={"key": "lamp", "name": "Lamp"}, token=token)
    listed = [p["key"] for p in api.getProjects(limit=100, token=token)["items"]]
    assert project in listed and other not in listed
    assert api.getToken(made["_id"])["lastUsed"] > 0


@pytest.mark.parametrize(
    "policy",
    [
        [{"effect": "perhaps", "resources": ["proj/*"], "actions": ["*"]}],
        [{"effect": "allow", "resources": ["proj/*"]}],
        [{"effect": "allow", "resources": ["nonsense/*"], "actions": ["*"]}],
        [{"effect": "allow", "resources": ["proj/*"], "actions": ["explodeProject"]}],
    ],
    ids=["effect", "no actions", "resource", "action"],
)
def test_bad_policies(api, policy):
    # Asked without a client: their models would not send some of these.
    body = {"key": api.unique("role"), "name": "Bad", "policy": policy}
    status, _, answer = api.server.rest().exchange("POST", "/api/v2/roles", body)
    assert status == 400 and answer["code"] == "invalid_request" and answer["message"]


def test_refusals(api):
    made = new_role(api)
    with refused(409, "conflict"):
        new_role(api, key=made["key"])
    with refused(400, "invalid_request"):
        new_role(api, key="not a key")
    with refused(404, "not_found"):
        api.deleteCustomRole("no-such-role")
