from api import refused

STATEMENTS = [
    {"effect": "allow", "resources": ["proj/*:env/*:flag/*"], "actions": ["updateOn"]},
    {"effect": "deny", "resources": ["proj/*:env/production:flag/*"], "actions": ["*"]},
]


def new_role(api, **more):
    key = api.unique("role")
    return api.postCustomRole(body={"key": key, "name": "A role", "policy": STATEMENTS, **more})


def plain(policy):
    """Some clients show what is not there as null."""
    return [{name: value for name, value in statement.items() if value} for statement in policy]


def test_from_creation_to_deletion(api):
    made = new_role(api, description="for tests", basePermissions="reader")
    assert made["basePermissions"] == "reader" and plain(made["policy"]) == STATEMENTS
    for name in [made["key"], made["_id"]]:
        got = api.getCustomRole(name)
        assert got["_id"] == made["_id"] and got["description"] == "for tests"
    assert made["key"] in [role["key"] for role in api.getCustomRoles()["items"]]
    with refused(409, "conflict"):
        api.postCustomRole(body={"key": made["key"], "name": "Again", "policy": []})
    api.deleteCustomRole(made["key"])
    with refused(404, "not_found"):
        api.getCustomRole(made["key"])


def test_patch(api):
    role = new_role(api)
    more = {"effect": "allow", "resources": ["proj/*"], "actions": ["viewProject"]}
    patch = [{"op": "add", "path": "/policy/0", "value": more}, {"op": "replace", "path": "/name", "value": "Other"}]
    changed = api.patchCustomRole(role["key"], body={"patch": patch})
    assert changed["name"] == "Other" and plain(changed["policy"]) == [more, *STATEMENTS]


def test_what_means_nothing_is_refused(api):
    statement = {"effect": "allow", "resources": ["proj/*"], "actions": ["flyToTheMoon"]}
    with refused(400, "invalid_request"):
        new_role(api, policy=[statement])


def test_a_token_with_a_role(api, project):
    policy = [{"effect": "allow", "resources": [f"proj/{project}"], "actions": ["viewProject", "updateProjectName"]}]
    role = new_role(api, policy=policy)
    body = {"name": api.unique("token"), "customRoleIds": [role["key"]], "defaultApiVersion": api.version}
    token = api.postToken(body=body)
    assert token["customRoleIds"] == [role["_id"]]
    assert api.getProject(project, token=token["token"])["key"] == project
    with refused(403, "forbidden"):
        api.postFeatureFlag(project, body={"key": "k", "name": "n"}, token=token["token"])
    assert api.getToken(token["_id"])["lastUsed"] > 0
